#!/usr/bin/env python3
"""A short recording over and over: a player decodes every frame of every pass, and time never stands or turns back.

The recording is a source of weir's, or weir's own push command sends it. ffmpeg plays; its decoded frames are judged,
and the times that the packets of both streams bring with them.
"""

import sys
import time

import frames
from procs import Process, Weir, poll
from restart import main
from stage import make_clip

CLIP_SECONDS = 4
PASSES = 3
WANT = (PASSES + 1) * CLIP_SECONDS * frames.RATE  # wherever the first one is: three whole passes are in it
LIMIT = 40
MOST_STEP = 0.25  # seconds from one packet of a stream to the next


def wrong_frames(clip, got):
    """After the lead each frame is the one behind the one before; the first of the clip is behind its last."""
    places = [clip.place(one) for one in got]
    first = next((i for i, place in enumerate(places) if place is not None), None)
    if first is None or first > frames.MOST_LEAD:
        return f"{len(got) if first is None else first} frames at the start are not the clip's"
    for i, (before, place) in enumerate(zip(places[first:], places[first + 1:]), first + 1):
        if place != (before + 1) % len(clip.hashes):
            return f"frame {i} is the clip's {place}, behind {before} of {len(clip.hashes)}"
    if len(got) - first < PASSES * len(clip.hashes):
        return f"{len(got) - first} frames, expected {PASSES} passes of {len(clip.hashes)} at least"
    return ""


def wrong_times(path):
    """Each stream's packets in framecrc form: stream, dts, pts, ... The time base is in the comments."""
    bases, last, counts = {}, {}, {}
    for line in path.read_text().splitlines():
        if line.startswith("#tb"):
            stream, _, base = line[3:].partition(":")
            numerator, _, denominator = base.strip().partition("/")
            bases[stream.strip()] = int(numerator) / int(denominator)
        if not line or line[0] == "#":
            continue
        stream, _, pts = (field.strip() for field in line.split(",")[:3])
        now = int(pts) * bases[stream]
        if stream in last and not 0 < now - last[stream] < MOST_STEP:
            return f"packet {counts[stream]} of stream {stream} is at {now:.3f} s, behind {last[stream]:.3f} s"
        last[stream], counts[stream] = now, counts.get(stream, 0) + 1
    return "" if len(last) == 2 else f"{len(last)} streams, expected 2"


class Way:
    """One way in for the recording, and ffmpeg as its player."""

    def __init__(self, name, binary, folder, clip, push=None):
        """push: options of weir's push command; None: weir has the recording as its source."""
        self.name = name
        folder.mkdir()
        self._decoded, self._packets = folder / "decoded", folder / "packets"
        self._weir = Weir(binary, folder, LIMIT + 30, [f"file:{clip}" if push is None else "push:"])
        self._programs = []
        if push is not None:
            self._programs.append(Process([binary, "push", "--loop", *push, clip, self._weir.url()],
                                          folder / "push.log", LIMIT + 30))
        self.player = Process(
            ["ffmpeg", "-nostdin", "-v", "error", "-i", self._weir.url(),
             "-map", "0:v", "-frames:v", WANT, "-fps_mode", "passthrough", "-pix_fmt", "yuv420p", "-f", "framemd5",
             self._decoded,
             "-map", "0:v", "-map", "0:a", "-t", WANT / frames.RATE, "-c", "copy", "-f", "framecrc", self._packets],
            folder / "player.log", LIMIT)
        self._programs.append(self.player)

    def end(self):
        self._runs = self._weir.channel().get("runs")
        for one in self._programs:
            one.end()
        self._ended = self._weir.end()

    def verdicts(self, copy):
        """Yields (what is looked at, what is wrong or "")."""
        yield "frames", wrong_frames(copy, frames.of_framemd5(self._decoded))
        yield "times", wrong_times(self._packets)
        yield "weir", self._ended or ("" if self._runs == 1 else f"{self._runs} runs, expected one")


def run(binary, folder):
    """Yields (what is looked at, what is wrong or "", seconds)."""
    clip = folder / "clip.asf"
    make_clip(clip, CLIP_SECONDS)
    ways = []
    began = time.monotonic()
    try:
        for name, push in ("file", None), ("push", []), ("push-wm", ["--wm"]):
            ways.append(Way(name, binary, folder / name, clip, push))
        poll(lambda: all(way.player.returncode() is not None for way in ways), LIMIT + 5)
        took = time.monotonic() - began
    finally:
        for way in ways:
            way.end()
    copy = frames.Copy(clip)
    for way in ways:
        for what, wrong in way.verdicts(copy):
            yield f"{way.name} {what}", wrong, took


if __name__ == "__main__":
    sys.exit(main(__doc__, run, "loop"))
