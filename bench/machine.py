"""The machine that is measured on: a network of its own, cores, limits, and what the kernel says of processes."""

import ctypes
import fcntl
import os
import pathlib
import platform
import resource
import signal
import socket
import struct
import subprocess
import time

SERVER_CORE, LOAD_CORE = 0, 1
MTU = 1500  # loopback's usual 64 KB flatters whoever writes little at a time
DESCRIPTORS = 65536
_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
_SET_FLAGS, _SET_MTU = 0x8914, 0x8922
_UP_RUNNING = 0x41
_DIE_WITH_PARENT = 1
_TICKS = os.sysconf("SC_CLK_TCK")
_LIBC = ctypes.CDLL(None, use_errno=True)


def own_network():
    """Moves this process and all that it starts into a network of nothing but loopback. "" or why not."""
    user, group = os.getuid(), os.getgid()
    if _LIBC.unshare(_NEW_NET) != 0:
        if _LIBC.unshare(_NEW_USER | _NEW_NET) != 0:
            return f"loopback of the machine, no namespace: {os.strerror(ctypes.get_errno())}"
        for name, text in ("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1"):
            pathlib.Path("/proc/self", name).write_text(text, encoding="ascii")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plug:
        fcntl.ioctl(plug, _SET_MTU, struct.pack("16si12x", b"lo", MTU))
        fcntl.ioctl(plug, _SET_FLAGS, struct.pack("16sh14x", b"lo", _UP_RUNNING))
    return ""


def raise_limits():
    """Descriptors for 10,000 connections on either side. Says how many there are."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, max(hard, DESCRIPTORS)))
    except (ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def free_port():
    with socket.socket() as plug:
        plug.bind(("127.0.0.1", 0))
        return plug.getsockname()[1]


def busy(core):
    """Seconds that a core has been busy, whoever it was, interrupts included."""
    for line in pathlib.Path("/proc/stat").read_text(encoding="ascii").splitlines():
        if line.startswith(f"cpu{core} "):
            user, nice, system, _, _, irq, soft = map(int, line.split()[1:8])
            return (user + nice + system + irq + soft) / _TICKS
    return 0.0


def describe():
    """(kernel, processor)"""
    cpu = next((line.partition(":")[2].strip() for line in
                pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
                if line.startswith("model name")), platform.machine())
    return platform.release(), f"{cpu}, {os.cpu_count()} cores"


def commit(root):
    """Of what is measured; that its documents have changed since is no matter."""
    def git(*argv):
        return subprocess.run(["git", "-C", str(root), *argv], capture_output=True, text=True, check=False)

    name = git("describe", "--always").stdout.strip()
    changed = git("diff", "--quiet", "HEAD", "--", ".", ":!docs").returncode
    return f"{name}{'-dirty' if changed else ''}" if name else "unknown"


class Program:
    """A process pinned to a core; its output goes to a file, or to a pipe with `talks`."""

    def __init__(self, argv, core, log, talks=False):
        core = core if os.cpu_count() > 1 else 0

        def prepare():
            os.sched_setaffinity(0, {core})
            _LIBC.prctl(_DIE_WITH_PARENT, signal.SIGKILL)

        self.log = log
        with open(log, "ab") as out:
            self.process = subprocess.Popen([str(one) for one in argv], preexec_fn=prepare, stderr=out, text=True,
                                            stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
                                            stdout=subprocess.PIPE if talks else out)

    def cpu(self):
        """Seconds of all threads, user and system."""
        fields = self._proc("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def resident(self):
        """Bytes."""
        return next(int(line.split()[1]) * 1024 for line in self._proc("status").splitlines()
                    if line.startswith("VmRSS"))

    def _proc(self, name):
        return pathlib.Path(f"/proc/{self.process.pid}/{name}").read_text(encoding="utf-8")

    def is_running(self):
        return self.process.poll() is None

    def last_words(self):
        return " | ".join(pathlib.Path(self.log).read_text(encoding="utf-8", errors="replace").splitlines()[-3:])

    def kill(self):
        """As if the machine's power went: no goodbye from the program itself."""
        if self.is_running():
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self):
        if self.is_running():
            self.process.terminate()
        try:
            self.process.wait(3)
        except subprocess.TimeoutExpired:
            self.kill()


def await_that(condition, seconds, complaint, *programs):
    """Until it is so; a RuntimeError with that complaint and the programs' last words where it is not to be."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until or not all(one.is_running() for one in programs):
            raise RuntimeError(": ".join([complaint, *(one.last_words() for one in programs)]))
        time.sleep(0.05)
