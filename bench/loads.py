"""The loads, and one round of one of them on one server."""

import dataclasses
import json
import socket
import time

import machine
import servers

READY = 20  # seconds for a server to have the stream
ONE_MBIT = 1_000_000
FLOORS = ("floor-epoll-50", "floor-uv-50", "floor-uv-100")
MARK = b"\xB5w\x91b\xC3n\x9Em"  # of a packet: load/stamp.hpp
FIRST = 100  # clients that are there before memory is counted
SHORT = 3  # seconds of a quick round


@dataclasses.dataclass
class Load:
    name: str
    text: str
    servers: tuple
    columns: tuple  # of the table, by their names in report.py
    clients: int
    streams: int = 1
    rate: int = ONE_MBIT  # bits a second of each stream
    seconds: float = 15
    preheat: float = 0  # seconds that the stream runs before the first client comes
    log_bytes: int = 0  # of a stream that a server keeps; 0: its default
    sample: int = 1
    clients_options: tuple = ()
    variants: tuple = (("", ()),)  # each server is measured with each: what is said behind its name, more options
    source_dies: bool = False
    latency_like: str = ""  # weir's latency is set so that its median is no higher than this server's


_COST = ("cpu_gb", "ratio", "latency", "core", "missing", "load")
LOADS = [
    Load("plain", "plain HTTP, 1 Mbit/s x 2,000 clients on 1 stream",
         ("weir", "cubemap", "floor-epoll-20", "floor-epoll-50", "floor-epoll-100", "floor-uv-50", "floor-uv-100"),
         _COST, 2000),
    Load("streams", "plain HTTP, 1 Mbit/s x 8 streams x 200 clients", ("weir", "cubemap", *FLOORS), _COST, 1600,
         streams=8),
    Load("plain-matched", "as `plain`, with weir's `latency` so that its p50 is no higher than Cubemap's",
         ("weir", "cubemap"), ("setting", *_COST), 2000, latency_like="cubemap"),
    Load("streams-matched", "as `streams`, with weir's `latency` so that its p50 is no higher than Cubemap's",
         ("weir", "cubemap"), ("setting", *_COST), 1600, streams=8, latency_like="cubemap"),
    Load("icecast", "plain HTTP, 1 Mbit/s x 500 clients on 1 stream", ("weir", "icecast", "cubemap", *FLOORS), _COST,
         500, clients_options=("--ramp", 100)),
    Load("wmsp", "plain HTTP and Windows Media's framing, 1 Mbit/s x 2,000 clients on 1 stream", ("weir",), _COST, 2000,
         variants=(("", ()), (", WMSP", ("--wmsp", 1)))),
    Load("ten-thousand", "plain HTTP, 1 Mbit/s x 10,000 clients on 1 stream, for 60 s",
         ("weir", "cubemap", "floor-epoll-50", "floor-epoll-100", "floor-uv-100"), ("held", *_COST), 10000, seconds=60,
         sample=10),
    Load("memory", "resident memory, 2,000 clients on 1 stream of 250 kbit/s, beyond the first 100; logs of 256 KiB that are full",
         ("weir", "cubemap", "icecast", "floor-epoll-50", "floor-uv-50"), ("memory",), 2000, rate=250_000,
         preheat=12, log_bytes=256 << 10, seconds=3, clients_options=("--first", FIRST)),
    Load("storm", "10,000 connects at once, 1 stream of 100 kbit/s with a key frame a second",
         ("weir", "cubemap", "floor-epoll-50", "floor-uv-50"), ("storm", "missing", "load"), 10000, rate=100_000,
         seconds=3, clients_options=("--ramp", 0)),
    Load("storm-500", "500 connects at once, 1 stream of 100 kbit/s with a key frame a second",
         ("weir", "icecast", "cubemap"), ("storm", "missing"), 500, rate=100_000, seconds=3,
         clients_options=("--ramp", 0)),
    Load("slow", "1 Mbit/s x 2,000 clients on 1 stream, without and with 10 % of them reading 4 KB/s; figures are of the "
         "others", ("weir", "cubemap", "floor-epoll-50"), (*_COST[:-1], "slow", "load"), 2000,
         variants=(("", ()), (", 10 % slow", ("--slow", 10)))),
    Load("death", "1 Mbit/s x 500 clients; the source is killed and comes back", ("weir", "icecast", "cubemap"),
         ("dropped",), 500, seconds=12, clients_options=("--ramp", 100), source_dies=True),
]


