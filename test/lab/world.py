"""Machines made of network namespaces, each with a cable of its own to one router. Nothing of them outlives us.

A namespace has no name; it lives as long as a process that waits for the end of its standard input, which is a pipe of
ours. So it is gone when we are, whatever ended us.
"""

import contextlib
import ctypes
import functools
import os
import subprocess

CLONE_NEWNET = 0x40000000
SETUP = "ip link set lo up && echo ready && exec cat"
FILTER = "table ip lab {\n chain forward {\n type filter hook forward priority 0\n }\n}"


class Refused(Exception):
    """This machine lets us have no namespaces; the reason."""


class Host:
    """A network namespace and a mount namespace, and the process that keeps them."""

    def __init__(self, name, address):
        self.name, self.address = name, address
        self._keeper = subprocess.Popen(["unshare", "--net", "--mount", "sh", "-c", SETUP], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        if self._keeper.stdout.readline() != b"ready\n":
            reason = self._keeper.stderr.read().decode(errors="replace").strip()
            self.close()
            raise Refused(reason or "unshare says nothing")

    @property
    def pid(self):
        return self._keeper.pid

    def command(self, argv):
        """argv as it is run on this machine. Its paths must be absolute."""
        return ["nsenter", f"--net=/proc/{self.pid}/ns/net", f"--mount=/proc/{self.pid}/ns/mnt", *map(str, argv)]

    def run(self, *argv):
        """Runs a command that ends by itself."""
        done = subprocess.run(self.command(argv), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{self.name}: {' '.join(map(str, argv))}: {done.stderr.strip()}")

    @contextlib.contextmanager
    def inside(self):
        """Sockets that this thread makes meanwhile are on this machine, and stay there."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/thread-self/ns/net", "rb") as home, open(f"/proc/{self.pid}/ns/net", "rb") as there:
            if libc.setns(there.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
            try:
                yield
            finally:
                if libc.setns(home.fileno(), CLONE_NEWNET):
                    os.abort()  # a thread that is lost in another namespace must not go on

    def close(self):
        self._keeper.stdin.close()
        self._keeper.wait()
        self._keeper.stdout.close()
        self._keeper.stderr.close()


class World:
    """The router and its hosts, by name."""

    def __init__(self, *names):
        self.hosts = {}
        self.router = Host("router", "10.77.0.1")
        try:
            self.router.run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1")
            self.router.run("nft", FILTER)
            for number, name in enumerate(names, 1):
                self._add(name, number)
        except BaseException:
            self.close()
            raise

    def _add(self, name, number):
        gateway = f"10.77.{number}.1"
        host = self.hosts[name] = Host(name, f"10.77.{number}.2")
        self.router.run("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", host.pid)
        self.router.run("ip", "addr", "add", f"{gateway}/24", "dev", name)
        self.router.run("ip", "link", "set", name, "up")
        host.run("ip", "addr", "add", f"{host.address}/24", "dev", "eth0")
        host.run("ip", "link", "set", "eth0", "up")
        host.run("ip", "route", "add", "default", "via", gateway)

    def close(self):
        """When all programs on these machines have ended."""
        for host in [*self.hosts.values(), self.router]:
            host.close()
        self.hosts = {}


class Loopback:
    """This machine as it is, for where there are no namespaces."""

    def __init__(self):
        self.name, self.address = "loopback", "127.0.0.1"

    @staticmethod
    def command(argv):
        return list(map(str, argv))

    @staticmethod
    def inside():
        return contextlib.nullcontext()


@functools.cache
def refused():
    """Why there are no namespaces here, or ""."""
    try:
        World("probe").close()
    except (Refused, RuntimeError, OSError) as error:
        return str(error).partition("\n")[0]
    return ""
