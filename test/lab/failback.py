#!/usr/bin/env python3
"""A source is lost, comes back, and is gone back to: what a player gets of it all, packet by packet.

Two streams: sources with different streams. What comes of each is a contiguous run of it, none lost or doubled, and the
player sees no pause when the better one is back for long enough; the switch is at a sync point.
One stream: the same packets by two ways. The player gets the encoder's own sequence, none lost and none doubled, over
the loss and over the way back, its times one line.

Each is done on several channels at once, and with one stream several times over (--times). Without --quick also with
failback = "after 30s". One line each.
"""

import argparse
import signal
import sys
import time

from figures import PACKET_MS, Bench, Encoder, Players, Relay, poll, standby, wait_until
from verdicts import Verdicts, add_options, prepare, spread

LATENCY_MS = 50  # weir's flush interval at most
NO_GAP_MS = PACKET_MS + LATENCY_MS
LOSS_MS = 100  # a loss with a hot standby
CHANNELS = [f"c{number}" for number in range(10)]
AWAY = 2.0  # seconds that a source is away


def failback_keys(after):
    return f'failback = "after {after}s"\n'


class Known:
    """Encoders' packets, by fingerprint: (encoder and start, number, is it a sync point)."""

    def __init__(self, **encoders):
        self.names = {}
        for name, encoder in encoders.items():
            start = 0
            for _, fingerprint, number, sync in encoder.packets():
                start += number == 0
                self.names[fingerprint] = f"{name}{start}", number, sync


def runs_of(trace, known):
    """What the player got: [(encoder and start, first number, last number, ms of the first, of the last)], and what
    is wrong within them."""
    runs, wrong = [], []
    for ms, fingerprint, _, _ in trace.media:
        who, number, sync = known.names.get(fingerprint, ("nobody", 0, False))
        if runs and runs[-1][0] == who and number == runs[-1][2] + 1:
            runs[-1][2], runs[-1][4] = number, ms
            continue
        if runs and runs[-1][0] == who:
            wrong.append(f"{who}: packet {number} behind {runs[-1][2]}")
        if not sync:
            wrong.append(f"{who} begins with packet {number}, which is no sync point")
        runs.append([who, number, number, ms, ms])
    return runs, wrong


def beside(relay, seconds=20):
    relay.await_states(["on_air", "standby"], seconds)


def await_spare(relay):
    if not poll(lambda: all(one["sources"][1]["state"] == "on_air" for one in relay.channels().values()), 10, 0.1):
        raise RuntimeError("the standby does not come on air")


def complaints(report):
    lost, back, doubled = (sum(one[key] for one in report["windows"]) for key in ("lost", "back", "doubled"))
    if not (lost or back or doubled):
        return []
    return [f"{lost} players lost, {back} send times went back, {doubled} packets doubled"]


# --- two streams

def two_streams(form, after, options, base):
    with Bench(options, base, f"two-{form}-{after}") as bench:
        mains, spares, sources = {}, {}, {}
        for number, name in enumerate(CHANNELS):
            sources[name] = ["push:main", "push:backup"]
            if form == "pull":
                mains[name] = Encoder(bench, f"{name}-main", run=1 + 2 * number, serve=True)
                spares[name] = Encoder(bench, f"{name}-spare", run=2 + 2 * number, serve=True)
                sources[name] = [mains[name].url, standby(spares[name].url)]
        relay = Relay(bench, "relay", {name: (sources[name], failback_keys(after)) for name in CHANNELS})
        if form == "push":
            # One after the other: whoever comes first is on air for `after`.
            for number, name in enumerate(CHANNELS):
                mains[name] = Encoder(bench, f"{name}-main", relay.url(name, "main"), run=1 + 2 * number)
            relay.await_states(["on_air", "idle"])
            for number, name in enumerate(CHANNELS):
                spares[name] = Encoder(bench, f"{name}-spare", relay.url(name, "backup"), run=2 + 2 * number)
        beside(relay)
        players = Players(bench, relay, 2 * len(CHANNELS), CHANNELS, "mixed")
        players.await_media()
        began = time.monotonic()
        for number, name in enumerate(CHANNELS):
            wait_until(began + number * 0.13)
            mains[name].kill()
        wait_until(began + AWAY)
        await_spare(relay)
        for number, name in enumerate(CHANNELS):
            wait_until(began + AWAY + 0.5 + number * 0.13)
            mains[name].start()
        # A pull is found again after a back-off; the rest is its time beside the other, and a key-frame interval.
        beside(relay, after + 12)
        wait_until(time.monotonic() + 1.5)
        report = players.end()
        return judge_two(mains, spares, players, report)


def judge_two(mains, spares, players, report):
    wrong, losses, ways_back = complaints(report), [], []
    for name in CHANNELS:
        trace = players.trace(name)
        runs, odd = runs_of(trace, Known(main=mains[name], spare=spares[name]))
        wrong += [f"{name}: {one}" for one in odd[:2]]
        # Who was there first when the player came does not matter here.
        order = [one[0] for one in runs][-3:]
        if order != ["main1", "spare1", "main2"]:
            wrong.append(f"{name}: on air were {[one[0] for one in runs]}")
            continue
        losses.append(runs[-2][3] - runs[-3][4])
        ways_back.append(runs[-1][3] - runs[-2][4])
    if losses and max(losses) > LOSS_MS:
        wrong.append(f"bound of the loss {LOSS_MS} ms")
    if ways_back and max(ways_back) > NO_GAP_MS:
        wrong.append(f"bound of the way back {NO_GAP_MS} ms")
    return f"way back {spread(ways_back)}; loss {spread(losses)}" if losses else "", wrong


