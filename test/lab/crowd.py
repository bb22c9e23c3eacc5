#!/usr/bin/env python3
"""Many players on twenty channels of one relay, whose sources are killed and come back, each ten times, at random.

Nobody may be dropped; every player of a channel must have media again within a second and a key-frame interval of its
source's return (pulls: one back-off step more); and the relay's memory must not grow: at the end of the last round it
is at most that of the second one and 2 %. One line for each round, then the verdict. Without --quick: 2,000 players, 20
channels, 10 rounds, once with sources that push and once with sources that are pulled.

Memory is resident memory, the mean of the last seconds of a round, as many as a channel takes to fill a block of its
log: each channel fills and drops blocks of 64 KiB in turn, and at one moment it is by chance how many of them stand.
No source is away in those seconds, and the logs, full before the first round begins, are bounded by their size: they
are as full whether their streams paused or not.
"""

import argparse
import bisect
import dataclasses
import random
import statistics
import sys
import time

from figures import Bench, Encoder, Players, Relay, wait_until
from verdicts import Verdicts, add_options, prepare

PACKET_MS, PACKET_SIZE, SYNC_MS = 50, 900, 1000  # 144 kbit/s
FED_MS = 1000 + SYNC_MS
STEP_MS = 1000  # a back-off step: backoff_max of the pulled channels, and refused_backoff_max
SETTLE = 4.0  # seconds at a round's end in which nobody is away, BLOCK_TIME at least: by then all are fed, or never
GROWTH = 0.02
BLOCK, LOG, RATE = 64 << 10, 256 << 10, PACKET_SIZE * 1000 / PACKET_MS  # bytes; a second
BLOCK_TIME, FULL_TIME = BLOCK / RATE, LOG / RATE  # s: 3.6 and 14.6
# A log that its size bounds, so that it is full whether its stream paused or not.
CHANNEL = f'log_time = "60s"\nlog_size = "{LOG >> 10}KiB"\n'
WEIGH_EACH = 0.2  # seconds
PULLED = f'backoff_max = "{STEP_MS}ms"\nrefused_backoff_max = "{STEP_MS}ms"\n'


@dataclasses.dataclass
class Away:
    """One absence of one channel's source; moments of time.monotonic()."""
    channel: str
    killed: float
    back: float
    back_ms: float = 0.0  # when its program had started


def plan(names, rng, began, seconds):
    """The absences of a round of so many seconds, one for each channel."""
    for name in names:
        away = rng.uniform(0.2, 0.6 * (seconds - SETTLE))
        killed = began + rng.uniform(0, seconds - SETTLE - away)
        yield Away(name, killed, killed + away)


def play_round(aways, encoders):
    events = sorted([(one.killed, "kill", one) for one in aways] + [(one.back, "start", one) for one in aways],
                    key=lambda event: event[0])
    for moment, what, one in events:
        wait_until(moment)
        if what == "kill":
            encoders[one.channel].kill()
        else:
            one.back_ms = time.monotonic() * 1000
            encoders[one.channel].start()


def fed_after(aways, players, count_of):
    """For each absence the ms from the source's return to its channel's last player's first packet; and complaints."""
    gaps = {}
    for channel, client, since, until in players.gaps():
        gaps.setdefault((channel, client), []).append((since, until))
    delays, wrong = [], []
    for one in aways:
        worst = 0.0
        for client in count_of[one.channel]:
            spans = gaps.get((one.channel, client), [])
            # The gap that was going on when the source came back; none: it was over before, or too short to be noted.
            index = bisect.bisect_right(spans, (one.back_ms, float("inf"))) - 1
            if index < 0 or (until := spans[index][1]) is not None and until < one.back_ms:
                continue
            if until is None:
                wrong.append(f"{one.channel}: player {client} is not fed any more")
                break
            worst = max(worst, until - one.back_ms)
        delays.append(worst)
    return delays, wrong


def weigh(relay, until):
    """Resident bytes, the mean of a block's time that ends at that moment."""
    wait_until(until - BLOCK_TIME)
    weights = [relay.memory()]
    while time.monotonic() < until:
        wait_until(min(until, time.monotonic() + WEIGH_EACH))
        weights.append(relay.memory())
    return statistics.mean(weights)


