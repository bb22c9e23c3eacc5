"""Frames as hashes: a player's are right when they are a contiguous run of the encoder's own decoded copy."""

import hashlib
import subprocess

WIDTH, HEIGHT, RATE = 320, 240, 25
KEY_DISTANCE = 25
# testsrc2 draws a running number, so every frame differs from every other.
SOURCE = ["-re", "-f", "lavfi", "-i", f"testsrc2=s={WIDTH}x{HEIGHT}:r={RATE}",
          "-re", "-f", "lavfi", "-i", "sine=f=440:r=44100", "-map", "0:v", "-map", "1:a"]
WMV2 = ["-c:v", "wmv2", "-b:v", "250k", "-g", str(KEY_DISTANCE), "-c:a", "wmav2", "-b:a", "64k"]
MSMPEG4 = ["-c:v", "msmpeg4v3", "-b:v", "250k", "-g", str(KEY_DISTANCE), "-c:a", "wmav2", "-b:a", "64k"]
H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-b:v", "250k", "-g", str(KEY_DISTANCE),
        "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "64k"]
FRAME_SIZE = WIDTH * HEIGHT * 3 // 2
MOST_LEAD = 8  # see Copy.lead()


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


class Copy:
    """What the encoder says it sent: the hash of each frame, and the ASF packet in which each begins."""

    def __init__(self, path, lead=None):
        """lead: as lead() has it, where somebody put the frames into other ASF packets than the copy's."""
        self._lead = lead
        self.hashes = of_asf(path) if path.exists() else []
        result = subprocess.run(
            ["timeout", "-k", "3", "120", "ffprobe", "-v", "quiet", "-select_streams", "v", "-show_entries",
             "packet=pos", "-of", "csv=p=0", path], capture_output=True, text=True, check=False)
        self._packets = [line.strip(",") for line in result.stdout.splitlines()]
        self._index = {one: i for i, one in enumerate(self.hashes)}

    def all_different(self):
        return len(self._index) == len(self.hashes)

    def place(self, one):
        return self._index.get(one)

    def lead(self, first):
        """How many pictures a player may show before this frame, the first that is right.

        A client starts with a packet in which a key frame begins. Before it, the same packet may hold the tail of one
        frame and some whole ones, which refer to a frame the client never got; some players show what they make of
        those, others drop them.
        """
        if self._lead is not None:
            return self._lead
        if first >= len(self._packets):
            return 0
        whole = sum(one == self._packets[first] for one in self._packets[max(0, first - MOST_LEAD):first])
        return min(1 + whole, MOST_LEAD)

    def judge(self, got, want, drops=0):
        """(first index, what is wrong or ""): after the lead no frame is altered, repeated or out of order, and none
        is missing but for `drops` in all."""
        places = [self.place(one) for one in got]
        first = expected = next((place for place in places if place is not None), None)
        if first is None:
            return None, f"none of {len(got)} frames is the encoder's"
        skipped = places.index(first)
        if skipped > self.lead(first):
            return first, f"{skipped} bad frames at the start, {self.lead(first)} can be explained"
        missing = 0
        for i, place in enumerate(places[skipped:], skipped):
            if place is None:
                known = sum(one is not None for one in places)
                return first, f"frame {i} of {len(got)} is not the encoder's ({known} are)"
            missing += place - expected
            if place < expected or missing > drops:
                return first, f"frame {i} is the encoder's {place}, not {expected}"
            expected = place + 1
        if len(places) - skipped < want:
            return first, f"{len(places) - skipped} frames are right, {want} wanted"
        return first, ""

    def runs(self, got):
        """(first index, length) of each contiguous run of the encoder's frames; what is not the encoder's ends none."""
        found = []
        for place in map(self.place, got):
            if place is None:
                continue
            if found and place == sum(found[-1]):
                found[-1] = (found[-1][0], found[-1][1] + 1)
            else:
                found.append((place, 1))
        return found
