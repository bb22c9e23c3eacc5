#!/usr/bin/env python3
"""A thousand channels of one relay, most of which lose their host in the same moment: how they come back to it, and
what the others notice of it.

900 channels pull from one host and port, 100 from four ports of another host; a player each. The first host is

refused: killed, so that its system refuses whoever connects, and started again;
silent: behind a router that drops all from and to it, so that nothing is answered, until it does not any more. (Where
its cable is pulled the router answers some with "unreachable", which is neither.)

Judged is what the wire has (syn_watch.py) from the relay's start on: for each host and port at most 100 attempts to
connect in any second, wherever it begins, and at most 20 under way. No player is dropped; no player of another host's
channels is without media for more than 200 ms in all that time.

And every channel of the host has media again within a time that follows from the relay's limits, counted from the
host's return: who waits for his pause to end has backoff_max before him; then come those before him, 100 a second, 900
at most; then a key frame, as old as its interval at most. Where attempts were not answered, one that is under way or
waits for its turn when the host returns may first have to end, which takes connect_timeout. And SLACK for the machine.

The line's last figure changes no verdict: how long relay, other host and its channels' players, the worst of them, were
ready to run while other programs had the processors. Where it is seconds, gaps are this machine's, not the relay's.
"""

import argparse
import contextlib
import dataclasses
import statistics
import sys
import time

import syn_watch
import world
from cables import Cable
from figures import Bench, Encoder, Players, Relay, poll, unserved, wait_until
from verdicts import Verdicts, add_options, prepare

HOSTS = 4  # ports of the other host
PER_SECOND, IN_FLIGHT = 100, 20
MOST_GAP_MS = 200
BACKOFF, CONNECT, SYNC, SLACK = 5.0, 10.0, 1.0, 2.0  # s; weir's defaults backoff_max and connect_timeout
PACKET_MS, BIG_PACKET_MS = 40, 200  # 900 streams are to be a light load: it is not what is measured
PAUSE_MS = 2000  # of a channel of the lost host: shorter ones are no absence
BEFORE = 6.0  # seconds of quiet play: more than min_uptime, so that it is a good source that is lost
BEHIND = 3.0  # seconds that are watched behind the recovery
KEYS = 'log_size = "256KiB"\nlog_time = "5s"\n'


@dataclasses.dataclass
class Case:
    away: float  # seconds of absence
    quick_away: float
    more: float  # seconds until all attempts that were not answered have ended


CASES = {
    "refused": Case(away=20, quick_away=6, more=0),
    # Longer than stall_timeout and connect_timeout, so that attempts have come to nothing when it returns.
    "silent": Case(away=30, quick_away=17, more=CONNECT),
}


def absence(name, encoder, cable):
    """(how the host goes, how it returns)."""
    if name == "refused":
        return encoder.kill, encoder.start
    return lambda: cable.lose(100), cable.calm


def waits(players, back_ms):
    """By channel, for those that were without media when the host came back, or later: the ms from then to media that
    stays; None: it has none."""
    found = {}
    for channel, _, _, until in players.gaps():
        if until is None:
            found[channel] = None
        elif until > back_ms:
            found[channel] = until - back_ms
    return found


