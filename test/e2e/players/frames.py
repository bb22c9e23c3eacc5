"""Frames as hashes: a player's are right when they are a contiguous run of the encoder's own decoded copy."""

import hashlib
import subprocess

WIDTH, HEIGHT, RATE = 320, 240, 25
# The packet that a client starts with holds the beginning of a key frame, but before it what is left of earlier frames:
# in 3200 bytes the tail of one and a few small whole ones. Some players show what they can make of those.
LEAD = 4
FRAME_SIZE = WIDTH * HEIGHT * 3 // 2


def of_raw(path):
    """MD5 of each whole I420 frame of a file."""
    hashes = []
    with open(path, "rb") as file:
        while len(frame := file.read(FRAME_SIZE)) == FRAME_SIZE:
            hashes.append(hashlib.md5(frame).hexdigest())
    return hashes


def of_framemd5(path):
    """The hashes in a file of ffmpeg's framemd5 muxer: the last field of each line but comments."""
    with open(path, encoding="ascii") as file:
        return [line.rsplit(",", 1)[1].strip() for line in file if line.endswith("\n") and line[0] != "#"]


def of_asf(path):
    """The hashes of an ASF file as ffmpeg decodes it."""
    result = subprocess.run(
        ["timeout", "-k", "3", "120", "ffmpeg", "-nostdin", "-v", "quiet", "-i", path, "-map", "0:v", "-fps_mode",
         "passthrough", "-pix_fmt", "yuv420p", "-f", "framemd5", "-"], capture_output=True, text=True, check=False)
    return [line.rsplit(",", 1)[1].strip() for line in result.stdout.splitlines() if line[:1] not in ("#", "")]


def judge(got, copy, want, drops=0):
    """(first index in the copy, what is wrong or ""): after at most LEAD unknown frames none is altered, repeated or
    out of order, and none is missing but for `drops` in all."""
    index = {one: i for i, one in enumerate(copy)}
    places = [index.get(one) for one in got]
    skipped = 0
    while skipped < min(LEAD, len(places)) and places[skipped] is None:
        skipped += 1
    places = places[skipped:]
    if not places:
        return None, "no frames"
    first = expected = places[0]
    missing = 0
    for i, place in enumerate(places):
        if place is None:
            known = sum(one is not None for one in places)
            return first, f"frame {i + skipped} of {len(got)} is not the encoder's ({known} are)"
        missing += place - expected
        if place < expected or missing > drops:
            return first, f"frame {i + skipped} is the encoder's {place}, not {expected}"
        expected = place + 1
    if len(places) < want:
        return first, f"{len(places)} frames are right, {want} wanted"
    return first, ""
