#!/usr/bin/env python3
"""A short round of each measurement of figures, one after the other: gaps, failback, crowd, r15. Five minutes.

Each prints its lines; the last one sums them up. Exit code 1 where a promise is broken, or a measurement ends without a
verdict.
"""

import argparse
import pathlib
import re
import signal
import subprocess
import sys

from verdicts import add_options

ROUNDS = [["gaps.py", "--times", "5"], ["failback.py", "--quick", "--times", "1"], ["crowd.py", "--quick"],
          ["r15.py", "--quick"]]
VERDICT = re.compile(r"(\d+) passed, (\d+) failed")


def play(argv):
    """(passed, failed), as its last line tells; its lines are passed on as they come, but for that one."""
    good, bad, last = 0, 0, ""
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as child:
        try:
            for line in child.stdout:
                last = line.strip()
                if not VERDICT.fullmatch(last):
                    print(line, end="", flush=True)
        except BaseException:
            child.terminate()  # it ends its programs itself
            raise
    if found := VERDICT.fullmatch(last):
        good, bad = map(int, found.groups())
    if not found or (child.returncode == 0) != (bad == 0):
        print(f"FAIL {argv[1].name} ended with {child.returncode}")
        bad += 1
    return good, bad


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    options = parser.parse_args()
    more = ["--build", options.build] + (["--weir", options.weir] if options.weir else [])
    more += ["--keep"] if options.keep else []
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    good = bad = 0
    for name, *arguments in ROUNDS:
        print(f"--- {' '.join([name, *arguments])}", flush=True)
        passed, failed = play([sys.executable, pathlib.Path(__file__).with_name(name), *arguments, *map(str, more)])
        good, bad = good + passed, bad + failed
    print(f"{good} passed, {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
