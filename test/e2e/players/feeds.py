"""The encoders: each pushes one stream to weir and keeps a copy of what it encoded."""

import dataclasses
import signal

from frames import HEIGHT, RATE, WIDTH
from procs import Process, poll

# testsrc2 draws a running number, so every frame differs from every other.
SOURCE = ["-re", "-f", "lavfi", "-i", f"testsrc2=s={WIDTH}x{HEIGHT}:r={RATE}",
          "-re", "-f", "lavfi", "-i", "sine=f=440:r=44100", "-map", "0:v", "-map", "1:a"]
WMV2 = ["-c:v", "wmv2", "-b:v", "250k", "-g", "25", "-c:a", "wmav2", "-b:a", "64k"]
MSMPEG4 = ["-c:v", "msmpeg4v3", "-b:v", "250k", "-g", "25", "-c:a", "wmav2", "-b:a", "64k"]
H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-b:v", "250k", "-g", "25",
        "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "64k"]
COPY_BYTES = 160 * 1024  # some 4 s: more than the burst, so that players join in the middle


@dataclasses.dataclass(frozen=True)
class Feed:
    """name, the video codec that players must have, and how the encoder is called."""
    name: str
    video: str
    codecs: tuple = ()
    push: str = "f=asf"  # options of the tee muxer for the pushed half

    def command(self, url, copy):
        return ["ffmpeg", "-nostdin", "-v", "warning", *SOURCE, *self.codecs, "-f", "tee",
                f"[onfail=abort:{self.push}]{url}|[f=asf:flush_packets=1]{copy}"]


@dataclasses.dataclass(frozen=True)
class GStreamerFeed(Feed):
    """GStreamer's own muxer. Its encoder counts from 1000 h and its muxer keeps that; single-segment undoes it."""

    def command(self, url, copy):
        return ["gst-launch-1.0", "-e",
                "videotestsrc", "is-live=true", "pattern=zone-plate", "kx2=20", "ky2=20", "kt=3", "!",
                f"video/x-raw,format=I420,width={WIDTH},height={HEIGHT},framerate={RATE}/1", "!",
                "avenc_wmv2", "bitrate=250000", "gop-size=25", "!", "identity", "single-segment=true", "!",
                "queue", "!", "mux.",
                "audiotestsrc", "is-live=true", "!", "audio/x-raw,rate=44100,channels=1", "!",
                "avenc_wmav2", "bitrate=64000", "!", "queue", "!", "mux.",
                "asfmux", "name=mux", "streamable=true", "!", "tee", "name=t",
                "t.", "!", "queue", "!", "curlhttpsink", f"location={url}", "content-type=video/x-ms-asf",
                "use-content-length=false",
                "t.", "!", "queue", "!", "filesink", f"location={copy}", "buffer-mode=unbuffered"]


FEEDS = [
    Feed("wmv2", "wmv2", tuple(WMV2)),
    Feed("msmpeg4v3", "msmpeg4v3", tuple(MSMPEG4)),
    Feed("h264", "h264", tuple(H264)),
    Feed("put", "wmv2", tuple(WMV2), "f=asf:method=PUT"),
    Feed("until-close", "wmv2", tuple(WMV2), "f=asf:chunked_post=0:content_type=video/x-ms-asf"),
    Feed("asf_stream", "wmv2", tuple(WMV2), "f=asf_stream"),
    GStreamerFeed("gstreamer", "wmv2"),
]


class Encoder:
    """A running feed."""

    def __init__(self, feed, url, folder, limit=1200):
        self.copy = folder / "copy.asf"
        self.process = Process(feed.command(url, self.copy), folder / "encoder.log", limit)

    def ready(self):
        """Waits until the push has run for longer than a burst; False when it ended or does not get there."""
        def enough():
            return self.copy.exists() and self.copy.stat().st_size > COPY_BYTES
        poll(lambda: enough() or self.process.returncode() is not None, 30)
        return self.process.returncode() is None and enough()

    def alive(self):
        return self.process.returncode() is None

    def end(self):
        self.process.end(signal.SIGINT)