# --- one stream

def two_origins(scheme, after, options, base):
    """One encoder feeds two relays, an edge pulls from both."""
    with Bench(options, base, f"origins-{scheme}-{after}") as bench:
        origins = [Relay(bench, f"origin{number}", {name: (["push:"], "") for name in CHANNELS}) for number in (1, 2)]
        encoders = {name: Encoder(bench, name, *(one.url(name) for one in origins), run=number + 1)
                    for number, name in enumerate(CHANNELS)}
        for one in origins:
            one.await_states(["on_air"])

        def sources(name):
            first, second = (one.url(name).replace("http", scheme, 1) for one in origins)
            return [first, standby(second)]
        edge = Relay(bench, "edge", {name: (sources(name), failback_keys(after)) for name in CHANNELS})

        def lose():
            origins[0].kill()
        return one_stream(edge, encoders, lose, origins[0].start, after, options)


def two_slots(after, options, base):
    """One encoder pushes to two slots; the better connection is reset."""
    with Bench(options, base, f"slots-{after}") as bench:
        relay = Relay(bench, "relay", {name: (["push:main", "push:backup"], failback_keys(after)) for name in CHANNELS})
        encoders = {name: Encoder(bench, name, relay.url(name, "main"), relay.url(name, "backup"), run=number + 1)
                    for number, name in enumerate(CHANNELS)}

        def to_all(number):
            for one in encoders.values():
                one.send(number)
        return one_stream(relay, encoders, lambda: to_all(signal.SIGUSR1), lambda: to_all(signal.SIGUSR2), after,
                          options)


def one_stream(relay, encoders, lose, bring_back, after, options):
    beside(relay, after + 20)  # where the worse one came first, it is on air for `after`
    players = Players(relay.bench, relay, 2 * len(CHANNELS), CHANNELS, "mixed")
    players.await_media()
    for number in range(options.times):
        players.mark(f"loss {number}")
        lose()
        await_spare(relay)
        wait_until(time.monotonic() + AWAY)
        players.mark(f"way back {number}")
        bring_back()
        beside(relay, after + 20)
        wait_until(time.monotonic() + 0.5)
    report = players.end()
    return judge_one(encoders, players, report)


def judge_one(encoders, players, report):
    wrong, packets = complaints(report), 0
    for name in CHANNELS:
        trace = players.trace(name)
        runs, odd = runs_of(trace, Known(encoder=encoders[name]))
        wrong += [f"{name}: {one}" for one in odd[:2]]
        packets += len(trace.media)
        times = [one[2] for one in trace.media]
        steps = {after - before for before, after in zip(times, times[1:])}
        if steps != {PACKET_MS}:
            wrong.append(f"{name}: steps of {sorted(steps)} ms in its times")
        if len(runs) == 1 and encoders[name].packets()[-1][2] - runs[0][2] > 1000 / PACKET_MS:
            wrong.append(f"{name}: its last packet is {runs[0][2]}")
    windows = [(one["name"], one["media_gap_ms"]["worst"]) for one in report["windows"]]
    losses = [gap for name, gap in windows if name.startswith("loss")]
    ways_back = [gap for name, gap in windows if name.startswith("way back")]
    if max(losses) > LOSS_MS:
        wrong.append(f"bound of the loss {LOSS_MS} ms")
    if max(ways_back) > NO_GAP_MS:
        wrong.append(f"bound of the way back {NO_GAP_MS} ms")
    return (f"{packets} packets on {len(CHANNELS)} channels; longest gap: over the way back {max(ways_back):.0f} ms, "
            f"over the loss {max(losses):.0f} ms, of {len(losses)}"), wrong


CASES = {
    "two-streams-push": lambda after, options, base: two_streams("push", after, options, base),
    "two-streams-pull": lambda after, options, base: two_streams("pull", after, options, base),
    "one-stream-http": lambda after, options, base: two_origins("http", after, options, base),
    "one-stream-mmsh": lambda after, options, base: two_origins("mmsh", after, options, base),
    "one-stream-slots": two_slots,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    add_options(parser)
    parser.add_argument("--quick", action="store_true", help="after 3s alone")
    parser.add_argument("--case", action="append", choices=list(CASES))
    parser.add_argument("--after", type=int, action="append", metavar="SECONDS")
    parser.add_argument("--times", type=int, default=2, metavar="N")
    options = parser.parse_args()
    base = prepare(options, "weir-failback-")
    verdicts = Verdicts()
    for after in options.after or ([3] if options.quick else [3, 30]):
        for name, play in CASES.items():
            if not options.case or name in options.case:
                verdicts.measure(f"{name} after {after}s", play, after, options, base)
    return verdicts.end()


if __name__ == "__main__":
    sys.exit(main())
