"""What the checks share: the relay under test, its player, the bystanders, and the words for what must happen."""

import atexit
import io
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

import asf
import vectors
import wire
from encoder import Encoder

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "players"))
from procs import Weir, poll  # noqa: E402: it lives in the folder just named

CHANNELS = 250
SMALL_HEADER = "small"  # the channel that takes headers of 16 KiB at most
CHECKS = []
SOON = 10  # seconds for whatever must happen on loopback


class Fail(Exception):
    """A check's reason."""


def check(name):
    """Registers a check, a function of the Bench. The number at its name's front is the section it is from."""
    def register(function):
        CHECKS.append((name, function))
        return function
    return register


def expect(condition, why):
    """`why` may be a function, for words that cost something."""
    if not condition:
        raise Fail(why() if callable(why) else why)


def config():
    channels = "".join(
        f'[[channel]]\nname = "{name}"\nsources = ["push:"]\nburst = "60s"\nlog_time = "90s"\n{more}'
        for name, more in [*((f"c{index}", "") for index in range(CHANNELS)), ("bystander", ""),
                           (SMALL_HEADER, 'header_limit = "16KiB"\n')])
    return ('[admin]\naddress = "127.0.0.1:0"\n[server]\nname = "test"\nheader_timeout = "2s"\n'
            f'[[listen]]\nprotocol = "http"\naddress = "127.0.0.1:0"\n{channels}')


class ManyChannels(Weir):
    """A fresh channel for each check, so that none sees another one's run."""

    CONFIG = config()


class Player:
    """`weir get` on a channel, whose output can be looked at while it runs."""

    running = []

    def __init__(self, binary, url, folder):
        self._out = folder / f"get{len(Player.running)}.asf"
        self._log = self._out.with_suffix(".log")
        with open(self._out, "wb") as out, open(self._log, "wb") as log:
            # Not -o FILE: that is written in blocks, and a check must see each packet when it is there.
            self._child = subprocess.Popen(
                ["stdbuf", "-o0", str(binary), "get", url, "-o", "-"], stdin=subprocess.DEVNULL, stdout=out,
                stderr=log, start_new_session=True)
        Player.running.append(self)
        self._header = None  # its length, and that of a packet, once it is there

    def count(self):
        """How many packets it has received so far."""
        if self._header is None:
            with open(self._out, "rb") as file:
                try:
                    _, size, _ = asf.read_header(file.read)
                except asf.Malformed:
                    return 0
                self._header = file.tell(), size
        return (self._out.stat().st_size - self._header[0]) // self._header[1]

    def packets(self):
        """What it has received so far."""
        file = io.BytesIO(self._out.read_bytes())
        try:
            _, size, _ = asf.read_header(file.read)
        except asf.Malformed:
            return []
        return list(asf.read_packets(file.read, size))

    def has(self, count):
        """Waits until it has so many packets, and says whether it got them."""
        poll(lambda: self.count() >= count or self._child.poll() is not None, SOON, 0.01)
        return self.count() >= count

    def alive(self):
        return self._child.poll() is None

    def kill(self):
        if self._child.poll() is None:
            self._child.kill()
            self._child.wait()

    def end(self):
        """Stops it; what it counted, in its own words."""
        if self._child.poll() is None:
            self._child.send_signal(signal.SIGINT)
            try:
                self._child.wait(SOON)
            except subprocess.TimeoutExpired:
                self.kill()
        return self._log.read_text(errors="replace").strip().replace("\n", " / ")


atexit.register(lambda: [player.kill() for player in Player.running])


def labels(packets):
    return [vectors.label(packet) for packet in packets]


def same(got, want):
    """Empty when the player's packets are these; else the first difference."""
    for index, (one, other) in enumerate(zip(got, want)):
        if one != other:
            return f"packet {index} differs: got {one.hex(' ')[:150]}, sent {other.hex(' ')[:150]}"
    return "" if len(got) == len(want) else f"{len(got)} packets came, {len(want)} were sent"


def numbered(first, last, tag=b"A"):
    return [vectors.numbered(index, tag) for index in range(first, last)]


def judge(player, sent, step=""):
    """The player must have exactly these packets, byte for byte, and have noticed nothing."""
    player.has(len(sent))
    difference = same(player.packets(), sent)
    words = player.end()
    expect(not difference, f"{step}{difference}; the player said: {words}")
    expect(", 0 bad, 0 gaps," in words and " 0 reconnects" in words, step + words)


def judge_labels(player, want, step=""):
    """The player must have these packets, whatever became of their times."""
    player.has(len(want))
    got = labels(player.packets())
    expect(got == want, lambda: f"{step}the player got {got}, sent were {want}; it said: {player.end()}")
    words = player.end()
    expect(" 0 gaps," in words and " 0 reconnects" in words, step + words)


class Bench:
    """The relay of all checks."""

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.weir = ManyChannels(binary, folder)
        self._next = 0
        self.bystanders = None

    def channel(self):
        self._next += 1
        if self._next > CHANNELS:
            raise RuntimeError(f"more than {CHANNELS} channels wanted: make them more")
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
        self._encoder = bench.encoder("bystander", content_length=self.BODY)
        self._encoder.setup()
        self._encoder.start()
        self._encoder.header(vectors.HB)
        self._push()
        self._player = bench.player("bystander")
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


def wait(seconds):
    """For what the protocol measures in seconds. Nothing else here sleeps."""
    time.sleep(seconds)


def ffmpeg_file(folder, seconds=4):
    """A small .asf that ffmpeg made; None where there is no ffmpeg."""
    path = folder / "clip.asf"
    if path.exists():
        return path
    try:
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=160x120:r=25", "-f",
                        "lavfi", "-i", "sine=f=440:r=44100", "-t", str(seconds), "-c:v", "wmv2", "-b:v", "300k", "-g",
                        "25", "-c:a", "wmav2", "-b:a", "64k", "-f", "asf", str(path)], check=True,
                       env=dict(os.environ, LC_ALL="C"))
    except FileNotFoundError:
        return None
    return path
