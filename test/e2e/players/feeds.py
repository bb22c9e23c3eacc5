"""The feeds: every way in which a stream gets into weir, each with a copy of what was encoded."""

import dataclasses
import pathlib
import sys

from frames import H264, HEIGHT, KEY_DISTANCE, MOST_LEAD, MSMPEG4, RATE, SOURCE, WIDTH, WMV2
from procs import free_port

HERE = pathlib.Path(__file__).resolve().parent
PASSWORD = "source:pw@"


@dataclasses.dataclass(frozen=True)
class Feed:
    """ffmpeg encodes, pushes and writes the copy. `video` is the codec that players must have."""
    name: str
    what: str  # for people
    video: str = "wmv2"
    codecs: tuple = tuple(WMV2)
    push: str = "f=asf"  # options of the tee muxer for the half that is sent
    scheme: str = "http"
    user: str = ""
    lead: int | None = None  # see Copy.lead(); None: what the copy's packets tell
    programs: tuple = ()  # the only players that have something to say about it; none: all

    def command(self, url, copy):
        return ["ffmpeg", "-nostdin", "-v", "warning", *SOURCE, *self.codecs, "-f", "tee",
                f"[onfail=abort:{self.push}]{url}|[f=asf:flush_packets=1]{copy}"]

    def own_url(self):
        """Where weir fetches the stream; None: it is pushed."""
        return None

    def start(self, stage):
        stage.relay()
        self.encode(stage, stage.weir.url(self.scheme, self.user))

    def encode(self, stage, url):
        stage.run(self.command(url, stage.copy_path))


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


class ListenFeed(Feed):
    """weir fetches from ffmpeg, which begins to encode when somebody does."""

    def own_url(self):
        return f"http://127.0.0.1:{free_port()}/live"

    def start(self, stage):
        url = self.own_url()
        self.encode(stage, url)
        stage.relay(url)


class ChainFeed(Feed):
    """ffmpeg pushes to one weir, another pulls from it over `scheme`."""

    def start(self, stage):
        origin = stage.relay(name="origin")
        self.encode(stage, origin.url())
        stage.relay(origin.url(self.scheme), name="edge")


class ClipFeed(Feed):
    """What is sent is a recording, packet for packet."""

    def start(self, stage):
        stage.copy_path = stage.clip()
        self.send(stage, stage.copy_path)

    def send(self, stage, clip):
        stage.relay(f"file:{clip}")


class VlcFeed(ClipFeed):
    """weir pulls from VLC over WMSP, as it would from Windows Media Encoder.

    VLC puts the recording's frames into packets of its own. (It could encode, but its own copy of that shows damage.)
    """

    def send(self, stage, clip):
        address = f"127.0.0.1:{free_port()}/x"
        stage.run(["cvlc", "-I", "dummy", clip, "--loop", "--sout", f"#std{{access=mmsh,mux=asfh,dst={address}}}"],
                  as_other_user=True)
        stage.relay(f"mmsh://{address}")


class WeirPushFeed(ClipFeed):
    """weir's own push command; `push` are its options."""

    def send(self, stage, clip):
        stage.run([stage.binary, "push", *self.push.split(), clip, stage.relay().url()])


class WmEncoderFeed(ClipFeed):
    """The stand-in for Windows Media Encoder 9, written from the protocol's description alone."""

    def send(self, stage, clip):
        stage.run([sys.executable, next(HERE.parent.glob("*/encoder.py")), stage.relay().url(), clip])


class PasswordFeed(ClipFeed):
    """weir pulls from a server that wants a password; `scheme` is how it asks for it."""

    def send(self, stage, clip):
        port = free_port()
        stage.run([sys.executable, HERE / "password_server.py", self.scheme, str(port), PASSWORD[:-1], clip])
        stage.relay(f"http://{PASSWORD}127.0.0.1:{port}/live")


FIFO = ("f=fifo:fifo_format=asf:attempt_recovery=1:recover_any_error=1:recovery_wait_time=1:restart_with_keyframe=1:"
        "drop_pkts_on_overflow=1")

FEEDS = [
    Feed("wmv2", "ffmpeg, POST"),
    Feed("msmpeg4v3", "the same, MPEG-4 v3", "msmpeg4v3", tuple(MSMPEG4)),
    Feed("h264", "the same, H.264 and AAC", "h264", tuple(H264)),
    Feed("put", "ffmpeg, PUT", push="f=asf:method=PUT"),
    Feed("until-close", "ffmpeg, body until close", push="f=asf:chunked_post=0:content_type=video/x-ms-asf"),
    Feed("asf_stream", "ffmpeg, `asf_stream`", push="f=asf_stream"),
    Feed("icecast", "ffmpeg, `icecast://`", push="f=asf:content_type=video/x-ms-asf", scheme="icecast", user=PASSWORD),
    Feed("source", "the same, `SOURCE`", push="f=asf:legacy_icecast=1:content_type=video/x-ms-asf", scheme="icecast",
         user=PASSWORD),
    Feed("fifo", "ffmpeg, `fifo` with recovery", push=FIFO),
    GStreamerFeed("gstreamer", "GStreamer, POST"),
    ListenFeed("listen", "ffmpeg `-listen 1`, pulled", push="f=asf:listen=1:content_type=video/x-ms-asf"),
    # VLC calls every frame a key frame: players join anywhere, and see nothing right before the next real one.
    VlcFeed("vlc-mmsh", "VLC, pulled over WMSP", lead=KEY_DISTANCE + MOST_LEAD),
    ChainFeed("weir-mmsh", "weir from weir over WMSP", scheme="mmsh"),
    ChainFeed("weir-http", "weir from weir over HTTP"),
    ClipFeed("file", "`file:`"),
    WeirPushFeed("weir-push", "`weir push`", push=""),
    WeirPushFeed("weir-push-wm", "`weir push --wm`", push="--wm"),
    WmEncoderFeed("wm-encoder", "Windows Media push, the tests' own encoder"),
    Feed("password", "ffmpeg, POST, user and password in the URL", user=PASSWORD, programs=("ffmpeg",)),
    PasswordFeed("basic", "pulled, Basic password", scheme="basic", programs=("ffmpeg",)),
    PasswordFeed("digest", "pulled, Digest password", scheme="digest", programs=("ffmpeg",)),
]
