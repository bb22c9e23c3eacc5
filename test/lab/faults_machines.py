"""Faults of machines: name servers, disks, logs, descriptors, clocks."""

import fcntl
import os
import pathlib
import select
import socket
import struct
import threading
import time

from cables import Unavailable
from programs import wait
from scenario import scenario

AWAY = 5  # seconds that an encoder is away
UPTIME = 6  # seconds after which it is a good source again: more than min_uptime
NAME = "encoder.lab"
FRESH = 31  # seconds that weir keeps an address without asking again, and one more
LOG_DISK = 64 * 1024
FILES = 128  # descriptors that the relay may have
SPARE = 16  # of them, which nobody but sources and the admin port may have
IDLE = 200  # connections that want them
PAUSE = 1  # seconds between an idle connection's end and the next
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"
DAY = 86400


def lose_encoder(stage, seconds=AWAY):
    stage.encoder.kill()
    wait(seconds)
    stage.encoder.release()


# --- names

class NameServer:
    """Answers every question for an IPv4 address with the same one, and every other with "there is none"."""

    def __init__(self, host, address):
        self.answers = True
        with host.inside():
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._socket.bind((host.address, 53))
        self._address = socket.inet_aton(address)
        self._wake, self._stop = socket.socketpair()
        self.asked = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while self._wake not in select.select([self._socket, self._wake], [], [])[0]:
            question, client = self._socket.recvfrom(4096)
            self.asked += 1
            if self.answers:
                self._socket.sendto(self._answer(question), client)

    def _answer(self, question):
        end = question.index(b"\0", 12) + 5  # of the name, its type and its class
        is_address = question[end - 4:end - 2] == b"\0\1"
        head = question[:2] + struct.pack("!HHHHH", 0x8580, 1, int(is_address), 0, 0)
        record = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 5, 4) + self._address
        return head + question[12:end] + (record if is_address else b"")

    def close(self):
        self._stop.send(b".")
        self._thread.join()
        for one in self._socket, self._wake, self._stop:
            one.close()


def names(stage):
    stage.names = stage.keep(NameServer(stage.host("names"), stage.host("encoder").address))
    resolv = stage.folder / "resolv.conf"
    resolv.write_text(f"nameserver {stage.host('names').address}\n")
    hosts = pathlib.Path("/etc/resolv.conf").resolve()
    stage.host("relay").run("mount", "--bind", resolv, hosts)
    return {}


@scenario("names", f"the source is named by a host name, the name server stops answering, {FRESH} s later the encoder "
          f"is killed, and is back {AWAY} s later", ("pull",), variants=("netns",), within=20, prepare=names,
          host_name=NAME, machines=("names",))
def name_server(stage, _):
    if not stage.names.asked:
        stage.wrong.append("the name server was never asked")
    stage.names.answers = False
    wait(FRESH)
    asked = stage.names.asked
    lose_encoder(stage)
    wait(1)
    if stage.names.asked == asked:
        stage.wrong.append("nobody asked the name server that does not answer")


# --- logs

def small_disk(stage):
    """A log on a disk of LOG_DISK bytes; without namespaces, on a device that is always full."""
    stage.has_log = False
    if stage.variant == "proxy":
        return {"wrap": ["sh", "-c", 'exec "$@" 2>/dev/full', "sh"]}
    stage.disk = stage.folder / "disk"
    stage.disk.mkdir()
    stage.host("relay").run("mount", "-t", "tmpfs", "-o", f"size={LOG_DISK}", "lab", stage.disk)
    return {"wrap": ["sh", "-c", f'exec "$@" 2>{stage.disk}/log', "sh"]}


@scenario("log-full", "the disk of the log is full while the encoder is killed and back 5 s later", ("push",),
          prepare=small_disk, quick=())
def log_full(stage, _):
    if stage.variant == "netns":
        stage.host("relay").run("sh", "-c", f"cat /dev/zero >{stage.disk}/rest 2>&1; test -s {stage.disk}/rest")
    lose_encoder(stage)
    wait(2)
    if stage.variant == "netns":
        log_goes_on(stage)


