"""What the lab's measurements of figures share: a relay of many channels, encoders whose every packet is known, players
that write down what they get. verdicts.py prints what is made of it."""

import bisect
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import urllib.request

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "e2e" / "players"))
from procs import Process, poll, stopping  # noqa: E402: it lives in the folder just named
from world import Loopback  # noqa: E402

LIMIT = 1200  # seconds that any program may live
PACKET_MS, SYNC_MS = 40, 1000  # of the encoders, where nothing else is said
HERE = Loopback()  # where programs run, where nothing else is said; else a Host of world.py


def toml(value):
    """A source as weir.toml has it: text, or a table."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


def standby(url):
    return {"url": url, "standby": True}


class Relay:
    """weir on its machine's loopback. `channels`: name -> (sources, lines of its section)."""

    def __init__(self, bench, name, channels, server="", host=HERE):
        self.bench, self.name, self.starts, self.port, self.host = bench, name, 0, 0, host
        self._channels, self._server = channels, server
        self.start()

    def start(self):
        """Again at the port that it had, for those who know it by that."""
        text = f'[server]\nname = "{self.name}"\n{self._server}[admin]\naddress = "127.0.0.1:0"\n'
        text += f'[[listen]]\naddress = "127.0.0.1:{self.port}"\n'
        for name, (sources, more) in self._channels.items():
            text += f'[[channel]]\nname = "{name}"\nsources = {toml(sources)}\n{more}'
        config = self.bench.folder / f"{self.name}.toml"
        config.write_text(text)
        argv = self.host.command([self.bench.weir, "run", "-c", config])
        self.process = self.bench.run(argv, f"{self.name}{self.starts or ''}")
        self.starts += 1
        if not poll(lambda: self._listening("http") and self._listening("admin"), 15, 0.02):
            raise RuntimeError(f"{self.name} does not listen: {self.process.last_words()}")
        self.port = int(self._listening("http"))
        self.pid = self.process.pid

    def _listening(self, protocol):
        found = re.search(rf"listening on 127\.0\.0\.1:(\d+) \({protocol}\)", self.process.log())
        return found and found.group(1)

    def kill(self):
        """SIGKILL, and it is gone."""
        kill(self.process)

    def url(self, channel, source=""):
        return f"http://127.0.0.1:{self.port}/{channel}" + (f"?source={source}" if source else "")

    def channels(self):
        """What it says about each, by name; {} when it does not answer."""
        url = f"http://127.0.0.1:{self._listening('admin')}/api/v1/status"
        try:
            with self.host.inside(), urllib.request.urlopen(url, timeout=10) as reply:
                return {one["name"]: one for one in json.load(reply)["channels"]}
        except OSError:
            return {}

    def await_states(self, wanted, seconds=20):
        """Until every channel has its sources in these states, as ["on_air", "standby"]; RuntimeError if not."""
        def states():
            return {name: [one["state"] for one in channel["sources"]] for name, channel in self.channels().items()}
        if not poll(lambda: (now := states()) and all(one == wanted for one in now.values()), seconds, 0.1):
            odd = {name: one for name, one in states().items() if one != wanted}
            raise RuntimeError(f"{self.name}: sources are not {wanted} but {dict(list(odd.items())[:3])}")

    def memory(self):
        """Resident bytes."""
        pages = pathlib.Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def cpu(self):
        """Seconds of processor that it had."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def log_lines(self):
        return self.process.log().count("\n")


def unserved(pid):
    """Seconds that it wanted to run and other programs had the processors: what a gap may be due to beside weir."""
    return int(pathlib.Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[1]) / 1e9


def kill(process):
    process.send(signal.SIGKILL)
    if not poll(lambda: process.returncode() is not None, 10, 0.002):
        raise RuntimeError(f"{process.argv[0]} does not die")


class Encoder:
    """weir-lab-source: pushes to these URLs, or serves whoever connects. It can be killed and started again."""

    def __init__(self, bench, name, *urls, run=1, serve=False, packet_ms=PACKET_MS, size=900, sync_ms=SYNC_MS,
                 host=HERE):
        self.bench, self.name, self.host = bench, name, host
        self._urls, self._serve, self._run = urls, serve, run
        self._more = ["--packet-ms", packet_ms, "--packet-size", size, "--sync-ms", sync_ms]
        self.trace_path = bench.folder / f"{name}.packets"
        self.accepts_path = bench.folder / f"{name}.accepts"
        self.port, self.starts = 0, 0
        self.start()

    def start(self):
        """Each start is a run of its own: none of its packets is one of an earlier start."""
        argv = [self.bench.source, "--trace", self.trace_path, "--run", self._run * 1000 + self.starts, *self._more]
        for url in self._urls:
            argv += ["--push", url]
        if self._serve:
            argv += ["--serve", self.port, "--address", self.host.address, "--accepts", self.accepts_path]
        self.process = self.bench.run(self.host.command(argv), f"{self.name}-{self.starts}")
        self.starts += 1
        if self._serve:
            if not poll(lambda: "serving" in self.process.log(), 10, 0.005):
                raise RuntimeError(f"{self.name} does not serve: {self.process.last_words()}")
            self.port = int(self.process.log().split()[1])

    @property
    def url(self):
        return f"http://{self.host.address}:{self.port}/live"

    def kill(self):
        kill(self.process)

    def send(self, number):
        self.process.send(number)

    def packets(self):
        """(ms, fingerprint, number, is it a sync point), in the order they were made."""
        return [(float(ms), print_, int(number), sync == "1")
                for ms, print_, number, sync in map(str.split, self.trace_path.read_text("ascii").splitlines())]

    def prints(self):
        return {one[1] for one in self.packets()}


class Players:
    """weir-lab-clients on the relay's machine: players that never come back, and what they saw."""

    def __init__(self, bench, relay, count, channels, protocol="http", gap_ms=300, traces=True):
        self.count = count
        self.folder = bench.folder / f"players{len(bench.players)}"
        self.folder.mkdir()
        argv = [bench.clients, "--port", relay.port, "--clients", count, "--channels", ",".join(channels),
                "--protocol", protocol, "--gaps", self.folder / "gaps", "--gap-ms", gap_ms]
        if traces:
            argv += ["--trace", self.folder]
        with open(self.folder / "log", "wb") as log:
            self.child = subprocess.Popen(relay.host.command(argv), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                          stderr=log, text=True, start_new_session=True)
        bench.players.append(self)

    def _tell(self, line):
        self.child.stdin.write(line + "\n")
        self.child.stdin.flush()

    def mark(self, name):
        self._tell(f"mark {name}")

    def report(self):
        self._tell("report")
        line = self.child.stdout.readline()
        if not line:
            raise RuntimeError("weir-lab-clients ended: " + (self.folder / "log").read_text())
        return json.loads(line)

    def window(self):
        return self.report()["windows"][-1]

    def await_media(self, seconds=20):
        """Until each had media within the last half second."""
        def fed():
            self.mark("joining")
            time.sleep(0.5)
            one = self.window()
            return one["connected"] == self.count and one["media_gap_ms"]["worst"] < 490
        if not poll(fed, seconds, 0):
            raise RuntimeError(f"not all players have media: {self.window()}; {self.report()['losses'][:3]}")

    def trace(self, channel):
        return Trace(self.folder / f"{channel}.trace")

    def gaps(self):
        """(channel, client, from ms, to ms) of each time without media; to: None where it is not over."""
        for line in (self.folder / "gaps").read_text("ascii").splitlines():
            channel, client, since, until = line.split()
            yield channel, int(client), float(since), None if until == "-" else float(until)

    def end(self):
        """The last report; the files are complete then."""
        out, _ = self.child.communicate(timeout=20)
        return json.loads(out.splitlines()[-1])

    def close(self):
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait()
        self.child.stdin.close()
        self.child.stdout.close()