class Round:
    """One server under one load. `figures` is what came of it."""

    def __init__(self, load, server_name, folder, seconds, crowd_options, more):
        self.load, self.folder, self.seconds = load, folder, seconds
        self._crowd_options = [*load.clients_options, *crowd_options]
        self.server = servers.SERVERS[server_name](load, folder, **more)
        self.figures = {}
        self._source = None

    def play(self):
        try:
            self._start()
            time.sleep(self.load.preheat)
            self._measure()
        finally:
            for program in self._source, self.server.program:
                if program:
                    program.end()
        return self.figures

    def _start(self):
        if self.server.way == "serve":
            self._start_source()
        program = self.server.start()
        machine.await_that(self._listens, READY, "it does not listen", program)
        if self.server.way != "serve":
            self._start_source()
        machine.await_that(self._plays, READY, "it has no stream", program, self._source)

    def _start_source(self):
        self._source = machine.Program(
            [servers.LOADS / "weir-bench-source", *self.server.source_options(), "--streams", self.load.streams,
             "--rate", self.load.rate], machine.LOAD_CORE, self.folder / "source.log")

    def _listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.server.port), 1).close()
        except OSError:
            return False
        return True

    def _plays(self):
        """Do packets of the last stream come?"""
        try:
            with socket.create_connection(("127.0.0.1", self.server.port), 2) as plug:
                plug.sendall(f"GET /s{self.load.streams - 1} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
                heard = b""
                while MARK not in heard and (piece := plug.recv(65536)):
                    heard += piece
                return MARK in heard
        except OSError:
            return False

    def _measure(self):
        load, server = self.load, self.server.program
        crowd = machine.Program(
            [servers.LOADS / "weir-bench-clients", "--connect", self.server.address, "--clients", load.clients,
             "--streams", load.streams, "--seconds", self.seconds, "--sample", load.sample, *self._crowd_options],
            machine.LOAD_CORE, self.folder / "clients.log", talks=True)
        try:
            before, few, many = None, 0, 0
            connecting = server.cpu()
            for line in crowd.process.stdout:
                line = line.strip()
                if line == "first":
                    few = server.resident()
                    crowd.process.stdin.write("\n")
                    crowd.process.stdin.flush()
                elif line == "play":
                    connecting = server.cpu() - connecting
                elif line == "begin":
                    before = time.monotonic(), server.cpu(), machine.busy(machine.SERVER_CORE)
                    if load.source_dies:
                        self._let_die()
                elif line == "end":
                    wall = time.monotonic() - before[0]
                    cpu = server.cpu() - before[1]
                    core = machine.busy(machine.SERVER_CORE) - before[2]
                    many = server.resident()
                else:
                    self._reckon(json.loads(line), wall, cpu, core, few, many)
                    self.figures["connect_ms"] = connecting * 1000 / load.clients
        finally:
            crowd.end()
        if not self.figures:
            raise RuntimeError(f"the clients of {self.server.name} say nothing: {crowd.last_words()}")

    def _let_die(self):
        time.sleep(self.seconds / 4)
        self._source.kill()
        time.sleep(self.seconds / 4)
        self._start_source()

    def _reckon(self, report, wall, cpu, core, few, many):
        load = self.load
        delivered = report["bytes"] + report["slow_bytes"]
        slow = dict(zip(self._crowd_options[::2], self._crowd_options[1::2])).get("--slow", 0)
        fast = load.clients * (100 - slow) // 100
        self.figures = {
            "cpu_gb": cpu / delivered * 1e9 if delivered else 0, "cpu": cpu / wall, "others": max(0, core - cpu) / wall,
            "held": report["bytes"] * 8 / (report["seconds"] * load.rate * fast), "kb_client": 0,
            "all_play_s": report["all_play_s"], "load_cpu": report["load_cpu"],
            "not_playing": load.clients - report["playing"],
            **{key: report[key] for key in ("refused", "closed", "slow_closed", "resumed", "lost", "slow_lost")}}
        if few:
            self.figures["kb_client"] = (many - few) / 1024 / (load.clients - FIRST)
        for what in "latency", "first_byte", "first_packet":
            times = report[what + "_ms"] or {}
            for key in "p50", "p99", "max":
                self.figures[f"{what}_{key}"] = times.get(key, float("nan"))
