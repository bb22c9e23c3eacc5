"""Encoder, weir A, MSBD, weir B: what players see at both ends, and what a plain peer of A sees."""

import dataclasses
import pathlib
import signal
import threading

import frames
import msbd
import restart
import wire
from bench import address
from checks import SOON, expect, poll
from feeds import FEEDS
from player import Player
from procs import Weir

OUTAGE = 3  # seconds
WANT = restart.WANT
PATIENCE = 60  # seconds for the link's next message: an outage is none


class Origin(Weir):
    """With a port for MSBD."""
    CONFIG = Weir.CONFIG + '[[listen]]\nprotocol = "msbd"\naddress = "127.0.0.1:0"\nchannel = "live"\n'


class Watcher:
    """A plain peer that hears all, in a thread of its own, and holds it to the protocol."""

    def __init__(self, at, channel):
        self.link = msbd.Link(wire.Connection(at), msbd.connect(channel))
        self.why = ""
        self._stopping = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            while not self._stopping:
                self.link.hear(PATIENCE)
        except Exception as error:  # whatever it is, it is the finding, unless the test has ended it
            self.why = "" if self._stopping else repr(error)

    def packets(self):
        return [packet for _, packet in self.link.judge.packets]

    def end(self):
        self._stopping = True
        self.link.connection.half_close()
        self._thread.join(SOON)


def overlap(first, second):
    """What is wrong with two captures of one stream, or "". They began and ended at different packets."""
    if not first or not second:
        return f"{len(first)} and {len(second)} packets"
    if second[0] not in first:
        first, second = second, first
    if second[0] not in first:
        return "neither begins within the other"
    at = first.index(second[0])
    both = list(zip(first[at:], second))
    different = [i for i, (one, other) in enumerate(both) if one != other]
    if different:
        return f"packet {different[0]} of {len(both)} differs, {len(different)} in all"
    return "" if len(both) > WANT else f"only {len(both)} packets are in both"


class Chain:
    """Runs it all; then what came of it can be asked for, a method a check."""

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, pathlib.Path(folder) / "chain"
        for name in "first", "second", "a", "b":
            (self.folder / name).mkdir(parents=True)
        self.origin = Origin(binary, self.folder, name="origin")
        self.at = address(self.origin, "msbd")
        self.edge = Weir(binary, self.folder, sources=[f"msbd://{self.at[0]}:{self.at[1]}/live"], name="edge")
        self.encoders, self.clients, self.gets, self.watchers = [], [], {}, {}

    def run(self):
        feed = next(feed for feed in FEEDS if feed.name == "wmv2")
        self._encoder(feed, "first")
        for name, weir in ("a", self.origin), ("b", self.edge):
            self.clients += [(f"{client.name} at {name.upper()}", client, weir) for client in restart.clients_of(
                weir, self.binary, self.folder / name) if client.name.startswith("ffmpeg")]
            self.gets[name] = Player(self.binary, weir.url(), self.folder / name)
        self.watchers = {channel: Watcher(self.at, channel) for channel in ("live", msbd.NETSHOW)}
        poll(lambda: all(client.ended() or len(client.hashes()) > WANT + frames.MOST_LEAD
                         for _, client, _ in self.clients), 30, 0.5)
        for _, client, weir in self.clients:
            client.before = client.identity(port(weir))
        self.encoders[0].process.send(signal.SIGKILL)
        threading.Event().wait(OUTAGE)  # what is tested, not a guess
        self._encoder(dataclasses.replace(feed, codecs=(*feed.codecs, "-vf", "negate")), "second")
        poll(lambda: all(client.ended() or self._has_second(client) for _, client, _ in self.clients), 30, 0.5)
        for watcher in self.watchers.values():
            watcher.end()
        for encoder in self.encoders:
            encoder.end()
        self.copies = [frames.Copy(encoder.copy) for encoder in self.encoders]

    def _encoder(self, feed, name):
        encoder = restart.Encoder(feed, self.origin.url(), self.folder / name)
        self.encoders.append(encoder)
        expect(encoder.ready(), f"the {name} encoder ended: {encoder.process.last_words()}")

    def _has_second(self, client):
        second = frames.Copy(self.encoders[1].copy)
        return sum(second.place(one) is not None for one in client.hashes()) > WANT

    def player(self, index):
        """ffmpeg played on through it all, and each picture is the encoders'."""
        _, client, weir = self.clients[index]
        wrong = restart.verdict(client, port(weir), *self.copies)
        expect(not wrong, wrong)

    def same_bytes(self):
        a, b = (self.gets[name] for name in "ab")
        expect(a.has(1) and b.has(1), "nothing came")
        wrong = overlap(a.packets(), b.packets())
        expect(not wrong, wrong)

    def plain_peer(self, channel):
        watcher = self.watchers[channel]
        expect(not watcher.why, watcher.why)
        heard = watcher.link.judge
        expect(len(heard.infos) == 1, f"{len(heard.infos)} headers")
        expect(not heard.has_ended, "its stream was ended")
        wrong = overlap(watcher.packets(), self.gets["a"].packets())
        expect(not wrong, f"beside a player at A: {wrong}")

    def end(self):
        for _, client, _ in self.clients:
            client.process.end()
        words = [get.end() for get in self.gets.values()]
        for encoder in self.encoders:
            encoder.end()
        ended = [one for one in (self.edge.end(), self.origin.end()) if one]
        expect(not ended, "; ".join(ended))
        expect(all(" 0 reconnects" in one for one in words), "; ".join(words))


def port(weir):
    return int(weir.address.rpartition(":")[2])


def checks(binary, folder):
    """(name, function) of each check of the chain, to be called in this order."""
    chain = Chain(binary, folder)
    yield "chain: the encoder is killed and comes back", chain.run
    for index in range(4):
        name = ("mmsh at A", "http at A", "mmsh at B", "http at B")[index]
        yield f"chain: ffmpeg over {name} plays both runs, each picture right", lambda i=index: chain.player(i)
    yield "chain: B's packets are A's, byte for byte, through the outage", chain.same_bytes
    for channel in "live", msbd.NETSHOW:
        yield f"chain: a plain peer that asks for {channel}, field by field", lambda c=channel: chain.plain_peer(c)
    yield "chain: all end as they should, nobody has reconnected", chain.end
