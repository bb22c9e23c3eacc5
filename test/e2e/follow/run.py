#!/usr/bin/env python3
"""`weir get` with a list of servers, by the rules of KB 318350, over real sockets.

One line a row: "ok  NAME" or "FAIL NAME why". Of time only this is asked: what is a wait lasts as long as the timeout
at least.
"""

import argparse
import io
import pathlib
import re
import signal
import sys
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import asf  # noqa: E402: it lives in the folder just named, and so does what the others import
import vectors  # noqa: E402
from checks import ROOT, attempt, begin, eventually, expect  # noqa: E402
from hosts import World  # noqa: E402
from procs import Process  # noqa: E402
from rows import ROWS, Row, lists  # noqa: E402

NOWHERE = "no.such.name.invalid"
DRAWS = 20  # of an order of three; one order each time would be a chance in 6^19
REFUSING = ("ref", "drop")


class Run:
    """One `weir get` along a row's list, to its end."""

    def __init__(self, weir, folder, row, *options):
        self.world = World(row.timeout, **row.hosts)
        self.out = folder / "out.asf"
        self.out.unlink(missing_ok=True)
        self.names = {f"{row.scheme}://127.0.0.1:{host.port}/live": letter for letter, host in self.world.hosts.items()}
        self.names[f"{row.scheme}://{NOWHERE}/live"] = "x"
        urls = {letter: url for url, letter in self.names.items()}
        self.began = time.monotonic()
        try:
            self._process = Process(
                [weir, "get", "-v", "--connection-timeout", f"{round(row.timeout * 1000)}ms", "-t", "1", "-o", self.out,
                 *options, *(urls[letter] for letter in row.urls or row.hosts)], folder / "get.log", limit=60)
            if row.until:
                eventually(lambda: re.search(row.until, self.said, re.S), lambda: f"it says {self.said}", 30)
                self._process.send(signal.SIGINT)
            eventually(lambda: self._process.returncode() is not None, "it does not end", 50)
            self.code = self._process.returncode()
            self.took = time.monotonic() - self.began
        finally:
            self._process.end()
            self.world.close()

    @property
    def said(self):
        """All that it printed, with letters in place of URLs."""
        text = self._process.log()
        for url, letter in self.names.items():
            text = text.replace(url, letter)
        return text

    def contacts(self):
        return "".join(re.findall(r"^weir get: contact (\w) ", self.said, re.M))

    def streams(self):
        """Whose packets were written, a letter for each that differs from the one before."""
        if not self.out.exists() or not self.out.stat().st_size:
            return ""
        source = io.BytesIO(self.out.read_bytes())
        _, size, count = asf.read_header(source.read)
        letters = ""
        for packet in asf.read_packets(source.read, size, count):
            letter, number = vectors.label(packet)
            if number == 0 or not letters.endswith(letter.decode()):
                letters += letter.decode()
        return letters


def judge(run, row):
    expect(run.contacts() == row.contacts, f"contacts {run.contacts()}: {run.said}")
    # Those that were there to see it have seen the same, in the same order.
    seen = "".join(letter for letter, _ in run.world.contacts)
    unseen = {letter for letter, phases in row.hosts.items() if set(phases.split()) <= set(REFUSING)} | {"x"}
    told = "".join(letter for letter in row.contacts if letter not in unseen)
    for letter, phases in row.hosts.items():
        kinds = [kind in REFUSING for kind in phases.split()]
        if any(kinds) and not all(kinds):  # came to it in its other phases only
            told, seen = told.replace(letter, ""), seen.replace(letter, "")
    expect(seen == told, f"the servers saw {seen}, not {told}")
    expect(not run.world.overlaps, f"connected to {run.world.overlaps}")
    expect(run.streams() == row.streams, f"wrote packets of {run.streams() or 'nobody'}: {run.said}")
    for step in row.steps:
        expect(step in run.said, f"no step \"{step}\": {run.said}")
    expect(run.took >= row.waits * row.timeout, f"took {run.took:.3f} s, {row.waits} waits of {row.timeout} s")
    if row.until:
        return
    expect(run.code == (0 if row.streams else 1), f"exit code {run.code}: {run.said}")
    last = run.said.strip().splitlines()[-1]
    expect(row.says in last, f"last it says \"{last}\"")


def randomized(weir, folder):
    row = Row("", lists("ref", "ref", "ref"), "")
    orders = {Run(weir, folder, row, "--randomize").contacts() for _ in range(DRAWS)}
    expect(all(sorted(order) == list("ABC") for order in orders), f"orders {orders}")
    expect(len(orders) > 1, f"always {orders}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--weir", default=ROOT / "build" / "weir", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--only", metavar="TEXT", help="rows whose name holds this")
    parser.add_argument("--keep", action="store_true", help="keep logs and captures, and say where")
    options = parser.parse_args()
    folder = begin(options.weir, "weir-follow-", options.keep)
    checks = [(row.name, lambda row=row: judge(Run(options.weir, folder, row), row)) for row in ROWS]
    checks.append(("F13 S6: --randomize draws the order anew", lambda: randomized(options.weir, folder)))
    results = [attempt(name, check) for name, check in checks if not options.only or options.only in name]
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
