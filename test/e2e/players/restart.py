#!/usr/bin/env python3
"""The encoder dies by kill -9 and a new one starts 3 s later: no client notices more than a pause.

Once with an encoder that pushes, once with one that weir pulls from.
Each client is the same process on the same TCP connection before and after, and gets the pictures of both runs. The
second encoder's picture is inverted, so that no frame of it can be mistaken for one of the first.
"""

import argparse
import dataclasses
import pathlib
import signal
import sys
import time

import frames
from feeds import FEEDS
from procs import ROOT, Process, Weir, begin, poll

PAUSE = 3
WANT = 2 * frames.RATE


def ports(pid, to_port):
    """The local ports of this process's established connections to that port of this machine."""
    inodes = set()
    for link in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(link.readlink())
        except FileNotFoundError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    found = set()
    for line in pathlib.Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        local, remote, state, inode = fields[1], fields[2], fields[3], fields[9]
        if state == "01" and inode in inodes and int(remote.split(":")[1], 16) == to_port:
            found.add(int(local.split(":")[1], 16))
    return found


class Encoder:
    """A running push."""

    COPY_BYTES = 160 * 1024  # some 4 s: more than the burst, so that clients join in the middle

    def __init__(self, feed, url, folder, limit=120):
        self.copy = folder / "copy.asf"
        self.process = Process(feed.command(url, self.copy), folder / "encoder.log", limit)

    def ready(self):
        """Waits until the push has run for longer than a burst; False when it ended or does not get there."""
        def enough():
            return self.copy.exists() and self.copy.stat().st_size > self.COPY_BYTES
        poll(lambda: enough() or self.process.returncode() is not None, 30)
        return self.process.returncode() is None and enough()

    def end(self):
        self.process.end(signal.SIGINT)


class Client:
    """Something that receives until it is stopped."""

    def __init__(self, name, argv, out, read, limit=120, user=None):
        self.name, self.out, self.read = name, out, read
        self.process = Process(argv, out.with_suffix(".log"), limit, user)
        self.before = None

    def identity(self, port):
        pid = self.process.pid
        try:
            return (pid, ports(pid, port)) if pid else (None, set())
        except OSError:
            return None, set()

    def ended(self):
        return self.process.returncode() is not None

    def hashes(self):
        return self.read(self.out) if self.out.exists() else []


def clients_of(weir, binary, folder):
    """ffmpeg on both transports, curl, and weir's own client on both."""
    def ffmpeg(name, url):
        out = folder / name
        return Client(name, ["ffmpeg", "-nostdin", "-v", "error", "-i", url, "-map", "0:v", "-fps_mode", "passthrough",
                             "-pix_fmt", "yuv420p", "-f", "framemd5", "-flush_packets", "1", out], out,
                      frames.of_framemd5)

    def get(name, url):
        out = folder / name
        return Client(name, [binary, "get", url, "-o", out], out, frames.of_asf)
    http, mmsh = weir.url("http"), weir.url("mmsh")
    curl = folder / "curl-http"
    return [ffmpeg("ffmpeg-mmsh", mmsh), ffmpeg("ffmpeg-http", http),
            Client("curl-http", ["curl", "-sSN", "-o", curl, http], curl, frames.of_asf),
            get("weir-get-mmsh", mmsh), get("weir-get-http", http)]


def broken(client, port):
    """Why it is not the same process on the same connection as it was `before`, or ""."""
    if client.ended():
        return "it ended: " + client.process.last_words()
    if not client.before[1]:
        return "it had no connection before"
    if (now := client.identity(port)) != client.before:
        return f"another connection: {client.before} before, {now} after"
    return ""


def verdict(client, port, first_copy, second_copy):
    """What is wrong, or ""."""
    if wrong := broken(client, port):
        return wrong
    hashes = client.hashes()
    _, wrong = first_copy.judge(hashes[:WANT + frames.MOST_LEAD], WANT)
    if wrong:
        return "first run: " + wrong
    start = next((i for i, one in enumerate(hashes) if second_copy.place(one) is not None), None)
    if start is None:
        return f"no picture of the second run among {len(hashes)}"
    odd = sum(first_copy.place(one) is None and second_copy.place(one) is None for one in hashes[:start])
    if odd > 2 * frames.MOST_LEAD:  # at the join and where the runs meet
        return f"{odd} pictures are of neither run"
    _, wrong = second_copy.judge(hashes[start:start + WANT], WANT)
    return f"pid {client.process.pid}, second run: {wrong}" if wrong else ""


def run(binary, folder):
    for name in "wmv2", "listen":
        (folder / name).mkdir()
        feed = next(feed for feed in FEEDS if feed.name == name)
        for client, wrong, took in restart(binary, folder / name, feed):
            yield f"{name} {client}", wrong, took


def restart(binary, folder, feed):
    """Yields (client name, what is wrong or "", seconds from the second encoder's start to its pictures)."""
    url = feed.own_url()
    weir = Weir(binary, folder, 180, [url or "push:"])
    port = int(weir.address.rsplit(":", 1)[1])
    encoders, clients = [], []
    try:
        for name, codecs in ("first", feed.codecs), ("second", (*feed.codecs, "-vf", "negate")):
            (folder / name).mkdir()
            if encoders:
                for client in clients:
                    client.before = client.identity(port)
                encoders[0].process.send(signal.SIGKILL)
                time.sleep(PAUSE)  # what is tested, not a guess
            began = time.monotonic()
            encoders.append(Encoder(dataclasses.replace(feed, codecs=codecs), url or weir.url(), folder / name))
            if not encoders[-1].ready():
                raise RuntimeError(f"the {name} encoder ended: " + encoders[-1].process.last_words())
            if not clients:
                clients = clients_of(weir, binary, folder)
                poll(lambda: all(c.ended() or len(c.hashes()) > WANT + frames.MOST_LEAD for c in clients), 20, 0.5)
        first_copy = frames.Copy(encoders[0].copy)

        def arrived(client):
            second = frames.Copy(encoders[1].copy)
            return sum(second.place(one) is not None for one in client.hashes()) > WANT
        poll(lambda: all(c.ended() or arrived(c) for c in clients), 20, 0.5)
        took = time.monotonic() - began
        second_copy = frames.Copy(encoders[1].copy)
        for client in clients:
            yield client.name, verdict(client, port, first_copy, second_copy), took
    finally:
        for client in clients:
            client.process.end()
        for encoder in encoders:
            encoder.end()
        ended = weir.end()
    if ended:
        yield "weir", ended, 0


def main(description=__doc__, run=run, name="restart"):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--weir", default=ROOT / "build" / "weir", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--keep", action="store_true", help="keep logs and streams, and say where")
    options = parser.parse_args()
    folder = begin(options.weir, f"weir-{name}-", options.keep)
    good = bad = 0
    for client, wrong, took in run(options.weir, folder):
        print("FAIL" if wrong else "ok  ", name, client, f"took={took:.1f}s {wrong}".rstrip(), flush=True)
        good, bad = good + (not wrong), bad + bool(wrong)
    print(f"{good} passed, {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
