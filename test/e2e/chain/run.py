#!/usr/bin/env python3
"""Four relays in a row, A <- B <- C <- D, with ffmpeg as encoder at A and players at D, over both kinds of link.

What D serves is what A serves, byte for byte, also over a link that breaks for three seconds between A and B; and no
client of D is dropped when A, B or C dies by kill -9 and comes back. Each client is the same process on the same
connection from the beginning to the end.
"""

import argparse
import hashlib
import pathlib
import signal
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
for other in ("players", "support"):
    sys.path.append(str(HERE.parent / other))
sys.path.append(str(HERE.parents[1] / "lab"))
import asf  # noqa: E402: they live in the folders just named
import frames  # noqa: E402
from feeds import FEEDS  # noqa: E402
from procs import ROOT, Process, Weir, begin, free_port, poll  # noqa: E402
from proxy import Proxy  # noqa: E402
from restart import Client, Encoder, broken  # noqa: E402

FEED = next(feed for feed in FEEDS if feed.name == "fifo")  # one that comes back by itself
FLAP = 3  # seconds
PACKETS = 30  # that must have come before and after


class Node(Weir):
    """A relay of the chain, on ports of its own that it keeps when it dies and comes back."""

    CONFIG = """
[server]
name = "{name}"
[admin]
address = "127.0.0.1:0"
[[listen]]
protocol = "http"
address = "127.0.0.1:%(http)d"
[[listen]]
protocol = "msbd"
address = "127.0.0.1:%(msbd)d"
channel = "live"
[[channel]]
name = "live"
sources = {sources}
burst = "3s"
"""

    def __init__(self, binary, folder, name, sources=("push:",), start=True, channel="live", more=""):
        """more: lines behind the channel's, in which braces stand twice."""
        self.ports = {"http": free_port(), "msbd": free_port()}
        self.CONFIG = (Node.CONFIG % self.ports).replace('\nname = "live"', f'\nname = "{channel}"') + more
        self.start = lambda sources: Weir.__init__(self, binary, folder, 300, sources, name)
        self._sources = sources
        if start:
            self.start(sources)

    def link(self, kind):
        """The address by which the next one pulls."""
        return "127.0.0.1", self.ports["msbd" if kind == "msbd" else "http"]

    def die(self):
        self.process.send(signal.SIGKILL)
        poll(lambda: self.process.returncode() is not None, 10)

    def come_back(self):
        self.start(self._sources)


class Chain:
    """kinds: of the links A-B, B-C and C-D. The first passes a proxy, which is the line between A and B."""

    def __init__(self, binary, folder, kinds):
        self.nodes = [Node(binary, folder, "A")]
        self.line = Proxy(self.nodes[0].link(kinds[0]))
        where = [self.line.address]
        for name, kind in zip("BCD", kinds):
            scheme = "msbd" if kind == "msbd" else "mmsh"
            self.nodes.append(Node(binary, folder, name, [f"{scheme}://{where[-1]}/live"]))
            where.append("%s:%d" % self.nodes[-1].link(kinds[min(len(self.nodes) - 1, 2)]))
        self.a, self.b, self.c, self.d = self.nodes
        self.encoder = Encoder(FEED, self.a.url("http"), folder, 300)
        self.binary, self.folder = binary, folder
        self.clients = []

    def play(self):
        """Clients at D, and one at A that records what it serves."""
        if not self.encoder.ready():
            raise RuntimeError("the encoder ended: " + self.encoder.process.last_words())
        self.at_a = self._get(self.a, "at-a")
        out = self.folder / "ffmpeg-d"
        self.ffmpeg = Client("ffmpeg-mmsh", [
            "ffmpeg", "-nostdin", "-v", "error", "-i", self.d.url("mmsh"), "-map", "0:v", "-fps_mode", "passthrough",
            "-pix_fmt", "yuv420p", "-f", "framemd5", "-flush_packets", "1", out], out, frames.of_framemd5, 300)
        self.gets = [self._get(self.d, "d-" + scheme, scheme) for scheme in ("http", "mmsh")]
        self.clients = [self.ffmpeg, *self.gets]
        if not poll(lambda: all(self.count(one) > PACKETS for one in [self.at_a, *self.gets]) and self.ffmpeg.hashes(),
                    20):
            raise RuntimeError("no stream at D: " + ", ".join(one.process.last_words() for one in self.clients))
        for one in self.clients:
            one.before = one.identity(self.d.ports["http"])

    def _get(self, node, name, scheme="http"):
        return Recorder(self.binary, node, scheme, self.folder / name)

    @staticmethod
    def count(one):
        return len(one.hashes())

    def more(self, count=PACKETS, seconds=30):
        """Waits until every recording has so many packets more."""
        before = {one: self.count(one) for one in self.gets}
        return poll(lambda: all(self.count(one) >= before[one] + count for one in self.gets), seconds)

    def dropped(self):
        """Who of D's clients is not what it was, or ""."""
        wrongs = [f"{one.name}: {wrong}" for one in self.clients if (wrong := broken(one, self.d.ports["http"]))]
        return "; ".join(wrongs)

    def end(self):
        for one in [*self.clients, *([self.at_a] if hasattr(self, "at_a") else [])]:
            one.process.end()
        self.encoder.end()
        wrong = [said for node in reversed(self.nodes) if (said := node.end())]
        self.line.close()
        return "; ".join(wrong)


