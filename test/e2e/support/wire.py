"""HTTP on the wire, replies and one TCP connection; and Windows Media push from the encoder's side."""

import dataclasses
import select
import socket
import struct
import time
import urllib.parse

USER_AGENT = "WMEncoder/9.0.0.3287"
SETUP = "application/x-wms-pushsetup"
START = "application/x-wms-pushstart"
AUTO_DESTROY = b"AutoDestroy: 1\r\n"
WHOLE = 2147483647  # the Content-Length of an encoder that sees no proxy
MOST_PAYLOAD = 65531
MOST_PACKET = MOST_PAYLOAD + 4
PATIENCE = 10  # seconds for anything that the other side owes
MOST_REPLY = 65536


def packet(letter, payload=b"", length=None):
    """A framed packet; `length` says something else than what is there, for those that lie."""
    length = len(payload) if length is None else length
    return b"$" + letter.encode() + struct.pack("<H", length) + payload


def header(blob):
    return packet("H", blob)


def data(asf_packet):
    return packet("D", asf_packet)


def change(blob, reason=0):
    return packet("C", struct.pack("<I", reason) + blob)


def end(reason=0):
    return packet("E", struct.pack("<I", reason))


def filler(payload):
    return packet("F", bytes(payload))


def fits(size, remaining):
    """A packet of this size in all may be sent only if nothing or an empty filler still fits behind it."""
    return size == remaining or size + 4 <= remaining


def fillers(remaining):
    """The sizes, in all, of the fillers that use up the rest of a body; fewer than four bytes cannot be filled."""
    sizes = []
    while remaining >= 4:
        size = min(remaining, MOST_PACKET)
        if 0 < remaining - size < 4:
            size -= 4
        sizes.append(size)
        remaining -= size
    return sizes


def request(path, host, kind, length, push_id="0", *, version="1.1", agent=USER_AGENT, cookie=None, drop=(), extra=()):
    """The head of a POST as the encoder writes it. `drop` leaves headers out by name, `extra` adds whole lines."""
    lines = [("Content-Type", kind), ("X-Accept-Authentication", "NTLM, Digest"), ("User-Agent", agent),
             ("Host", host), ("Content-Length", length), ("Connection", "Keep-Alive"), ("Cache-Control", "no-cache"),
             ("Cookie", f"push-id={push_id}" if cookie is None else cookie)]
    text = [f"POST {path} HTTP/{version}", *(f"{name}: {value}" for name, value in lines if name not in drop), *extra]
    return "\r\n".join([*text, "", ""]).encode("latin-1")


class Lost(Exception):
    """The connection is gone or silent where something had to come."""


@dataclasses.dataclass
class Response:
    status: int
    reason: str
    headers: list  # (name as written, value)
    body: bytes

    def values(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name):
        return ", ".join(self.values(name))

    def push_id(self):
        """From Set-Cookie; None when there is none."""
        for value in self.values("Set-Cookie"):
            for part in value.split(";"):
                key, equals, rest = part.strip().partition("=")
                if equals and key.lower() == "push-id":
                    return rest
        return None

    def __str__(self):
        return f"{self.status} {self.reason}"


class Connection:
    """One TCP connection to a server; `source` is the local address to come from."""

    def __init__(self, address, source=None, receive_buffer=None):
        """`receive_buffer`: bytes that the system may hold for us; small for those who will not read."""
        self._socket = socket.socket()
        self._socket.settimeout(PATIENCE)
        if receive_buffer:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if source:
            self._socket.bind((source, 0))
        self._socket.connect(address)
        self._begin()

    @classmethod
    def accepted(cls, one):
        """The same from a server's side, of a socket that was accepted."""
        self = cls.__new__(cls)
        self._socket = one
        self._begin()
        return self

    def _begin(self):
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._got = b""

    def send(self, data):
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise Lost(f"cannot send: {error}") from error

    def send_slowly(self, data, piece=1):
        """In pieces, each a send of its own."""
        for at in range(0, len(data), piece):
            self.send(data[at:at + piece])

    def _fill(self, deadline):
        left = max(deadline - time.monotonic(), 0)
        if not select.select([self._socket], [], [], left)[0]:
            raise Lost("no answer")
        try:
            piece = self._socket.recv(65536)
        except OSError as error:
            raise Lost(f"the connection broke: {error}") from error
        if not piece:
            raise Lost("the server closed the connection")
        self._got += piece

    def pending(self):
        """Something came, or the connection ended: time to look at response()."""
        return bool(self._got) or bool(select.select([self._socket], [], [], 0)[0])

    def idle(self, seconds):
        """Nothing is there and nothing comes within these seconds."""
        return not self._got and not select.select([self._socket], [], [], seconds)[0]

    def response(self, seconds=PATIENCE):
        """The next final reply; 100 Continue is passed over."""
        while (reply := self.any_response(seconds)).status == 100:
            pass
        return reply

    def any_response(self, seconds=PATIENCE):
        deadline = time.monotonic() + seconds
        while b"\r\n\r\n" not in self._got:
            self._fill(deadline)
            if len(self._got) > MOST_REPLY:
                raise Lost("a reply without end")
        head, _, self._got = self._got.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        version, _, rest = first.partition(" ")
        code, _, reason = rest.partition(" ")
        if not version.startswith("HTTP/1.") or not code.isdigit():
            raise Lost(f"not an HTTP reply: {first!r}")
        headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        reply = Response(int(code), reason, headers, b"")
        length = 0 if reply.status == 204 or reply.status < 200 else int(reply.get("Content-Length") or 0)
        while len(self._got) < length:
            self._fill(deadline)
        reply.body, self._got = self._got[:length], self._got[length:]
        return reply

    def exactly(self, size, seconds=PATIENCE):
        """So many bytes of a body that the reply's head does not measure."""
        deadline = time.monotonic() + seconds
        while len(self._got) < size:
            self._fill(deadline)
        data, self._got = self._got[:size], self._got[size:]
        return data

    def half_close(self):
        """Sends no more; what the server says can still be read."""
        self._socket.shutdown(socket.SHUT_WR)

    def closes(self, seconds=PATIENCE):
        """Whether the server ends the connection within these seconds, whatever it still says."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._got = b""
            try:
                self._fill(deadline)
            except Lost as lost:
                return "no answer" not in str(lost)
        return False

    def close(self):
        self._socket.close()

    def reset(self):
        """Ends it as a machine that lost its memory would: RST, no FIN."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()


@dataclasses.dataclass(frozen=True)
class Target:
    """Where to push: the connection's address, the Host header, the path."""
    address: tuple
    host: str
    path: str

    @staticmethod
    def of(url):
        parts = urllib.parse.urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError(f"{url}: not an http:// URL")
        path = parts.path or "/"
        return Target((parts.hostname, parts.port or 80), parts.netloc.rpartition("@")[2],
                      path + ("?" + parts.query if parts.query else ""))
