"""`weir push`: through a proxy that cuts at every byte, over a link that breaks, and against a server that holds each
request and packet of --wm against the protocol."""

import pathlib
import socket
import struct
import sys
import threading

import asf
from bench import ffmpeg_file
from checks import Fail, check, expect, poll
from player import same
from procs import Process

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from split_proxy import SplitProxy  # noqa: E402: it lives in the folder just named

ENDS = 40  # seconds: a file of 4 s, the first part of it byte by byte
CUT_FINE = 20_000  # bytes of which each is a piece of its own


def packets_of(path):
    with open(path, "rb") as file:
        _, size, count = asf.read_header(file.read)
        return list(asf.read_packets(file.read, size, count))


def media_of(packet):
    """What a packet holds, without times and object numbers: behind a loss those go on from what was served."""
    return [(one.stream, one.key, one.offset, one.data) for one in asf.Packet(packet).payloads]


def clip(bench):
    path = ffmpeg_file(bench.folder)
    if path is None:
        raise Fail("there is no ffmpeg to make a file with")
    return path, packets_of(path)


def push(bench, url, path, *more):
    return Process([bench.binary, "push", path, url, *more], bench.folder / f"push{len(url)}{len(more)}.log")


def has_ended(process):
    expect(poll(lambda: process.returncode() is not None, ENDS), f"it does not end: {process.last_words()}")
    expect(process.returncode() == 0, f"exit code {process.returncode()}: {process.last_words()}")


def through_the_proxy(bench, *form):
    path, packets = clip(bench)
    channel = bench.channel()
    proxy = SplitProxy(bench.target("").address, limit=CUT_FINE)
    try:
        pushing = push(bench, f"http://127.0.0.1:{proxy.port}/{channel}", path, *form)
        player = bench.player(channel)
        has_ended(pushing)
        player.has(len(packets))
        expect(not (difference := same(player.packets(), packets)), difference)
        expect(proxy.cuts > CUT_FINE, f"only {proxy.cuts} pieces")
        expect(", 0 dropped, 0 reconnects" in pushing.last_words(), pushing.last_words())
    finally:
        proxy.stop()


@check("weir push --wm through a proxy that cuts at every byte arrives byte for byte")
def windows_media_cut(bench):
    through_the_proxy(bench, "--wm")


@check("weir push through a proxy that cuts at every byte arrives byte for byte")
def raw_cut(bench):
    through_the_proxy(bench)


@check("weir push comes back when its link breaks, and its player stays")
def broken_link(bench):
    path, packets = clip(bench)
    for form in ((), ("--wm",)):
        channel = bench.channel()
        proxy = SplitProxy(bench.target("").address, piece=4096)
        try:
            pushing = push(bench, f"http://127.0.0.1:{proxy.port}/{channel}", path, *form)
            player = bench.player(channel)
            expect(player.has(len(packets) // 4), f"only {player.count()} packets came: {pushing.last_words()}")
            proxy.drop()
            has_ended(pushing)
            expect(", 1 reconnects" in pushing.last_words(), pushing.last_words())
            last = media_of(packets[-1])
            expect(poll(lambda: player.packets() and media_of(player.packets()[-1]) == last, 5),
                   "the file's last packet does not come")
            expect(", 0 reconnects" in (words := player.end()), f"the player was dropped: {words}")
        finally:
            proxy.stop()


class Server:
    """Takes one push of [MS-WMHTTP] and keeps what was wrong with it. It answers as wmhttp's section 2.2 has it."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.wrong, self.packets, self.header, self.ended = [], [], b"", None
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def join(self):
        self._thread.join(10)
        self._listener.close()
        return not self._thread.is_alive()

    def _demand(self, condition, what):
        if not condition:
            self.wrong.append(what)

    def _head(self, stream):
        line = stream.readline().decode().rstrip("\r\n")
        fields = {}
        while (one := stream.readline().decode().rstrip("\r\n")):
            name, _, value = one.partition(": ")
            fields[name.lower()] = value
        self._demand(line == "POST /news HTTP/1.1", line)
        for name in ("pragma", "server", "set-cookie", "supported", "transfer-encoding"):
            self._demand(name not in fields, f"a request has {name}")
        for name in ("host", "user-agent", "content-length", "content-type", "cookie"):
            self._demand(name in fields, f"a request without {name}")
        self._demand(fields.get("user-agent", "").startswith("WMEncoder/"), fields.get("user-agent"))
        return fields

    def _serve(self):
        client = self._listener.accept()[0]
        client.settimeout(20)
        with client, client.makefile("rb") as stream:
            setup = self._head(stream)
            self._demand(setup.get("content-type") == "application/x-wms-pushsetup", "the first is no PushSetup")
            self._demand(setup.get("cookie") == "push-id=0", setup.get("cookie"))
            stream.read(int(setup["content-length"]))
            client.sendall(b"HTTP/1.1 204 No Content\r\nServer: Cougar/9.01.01.3841\r\nContent-Length: 0\r\n"
                           b"Pragma: no-cache, timeout=60000\r\nCache-Control: no-cache\r\n"
                           b"Set-Cookie: push-id=4124758405\r\n\r\n")
            start = self._head(stream)
            self._demand(start.get("content-type") == "application/x-wms-pushstart", "the second is no PushStart")
            self._demand("push-id=4124758405" in start.get("cookie", ""), start.get("cookie"))
            self._demand(start.get("content-length") == "2147483647", start.get("content-length"))
            self._body(stream)

    def _body(self, stream):
        while len(head := stream.read(4)) == 4:
            mark, letter, length = struct.unpack("<BcH", head)
            payload = stream.read(length)
            self._demand(mark == 0x24 and self.ended is None, f"{head!r}, after the end: {self.ended}")
            if letter == b"H":
                self._demand(not self.header and not self.packets, "a second $H")
                self.header = payload
            elif letter == b"D":
                self._demand(bool(self.header), "$D before $H")
                self.packets.append(payload)
            elif letter == b"E":
                self._demand(length == 4, f"$E of {length} bytes")
                self.ended = int.from_bytes(payload, "little")
            else:
                self.wrong.append(f"packet {letter!r}")


@check("8 what weir push --wm sends is a push as the protocol has it")
def by_the_letter(bench):
    path, packets = clip(bench)
    server = Server()
    pushing = push(bench, f"http://127.0.0.1:{server.port}/news", path, "--wm")
    has_ended(pushing)
    expect(server.join(), "the server still reads")
    expect(not server.wrong, "; ".join(server.wrong[:3]))
    expect(server.ended == 0, f"$E {server.ended}")
    expect(asf.packet_size(server.header) == len(packets[0]), "the header has another packet size")
    expect(not (difference := same(server.packets, packets)), difference)
