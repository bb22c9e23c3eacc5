"""What outages are judged by: a small moving picture, who sent which of it, and what players showed of it.

Each encoder's picture looks different (inverted, upside down, both), so that none is mistaken for another's.
"""

import dataclasses
import functools
import pathlib
import re
import subprocess

from frames import MOST_LEAD

WIDTH, HEIGHT, RATE = 160, 128, 15  # whole macroblocks: xine shows no others
FRAME_SIZE = WIDTH * HEIGHT * 3 // 2
SOURCE = ["-re", "-f", "lavfi", "-i", f"testsrc2=s={WIDTH}x{HEIGHT}:r={RATE}",
          "-re", "-f", "lavfi", "-i", "sine=f=440:r=44100", "-map", "0:v", "-map", "1:a"]
# One set of settings for all encoders: some 10 packets a second, a key frame a second.
CODECS = ["-c:v", "wmv2", "-b:v", "200k", "-g", str(RATE), "-c:a", "wmav2", "-b:a", "48k"]
LOOKS = {"first": [], "second": ["-vf", "negate"], "backup": ["-vf", "vflip"], "short": ["-vf", "negate,vflip"]}
WANT = 2 * RATE  # pictures that show that somebody plays
CHECKSUM = re.compile(r" checksum:([0-9A-F]{8}) ")  # of ffmpeg's showinfo filter, which mpv has, too


def encoder(look, push, url, copy):
    """ffmpeg sends to url, with these options of the tee muxer, and writes the copy."""
    return ["ffmpeg", "-nostdin", "-v", "warning", *SOURCE, *CODECS, *LOOKS[look], "-f", "tee",
            f"[onfail=abort:{push}]{url}|[f=asf:flush_packets=1]{copy}"]


def record(look, seconds, path):
    """The same as a file that any user may read."""
    source = [one for one in SOURCE if one != "-re"]
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *source, *CODECS, *LOOKS[look], "-t", str(seconds),
                    "-f", "asf", path], check=True)
    path.chmod(0o644)


def decode(path):
    """(MD5, showinfo's checksum) of each frame of an ASF file, which may still grow."""
    return _decode(path, path.stat().st_size) if path.exists() else []


@functools.lru_cache(64)
def _decode(path, _size):
    result = subprocess.run(
        ["timeout", "-k", "3", "120", "ffmpeg", "-nostdin", "-v", "info", "-nostats", "-i", path, "-map", "0:v",
         "-fps_mode", "passthrough", "-vf", "format=yuv420p,showinfo", "-f", "framemd5", "-"],
        capture_output=True, text=True, check=False)
    hashes = [line.rsplit(",", 1)[1].strip() for line in result.stdout.splitlines() if line[:1] not in ("#", "")]
    return list(zip(hashes, CHECKSUM.findall(result.stderr)))


@dataclasses.dataclass
class Part:
    """A stretch of the stream: pictures [start, end) of what one encoder sent."""
    name: str
    copy: pathlib.Path
    began: float  # when its encoder was started, or went on
    start: int = 0
    end: int | None = None
    must: bool = True  # every player has to show some of it
    orderly: bool = True  # no picture comes twice, and none is missing


class Parts:
    """All that went on air, in order."""

    def __init__(self, parts, broken_joins=False):
        """broken_joins: the source begins anywhere, so that pictures may be bad up to its next key frame."""
        self.parts, self._broken_joins = parts, broken_joins
        self._places, self._pictures = {}, 0
        for number, part in enumerate(parts):
            for place, pair in list(enumerate(decode(part.copy)))[part.start:part.end]:
                self._places.update(dict.fromkeys(pair, (number, place)))
                self._pictures += 1

    def all_different(self):
        return len(self._places) == 2 * self._pictures > 0

    def counts(self, shown):
        """How many pictures of each part are among the shown (time, hash)."""
        counts = [0] * len(self.parts)
        for _, one in shown:
            if place := self._places.get(one):
                counts[place[0]] += 1
        return counts

    def all_shown(self, shown):
        return all(count >= WANT for count, part in zip(self.counts(shown), self.parts) if part.must)

    def returns(self, shown):
        """{part's name: seconds from its beginning to its first picture} for what had to come back."""
        first = {}
        for time, one in shown:
            if place := self._places.get(one):
                first.setdefault(place[0], time)
        return {part.name: max(0.0, first[number] - part.began) for number, part in enumerate(self.parts)
                if number and part.must and number in first}

    def wrong(self, shown, drops=0):
        """What is wrong with what a player showed, or "". drops: pictures it may leave out of each part."""
        for count, part in zip(self.counts(shown), self.parts):
            if part.must and count < WANT:
                return f"{count} pictures of the {part.name} run among {len(shown)}"
        odd, last, missing = 0, None, 0
        for index, place in enumerate(self._places.get(one) for _, one in shown):
            if place is None or place == last:  # of half a frame a player may make nothing, and show the last again
                odd += 1
                continue
            number, picture = place
            if last is None or number > last[0]:
                missing = 0
            elif number < last[0]:
                return f"picture {index} is of the {self.parts[number].name} run, after the {self.parts[last[0]].name}"
            elif self.parts[number].orderly:
                missing += picture - last[1] - 1
                if picture <= last[1] or missing > drops:
                    return f"picture {index} is {picture} of the {self.parts[number].name} run, after {last[1]}"
            last = place
        if odd > MOST_LEAD * len(self.parts) and not self._broken_joins:
            return f"{odd} pictures are nobody's"
        return ""


def longest_pause(shown, since):
    """Seconds between two pictures that follow one another, of those after `since`."""
    times = [time for time, _ in shown if time > since]
    return max((after - before for before, after in zip([since, *times], times)), default=0.0)
