#!/usr/bin/env python3
"""Edges that are connected on demand, and edges that are pushed to, with ffmpeg as encoder and as player.

On demand: A <- B <- C, where B makes a channel of each name that A has, and C connects when it is asked. The first
client's chain is there as long as somebody plays, and not before. Pushed to: A -> E, over a line that breaks for three
seconds; what E serves is what A serves, and its clients are the same processes on the same connections.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
for other in ("players", "support"):
    sys.path.append(str(HERE.parent / other))
sys.path.append(str(HERE.parents[1] / "lab"))
import frames  # noqa: E402: they live in the folders just named
from procs import ROOT, begin, poll  # noqa: E402
from proxy import Proxy  # noqa: E402
from restart import Client, Encoder, broken  # noqa: E402
from run import FEED, FLAP, PACKETS, Node, Recorder, same  # noqa: E402


def channels(node):
    """Of its status, by name."""
    with urllib.request.urlopen(f"http://{node.listening('admin')}/api/v1/status", timeout=10) as reply:
        return {one["name"]: one for one in json.load(reply)["channels"]}


def status_of(url):
    """HTTP's, for a client that comes and goes."""
    done = subprocess.run(["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-m", "15", url],
                          capture_output=True, text=True, check=False)
    return done.stdout


def player(node, folder):
    out = folder / "ffmpeg"
    out.unlink(missing_ok=True)
    return Client("ffmpeg-mmsh", [
        "ffmpeg", "-nostdin", "-v", "error", "-i", node.url("mmsh"), "-map", "0:v", "-fps_mode", "passthrough",
        "-pix_fmt", "yuv420p", "-f", "framemd5", "-flush_packets", "1", out], out, frames.of_framemd5, 300)


def pictures(encoder, client):
    copy = frames.Copy(encoder.copy)
    hashes = client.hashes()
    runs = copy.runs(hashes)
    odd = len(hashes) - sum(length for _, length in runs)
    return "" if len(runs) == 1 and odd <= frames.MOST_LEAD else f"{len(hashes)} pictures in {runs}, {odd} are none"


def served_as_at(a, one):
    """What is wrong with a recording beside A's own, when that has all of it."""
    part = list(one.hashes())
    if not part or not poll(lambda: part[-1] in a.hashes(), 10):
        return f"{one.name}: {len(part)} packets, the last is none of A's"
    return same(part, a.hashes())


class Round:
    """Yields what a check found, and how long it took; ends what it began."""

    def __init__(self, folder):
        folder.mkdir()
        self.folder, self.ends, self._began = folder, [], time.monotonic()

    def took(self):
        was, self._began = self._began, time.monotonic()
        return self._began - was

    def end(self):
        return "; ".join(said for end in reversed(self.ends) if isinstance(said := end(), str) and said)


def on_demand(binary, folder, kinds):
    """Yields (name, what is wrong or "", seconds)."""
    this = Round(folder)
    scheme = ["msbd" if kind == "msbd" else "mmsh" for kind in kinds]
    a = Node(binary, folder, "A")
    b = Node(binary, folder, "B", [f"{scheme[0]}://%s:%d/{{name}}" % a.link(kinds[0])], channel="*",
             more='idle_timeout = "1s"\n')
    c = Node(binary, folder, "C", [f"{scheme[1]}://%s:%d/live" % b.link(kinds[1])],
             more='on_demand = true\nidle_timeout = "1s"\n')
    encoder = Encoder(FEED, a.url("http"), folder, 300)
    this.ends += [a.end, b.end, c.end, encoder.end]

    def idle():
        return (channels(c)["live"]["state"] == "idle" and not channels(b)
                and channels(a)["live"]["links"]["now"] == 0)
    try:
        if not encoder.ready():
            raise RuntimeError("the encoder ended: " + encoder.process.last_words())
        yield "nobody is connected before somebody asks", \
            "" if idle() and channels(a)["live"]["links"]["total"] == 0 else "somebody is", this.took()
        said, where = b.process.log() + c.process.log(), f"127.0.0.1:{b.ports['msbd']}"
        lacks = [one for one in (f"  http://{b.address}/NAME\n", f"  mmsh://{c.address}/live\n", f"  msbd://{where}/NAME\n")
                 if one not in said]
        yield "weir run says what to open", f"nothing of {lacks}" if lacks else "", this.took()
        at_a = Recorder(binary, a, "http", folder / "at-a")
        this.ends.append(at_a.process.end)
        for turn in "the first client", "a client that comes later":
            asked = time.monotonic()
            ffmpeg = player(c, folder)
            # From the request of a client that does nothing else to the first byte of the stream, A's whole burst with it.
            with urllib.request.urlopen(c.url(), timeout=15) as stream:
                stream.read(1)
                first = time.monotonic() - asked
            get = Recorder(binary, c, "mmsh", folder / f"at-c {turn}")
            this.ends += [ffmpeg.process.end, get.process.end]
            played = poll(lambda: len(ffmpeg.hashes()) > 50 and len(get.hashes()) > PACKETS, 20)
            wrong = "" if played else "no stream: " + ffmpeg.process.last_words() + ", " + get.process.last_words()
            yield f"{turn} plays (first byte after {first * 1000:.0f} ms)", \
                wrong or pictures(encoder, ffmpeg) or served_as_at(at_a, get), this.took()
            for one in ffmpeg, get:
                one.process.end()
            yield "the last one left", "" if poll(idle, 20) else f"{channels(b)} {channels(c)}", this.took()
        found = [status_of(f"http://{b.address}/{name}") for name in ("unknown", "unknown", "a.b", ".hidden")]
        yield "unknown at the origin", "" if set(found) == {"404"} and idle() else f"{found}", this.took()
        # The origin dies while somebody plays: he waits, and plays on by himself.
        get = Recorder(binary, c, "http", folder / "survivor")
        this.ends.append(get.process.end)
        poll(lambda: len(get.hashes()) > PACKETS, 20)
        get.before = get.identity(c.ports["http"])
        a.die()
        a.come_back()
        before = len(get.hashes())
        on = poll(lambda: len(get.hashes()) > before + PACKETS, 40)
        yield "kill -9 of the origin", broken(get, c.ports["http"]) or ("" if on else "nothing came after it"), this.took()
    finally:
        ended = this.end()
    yield "all end as they should", ended, this.took()


