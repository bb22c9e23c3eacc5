#!/usr/bin/env python3
"""Switch gaps: from the last packet of a source that is lost to the first of the next one, as a player gets them.

Each figure is taken twenty times (--times), on as many channels of one relay, whose sources are lost one after the
other at moments that are spread over the key-frame interval. One line each, with the promised bound as verdict.
"""

import argparse
import dataclasses
import signal
import sys
import time

from figures import SYNC_MS, Bench, Encoder, Players, Relay, standby, wait_until
from verdicts import Verdicts, add_options, prepare, spread

STALL_MS = 3000  # stall_timeout where a source falls silent
STANDBY_MS = 100
COLD_MS = 1000 + SYNC_MS
SILENT_MS = STALL_MS + 1000
APART = 0.13  # seconds between two losses: no divisor of the key-frame interval


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    main: str  # push or pull
    spare: str  # push, standby (a pull beside) or pull (cold)
    bound: int  # ms
    silent: bool = False  # SIGSTOP; else SIGKILL

    def sources(self, main_url, spare_url):
        slots = self.spare == "push"
        main = ("push:main" if slots else "push:") if self.main == "push" else main_url
        spare = {"push": "push:backup", "standby": standby(spare_url), "pull": spare_url}[self.spare]
        return [main, spare]


CASES = [
    Case("hot-standby-push", "push", "push", STANDBY_MS),
    Case("standby-pull-beside-push", "push", "standby", STANDBY_MS),
    Case("standby-pull-beside-pull", "pull", "standby", STANDBY_MS),
    Case("cold-pull-behind-push", "push", "pull", COLD_MS),
    Case("cold-pull-behind-pull", "pull", "pull", COLD_MS),
    Case("silence-hot-standby-push", "push", "push", SILENT_MS + STANDBY_MS, True),
    Case("silence-standby-pull", "pull", "standby", SILENT_MS + STANDBY_MS, True),
    Case("silence-cold-pull", "push", "pull", SILENT_MS + COLD_MS, True),
]


def play(case, options, base):
    with Bench(options, base, case.name) as bench:
        names = [f"c{number}" for number in range(options.times)]
        mains, spares, channels, lost_at = {}, {}, {}, {}
        for number, name in enumerate(names):
            if case.main == "pull":
                mains[name] = Encoder(bench, f"{name}-main", run=1 + 2 * number, serve=True)
            if case.spare != "push":
                spares[name] = Encoder(bench, f"{name}-spare", run=2 + 2 * number, serve=True)
            main, spare = mains.get(name), spares.get(name)
            sources = case.sources(main and main.url, spare and spare.url)
            channels[name] = sources, f'stall_timeout = "{STALL_MS}ms"\n' if case.silent else ""
        relay = Relay(bench, "relay", channels)
        for number, name in enumerate(names):
            if case.main == "push":
                slot = "main" if case.spare == "push" else ""
                mains[name] = Encoder(bench, f"{name}-main", relay.url(name, slot), run=1 + 2 * number)
            if case.spare == "push":
                spares[name] = Encoder(bench, f"{name}-spare", relay.url(name, "backup"), run=2 + 2 * number)
        relay.await_states(["on_air", "idle" if case.spare == "pull" else "standby"])
        players = Players(bench, relay, len(names), names, "mixed")
        players.await_media()
        began = time.monotonic() + 0.1
        for number, name in enumerate(names):
            wait_until(began + number * APART)
            lost_at[name] = time.monotonic() * 1000
            mains[name].send(signal.SIGSTOP if case.silent else signal.SIGKILL)
        wait_until(time.monotonic() + case.bound / 1000 + 1)
        report = players.end()
        return judge(case, lost_at, mains, spares, players, report)


def judge(case, lost_at, mains, spares, players, report):
    gaps, wrong = [], []
    for name, since in lost_at.items():
        old, new = mains[name].prints(), spares[name].prints()
        trace = players.trace(name)
        tags = {**dict.fromkeys(old, "old"), **dict.fromkeys(new, "new")}
        switches = [one for one in trace.switches(tags.get) if trace.media[one[0]][0] > since]
        if len(switches) != 1 or switches[0][1:] != ("old", "new"):
            wrong.append(f"{name}: switches {[one[1:] for one in switches]}")
            continue
        index = switches[0][0]
        gaps.append(trace.media[index][0] - trace.media[index - 1][0])
        if not trace.media[index][3]:
            wrong.append(f"{name}: the switch is not at a sync point")
    total = report["windows"]
    lost, back = sum(one["lost"] for one in total), sum(one["back"] for one in total)
    if lost or back:
        wrong.append(f"{lost} players lost, {back} send times went back")
    if gaps and max(gaps) > case.bound:
        wrong.append(f"bound {case.bound} ms")
    return (f"gap {spread(gaps)}" if gaps else "no gap to measure"), wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    add_options(parser)
    parser.add_argument("--case", action="append", choices=[one.name for one in CASES])
    parser.add_argument("--times", type=int, default=20, metavar="N")
    options = parser.parse_args()
    base = prepare(options, "weir-gaps-")
    verdicts = Verdicts()
    for case in CASES:
        if not options.case or case.name in options.case:
            verdicts.measure(case.name, play, case, options, base)
    return verdicts.end()


if __name__ == "__main__":
    sys.exit(main())
