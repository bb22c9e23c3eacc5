#!/usr/bin/env python3
"""The push's connection is cut and ffmpeg's fifo muxer reconnects by itself: no client notices more than a pause.

Neither weir nor the encoder ends. Each client is the same process on the same TCP connection before and after.
"""

import sys
import time

import frames
from feeds import FEEDS, HERE
from procs import Weir, poll
from restart import WANT, Encoder, broken, clients_of, main

sys.path.insert(0, str(HERE.parent))
from split_proxy import SplitProxy  # noqa: E402: it lives in the folder just named

FEED = next(feed for feed in FEEDS if feed.name == "fifo")
MOST_LOST = 4 * frames.RATE  # ffmpeg waits a second, connects, and goes on with a key frame


def verdict(client, port, hashes, copy):
    """What is wrong, or "": two runs of the encoder's frames, and next to nothing that is not the encoder's."""
    if wrong := broken(client, port):
        return wrong
    runs = copy.runs(hashes)
    odd = len(hashes) - sum(length for _, length in runs)
    if odd > 2 * frames.MOST_LEAD:  # at the join and where the push was cut
        return f"{odd} of {len(hashes)} pictures are not the encoder's"
    if len(runs) != 2 or min(length for _, length in runs) < WANT:
        return f"the encoder's pictures in runs of (first, length) {runs}, expected two of {WANT} at least"
    if not 0 < (lost := runs[1][0] - sum(runs[0])) < MOST_LOST:
        return f"{lost} pictures are missing, less than {MOST_LOST} expected"
    return ""


def run(binary, folder):
    """Yields (client name, what is wrong or "", seconds from the cut to the pictures after it)."""
    weir = Weir(binary, folder, 180)
    host, port = weir.address.rsplit(":", 1)
    proxy = SplitProxy((host, int(port)), limit=0)
    encoder = Encoder(FEED, f"http://127.0.0.1:{proxy.port}/live", folder)
    clients = []
    try:
        if not encoder.ready():
            raise RuntimeError("the encoder ended: " + encoder.process.last_words())
        clients = clients_of(weir, binary, folder)
        poll(lambda: all(c.ended() or len(c.hashes()) > WANT + frames.MOST_LEAD for c in clients), 20, 0.5)
        for client in clients:
            client.before = client.identity(int(port))
        began = time.monotonic()
        pushes = weir.channel()["runs"]
        proxy.drop()

        def arrived(client):
            runs = frames.Copy(encoder.copy).runs(client.hashes())
            return len(runs) > 1 and runs[-1][1] > WANT
        poll(lambda: all(c.ended() or arrived(c) for c in clients), 30, 0.5)
        took = time.monotonic() - began
        # The stream goes on meanwhile, and the encoder's copy comes in pieces: it is read last, and has all of it.
        hashes = {client.name: client.hashes() for client in clients}

        def is_whole():
            copy = frames.Copy(encoder.copy)
            return all(mine and copy.place(mine[-1]) is not None for mine in hashes.values())
        poll(is_whole, 10, 0.5)
        copy = frames.Copy(encoder.copy)
        for client in clients:
            yield client.name, verdict(client, int(port), hashes[client.name], copy), took
        again = weir.channel()["runs"] - pushes
        yield "pushes", "" if again == 1 else f"{again} new pushes after the cut, expected one", took
        yield "encoder", "" if encoder.process.returncode() is None else encoder.process.last_words(), took
    finally:
        for client in clients:
            client.process.end()
        encoder.end()
        proxy.stop()
        ended = weir.end()
    if ended:
        yield "weir", ended, 0


if __name__ == "__main__":
    sys.exit(main(__doc__, run, "recover"))
