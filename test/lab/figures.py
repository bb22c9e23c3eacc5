"""What the lab's measurements of figures share: a relay of many channels, encoders whose every packet is known, players
that write down what they get, and how a figure is printed."""

import bisect
import json
import os
import pathlib
import re
import resource
import signal
import statistics
import subprocess
import sys
import time
import urllib.request

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "e2e" / "players"))
from procs import ROOT, Process, begin, poll, stopping  # noqa: E402: it lives in the folder just named

LIMIT = 1200  # seconds that any program may live
PACKET_MS, SYNC_MS = 40, 1000  # of the encoders, where nothing else is said


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
    """weir on loopback. `channels`: name -> (sources, lines of its section)."""

    def __init__(self, bench, name, channels, server=""):
        self.bench, self.name, self.starts, self.port = bench, name, 0, 0
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
        self.process = self.bench.run([self.bench.weir, "run", "-c", config], f"{self.name}{self.starts or ''}")
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
            with urllib.request.urlopen(url, timeout=10) as reply:
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


def kill(process):
    process.send(signal.SIGKILL)
    if not poll(lambda: process.returncode() is not None, 10, 0.002):
        raise RuntimeError(f"{process.argv[0]} does not die")


class Encoder:
    """weir-lab-source: pushes to these URLs, or serves whoever connects. It can be killed and started again."""

    def __init__(self, bench, name, *urls, run=1, serve=False, packet_ms=PACKET_MS, size=900, sync_ms=SYNC_MS):
        self.bench, self.name = bench, name
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
            argv += ["--serve", self.port, "--accepts", self.accepts_path]
        self.process = self.bench.run(argv, f"{self.name}-{self.starts}")
        self.starts += 1
        if self._serve:
            if not poll(lambda: "serving" in self.process.log(), 10, 0.005):
                raise RuntimeError(f"{self.name} does not serve: {self.process.last_words()}")
            self.port = int(self.process.log().split()[1])

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/live"

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
    """weir-lab-clients: players that never come back, and what they saw."""

    def __init__(self, bench, relay, count, channels, protocol="http", gap_ms=300, traces=True):
        self.count = count
        self.folder = bench.folder / f"players{len(bench.players)}"
        self.folder.mkdir()
        argv = [bench.clients, "--port", relay.port, "--clients", count, "--channels", ",".join(channels),
                "--protocol", protocol, "--gaps", self.folder / "gaps", "--gap-ms", gap_ms]
        if traces:
            argv += ["--trace", self.folder]
        with open(self.folder / "log", "wb") as log:
            self.child = subprocess.Popen(list(map(str, argv)), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
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


class Verdicts:
    """One line of figures each."""

    def __init__(self):
        self.good = self.bad = 0

    def tell(self, name, text, wrong=()):
        """`wrong`: what of it breaks a promise."""
        wrong = [one for one in wrong if one]
        print("FAIL" if wrong else "ok  ", f"{name:<28}", text, *(f"<- {one}" for one in wrong), flush=True)
        self.good, self.bad = self.good + (not wrong), self.bad + bool(wrong)

    def measure(self, name, play, *arguments):
        """play(*arguments) gives (text, what is wrong); that it cannot be played is wrong, too."""
        try:
            text, wrong = play(*arguments)
        except RuntimeError as error:
            text, wrong = "", [str(error)]
        self.tell(name, text, wrong)

    def end(self):
        print(f"{self.good} passed, {self.bad} failed")
        return 1 if self.bad else 0


def add_options(parser):
    def path(text):
        return pathlib.Path(text).resolve()
    parser.add_argument("--build", default=ROOT / "build", type=path, help="where the programs are")
    parser.add_argument("--weir", type=path, help="another relay than the one there")
    parser.add_argument("--keep", action="store_true", help="keep logs and traces, and say where")


def prepare(options, prefix):
    """The folder for this run, gone at exit; and as many open files as we may have."""
    options.weir = options.weir or options.build / "weir"
    for program in "weir-lab-clients", "weir-lab-source":
        if not (options.build / program).exists():
            sys.exit(f"{options.build / program} does not exist: cmake --preset release -DWEIR_TESTS=ON && "
                     "cmake --build build --target weir weir-lab-clients weir-lab-source")
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return begin(options.weir, prefix, options.keep)


def spread(values):
    """Text with median and worst, in ms."""
    return f"median {statistics.median(values):.0f} ms, worst {max(values):.0f} ms of {len(values)}"


def wait_until(moment):
    """A moment of time.monotonic()."""
    if stopping.wait(max(0.0, moment - time.monotonic())):
        raise RuntimeError("stopped")
