#!/usr/bin/env python3
"""weir beside its peers: the same loads on weir, Cubemap, Icecast and two floors, in one go.

    peers.py                        all of it, about an hour; `make bench`
    peers.py --list                 what there is
    peers.py --quick                a round of 3 s each: does it work? Its figures mean little
    peers.py --load plain --server weir --server cubemap
    peers.py --table docs/performance.md    writes the tables there, too

The server has one core, the load the other, in a network namespace whose loopback has an MTU of 1500. Servers take turns:
three rounds, medians. docs/performance.md says what the figures mean.
"""

import argparse
import json
import pathlib
import signal
import sys
import tempfile
import time

import loads
import machine
import report
import servers

STEPS = (0.8, 0.65, 0.5, 0.4, 0.3, 0.2, 0.15, 0.1)  # of 2.5 times the other's median: latencies that are tried


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--load", action="append", metavar="NAME", choices=[one.name for one in loads.LOADS])
    parser.add_argument("--server", action="append", metavar="NAME", choices=list(servers.SERVERS))
    parser.add_argument("--seconds", type=float, help="of each round, instead of the load's own")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--latency", type=int, metavar="MS", help="weir's, instead of its default")
    parser.add_argument("--table", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="every round's figures")
    parser.add_argument("--keep", type=pathlib.Path, metavar="FOLDER", help="of logs and configurations; else a "
                        "temporary one")
    options = parser.parse_args()
    if options.quick:
        options.runs, options.seconds = 1, options.seconds or loads.SHORT
    return options


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.rounds = 0

    def play(self, load, name, variant=("", ()), **more):
        """Figures of one round, or a sentence why there are none."""
        self.rounds += 1
        says, crowd_options = variant
        folder = self.folder / f"{self.rounds:03}-{load.name}-{name}"
        folder.mkdir(parents=True)
        if name == "weir" and self.options.latency and not more:
            more = {"latency": self.options.latency}
        seconds = self.options.seconds or load.seconds
        if load.source_dies:
            seconds = max(seconds, load.seconds)
        began = time.monotonic()
        try:
            found = loads.Round(load, name, folder, seconds, crowd_options, more).play()
        except (RuntimeError, OSError, ValueError) as wrong:
            print(f"  {name}{says}: {wrong}", flush=True)
            return str(wrong)
        found["setting"] = more.get("latency", 0)
        print(f"  {name}{says}: {found['cpu_gb']:.2f} CPU-s/GB, p50 {found['latency_p50']:.1f} ms, "
              f"p99 {found['latency_p99']:.1f} ms, {report.missing(found, None)} missing, load {found['load_cpu'] * 100:.0f} % "
              f"({time.monotonic() - began:.0f} s)", flush=True)
        return found

    def matched(self, load):
        """The largest latency at which weir's median is no higher than the other's; in milliseconds."""
        other = self.play(load, load.latency_like)
        if isinstance(other, str):
            return None
        tried = sorted({min(2000, max(5, round(other["latency_p50"] * 2.5 * step))) for step in STEPS}, reverse=True)
        for latency in tried:
            found = self.play(load, "weir", latency=latency)
            if isinstance(found, str) or found["latency_p50"] <= other["latency_p50"]:
                return latency
        return tried[-1]

    def load(self, load):
        """What was measured -> its rounds' figures, or why there are none."""
        wanted = [name for name in load.servers if not self.options.server or name in self.options.server]
        if not wanted:
            return {}
        print(f"{load.name}: {load.text}", flush=True)
        more = {}
        if load.latency_like:
            if load.latency_like not in wanted or "weir" not in wanted or not (latency := self.matched(load)):
                return {}
            more["weir"] = {"latency": latency}
        rows = [(name, variant) for name in wanted for variant in load.variants]
        results = {name + variant[0]: servers.SERVERS[name].missing() or [] for name, variant in rows}
        for _ in range(self.options.runs):
            for name, variant in rows:
                row = name + variant[0]
                if isinstance(results[row], str):
                    continue
                found = self.play(load, name, variant, **more.get(name, {}))
                if isinstance(found, str):
                    results[row] = results[row] or found
                else:
                    results[row].append(found)
        return results


def main():
    options = arguments()
    if options.list:
        for load in loads.LOADS:
            print(f"{load.name:16} {load.text}\n{'':16} on {', '.join(load.servers)}")
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # by way of what ends the programs
    network = machine.own_network()
    limit = machine.raise_limits()
    if network:
        print(network)
    if limit < 10_100:
        print(f"only {limit} descriptors: the loads of 10,000 will fail")
    wanted = [load for load in loads.LOADS if not options.load or load.name in options.load]
    tables, every = {}, {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or pathlib.Path(temporary)
        pathlib.Path(temporary).chmod(0o755)
        bench = Bench(options, folder)
        for load in wanted:
            if results := bench.load(load):
                every[load.name] = results
                tables[load.name] = report.table(load, results)
    words = report.preface(options.runs, network, options.seconds)
    print("\n" + words + "\n\n" + "\n\n".join(tables.values()))
    if options.json:
        options.json.write_text(json.dumps(every, indent=1), encoding="utf-8")
    if options.table:
        report.write(options.table, words, loads.LOADS, tables)
    return 0 if all(isinstance(rounds, list) for results in every.values() for rounds in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
