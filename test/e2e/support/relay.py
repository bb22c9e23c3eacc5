"""The relay under test with a channel for each check, and the bystanders, who must notice nothing of any of them."""

import json
import threading
import urllib.request

import vectors
import wire
from checks import SOON, Fail, expect, poll
from encoder import Encoder
from player import Player, same
from procs import Weir

BYSTANDER = "bystander"


def push_channel(name, more="", sources='["push:"]'):
    """A channel's section of the configuration. `more`: whole lines."""
    return f'[[channel]]\nname = "{name}"\nsources = {sources}\nburst = "60s"\nlog_time = "90s"\n{more}'


class Relay(Weir):
    """A relay with channels c0, c1 and so on, so that no check sees another one's run, and the bystanders' channel."""

    def __init__(self, binary, folder, channels, server="", more=""):
        """`server`: lines of that section; `more`: whole sections."""
        names = [*(f"c{index}" for index in range(channels)), BYSTANDER]
        self.CONFIG = ("[server]\nname = \"{name}\"\n" + server + "[admin]\naddress = \"127.0.0.1:0\"\n"
                       "[[listen]]\nprotocol = \"http\"\naddress = \"127.0.0.1:0\"\n"
                       + "".join(map(push_channel, names)) + more)
        super().__init__(binary, folder, name="test")

    def status(self):
        with urllib.request.urlopen(f"http://{self.listening('admin')}/api/v1/status", timeout=SOON) as reply:
            return json.load(reply)


class Bench:
    """The relay of all checks. Programs that need another configuration override relay()."""

    CHANNELS = 250

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.weir = self.relay(binary, folder)
        self._next = 0

    def relay(self, binary, folder):
        return Relay(binary, folder, self.CHANNELS)

    def bystanders(self):
        return Bystanders(self)

    def channel(self):
        self._next += 1
        if self._next > self.CHANNELS:
            raise RuntimeError(f"more than {self.CHANNELS} channels wanted: make them more")
        return f"c{self._next - 1}"

    def url(self, channel):
        return f"http://{self.weir.address}/{channel}"

    def target(self, channel):
        return wire.Target.of(self.url(channel))

    def connect(self, source=None):
        return wire.Connection(self.target("").address, source)

    def encoder(self, channel=None, **more):
        return Encoder(self.url(channel or self.channel()), **more)

    def player(self, channel):
        return Player(self.binary, self.url(channel), self.folder)

    def streaming(self, channel=None, packets=1, length=wire.WHOLE, tag=b"A", **more):
        """An encoder that has sent its header and the first numbered packets. Returns (encoder, channel)."""
        channel = channel or self.channel()
        encoder = self.encoder(channel, content_length=length, **more)
        encoder.setup()
        encoder.start()
        encoder.header(vectors.HB)
        for index in range(packets):
            encoder.data(vectors.numbered(index, tag))
        return encoder, channel

    def watched(self, **more):
        """The same with a player that has what was sent so far."""
        encoder, channel = self.streaming(**more)
        player = self.player(channel)
        expect(player.has(more.get("packets", 1)),
               lambda: f"{player.count()} packets came to the player; it said: {player.end()}")
        return encoder, channel, player

    def ask(self, kind, channel=None, *, body=b"", source=None, path=None, length=None, **more):
        """One request on a connection of its own. Returns (reply, connection)."""
        connection = self.connect(source)
        host = self.weir.address
        path = path or "/" + (channel or self.channel())
        connection.send(wire.request(path, host, kind, len(body) if length is None else length, **more) + body)
        return connection.response(), connection

    def setup(self, channel=None, **more):
        return self.ask(wire.SETUP, channel, **more)

    def start(self, channel, push_id="0", **more):
        return self.ask(wire.START, channel, push_id=push_id, **more)

    def usable(self, channel):
        """A whole short push on this channel must work, whatever was there before."""
        body = wire.header(vectors.HB) + wire.data(vectors.P1)
        reply, connection = self.setup(channel)
        expect(reply.status == 204, f"afterwards a new PushSetup is answered {reply}")
        connection.send(wire.request("/" + channel, self.weir.address, wire.START, len(body), reply.push_id()) + body)
        reply = connection.response()
        expect(reply.status == 204, f"afterwards a new PushStart is answered {reply}")
        connection.close()


def refused(connection, statuses=(400,), closes=True):
    """The next reply must be one of these, and the connection must be closed after it."""
    wanted = " or ".join(map(str, statuses))
    try:
        reply = connection.response()
    except wire.Lost as lost:
        raise Fail(f"wanted {wanted}: {lost}") from lost
    expect(reply.status in statuses, f"wanted {wanted}: answered {reply}")
    if closes:
        expect(connection.closes(), f"answered {reply}, but the connection stays open")
    return reply


CLIENT_ERRORS = tuple(range(400, 500))


class Bystanders:
    """An encoder and a player on a channel of their own, who must notice nothing of what happens elsewhere."""

    STEP = 10  # milliseconds
    BODY = 50000  # so that they roll over, too

    def __init__(self, bench):
        self._sent, self._why, self._stopped = [], "", threading.Event()
        self._encoder = bench.encoder(BYSTANDER, content_length=self.BODY)
        self._encoder.setup()
        self._encoder.start()
        self._encoder.header(vectors.HB)
        self._push()
        self._player = bench.player(BYSTANDER)
        expect(self._player.has(1), lambda: "the bystanders' player got nothing: " + self._player.end())
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _push(self):
        packet = vectors.numbered(len(self._sent), b"bystand", self.STEP)
        self._encoder.data(packet)
        self._sent.append(packet)

    def _run(self):
        try:
            while not self._stopped.wait(self.STEP / 1000):
                self._push()
        except Exception as error:  # whatever it is, it is the finding
            self._why = f"their encoder ended after {len(self._sent)} packets: {error}"

    def unharmed(self):
        """Raises Fail unless a packet sent now arrives."""
        expect(not self._why, self._why)
        count = len(self._sent) + 1
        expect(poll(lambda: len(self._sent) >= count or self._why, SOON, 0.01) and not self._why,
               f"the bystanders' encoder is stuck {self._why}")
        expect(self._player.has(count), f"the bystanders' player stands still at {self._player.count()} of {count}")

    def judge(self):
        """At the end. Raises Fail unless the player has every packet, byte for byte."""
        self._stopped.set()
        self._thread.join()
        expect(not self._why, self._why)
        self._player.has(len(self._sent))
        difference = same(self._player.packets(), self._sent)
        words = self._player.end()
        expect(not difference, f"{difference}; it said: {words}")
        expect(", 0 bad, 0 gaps," in words and " 0 reconnects" in words, words)
