#!/usr/bin/env python3
"""Windows Media push against a live weir, with a client that was written from the protocol alone.

One line a check: "ok  NAME" or "FAIL NAME why"; NAME begins with the section of the protocol's description. The timers
of 60 and 120 s are not waited for here.
"""

import argparse
import pathlib
import sys
import traceback

import bench
import checks_setup  # noqa: F401: each registers its checks
import checks_media  # noqa: F401
import checks_runs  # noqa: F401
import checks_program  # noqa: F401
import checks_hostile  # noqa: F401
import selftest
import wire
from encoder import Refused
from procs import ROOT, begin


def attempt(name, function):
    """Runs one check, prints its line; whether it passed."""
    try:
        function()
    except (bench.Fail, Refused, wire.Lost, AssertionError, OSError) as error:
        print(f"FAIL {name}: {error}", flush=True)
        return False
    except Exception:
        print(f"FAIL {name}: {traceback.format_exc()}", flush=True)
        return False
    print(f"ok  {name}", flush=True)
    return True


def self_test():
    wrong = [what for what, good in selftest.checks() if not good]
    bench.expect(not wrong, "; ".join(wrong))


def run(options, folder):
    """Returns the results, one bool a check."""
    results = [attempt("the stand-in's own bytes are those of the vectors", self_test)]
    here = bench.Bench(options.weir, folder)
    chosen = [(name, function) for name, function in bench.CHECKS if not options.only or options.only in name]
    try:
        bystanders = bench.Bystanders(here)
    except Exception as error:
        print(f"FAIL the bystanders play: {error}", flush=True)
        return [*results, False]

    def one(function):
        function(here)
        bystanders.unharmed()

    try:
        for name, function in chosen:
            if here.weir.process.returncode() is not None:
                print(f"FAIL {name}: weir is gone: {here.weir.process.last_words()}", flush=True)
                results.append(False)
                continue
            results.append(attempt(name, lambda function=function: one(function)))
        results.append(attempt("the bystanders' player has every packet, byte for byte", bystanders.judge))
    finally:
        ended = here.weir.end()
    results.append(attempt("weir ends as it should", lambda: bench.expect(not ended, ended)))
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--weir", default=ROOT / "build" / "weir", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--only", metavar="TEXT", help="checks whose name holds this")
    parser.add_argument("--keep", action="store_true", help="keep logs and captures, and say where")
    options = parser.parse_args()
    results = run(options, begin(options.weir, "weir-wmpush-", options.keep))
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