def log_goes_on(stage):
    """With room on the disk again there are lines again."""
    relay = stage.host("relay")
    relay.run("sh", "-c", f"rm {stage.disk}/rest; wc -c <{stage.disk}/log >{stage.folder}/before")
    lose_encoder(stage, 1)
    wait(2)
    relay.run("sh", "-c", f"tail -c +$(($(cat {stage.folder}/before) + 1)) {stage.disk}/log >{stage.folder}/after")
    words = (stage.folder / "after").read_text(errors="replace")
    if "back on air" not in words:
        stage.wrong.append(f"with room on the disk again the log says {words[-200:]!r}")


def full_pipe(stage):
    """Its log is a pipe that is full before the first line, and that nobody reads."""
    stage.has_log = False
    path = stage.folder / "pipe"
    os.mkfifo(path)
    pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    stage.keep(os.fdopen(pipe, "rb", 0))
    fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 4096)
    try:
        while True:
            os.write(pipe, b"x" * 512)
    except BlockingIOError:
        pass
    return {"wrap": ["sh", "-c", f'exec "$@" 2>{path}', "sh"]}


@scenario("log-pipe", "nobody reads the pipe that is the log; the encoder is killed, and is back 5 s later", ("push",),
          prepare=full_pipe, quick=(0,))
def log_pipe(stage, _):
    lose_encoder(stage)


# --- descriptors

class Idlers:
    """Connections that say nothing, and that are opened again so many seconds after they were closed."""

    def __init__(self, host, relay, count, pause):
        self._host = host
        name, _, port = relay.address.rpartition(":")
        self._address = name, int(port)
        self._pause, self._count = pause, count
        self._wake, self._stop = socket.socketpair()
        self._plugs = set()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _open(self):
        with self._host.inside():
            while len(self._plugs) < self._count:
                plug = socket.socket()
                plug.settimeout(1)
                try:
                    plug.connect(self._address)
                except OSError:
                    plug.close()
                    return
                self._plugs.add(plug)

    def _run(self):
        self._open()
        due = time.monotonic() + self._pause
        while True:
            ready = select.select([self._wake, *self._plugs], [], [], 0.02)[0]
            if self._wake in ready:
                return
            for plug in ready:
                self._plugs.discard(plug)
                plug.close()
            if time.monotonic() >= due:
                self._open()
                due = time.monotonic() + self._pause

    def close(self):
        self._stop.send(b".")
        self._thread.join()
        for one in self._plugs:
            one.close()
        self._wake.close()
        self._stop.close()


def few_files(_):
    return {"wrap": ["prlimit", f"--nofile={FILES}:{FILES}"]}


@scenario("files", f"idle connections take all of {FILES} descriptors and come again {PAUSE} s after they were closed; "
          "the encoder is killed, and is back 5 s later", ("push", "pull"), prepare=few_files, quick=(0,), lines=8)
def files(stage, _):
    stage.keep(Idlers(stage.host("clients"), stage.relays[-1], IDLE, PAUSE))
    wait(3)
    used = len(os.listdir(f"/proc/{stage.relays[-1].process.pid}/fd"))
    if used > FILES - SPARE:
        stage.wrong.append(f"{used} of {FILES} files are open: fewer than {SPARE} are left for sources")
    lose_encoder(stage)
    if not stage.relays[-1].status():
        stage.wrong.append(f"with {used} of {FILES} files open it does not tell its status")


# --- clocks

def faked_clock(stage):
    """Its wall clock is what a file says, read anew each second; CLOCK_MONOTONIC is the machine's."""
    if not os.path.exists(FAKETIME):
        raise Unavailable("libfaketime is not installed")
    stage.clock = stage.folder / "clock"
    stage.clock.write_text("+0\n")
    return {"wrap": ["env", f"LD_PRELOAD={FAKETIME}", f"FAKETIME_TIMESTAMP_FILE={stage.clock}",
                     "FAKETIME_CACHE_DURATION=1", "FAKETIME_DONT_FAKE_MONOTONIC=1"]}


@scenario("clock", "the wall clock is a day ahead, then a day behind, then right again; in each of them the encoder is "
          "killed, and is back 5 s later", ("push", "pull"), prepare=faked_clock, quick=(0,),
          events=lambda _: 3)
def clock(stage, _):
    for step in f"+{DAY}", f"-{DAY}", "+0":
        stage.clock.write_text(step + "\n")
        wait(2)
        lose_encoder(stage)
        stage.crowd.mark(f"clock {step}")
        if not stage.crowd.await_media(20):
            stage.wrong.append(f"no media within 20 s with the clock at {step} s")
        wait(UPTIME)
