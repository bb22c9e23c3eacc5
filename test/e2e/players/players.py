"""The players: how each is called, and how its decoded frames come out of it.

Frames are written as raw I420 or as hashes by the player itself, so nothing stands between its decoder and the
comparison. Real-time players wait for each frame's time; the others take what comes as fast as it comes.
"""

import dataclasses
import pathlib
import typing

import frames
from procs import Process, helper, other_user, poll

GST_DECODERS = {"wmv2": ["avdec_wmv2"], "msmpeg4v3": ["avdec_msmpeg4"], "h264": ["h264parse", "!", "avdec_h264"]}


@dataclasses.dataclass(frozen=True)
class Run:
    """One playing: what to play, where to write, how many frames."""
    url: str
    out: pathlib.Path
    want: int
    video: str
    width: int = frames.WIDTH
    height: int = frames.HEIGHT

    @property
    def folder(self):
        return self.out.parent


def ffmpeg(run):
    return ["ffmpeg", "-nostdin", "-v", "error", "-i", run.url, "-map", "0:v", "-frames:v", run.want, "-fps_mode",
            "passthrough", "-pix_fmt", "yuv420p", "-f", "framemd5", "-flush_packets", "1", "-y", run.out]


def mpv(run):
    return ["mpv", "--no-config", f"--o={run.out}", "--of=framemd5", "--ovc=rawvideo", "--aid=no",
            "--vf=format=yuv420p", f"--frames={run.want}", run.url]


def mplayer(run):
    return ["mplayer", "-nolirc", "-noconfig", "all", "-vo", f"md5sum:outfile={run.out}", "-ao", "null", "-cache",
            "64", "-cache-min", "1", "-frames", run.want, run.url]


def gstreamer(run):
    return ["gst-launch-1.0", "souphttpsrc", f"location={run.url}", "!", "asfdemux", "name=d",
            "d.", "!", "queue", "!", *GST_DECODERS[run.video], "!", "video/x-raw,format=I420", "!",
            "filesink", "buffer-mode=unbuffered", f"location={run.out}", "d.", "!", "queue", "!", "fakesink"]


def vlc(run):
    return [helper("vlc", run.folder, "-lvlc"), run.url, run.out, run.want, run.width, run.height]


def xine(run):
    config = run.folder / "xine.config"
    # Post-processing would alter the pictures; direct rendering shows the decoder's margins.
    config.write_text("video.processing.ffmpeg_pp_quality:0\n"
                      "video.processing.ffmpeg_choose_speed_over_accuracy:0\n"
                      "video.processing.ffmpeg_direct_rendering:0\n")
    return [helper("xine", run.folder, "-lxine"), run.url, run.out, run.want, config]


def libmms(run):
    return [helper("mms", run.folder, "-lmms"), run.url, run.out]


def of_md5sum(path):
    """MPlayer's md5sum output: one `HASH frameNUMBER` a line."""
    return [line.split()[0] for line in path.read_text().splitlines() if " frame" in line]


def of_partial_asf(path):
    """A file that still grows: its last frame may be cut."""
    return frames.of_asf(path)[:-1]


@dataclasses.dataclass(frozen=True)
class Player:
    """name is PROGRAM-TRANSPORT; read gives the hashes written so far."""
    name: str
    command: typing.Callable
    read: typing.Callable
    # Runs until it is stopped; the others end by themselves after the frames they were asked for.
    endless: bool = False
    not_as_root: bool = False
    # Frames it may leave out: xine throws a picture away that is due before it gets the processor, and has no switch
    # against that; all others show late pictures late.
    drops: int = 0

    @property
    def program(self):
        return self.name.split("-")[0]

    @property
    def scheme(self):
        return self.name.split("-")[1]

    def play(self, run, limit=30):
        """Runs the player until it has its frames; (hashes, what it said last)."""
        user = other_user() if self.not_as_root else None
        process = Process(self.command(run), run.folder / f"{self.name}.log", limit, user)

        def done():
            return process.returncode() is not None or (
                self.endless and run.out.exists() and len(self.read(run.out)) >= run.want)
        try:
            poll(done, limit + 5, step=0.5 if self.endless else 0.1)
        finally:
            process.end()
        hashes = self.read(run.out) if run.out.exists() else []
        return hashes, process.last_words()


PLAYERS = [
    Player("ffmpeg-mmsh", ffmpeg, frames.of_framemd5),
    Player("ffmpeg-http", ffmpeg, frames.of_framemd5),
    Player("vlc-mmsh", vlc, frames.of_raw, not_as_root=True),
    Player("vlc-http", vlc, frames.of_raw, not_as_root=True),
    Player("mplayer-mmsh", mplayer, of_md5sum),
    Player("mplayer-http", mplayer, of_md5sum),
    Player("xine-mmsh", xine, frames.of_raw, drops=3),
    Player("xine-http", xine, frames.of_raw, drops=3),
    Player("libmms-mmsh", libmms, of_partial_asf, endless=True),
    Player("mpv-mmsh", mpv, frames.of_framemd5),
    Player("mpv-http", mpv, frames.of_framemd5),
    Player("gstreamer-http", gstreamer, frames.of_raw, endless=True),
]
