"""The servers that are measured: weir, its peers, the floors. Each makes its configuration, and is ready for N streams,
/s0 and so on, on a port of loopback. Where a peer offers more to newcomers than the newest (a burst), that is off for
all, so that all do the same work."""

import pathlib
import shutil
import subprocess

import machine

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"
LOADS = BUILD / "bench" / "load"
PEERS = BUILD / "peers"  # where cmake/deps.sh unpacks them
PASSWORD = "bench"
LATENCY_MAX = 400  # weir's default, in milliseconds: `latency` may be no more than that


def program(name):
    """The path of a peer's program, or None."""
    return next((str(path) for path in (PEERS / "usr" / "bin" / name, PEERS / "usr" / "sbin" / name)
                 if path.exists()), shutil.which(name))


class Server:
    """One start of a server. `way` is how weir-bench-source feeds it."""
    name = ""
    way = "push"

    def __init__(self, load, folder, **more):
        self.load, self.folder = load, folder
        self.port = machine.free_port()
        self.source_port = machine.free_port()  # where Cubemap finds the source
        self.more = more
        self.program = None
        self.argv = self.prepare()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def prepare(self):
        """Writes what it needs to `folder`, returns its command."""
        raise NotImplementedError

    def start(self):
        self.program = machine.Program(self.argv, machine.SERVER_CORE, self.folder / "server.log")
        return self.program

    def source_options(self):
        at = f"127.0.0.1:{self.source_port}" if self.way == "serve" else self.address
        return [f"--{self.way}", at, "--password", PASSWORD]

    @classmethod
    def missing(cls):
        """Why it cannot be measured here, or ""."""
        return ""

    @classmethod
    def version(cls):
        return ""

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path


class Weir(Server):
    name = "weir"

    def prepare(self):
        keys = {"server": ["max_connections = 20000"], "channel": ['burst = "0s"']}
        if latency := self.more.get("latency"):
            keys["server"] += [f'latency = "{latency}ms"', f'latency_max = "{max(latency, LATENCY_MAX)}ms"']
        if self.load.log_bytes:
            keys["channel"] += [f'log_size = "{self.load.log_bytes}"', 'log_time = "1h"']
        text = "\n".join(["[server]", *keys["server"], "[[listen]]", 'protocol = "http"',
                          f'address = "{self.address}"'])
        for index in range(self.load.streams):
            text += "\n".join(["", "[[channel]]", f'name = "s{index}"', 'sources = ["push:"]', *keys["channel"]])
        return [BUILD / "weir", "run", "-c", self.write("weir.toml", text + "\n")]

    @classmethod
    def version(cls):
        return first_line([BUILD / "weir", "version"])


class Cubemap(Server):
    name = "cubemap"
    way = "serve"

    def prepare(self):
        log = f" backlog_size={self.load.log_bytes}" if self.load.log_bytes else ""
        text = f"num_servers 1\nlisten {self.address}\nerror_log type=console\n"
        for index in range(self.load.streams):
            text += f"stream /s{index} src=http://127.0.0.1:{self.source_port}/s{index}{log}\n"
        return [program("cubemap"), self.write("cubemap.config", text)]

    @classmethod
    def missing(cls):
        return "" if program("cubemap") else "it is not installed"

    @classmethod
    def version(cls):
        return debian_version("cubemap")


class Icecast(Server):
    name = "icecast"
    way = "icecast"

    def prepare(self):
        base = pathlib.Path(program("icecast2")).parents[1] / "share" / "icecast2"
        etc = base.parents[2] / "etc" / "icecast2" if base.is_relative_to(PEERS) else base
        # It refuses to run as root, and gives its rights up by itself.
        self.folder.chmod(0o777)
        log = self.load.log_bytes or 524288
        text = f"""<icecast>
  <limits><clients>20000</clients><sources>20</sources><queue-size>{log}</queue-size>
    <client-timeout>60</client-timeout><header-timeout>60</header-timeout><source-timeout>20</source-timeout>
    <burst-on-connect>0</burst-on-connect><burst-size>0</burst-size></limits>
  <authentication><source-password>{PASSWORD}</source-password><relay-password>{PASSWORD}</relay-password>
    <admin-user>admin</admin-user><admin-password>{PASSWORD}</admin-password></authentication>
  <hostname>localhost</hostname>
  <listen-socket><port>{self.port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
  <fileserve>0</fileserve>
  <paths><basedir>{base}</basedir><logdir>{self.folder}</logdir><webroot>{etc}/web</webroot>
    <adminroot>{etc}/admin</adminroot></paths>
  <logging><accesslog>access.log</accesslog><errorlog>error.log</errorlog><loglevel>2</loglevel></logging>
  <security><chroot>0</chroot>
    <changeowner><user>nobody</user><group>nogroup</group></changeowner></security>
</icecast>
"""
        return [program("icecast2"), "-c", self.write("icecast.xml", text)]

    @classmethod
    def missing(cls):
        return "" if program("icecast2") else "it is not installed"

    @classmethod
    def version(cls):
        return debian_version("icecast2")


class Floor(Server):
    """`flush` in milliseconds."""
    kind, flush = "", 0

    def prepare(self):
        return [LOADS / f"weir-floor-{self.kind}", "--listen", self.address, "--streams", self.load.streams,
                "--flush", self.flush]


def floor(kind, flush):
    return type(f"Floor{kind}{flush}", (Floor,), {"name": f"floor-{kind}-{flush}", "kind": kind, "flush": flush})


def first_line(argv):
    done = subprocess.run([str(one) for one in argv], capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).partition("\n")[0].strip()


def debian_version(package):
    unpacked = next(PEERS.glob(f"{package}_*.deb"), None)
    if unpacked:
        return unpacked.name.split("_")[1].replace("%3a", ":")
    return first_line(["dpkg-query", "-W", "-f", "${Version}", package])


SERVERS = {one.name: one for one in
           (Weir, Cubemap, Icecast, *(floor("epoll", ms) for ms in (20, 50, 100)), *(floor("uv", ms) for ms in (50, 100)))}
