"""`weir get` as a player that is watched while it plays, and what it must have received."""

import atexit
import io
import signal
import subprocess

import asf
import vectors
from checks import SOON, expect, poll


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