def play(name, case, options, base):
    with contextlib.ExitStack() as stack:
        machines = stack.enter_context(contextlib.closing(world.World("origin", "others", "relay")))
        origin, others, here = (machines.hosts[one] for one in ("origin", "others", "relay"))
        watch = stack.enter_context(contextlib.closing(syn_watch.SynWatch(here)))
        bench = stack.enter_context(Bench(options, base, name))
        big = Encoder(bench, "big", run=1, serve=True, packet_ms=BIG_PACKET_MS, host=origin)
        small = [Encoder(bench, f"small{number}", run=2 + number, serve=True, packet_ms=PACKET_MS, host=others)
                 for number in range(HOSTS)]
        lost = {f"b{number}": big.url for number in range(options.channels * 9 // 10)}
        kept = {f"s{number}": small[number % HOSTS].url for number in range(options.channels - len(lost))}
        relay = Relay(bench, "relay", {one: ([url], KEYS) for one, url in {**kept, **lost}.items()}, host=here)
        relay.await_states(["on_air"], 60)
        # Two programs: what one of them has to report does not hold up the other one's clock.
        calm = Players(bench, relay, len(kept), list(kept), gap_ms=MOST_GAP_MS, traces=False)
        crowd = Players(bench, relay, len(lost), list(lost), gap_ms=PAUSE_MS, traces=False)
        calm.await_media()
        crowd.await_media()
        programs = [relay.pid, calm.child.pid, *(one.process.pid for one in small)]
        before = list(map(unserved, programs))
        calm.mark("measured")
        wait_until(time.monotonic() + BEFORE)
        go, come = absence(name, big, Cable(machines, "origin", "relay"))
        go()
        wait_until(time.monotonic() + (case.quick_away if options.quick else case.away))
        back_ms = time.monotonic() * 1000
        come()
        bound = BACKOFF + len(lost) / PER_SECOND + SYNC + SLACK + case.more
        poll(lambda: len(waits(crowd, back_ms)) == len(lost), 2 * bound, 0.2)
        wait_until(time.monotonic() + BEHIND)
        stood = max(unserved(pid) - since for pid, since in zip(programs, before))
        reports = calm.end(), crowd.end()
        wrong, wire = of_wire(watch, (origin.address, big.port), len(lost))
        more_wrong, seen = of_players(*reports, waits(crowd, back_ms), bound, len(lost))
        return f"{wire}; {seen}; waited for a processor: {stood:.1f} s at most", wrong + more_wrong


def of_wire(watch, endpoint, count):
    wrong = []
    by_endpoint = {}
    for one in watch.end():
        by_endpoint.setdefault(one.endpoint, []).append(one)
    fastest = {one: syn_watch.most_in_a_second(attempts) for one, attempts in by_endpoint.items()}
    waiting = {one: max(watch.most_waiting(one), syn_watch.most_unanswered(attempts))
               for one, attempts in by_endpoint.items()}
    # Each channel dialled at the start, and again when its host was lost.
    if len(by_endpoint) != 1 + HOSTS or len(by_endpoint.get(endpoint, [])) < 2 * count:
        wrong.append(f"only {sum(map(len, by_endpoint.values()))} attempts to {len(by_endpoint)} endpoints were seen")
    if max(fastest.values(), default=0) > PER_SECOND:
        wrong.append(f"{max(fastest.values())} attempts to one endpoint in a second")
    if max(waiting.values(), default=0) > IN_FLIGHT:
        wrong.append(f"{max(waiting.values())} attempts to one endpoint under way")
    return wrong, (f"{len(by_endpoint.get(endpoint, []))} attempts, at most {fastest.get(endpoint, 0)} in a second and "
                   f"{waiting.get(endpoint, 0)} under way")


def of_players(calm, crowd, found, bound, count):
    wrong = []
    gap = max(one["media_gap_ms"]["worst"] for one in calm["windows"] if one["name"] == "measured")
    if gap > MOST_GAP_MS:
        wrong.append(f"channels of other hosts: bound {MOST_GAP_MS} ms")
    dropped = sum(one["lost"] for report in (calm, crowd) for one in report["windows"])
    if dropped:
        wrong.append(f"players dropped: {(calm['losses'] + crowd['losses'])[:3]}")
    times = [one / 1000 for one in found.values() if one is not None]
    if len(times) < len(found):
        wrong.append(f"{len(found) - len(times)} channels without media at the end")
    if len(found) < count:
        wrong.append(f"{count - len(found)} channels were not without media when the host came back")
    if times and max(times) > bound:
        wrong.append(f"bound {bound:.0f} s")
    back = f"median {statistics.median(times):.1f} s, worst {max(times):.1f} s" if times else "none"
    return wrong, f"media again {back} of {len(times)}; others: longest gap {gap:.0f} ms; {dropped} dropped"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument("--quick", action="store_true", help="shorter absences")
    parser.add_argument("--case", action="append", choices=list(CASES))
    parser.add_argument("--channels", type=int, default=1000)
    options = parser.parse_args()
    base = prepare(options, "weir-r15-")
    verdicts = Verdicts()
    if reason := world.refused():
        print(f"skipped: no namespaces here: {reason}")
        return verdicts.end()
    for name, case in CASES.items():
        if not options.case or name in options.case:
            verdicts.measure(name, play, name, case, options, base)
    return verdicts.end()


if __name__ == "__main__":
    sys.exit(main())
