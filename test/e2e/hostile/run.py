#!/usr/bin/env python3
"""Everything hostile that the protocols' descriptions list, against a live weir, while bystanders play.

One line a check: "ok  NAME" or "FAIL NAME why"; NAME begins with the description and the item of its list. What belongs
to Windows Media push has a program of its own.
"""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import checks  # noqa: E402: it lives in the folder just named, and so does what the others import
from bench import Bench  # noqa: E402
import checks_wmsp  # noqa: E402,F401: each registers its checks
import checks_asf  # noqa: E402,F401
import checks_upstream  # noqa: E402,F401
import checks_wire  # noqa: E402,F401: counts connections, so when those of the upstreams have settled

if __name__ == "__main__":
    sys.exit(checks.main(__doc__, "weir-hostile-", Bench))