class Recorder(Client):
    """weir get, and the hash of each packet that it wrote."""

    def __init__(self, binary, node, scheme, out):
        super().__init__(f"weir-get-{scheme}", [binary, "get", node.url(scheme), "-o", out], out, self._read, 300)
        self._known, self._at, self._size = [], 0, 0

    def _read(self, path):
        """Of what is new alone: the file grows while it is watched."""
        with open(path, "rb") as file:
            if not self._size:
                try:
                    _, self._size, _ = asf.read_header(file.read)
                except asf.Malformed:
                    self._size = 0
                    return []
                self._at = file.tell()
            file.seek(self._at)
            while len(packet := file.read(self._size)) == self._size:
                self._known.append(hashlib.sha256(packet).hexdigest())
                self._at += self._size
        return self._known


def same(part, whole):
    """"" where `part` is a piece of `whole` without a gap; else where it is not."""
    if not part:
        return "nothing came"
    if part[0] not in whole:
        return f"its first packet is none of the {len(whole)} that A served"
    at = whole.index(part[0])
    for index, one in enumerate(part):
        if at + index >= len(whole):
            return f"{len(part) - index} packets more than A served"
        if whole[at + index] != one:
            return (f"packet {index} of {len(part)} is A's {whole.index(one) - at}" if one in whole
                    else f"packet {index} of {len(part)} is none of A's")
    return ""


def byte_for_byte(chain):
    """What is wrong at each recorder of D, when A's has all that D's have."""
    parts = [list(one.hashes()) for one in chain.gets]
    if not poll(lambda: all(part[-1] in chain.at_a.hashes() for part in parts), 10):
        return "A's own client lacks what D's have, or D's is not A's"
    whole = chain.at_a.hashes()
    wrongs = [f"{one.name}: {wrong}" for one, part in zip(chain.gets, parts) if (wrong := same(part, whole))]
    return "; ".join(wrongs)


def pictures(chain, most_runs):
    """The decoded pictures at D are the encoder's, in so many runs at most."""
    copy = frames.Copy(chain.encoder.copy)
    hashes = chain.ffmpeg.hashes()
    runs = copy.runs(hashes)
    odd = len(hashes) - sum(length for _, length in runs)
    if odd > frames.MOST_LEAD * most_runs:
        return f"{odd} of {len(hashes)} pictures are not the encoder's"
    if len(runs) > most_runs:
        return f"pictures come in {len(runs)} runs: {runs}"
    return ""


def resumed(chain, before):
    now = chain.b.channel()
    return "" if now["resumes"] > before["resumes"] and now["runs"] == before["runs"] else \
        f"B resumed {now['resumes'] - before['resumes']} times and began {now['runs'] - before['runs']} runs"


