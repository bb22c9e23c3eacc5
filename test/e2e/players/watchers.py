"""Players that run until they are stopped, and when each of their pictures came.

They play in real time, but for ffmpeg, libmms and GStreamer, which show what comes as it comes. Each writes its
pictures, or what they hash to, into a pipe.
"""

import dataclasses
import fcntl
import hashlib
import os
import select
import shutil
import threading
import time
import typing

import pictures
import players
from procs import Process, other_user
from restart import Client

PIPE_SIZE = 1 << 20  # some 40 pictures: what reads here may not hold up a player
FOREVER = 10 ** 9


class Raw:
    """Pictures one after the other, each behind `mark`."""

    def __init__(self, mark=b"", head=False):
        self._mark, self._head, self._rest = mark, head, b""

    def __call__(self, data):
        self._rest += data
        if self._head:  # a line of its own
            line, end, rest = self._rest.partition(b"\n")
            if not end:
                return
            self._rest, self._head = rest, False
        size = len(self._mark) + pictures.FRAME_SIZE
        while len(self._rest) >= size:
            yield hashlib.md5(self._rest[len(self._mark):size]).hexdigest()
            self._rest = self._rest[size:]


def y4m():
    return Raw(b"FRAME\n", head=True)


class Lines:
    """A text with a hash in some of its lines."""

    def __init__(self, pick):
        self._pick, self._rest = pick, ""

    def __call__(self, data):
        *lines, self._rest = (self._rest + data.decode(errors="replace")).split("\n")
        for line in lines:
            if one := self._pick(line):
                yield one


def framemd5():
    return Lines(lambda line: line and line[0] != "#" and line.rsplit(",", 1)[-1].strip())


def showinfo():
    return Lines(lambda line: (found := pictures.CHECKSUM.search(line)) and found.group(1))


def mplayer(run):
    # With an empty cache it polls as fast as it can: the others must get a processor before it.
    return ["nice", "-n", "19", "mplayer", "-nolirc", "-noconfig", "all", "-vo", f"yuv4mpeg:file={run.out}",
            "-ao", "null", "-cache", "64", "-cache-min", "1", run.url]


def mpv(run):
    return ["mpv", "--no-config", "--vo=null", "--ao=null", "--vf=lavfi=[showinfo]", f"--log-file={run.out}", run.url]


def decoder(source, out):
    """For libmms, which does not decode."""
    return ["ffmpeg", "-nostdin", "-v", "error", "-f", "asf", "-i", source, "-map", "0:v", "-fps_mode",
            "passthrough", "-pix_fmt", "yuv420p", "-f", "framemd5", "-flush_packets", "1", "-y", out]


@dataclasses.dataclass(frozen=True)
class Kind:
    """name is PROGRAM-TRANSPORT; drops: pictures that may be missing in a stretch of the stream.

    xine throws away what is late (see players.py); VLC what it still had when, after a pause, its clock begins anew.
    """
    name: str
    command: typing.Callable
    reader: typing.Callable
    drops: int = 0

    @property
    def program(self):
        return self.name.split("-")[0]

    @property
    def scheme(self):
        return self.name.split("-")[1]


KINDS = [
    Kind("ffmpeg-mmsh", players.ffmpeg, framemd5),
    Kind("ffmpeg-http", players.ffmpeg, framemd5),
    Kind("vlc-mmsh", players.vlc, Raw, drops=2 * pictures.RATE),
    Kind("vlc-http", players.vlc, Raw, drops=2 * pictures.RATE),
    Kind("mplayer-mmsh", mplayer, y4m),
    Kind("mplayer-http", mplayer, y4m),
    Kind("xine-mmsh", players.xine, Raw, drops=2 * pictures.RATE),
    Kind("xine-http", players.xine, Raw, drops=2 * pictures.RATE),
    Kind("libmms-mmsh", players.libmms, framemd5),
    Kind("mpv-mmsh", mpv, showinfo),
    Kind("mpv-http", mpv, showinfo),
    Kind("gstreamer-http", players.gstreamer, Raw),
]


def pipe(path):
    """A named pipe that any user may write to."""
    os.mkfifo(path)
    path.chmod(0o666)
    return path


class Watcher(Client):
    """A player that runs; `shown` grows: (when, hash) of each picture."""

    def __init__(self, kind, url, folder, limit):
        self.kind, self.shown = kind, []
        self._stopped = threading.Event()
        folder = folder / kind.name  # each has its own, as a player's helper files have one name
        folder.mkdir()
        user = other_user() if kind.program == "vlc" else None
        if user:
            shutil.chown(folder, user.pw_uid)
        shown = out = pipe(folder / "pictures")
        self._decoder = None
        self._end = os.open(shown, os.O_RDWR | os.O_NONBLOCK)  # for writing, too: there is no end between writers
        fcntl.fcntl(self._end, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
        if kind.program == "libmms":
            out = pipe(folder / "stream")
            self._decoder = Process(decoder(out, shown), folder / "decoder.log", limit)
        run = players.Run(url, out, FOREVER, "wmv2", pictures.WIDTH, pictures.HEIGHT)
        super().__init__(kind.name, kind.command(run), folder / "player", None, limit, user)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self):
        read = self.kind.reader()
        while not self._stopped.is_set():
            if not select.select([self._end], [], [], 0.2)[0]:
                continue
            data = os.read(self._end, PIPE_SIZE)
            now = time.monotonic()
            self.shown += [(now, one) for one in read(data)]

    def stop(self):
        self.process.end()
        if self._decoder:
            self._decoder.end()
        self._stopped.set()
        self._thread.join()
        os.close(self._end)


class Recorder(Client):
    """`weir get`: what it wrote is for asf_times and a decoder."""

    def __init__(self, binary, scheme, url, folder, limit):
        out = folder / f"weir-get-{scheme}.asf"
        super().__init__(f"weir-get-{scheme}", [binary, "get", url, "-o", out], out, pictures.decode, limit)

    @property
    def shown(self):
        """Its pictures; nothing is known about when."""
        return [(0.0, one) for one, _ in self.hashes()]

    def stop(self):
        self.process.end()
