"""The relay of the Windows Media push checks."""

import os
import subprocess

from relay import Bench as CommonBench, Relay, push_channel

SMALL_HEADER = "small"  # the channel that takes headers of 16 KiB at most
SLOTS = 8  # so many channels with the slots main and backup, slots0 and so on


class Bench(CommonBench):
    def relay(self, binary, folder):
        return Relay(binary, folder, self.CHANNELS, server='header_timeout = "2s"\n',
                     more=push_channel(SMALL_HEADER, 'header_limit = "16KiB"\n') + "".join(
                         push_channel(f"slots{index}", sources='["push:main", "push:backup"]')
                         for index in range(SLOTS)))

    def slots(self):
        """A channel with two slots that no other check uses."""
        self._next_slots = getattr(self, "_next_slots", -1) + 1
        if self._next_slots >= SLOTS:
            raise RuntimeError(f"more than {SLOTS} channels with slots wanted: make them more")
        return f"slots{self._next_slots}"

    def sources(self, channel):
        """What the status says of each source of a channel."""
        return next(one for one in self.weir.status()["channels"] if one["name"] == channel)["sources"]


def ffmpeg_file(folder, seconds=4):
    """A small .asf that ffmpeg made; None where there is no ffmpeg."""
    path = folder / "clip.asf"
    if path.exists():
        return path
    try:
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=160x120:r=25", "-f",
                        "lavfi", "-i", "sine=f=440:r=44100", "-t", str(seconds), "-c:v", "wmv2", "-b:v", "300k", "-g",
                        "25", "-c:a", "wmav2", "-b:a", "64k", "-f", "asf", str(path)], check=True,
                       env=dict(os.environ, LC_ALL="C"))
    except FileNotFoundError:
        return None
    return path