def flap(chain, reset):
    """Between A and B nothing passes for FLAP seconds; reset: and the connections break."""
    before = chain.b.channel()
    chain.line.is_cut = True
    if reset:
        chain.line.reset()
    time.sleep(FLAP)
    chain.line.is_cut = False
    # What was served meanwhile, and more.
    if not chain.more(FLAP * frames.RATE) and not chain.more(1):
        return "nothing came after it"
    return byte_for_byte(chain) or (resumed(chain, before) if reset else "") or chain.dropped() or pictures(chain, 1)


def death(chain, node):
    node.die()
    node.come_back()
    if not chain.more(seconds=40):
        return "nothing came after it: " + ", ".join(one.process.last_words() for one in chain.clients)
    return chain.dropped()


def run(binary, folder, kinds):
    """Yields (name, what is wrong or "", seconds)."""
    chain = Chain(binary, folder, kinds)
    try:
        began = time.monotonic()

        def took():
            nonlocal began
            was, began = began, time.monotonic()
            return began - was
        chain.play()
        chain.more()
        yield "what D serves is what A serves", byte_for_byte(chain) or chain.dropped() or pictures(chain, 1), took()
        yield "the line between A and B breaks for 3 s", flap(chain, True), took()
        yield "the line is silent for 3 s", flap(chain, False), took()
        for name, node in zip("CBA", (chain.c, chain.b, chain.a)):
            yield f"kill -9 of {name}", death(chain, node), took()
        yield "after it all the pictures are the encoder's", pictures(chain, 4), took()
    finally:
        ended = chain.end()
    yield "all end as they should", ended, took()


def loops(binary, folder):
    """Yields (name, what is wrong or "", seconds): relays that list themselves, or each other."""
    began = time.monotonic()
    for kind in ("msbd", "wmsp"):
        scheme = "msbd" if kind == "msbd" else "mmsh"
        itself = Node(binary, folder, f"itself-{kind}", start=False)
        itself.start([f"{scheme}://%s:%d/live" % itself.link(kind)])
        told = poll(lambda node=itself: "loop" in node.process.log().lower(), 20)
        wrong = "" if told and not itself.channel()["packets_in"] else "nobody says that it is one"
        yield f"{kind}: a relay that lists itself", itself.end() or wrong, time.monotonic() - began

        first, second = (Node(binary, folder, f"{name}-{kind}", start=False) for name in ("first", "second"))
        first.start([f"{scheme}://%s:%d/live" % second.link(kind), "push:"])
        second.start([f"{scheme}://%s:%d/live" % first.link(kind)])
        told = poll(lambda: "loop" in (first.process.log() + second.process.log()).lower(), 40)
        yield f"{kind}: two that list each other", "" if told else "nobody says that it is one", time.monotonic() - began

        # With an encoder at the first the second has its stream, and the first does not take it back.
        (folder / kind).mkdir()
        encoder = Encoder(FEED, first.url("http"), folder / kind, 120)
        had = poll(lambda: second.channel().get("packets_in", 0) > PACKETS, 40)
        on_air = [one["source"] for one in first.channel()["sources"] if one["state"] == "on_air"]
        encoder.end()
        ended = second.end() or first.end()
        wrong = "" if had and on_air == ["push:"] else f"the second has it: {had}, on air at the first: {on_air}"
        yield f"{kind}: an encoder at one of them", ended or wrong, time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--weir", default=ROOT / "build" / "weir", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--keep", action="store_true", help="keep logs and captures, and say where")
    options = parser.parse_args()
    folder = begin(options.weir, "weir-chain-", options.keep)
    results = []

    def report(what, rounds):
        for name, wrong, took in rounds:
            print(f"{'FAIL' if wrong else 'ok  '} {what}: {name} took={took:.1f}s{': ' if wrong else ''}{wrong}", flush=True)
            results.append(not wrong)

    (folder / "loops").mkdir()
    report("loop", loops(options.weir, folder / "loops"))
    for kinds in (("msbd", "wmsp", "msbd"), ("wmsp", "msbd", "wmsp")):
        here = folder / "-".join(kinds)
        here.mkdir()
        report("-".join(kinds), run(options.weir, here, kinds))
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
