#!/usr/bin/env python3
"""MSBD between real weirs, with a real encoder, and against plain and hostile peers written from its description.

One line a check: "ok  NAME" or "FAIL NAME why". The description's byte vectors come first, then the relay among peers,
while bystanders play, then encoder, weir A, MSBD, weir B and players.
"""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import checks  # noqa: E402: it lives in the folder just named, and so does what the others import
sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "hostile"))
import chain  # noqa: E402
import checks_link  # noqa: E402,F401: each registers its checks
import checks_server  # noqa: E402,F401
import checks_hostile  # noqa: E402,F401
import reader  # noqa: E402
from bench import Bench  # noqa: E402


def vector(good):
    checks.expect(good, "it is not so")


def after(options, folder):
    """The chain's checks."""
    return chain.checks(options.weir, folder)


if __name__ == "__main__":
    sys.exit(checks.main(__doc__, "weir-msbd-", Bench, [(name, lambda good=good: vector(good)) for name, good in
                                                        reader.vector_checks()], after))