def round_line(delays, window, memory, cpu):
    return (f"fed median {statistics.median(delays):.0f} ms, worst {max(delays):.0f} ms; {window['connected']} there, "
            f"{window['lost']} dropped; {window['packets']} packets, {window['fillers']} fillers, "
            f"{window['back']} back, {window['doubled']} doubled; {memory / 1024:.0f} KiB, "
            f"{cpu:.0f} % of a core")


def play(form, options, base, verdicts):
    rng = random.Random(options.seed)
    names = [f"c{number}" for number in range(options.channels)]
    bound = FED_MS + (STEP_MS if form == "pull" else 0)
    with Bench(options, base, f"crowd-{form}") as bench:
        def encoder(number, *urls, serve=False):
            return Encoder(bench, f"e{number}", *urls, run=number + 1, serve=serve, packet_ms=PACKET_MS,
                           size=PACKET_SIZE, sync_ms=SYNC_MS)
        if form == "pull":
            encoders = {name: encoder(number, serve=True) for number, name in enumerate(names)}
            relay = Relay(bench, "relay", {name: ([encoders[name].url], CHANNEL + PULLED) for name in names})
        else:
            relay = Relay(bench, "relay", {name: (["push:"], CHANNEL) for name in names})
            encoders = {name: encoder(number, relay.url(name)) for number, name in enumerate(names)}
        relay.await_states(["on_air"])
        full_at = time.monotonic() + FULL_TIME
        players = Players(bench, relay, options.clients, names, "mixed", traces=False)
        players.await_media(60)
        count_of = {name: range(number, options.clients, len(names)) for number, name in enumerate(names)}
        memories, everyone, wrong = [], [], []
        wait_until(full_at)
        began = time.monotonic() + 0.5
        for number in range(1, options.rounds + 1):
            aways = list(plan(names, rng, began, options.seconds))
            players.mark(f"round {number}")
            cpu = relay.cpu()
            play_round(aways, encoders)
            began += options.seconds
            memories.append(weigh(relay, began))
            window = players.window()
            delays, unfed = fed_after(aways, players, count_of)
            everyone += delays
            wrong += unfed[:3]
            if window["bad"] or window["back"]:
                wrong.append(f"round {number}: {window['bad']} bad packets, {window['back']} send times went back")
            verdicts.tell(f"{form} round {number}",
                          round_line(delays, window, memories[-1], (relay.cpu() - cpu) / options.seconds * 100),
                          [f"{window['lost']} dropped" if window["lost"] else "", *unfed[:3]])
        report = players.end()
    lost = len(report["losses"])
    growth = memories[-1] / memories[min(1, len(memories) - 1)] - 1
    if lost:
        wrong.append(f"dropped: {report['losses'][:3]}")
    if max(everyone) > bound:
        wrong.append(f"fed later than {bound} ms")
    if growth > GROWTH:
        wrong.append(f"more than {GROWTH:.0%}")
    text = (f"{options.clients} players, {options.channels} channels, {options.rounds} rounds, seed {options.seed}: "
            f"{lost} dropped; fed median {statistics.median(everyone):.0f} ms, worst {max(everyone):.0f} ms of "
            f"{len(everyone)}; memory {growth:+.1%} since round 2")
    return text, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    add_options(parser)
    parser.add_argument("--quick", action="store_true", help="fewer players and rounds: a minute")
    parser.add_argument("--clients", type=int)
    parser.add_argument("--channels", type=int, default=20)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float, help="of a round")
    parser.add_argument("--form", choices=["push", "pull"])
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options = parser.parse_args()
    options.clients = options.clients or (400 if options.quick else 2000)
    options.rounds = options.rounds or (3 if options.quick else 10)
    options.seconds = options.seconds or (9.0 if options.quick else 12.0)
    base = prepare(options, "weir-crowd-")
    verdicts = Verdicts()
    for form in ["push", "pull"] if not options.form else [options.form]:
        verdicts.measure(f"{form} crowd", play, form, options, base, verdicts)
    return verdicts.end()


if __name__ == "__main__":
    sys.exit(main())