def pushed(binary, folder, form):
    """Yields (name, what is wrong or "", seconds)."""
    this = Round(folder)
    e = Node(binary, folder, "E")
    line = Proxy(e.link("http"))
    a = Node(binary, folder, "A",
             more=f'push_to = [{{{{ url = "http://{line.address}/live", form = "{form}" }}}}]\nbackoff_max = "1s"\n')
    encoder = Encoder(FEED, a.url("http"), folder, 300)
    this.ends += [line.close, e.end, a.end, encoder.end]
    try:
        if not encoder.ready():
            raise RuntimeError("the encoder ended: " + encoder.process.last_words())
        at_a = Recorder(binary, a, "http", folder / "at-a")
        ffmpeg = player(e, folder)
        get = Recorder(binary, e, "mmsh", folder / "at-e")
        this.ends += [at_a.process.end, ffmpeg.process.end, get.process.end]
        played = poll(lambda: len(ffmpeg.hashes()) > 50 and len(get.hashes()) > PACKETS, 20)
        wrong = "" if played else "no stream: " + ffmpeg.process.last_words() + ", " + get.process.last_words()
        yield "the stream comes", wrong or served_as_at(at_a, get), this.took()
        for one in ffmpeg, get:
            one.before = one.identity(e.ports["http"])
        for reset in True, False:
            before, had = e.channel(), len(get.hashes())
            line.is_cut = True
            if reset:
                line.reset()
            time.sleep(FLAP)
            line.is_cut = False
            on = poll(lambda had=had: len(get.hashes()) > had + FLAP * frames.RATE, 30)
            now = e.channel()
            wrong = "" if on else "nothing came after it"
            if reset and (now["resumes"] <= before["resumes"] or now["runs"] != before["runs"]):
                wrong = f"{now['resumes'] - before['resumes']} resumes, {now['runs'] - before['runs']} new runs"
            yield f"the line {'breaks' if reset else 'is silent'} for {FLAP} s", \
                wrong or served_as_at(at_a, get) or pictures(encoder, ffmpeg) or \
                "; ".join(filter(None, (broken(one, e.ports["http"]) for one in (ffmpeg, get)))), this.took()
        e.die()
        e.come_back()
        back = poll(lambda: e.channel().get("packets_in", 0) > PACKETS, 30)
        yield "kill -9 of the edge", "" if back else "nothing comes to it", this.took()
    finally:
        ended = this.end()
    yield "all end as they should", ended, this.took()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--weir", default=ROOT / "build" / "weir", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--keep", action="store_true", help="keep logs and captures, and say where")
    options = parser.parse_args()
    folder = begin(options.weir, "weir-edges-", options.keep)
    results = []

    def report(what, rounds):
        for name, wrong, took in rounds:
            print(f"{'FAIL' if wrong else 'ok  '} {what}: {name} took={took:.1f}s{': ' if wrong else ''}{wrong}", flush=True)
            results.append(not wrong)

    for kinds in (("msbd", "wmsp"), ("wmsp", "msbd")):
        report("on demand, " + "-".join(kinds), on_demand(options.weir, folder / "-".join(kinds), kinds))
    for form in ("raw", "wm"):
        report(f"pushed, {form}", pushed(options.weir, folder / form, form))
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
