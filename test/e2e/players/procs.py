"""Child processes that cannot outlive a test: each in a group of its own, under timeout, ended by its pid."""

import atexit
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]
VLC_USER = "weir-player"
once = threading.Lock()  # for what is made by whoever needs it first
stopping = threading.Event()


def begin(weir, prefix, keep):
    """What both programs here do first: a folder for this run, gone at exit; an exit on SIGTERM that cleans up."""
    if not weir.exists():
        sys.exit(f"{weir} does not exist: run make first")
    for number in signal.SIGINT, signal.SIGTERM:
        signal.signal(number, stop)
    folder = pathlib.Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o755)
    if keep:
        print("keeping everything in", folder)
    else:
        atexit.register(shutil.rmtree, folder)
    return folder


def stop(number, _):
    """Ends all waiting, in all threads: everybody cleans up."""
    stopping.set()
    sys.exit(128 + number)


def poll(condition, seconds, step=0.05):
    """Waits until condition() is true; False when it was not within these seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not stopping.is_set():
        if condition():
            return True
        time.sleep(step)
    return bool(condition())


def other_user():
    """Somebody who is not root, for VLC, which refuses root; None when we are not root ourselves."""
    if os.geteuid() != 0:
        return None
    with once:
        try:
            return pwd.getpwnam(VLC_USER)
        except KeyError:
            subprocess.run(["useradd", "--system", "--create-home", "--shell", "/bin/false", VLC_USER], check=True)
            return pwd.getpwnam(VLC_USER)


class Process:
    """argv under `timeout -k`, stderr and stdout in log, in a session of its own."""

    def __init__(self, argv, log, limit=60, user=None):
        env = dict(os.environ, LC_ALL="C")
        options = {}
        if user:
            env.update(HOME=user.pw_dir, USER=user.pw_name, LOGNAME=user.pw_name)
            options = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self.argv, self.log_path = argv, log
        with open(log, "wb") as out:
            self._child = subprocess.Popen(
                ["timeout", "-k", "3", str(limit), *map(str, argv)], stdin=subprocess.DEVNULL, stdout=out,
                stderr=out, cwd=log.parent, env=env, start_new_session=True, **options)

    @property
    def pid(self):
        """The program's own pid, timeout's only child; None once it has ended."""
        try:
            children = pathlib.Path(f"/proc/{self._child.pid}/task/{self._child.pid}/children").read_text().split()
        except OSError:
            return None
        return int(children[0]) if children else None

    def returncode(self):
        return self._child.poll()

    def send(self, number):
        """To the program alone; timeout would pass it on to the group and the program would get it twice."""
        if (pid := self.pid) is not None:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def end(self, number=signal.SIGTERM, grace=5):
        """Asks the program to end, then kills the whole group; returns its exit code."""
        self.send(number)
        poll(lambda: self._child.poll() is not None, grace)
        try:
            os.killpg(self._child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        return self._child.wait()

    def log(self):
        return self.log_path.read_text(errors="replace")

    def last_words(self):
        """The last line it printed, for a report."""
        lines = [line.strip() for line in re.split(r"[\r\n]+", self.log()) if line.strip()]
        return lines[-1][:160] if lines else "printed nothing"


def free_port():
    """A port that nobody listens on, for a program that cannot say which one the system gave it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Weir:
    """A relay with one channel, /live, on ports that the system picked."""

    CONFIG = """
[server]
name = "{name}"
[admin]
address = "127.0.0.1:0"
[[listen]]
protocol = "http"
address = "127.0.0.1:0"
[[channel]]
name = "live"
sources = {sources}
burst = "3s"
"""

    def __init__(self, binary, folder, limit=1200, sources=("push:",), name="weir"):
        self.name = name
        config = folder / f"{name}.toml"
        config.write_text(self.CONFIG.format(name=name, sources=json.dumps(list(sources))))
        self.process = Process([binary, "run", "-c", config], folder / f"{name}.log", limit)
        if not poll(lambda: self.listening("http") and self.listening("admin"), 10):
            self.process.end()
            raise RuntimeError(f"{name} does not listen: " + self.process.last_words())
        self.address = self.listening("http")

    def listening(self, protocol):
        found = re.search(rf"listening on (127\.0\.0\.1:\d+) \({protocol}\)", self.process.log())
        return found and found.group(1)

    def url(self, scheme="http", user=""):
        return f"{scheme}://{user}{self.address}/live"

    def channel(self):
        """What it says about its channel; {} when it does not answer."""
        try:
            with urllib.request.urlopen(f"http://{self.listening('admin')}/api/v1/status", timeout=10) as reply:
                return json.load(reply)["channels"][0]
        except OSError:
            return {}

    def end(self):
        """Stops it; what is wrong with how it ended, or nothing."""
        if (code := self.process.returncode()) is not None:
            return f"{self.name} ended by itself with {code}: {self.process.last_words()}"
        code = self.process.end(grace=15)
        return "" if code == 0 else f"{self.name} ended with {code} on SIGTERM: {self.process.last_words()}"


def helper(name, folder, library):
    """Compiles NAME.c of this folder once; returns a copy in `folder`, where another user may run it."""
    source = pathlib.Path(__file__).with_name(name + ".c")
    binary = ROOT / "build" / "players" / name
    with once:
        if not binary.exists() or binary.stat().st_mtime < source.stat().st_mtime:
            binary.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["cc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-o", binary, source, library],
                           check=True)
    # By a process of its own: a file that this one has open for writing, if only until a child of another thread has
    # reached its exec, cannot be run ("Text file busy").
    copy = folder / f"weir-{name}"
    subprocess.run(["cp", "-p", binary, copy], check=True)
    return copy