class Trace:
    """What one player got: media packets as (ms, fingerprint, send time, is it a sync point)."""

    def __init__(self, path):
        self.media = []
        for line in path.read_text("ascii").splitlines():
            fields = line.split()
            if len(fields) == 5 and fields[4] == "m":
                self.media.append((float(fields[0]), fields[1], int(fields[2]), fields[3] == "1"))

    def since(self, ms):
        return self.media[bisect.bisect_left(self.media, (ms,)):]

    def switches(self, tag_of):
        """Where a packet of another source follows, as tag_of(fingerprint) tells: (index of the first, old, new)."""
        for index in range(1, len(self.media)):
            old, new = tag_of(self.media[index - 1][1]), tag_of(self.media[index][1])
            if old != new:
                yield index, old, new

    def longest_gap(self, since=0.0):
        """Milliseconds between two media packets."""
        media = self.since(since)
        return max((after[0] - before[0] for before, after in zip(media, media[1:])), default=0.0)


class Bench:
    """The programs of one measurement. Nothing outlives it."""

    def __init__(self, options, base, name):
        self.weir, self.clients, self.source = options.weir, options.build / "weir-lab-clients", (
            options.build / "weir-lab-source")
        self.folder = base / name
        self.folder.mkdir()
        self.players, self._processes = [], []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in self.players:
            one.close()
        for one in self._processes:
            one.send(signal.SIGCONT)
        for one in self._processes:
            one.end(signal.SIGKILL)

    def run(self, argv, name):
        process = Process(argv, self.folder / f"{name}.log", LIMIT)
        self._processes.append(process)
        return process


def wait_until(moment):
    """A moment of time.monotonic()."""
    if stopping.wait(max(0.0, moment - time.monotonic())):
        raise RuntimeError("stopped")
