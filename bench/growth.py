#!/usr/bin/env python3
"""How the work for a packet grows with clients and with channels, in instructions, counted by callgrind: the same figures on every
machine that builds the same code, however busy it is.

    make bench && bench/growth.py           two minutes; prints the table, says PASS or FAIL, exits with 1 where it failed
    bench/growth.py --quick                 seven of the points
    bench/growth.py --docs                  also writes docs/growth.svg and the table in docs/performance.md

One channel gives a line: instructions per packet = a + b x sends per packet. Held against it are the same channel's points (is it
linear?) and as many channels, with as many clients each or in all (does anything but sends cost?)."""

import argparse
import collections
import datetime
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import growth_plot
import machine

ROOT = pathlib.Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- growth: written by bench/growth.py -->", "<!-- end of growth -->"
COUNTED = "bench_growth_counted*"  # the function of bench_growth.cpp, and whatever a compiler makes of its name
LIMIT = 540  # seconds for one point

# How far a point may be off the line of one channel. Blocks of the log that are opened or dropped come to under 1 % of a packet's
# work; the queue of timers takes log2(channels) steps, some 5 % of it at 1,000.
LINEAR, FLAT = 0.03, 0.10

EACH, TOTAL = 10, 1000  # clients on each channel, or on all of them together
CLIENTS = [1, 10, 100, 300, 1000, 3000, 10000]
CHANNELS = [1, 10, 100, 1000]
QUICK_CLIENTS, QUICK_CHANNELS = [1, 100, 1000], [1, 20, 100]

Point = collections.namedtuple("Point", "clients channels packets sends instructions")


class Problem(Exception):
    """It could not be measured."""


def measure(program, clients, channels, packets):
    """One run: `packets` on each channel."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "callgrind.out"
        command = ["valgrind", "--tool=callgrind", f"--toggle-collect={COUNTED}", f"--callgrind-out-file={out}",
                   program, "--clients", clients, "--channels", channels, "--packets", packets]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=LIMIT)
        said = re.search(r"packets (\d+), sends (\d+)", done.stdout)
        total = re.search(r"^totals: (\d+)", out.read_text(), re.MULTILINE) if out.exists() else None
    if done.returncode != 0 or not said or not total or int(total[1]) == 0:
        raise Problem(f"{clients} clients, {channels} channels: nothing was counted\n{done.stdout}{done.stderr}")
    return Point(clients, channels, int(said[1]), int(said[2]), int(total[1]))


def sends(point):
    return point.sends / point.packets


def work(point):
    return point.instructions / point.packets


def fit(points):
    """(a, b) of work = a + b x sends with the least squares of relative errors, so that a point of few sends, which tells of a,
    weighs what one of many does, which tells of b."""
    rows = [(1 / work(p), sends(p) / work(p)) for p in points]
    aa = sum(u * u for u, v in rows)
    ab = sum(u * v for u, v in rows)
    bb = sum(v * v for u, v in rows)
    ra, rb = sum(u for u, v in rows), sum(v for u, v in rows)
    det = aa * bb - ab * ab
    return (ra * bb - rb * ab) / det, (rb * aa - ra * ab) / det


def off(point, line):
    """By what part the point is above the line; below it where negative."""
    return work(point) / (line[0] + line[1] * sends(point)) - 1


def percent(part):
    return f"{round(100 * part, 1) + 0.0:+.1f} %"  # + 0.0: no minus before a zero


def judge(series, line):
    """What is broken, a sentence for each."""
    broken = []
    for name, points in series.items():
        limit = LINEAR if name == "one" else FLAT
        for p in points:
            if abs(off(p, line)) > limit:
                broken.append(f"channels {p.channels:,}, clients {p.clients:,}: {percent(off(p, line))} off the line of one channel, "
                              f"at most {100 * limit:.0f} % is allowed.")
    if line[0] <= 0 or line[1] <= 0:
        broken.append("the line of one channel has no meaning")
    return broken


def captions():
    return {"one": "One channel", "each": f"{EACH} clients on each channel", "total": f"{TOTAL:,} clients in all"}


def table(series, line):
    lines = ["| channels | clients in all | packets | sends a packet | instructions a packet | line says | off |",
             "|--:|--:|--:|--:|--:|--:|--:|"]
    for name, points in series.items():
        lines.append(f"| **{captions()[name]}** | | | | | | |")
        for p in points:
            says = line[0] + line[1] * sends(p)
            lines.append(f"| {p.channels:,} | {p.clients:,} | {p.packets:,} | {sends(p):,.0f} | {work(p):,.0f} | {says:,.0f} | "
                         f"{percent(off(p, line))} |")
    return "\n".join(lines)


def line_in_words(line):
    return f"Instructions a packet = {line[0]:,.0f} + {line[1]:,.0f} x sends a packet."


def verdict(broken):
    if not broken:
        return f"PASS: linear in sends within {100 * LINEAR:.0f} %, flat in channels within {100 * FLAT:.0f} %."
    return "\n".join(f"- FAIL: {sentence}" for sentence in broken)


def origin(program):
    """What was measured: the day, the commit, the compiler that the program names."""
    compiler = re.search(rb"GCC: \([^)]*\) [\d.]+|clang version [\d.]+", pathlib.Path(program).read_bytes())
    return f"{datetime.date.today()}, commit {machine.commit(ROOT)}, {compiler[0].decode() if compiler else 'compiler unknown'}"


def write_docs(series, line, broken, program):
    """The plot, and the table between its two marks; the words around it are people's."""
    page = ROOT / "docs" / "performance.md"
    before, found, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, found_end, after = rest.partition(END)
    if not found or not found_end:
        raise Problem(f"{page} lacks the marks {BEGIN} and {END}")
    text = f"{line_in_words(line)} ({origin(program)})\n\n{table(series, line)}\n\n{verdict(broken)}"
    (ROOT / "docs" / "growth.svg").write_text(growth_plot.svg(
        {name: [(p.channels, sends(p), work(p), off(p, line)) for p in points] for name, points in series.items()},
        captions(), line, FLAT), encoding="utf-8")
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few points, up to 1,000 clients and 100 channels")
    parser.add_argument("--docs", action="store_true", help="write the plot and the table")
    parser.add_argument("--packets", type=int, default=200, metavar="N", help="on each channel (default 200)")
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/bench/bench_growth", metavar="FILE")
    options = parser.parse_args()
    if options.quick and options.docs:
        parser.error("--docs wants all points")
    if not shutil.which("valgrind"):
        parser.error("valgrind is not there: apt-get install valgrind")
    if not options.program.exists():
        parser.error(f"{options.program} is not there: make bench")

    known = {}

    def at(clients, channels):
        key = clients, channels
        if key not in known:
            print(f"{clients:,} clients, channels: {channels:,}", file=sys.stderr, flush=True)
            known[key] = measure(options.program, clients, channels, options.packets)
        return known[key]

    channels = QUICK_CHANNELS if options.quick else CHANNELS
    series = {"one": [at(n, 1) for n in (QUICK_CLIENTS if options.quick else CLIENTS)],
              "each": [at(EACH * m, m) for m in channels],
              "total": [at(TOTAL, m) for m in channels]}
    line = fit(series["one"])
    broken = judge(series, line)
    print(f"{table(series, line)}\n\n{line_in_words(line)}\n\n{verdict(broken)}")
    if options.docs:
        write_docs(series, line, broken, options.program)
    return 1 if broken else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Problem, subprocess.TimeoutExpired) as problem:
        sys.exit(f"growth: {problem}")
