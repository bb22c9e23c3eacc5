#!/usr/bin/env python3
"""What a chain of weirs costs in time, and what many edges cost an origin.

hops: A <- B <- C <- D, links over MSBD, WMSP, MSBD; ten clients at each, all at once. Each hop's delay is what its
clients see later than those of the one before.
edges: one edge and 200 at one origin, over each kind of link, beside one another in time, not at once.

Each relay has the defaults of a configuration, a stream of 1 Mbit/s with time-stamped packets is pushed to A, and all
runs on loopback, on whatever cores there are. Medians of --runs rounds.
"""

import argparse
import json
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile

import machine
import servers

RATE = 1_000_000  # bits a second
CLIENTS = 10
EDGES = 200
CONFIG = """
[[listen]]
protocol = "http"
address = "127.0.0.1:{http}"
[[listen]]
protocol = "msbd"
address = "127.0.0.1:{msbd}"
[[channel]]
name = "s0"
sources = ["{source}"]
burst = "0s"
"""


class Node:
    def __init__(self, folder, name, source="push:"):
        self.http, self.msbd = machine.free_port(), machine.free_port()
        config = folder / f"{name}.toml"
        config.write_text(CONFIG.format(http=self.http, msbd=self.msbd, source=source), encoding="utf-8")
        with open(folder / f"{name}.log", "wb") as log:
            self.process = subprocess.Popen([servers.BUILD / "weir", "run", "-c", config], stdout=log, stderr=log)
        machine.await_that(self.listens, 10, f"{name} does not listen")

    def listens(self):
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.http)) == 0

    def link(self, scheme):
        return f"{scheme}://127.0.0.1:{self.msbd if scheme == 'msbd' else self.http}/s0"

    def end(self):
        self.process.terminate()
        self.process.wait(20)


def load(port, clients, seconds, *more):
    return subprocess.Popen(
        [servers.LOADS / "weir-bench-clients", "--connect", f"127.0.0.1:{port}", "--clients", str(clients), "--seconds",
         str(seconds), *more], stdout=subprocess.PIPE, text=True)


def figures(process):
    return json.loads(process.communicate()[0].splitlines()[-1])


def source(node):
    return subprocess.Popen([servers.LOADS / "weir-bench-source", "--push", f"127.0.0.1:{node.http}", "--streams", "1",
                             "--rate", str(RATE), "--password", servers.PASSWORD])


def hops(folder, seconds):
    """(p50, p99) at each of the four."""
    a = Node(folder, "a")
    b = Node(folder, "b", a.link("msbd"))
    c = Node(folder, "c", b.link("mmsh"))
    d = Node(folder, "d", c.link("msbd"))
    nodes = [a, b, c, d]
    feed = source(a)
    try:
        loads = [load(node.http, CLIENTS, seconds) for node in nodes]
        return [latency(figures(one)) for one in loads]
    finally:
        feed.kill()
        feed.wait()
        for node in reversed(nodes):
            node.end()


def edges(folder, seconds, kind, count):
    """(p50, p99) of `count` edges at one origin."""
    a = Node(folder, f"origin-{kind}-{count}")
    feed = source(a)
    try:
        return latency(figures(load(a.msbd if kind == "msbd" else a.http, count, seconds, "--edges", kind)))
    finally:
        feed.kill()
        feed.wait()
        a.end()


def latency(said):
    if said["lost"] or said["refused"] or said["closed"]:
        sys.exit(f"clients were lost, or packets: {said}")
    return said["latency_ms"]["p50"], said["latency_ms"]["p99"]


def median(rounds):
    return tuple(statistics.median(column) for column in zip(*rounds))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        rounds = [hops(folder, options.seconds) for _ in range(options.runs)]
        print("| served by | p50 ms | p99 ms | hop p50 | hop p99 |\n|---|---|---|---|---|")
        before = None
        for index, name in enumerate(("A, the encoder's", "B, over MSBD", "C, over WMSP", "D, over MSBD")):
            p50, p99 = median([one[index] for one in rounds])
            hop = f"{p50 - before[0]:.2f} | {p99 - before[1]:.2f}" if before else "|"
            print(f"| {name} | {p50:.2f} | {p99:.2f} | {hop} |")
            before = p50, p99
        print("\n| edges of one origin | p50 ms | p99 ms |\n|---|---|---|", flush=True)
        for kind in ("msbd", "wmsp"):
            alone, many = [], []
            for _ in range(options.runs):
                alone.append(edges(folder, options.seconds, kind, 1))
                many.append(edges(folder, options.seconds, kind, EDGES))
            for count, one in ((1, median(alone)), (EDGES, median(many))):
                print(f"| {count}, over {kind.upper()} | {one[0]:.2f} | {one[1]:.2f} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
