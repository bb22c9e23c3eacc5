#!/usr/bin/env python3
"""Windows Media push against a live weir, with a client that was written from the protocol alone.

One line a check: "ok  NAME" or "FAIL NAME why"; NAME begins with the section of the protocol's description. The timers
of 60 and 120 s are not waited for here.
"""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import checks  # noqa: E402: it lives in the folder just named, and so does what the others import
import selftest  # noqa: E402
from bench import Bench  # noqa: E402
import checks_setup  # noqa: E402,F401: each registers its checks
import checks_media  # noqa: E402,F401
import checks_runs  # noqa: E402,F401
import checks_program  # noqa: E402,F401
import checks_push  # noqa: E402,F401
import checks_slots  # noqa: E402,F401
import checks_hostile  # noqa: E402,F401


def self_test():
    wrong = [what for what, good in selftest.checks() if not good]
    checks.expect(not wrong, "; ".join(wrong))


if __name__ == "__main__":
    sys.exit(checks.main(__doc__, "weir-wmpush-", Bench,
                         before=[("the stand-in's own bytes are those of the vectors", self_test)]))
