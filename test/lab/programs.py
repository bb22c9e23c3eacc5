"""The programs of the lab, each on its machine: relays, encoders that are started again when they end, clients."""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "e2e" / "players"))
import pictures  # noqa: E402: it lives in the folder just named
from procs import Process, poll, stopping  # noqa: E402

LIMIT = 900  # seconds that any program of the lab may live
LOG_SIZE = 2 << 20  # a channel's log_size: memory may grow by one for each framing and for the log
PAUSE = 0.5  # seconds between an encoder's end and its next start
REACH = 5  # seconds for a status page
WHOLE = re.compile(r"^  http://(\S+:\d+)/$", re.MULTILINE)
LINE = re.compile(rb"^\S+Z (\S+) +(.*)$", re.MULTILINE)


class Relay:
    """weir with one channel, live. `wrap`: what stands before its command; `more`: keys of the channel."""

    CONFIG = """
[server]
name = "{name}"
[admin]
address = "127.0.0.1:0"
[[listen]]
protocol = "http"
address = "{host}:0"
[[channel]]
name = "live"
sources = {sources}
log_size = "{size}"
{more}
"""

    def __init__(self, stage, host, name, sources, more="", wrap=()):
        self.host, self.name = host, name
        config = stage.folder / f"{name}.toml"
        config.write_text(self.CONFIG.format(name=name, host=host.address, sources=json.dumps(sources),
                                             size=LOG_SIZE, more=more))
        argv = host.command([*wrap, stage.weir, "run", "-v", "-c", config])
        self.process = Process(argv, stage.folder / f"{name}.log", LIMIT)
        # What it prints on standard output tells its ports, wherever its log goes.
        if not poll(lambda: len(self._ports()) == 2 or self.process.returncode() is not None, 15):
            self.process.end()
        if len(self._ports()) != 2:
            raise RuntimeError(f"{name} does not listen: {self.process.last_words()}")
        self.address = self._ports()[0]

    def _ports(self):
        return WHOLE.findall(self.process.log())

    def status(self):
        """What it says about itself; {} when it does not answer."""
        host, _, port = self._ports()[1].rpartition(":")
        try:
            with self.host.inside():
                plug = socket.create_connection((host, int(port)), REACH)
            with plug:
                plug.sendall(b"GET /api/v1/status HTTP/1.0\r\n\r\n")
                reply = b""
                while piece := plug.recv(65536):
                    reply += piece
            return json.loads(reply.partition(b"\r\n\r\n")[2])
        except (OSError, ValueError):
            return {}

    def channel(self):
        return (self.status().get("channels") or [{}])[0]

    def memory(self):
        """Resident bytes."""
        try:
            pages = pathlib.Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()[1]
        except OSError:
            return 0
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def log_size(self):
        return self.process.log_path.stat().st_size

    def lines(self, since):
        """(level, text) of what it logged behind that size."""
        with open(self.process.log_path, "rb") as file:
            file.seek(since)
            return [(level.decode(), text.decode(errors="replace")) for level, text in LINE.findall(file.read())]

    def end(self):
        """Stops it; what is wrong with how it ended, or nothing."""
        if (code := self.process.returncode()) is not None:
            return f"{self.name} ended by itself with {code}: {self.process.last_words()}"
        code = self.process.end(grace=15)
        return "" if code == 0 else f"{self.name} ended with {code} on SIGTERM: {self.process.last_words()}"


class Encoder:
    """A program that is started again PAUSE after it ended, as a service manager does, until it is held."""

    def __init__(self, host, argv_of, folder, name="encoder"):
        """argv_of(n): the command of the n-th start."""
        self._host, self._argv_of = host, argv_of
        self._folder, self._name = folder, name
        self._over, self._held = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._process = None
        self.starts = 0
        self._start()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _start(self):
        log = self._folder / f"{self._name}{self.starts}.log"
        self._process = Process(self._host.command(self._argv_of(self.starts)), log, LIMIT)
        self.starts += 1

    def _watch(self):
        while not self._over.wait(0.05):
            ended = self._process
            if ended.returncode() is None or self._over.wait(PAUSE):
                continue
            with self._lock:
                if self._process is ended and not self._held.is_set() and not self._over.is_set():
                    self._start()

    def kill(self):
        """SIGKILL; it stays away until release()."""
        with self._lock:
            self._held.set()
        self._process.send(signal.SIGKILL)
        poll(lambda: self._process.returncode() is not None, 5)

    def release(self):
        """Starts it, at once."""
        with self._lock:
            self._start()
            self._held.clear()

    def send(self, number):
        self._process.send(number)

    def last_words(self):
        return self._process.last_words()

    def end(self):
        self._over.set()
        self._thread.join()
        self._process.send(signal.SIGCONT)
        self._process.end(signal.SIGKILL)


def ffmpeg(options, url):
    """The command of the n-th start: the same codecs, another colour and tone, so that no packet comes twice."""
    def argv_of(number):
        source = [one.replace("f=440", f"f={440 + 20 * (number % 50)}") for one in pictures.SOURCE]
        return ["ffmpeg", "-nostdin", "-v", "warning", *source, *pictures.CODECS, "-vf", f"hue=h={47 * number % 360}",
                "-f", "asf", *options, url]
    return argv_of


class Crowd:
    """weir-lab-clients on its machine: players on plain http and mmsh by turns, none of which ever comes back."""

    def __init__(self, stage, host, relay, count):
        self.count = count
        self._gaps = stage.folder / "gaps"
        name, _, port = relay.address.rpartition(":")
        argv = host.command([stage.clients, "--host", name, "--port", port, "--clients", count, "--channels", "live",
                             "--protocol", "mixed", "--gaps", self._gaps])
        with open(stage.folder / "clients.log", "wb") as log:
            self._child = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
                                           start_new_session=True)

    def _tell(self, line):
        try:
            self._child.stdin.write(line + "\n")
            self._child.stdin.flush()
        except OSError as error:
            raise RuntimeError(f"the clients' program is gone: {error}") from error

    def mark(self, name):
        self._tell(f"mark {name}")

    def report(self):
        self._tell("report")
        line = self._child.stdout.readline()
        if not line:
            raise RuntimeError("the clients' program is gone")
        return json.loads(line)

    def window(self):
        return self.report()["windows"][-1]

    def all_play(self):
        """Whether each client has had media within this window."""
        one = self.window()
        length = one["to_ms"] - one["from_ms"]
        return one["connected"] == self.count and length > 100 and one["media_gap_ms"]["worst"] < length - 1

    def await_media(self, seconds):
        """Until each client that is still there has had media in this window; whether that came to pass."""
        def done():
            one = self.window()
            length = one["to_ms"] - one["from_ms"]
            return one["lost"] or (length > 100 and one["media_gap_ms"]["worst"] < length - 1)
        return poll(done, seconds, 0.1)

    def gaps(self):
        """(client, from, to) in seconds of time.monotonic() for each time without media; to: None when not over."""
        if not self._gaps.exists():
            return
        for line in self._gaps.read_text(encoding="ascii").splitlines():
            _, client, since, until = line.split(" ")
            yield int(client), float(since) / 1000, None if until == "-" else float(until) / 1000

    def end(self):
        """The last report. The gaps are complete then."""
        try:
            out, _ = self._child.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self.close()
            raise RuntimeError("the clients' program does not end") from None
        return json.loads(out.splitlines()[-1])

    def close(self):
        if self._child.poll() is None:
            self._child.kill()
            self._child.wait()


def wait(seconds):
    """What an outage is made of."""
    if stopping.wait(seconds):
        raise RuntimeError("stopped")
