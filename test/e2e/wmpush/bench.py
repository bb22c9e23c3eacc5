"""The relay of the Windows Media push checks."""

import os
import subprocess

from relay import Bench as CommonBench, Relay, push_channel

SMALL_HEADER = "small"  # the channel that takes headers of 16 KiB at most


class Bench(CommonBench):
    def relay(self, binary, folder):
        return Relay(binary, folder, self.CHANNELS, server='header_timeout = "2s"\n',
                     more=push_channel(SMALL_HEADER, 'header_limit = "16KiB"\n'))


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
