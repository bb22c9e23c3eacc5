#!/usr/bin/env python3
"""A short recording, played by weir over and over: a player decodes every frame of every pass, and time never stands.

ffmpeg plays; its decoded frames are judged, and the times that the packets of both streams bring with them.
"""

import sys

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


def run(binary, folder):
    """Yields (what is looked at, what is wrong or "", seconds)."""
    make_clip(folder / "clip.asf", CLIP_SECONDS)
    weir = Weir(binary, folder, LIMIT + 30, [f"file:{folder / 'clip.asf'}"])
    decoded, packets = folder / "decoded", folder / "packets"
    try:
        player = Process(
            ["ffmpeg", "-nostdin", "-v", "error", "-i", weir.url(),
             "-map", "0:v", "-frames:v", WANT, "-fps_mode", "passthrough", "-pix_fmt", "yuv420p", "-f", "framemd5",
             decoded,
             "-map", "0:v", "-map", "0:a", "-t", WANT / frames.RATE, "-c", "copy", "-f", "framecrc", packets],
            folder / "player.log", LIMIT)
        poll(lambda: player.returncode() is not None, LIMIT + 5)
        player.end()
        channel = weir.channel()
    finally:
        ended = weir.end()
    yield "frames", wrong_frames(frames.Copy(folder / "clip.asf"), frames.of_framemd5(decoded)), 0
    yield "times", wrong_times(packets), 0
    yield "weir", ended or ("" if channel["runs"] == 1 else f"{channel['runs']} runs, expected one"), 0


if __name__ == "__main__":
    sys.exit(main(__doc__, run, "loop"))
