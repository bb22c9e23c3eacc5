"""Checks: a name, a function, one line of output each; and the words for what must happen."""

import argparse
import pathlib
import sys
import time
import traceback

import wire
from encoder import Refused

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "players"))
from procs import ROOT, begin, poll  # noqa: E402: it lives in the folder just named

CHECKS = []
SOON = 10  # seconds for whatever must happen on loopback


class Fail(Exception):
    """A check's reason."""


def check(name):
    """Registers a check, a function of the Bench. The number at its name's front is the section it is from."""
    def register(function):
        CHECKS.append((name, function))
        return function
    return register


def expect(condition, why):
    """`why` may be a function, for words that cost something."""
    if not condition:
        raise Fail(why() if callable(why) else why)


def eventually(condition, why, seconds=SOON):
    """The same for what takes its time."""
    expect(poll(condition, seconds, 0.01), why)


def wait(seconds):
    """For what the protocol measures in seconds. Nothing else here sleeps."""
    time.sleep(seconds)


def attempt(name, function):
    """Runs one check, prints its line; whether it passed."""
    try:
        function()
    except (Fail, Refused, wire.Lost, AssertionError, OSError) as error:
        print(f"FAIL {name}: {error}", flush=True)
        return False
    except Exception:
        print(f"FAIL {name}: {traceback.format_exc()}", flush=True)
        return False
    print(f"ok  {name}", flush=True)
    return True


def run(options, folder, make_bench):
    """Every check with the bystanders playing, then what they say. Returns the results, one bool a check."""
    results = []
    bench = make_bench(options.weir, folder)
    chosen = [(name, function) for name, function in CHECKS if not options.only or options.only in name]
    try:
        bystanders = bench.bystanders()
    except Exception as error:
        print(f"FAIL the bystanders play: {error}", flush=True)
        return [False]

    def one(function):
        function(bench)
        bystanders.unharmed()

    try:
        for name, function in chosen:
            if bench.weir.process.returncode() is not None:
                print(f"FAIL {name}: weir is gone: {bench.weir.process.last_words()}", flush=True)
                results.append(False)
                continue
            results.append(attempt(name, lambda function=function: one(function)))
        results.append(attempt("the bystanders' player has every packet, byte for byte", bystanders.judge))
    finally:
        ended = bench.weir.end()
    results.append(attempt("weir ends as it should", lambda: expect(not ended, ended)))
    return results


def main(description, prefix, make_bench, before=(), after=None):
    """What a program of checks does. `before`: (name, function without arguments) to run without a relay. `after`: of
    options and folder, gives the same, for what has relays of its own."""
    parser = argparse.ArgumentParser(description=description.partition("\n")[0])
    parser.add_argument("--weir", default=ROOT / "build" / "weir", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--only", metavar="TEXT", help="checks whose name holds this")
    parser.add_argument("--keep", action="store_true", help="keep logs and captures, and say where")
    options = parser.parse_args()
    folder = begin(options.weir, prefix, options.keep)
    results = [attempt(name, function) for name, function in before]
    results += run(options, folder, make_bench)
    if after and (not options.only or options.only in "chain"):
        results += [attempt(name, function) for name, function in after(options, folder)]
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 0 if all(results) else 1
