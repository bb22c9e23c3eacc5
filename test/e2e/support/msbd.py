"""MSBD on the wire, from both sides: messages made, messages taken apart, and a judge of all that a server sends.

Written from the protocol alone, not from weir's code.
"""

import dataclasses
import struct

import asf
from wire import Lost

SIGNATURE, VERSION = b"MSB ", 0x0106
HEAD, MOST = 16, 0xFFFF
REQ_PING, RES_PING, REQ_STREAMINFO, RES_STREAMINFO, IND_STREAMINFO = 1, 2, 3, 4, 5
REQ_CONNECT, RES_CONNECT, IND_EOS, IND_PACKET = 7, 8, 9, 10
NAMES = {1: "REQ_PING", 2: "RES_PING", 3: "REQ_STREAMINFO", 4: "RES_STREAMINFO", 5: "IND_STREAMINFO",
         7: "REQ_CONNECT", 8: "RES_CONNECT", 9: "IND_EOS", 10: "IND_PACKET"}
UNICAST, MULTICAST = 1, 2
NOT_FOUND, INVALID, NO_STREAM, TOO_LARGE = 0xC00D001A, 0x80070057, 0xC00D0033, 0xC00D0041
NETSHOW = "NetShow"
UNKNOWN_DURATION = 0xFFFFFFFF
MOST_PART, MOST_PARTS = 0xFFCF, 65487
INFO_FIXED = 48
_FILE_PROPERTIES_BITRATE = 100  # of a File Properties Object


class Wrong(Exception):
    """A field that is not what the protocol says; the text names message and field."""


# --- messages made

def message(kind, body=b"", hr=0, *, size=None, signature=SIGNATURE, version=VERSION):
    """`size` and `signature` say something else than what is there, for those that lie."""
    return signature + struct.pack("<HHII", version, kind, HEAD + len(body) if size is None else size, hr) + body


def connect(channel=NETSHOW, flags=UNICAST, token=None):
    """`token`: what a weir says behind a NUL."""
    text = channel if token is None else f"{channel}\0{token}"
    return message(REQ_CONNECT, struct.pack("<I", flags) + text.encode("utf-16-le"))


def connected(hr=0, flags=0, family=0, port=0, address=0):
    return message(RES_CONNECT, struct.pack("<IH", flags, family) + struct.pack(">HI", port, address) + bytes(8), hr)


def stream_info(blob, stream=0, *, link=b"", title=b"", description=b"", kind=IND_STREAMINFO):
    fixed = struct.pack("<HHIII", stream, asf.packet_size(blob), 0, bit_rate(blob), UNKNOWN_DURATION)
    parts = title, description, link, blob
    return message(kind, fixed + struct.pack("<4I", *map(len, parts)) + b"".join(parts))


def no_stream():
    return message(IND_STREAMINFO, bytes(INFO_FIXED - HEAD), NO_STREAM)


def packet(number, asf_packet, stream=0):
    return message(IND_PACKET, struct.pack("<IHH", number, stream, 8 + len(asf_packet)) + asf_packet)


def ping():
    return message(REQ_PING)


def pong():
    return message(RES_PING)


def ask_info():
    return message(REQ_STREAMINFO)


def end():
    return message(IND_EOS)


def bit_rate(blob):
    at, stop = 30, asf.number(blob, 16, 8)
    while at + 24 <= stop:
        if blob[at:at + 16] == asf.FILE_PROPERTIES:
            return asf.number(blob, at + _FILE_PROPERTIES_BITRATE, 4)
        at += asf.number(blob, at + 16, 8)
    raise asf.Malformed("no File Properties in the header")


# --- messages taken apart

@dataclasses.dataclass
class Message:
    kind: int
    hr: int
    body: bytes

    @property
    def name(self):
        return NAMES.get(self.kind, f"message {self.kind}")

    @property
    def failed(self):
        return bool(self.hr & 0x80000000)

    def number(self, at, size):
        """A little-endian field at its place in the whole message."""
        return asf.number(self.body, at - HEAD, size)


@dataclasses.dataclass
class Info:
    stream: int
    packet_size: int
    packets: int
    bit_rate: int
    duration: int
    title: bytes
    description: bytes
    link: bytes
    blob: bytes


def head(data):
    """(kind, hr, bytes of the body) of a message's first 16 bytes."""
    version, kind, size, hr = struct.unpack_from("<HHII", data, 4)
    if data[:4] != SIGNATURE:
        raise Wrong(f"signature {data[:4].hex()}")
    if version != VERSION:
        raise Wrong(f"version {version:#06x}")
    if not HEAD <= size <= MOST:
        raise Wrong(f"cbMessage {size}")
    return kind, hr, size - HEAD


def read(connection, seconds=10):
    """The next message of a wire.Connection."""
    kind, hr, rest = head(connection.exactly(HEAD, seconds))
    return Message(kind, hr, connection.exactly(rest, seconds))


def take(data):
    """All messages of these bytes, which must end with one."""
    found = []
    while data:
        if len(data) < HEAD:
            raise Wrong(f"{len(data)} bytes behind the last message")
        kind, hr, rest = head(data)
        if len(data) < HEAD + rest:
            raise Wrong(f"a body of {len(data) - HEAD} bytes where {rest} are announced")
        found.append(Message(kind, hr, data[HEAD:HEAD + rest]))
        data = data[HEAD + rest:]
    return found


def info_of(one):
    """Of a stream information that is not empty; None of one that is."""
    if one.failed or len(one.body) == INFO_FIXED - HEAD:
        return None
    stream, size, packets, rate, duration, *lengths = struct.unpack_from("<HHIIIIIII", one.body)
    if any(length > MOST_PART for length in lengths) or sum(lengths) != len(one.body) - (INFO_FIXED - HEAD):
        raise Wrong(f"{one.name}: lengths {lengths} in a message of {HEAD + len(one.body)} bytes")
    if not (stream <= 0x07FF or 0x8000 <= stream <= 0x87FF):
        raise Wrong(f"{one.name}: wStreamId {stream:#06x}")
    parts, at = [], INFO_FIXED - HEAD
    for length in lengths:
        parts.append(one.body[at:at + length])
        at += length
    return Info(stream, size, packets, rate, duration, *parts)


class Judge:
    """Holds each message of a server's to the protocol, as it comes; Wrong for the first that breaks it. A unicast
    request came before. `infos` and `packets` are what it sent."""

    def __init__(self):
        self.infos, self.packets = [], []  # of packets: (dwPacketId, bytes)
        self.pings = 0
        self.is_accepted = self.is_refused = self.has_ended = False
        self._must_be_info = False

    def hear(self, one):
        if self.is_refused:
            raise Wrong(f"{one.name} behind a refusal")
        if not self.is_accepted and one.kind != RES_CONNECT:
            raise Wrong(f"{one.name} before RES_CONNECT")
        if self._must_be_info and one.kind != IND_STREAMINFO:
            raise Wrong(f"{one.name} where IND_STREAMINFO must come")
        self._must_be_info = False
        hear = {RES_CONNECT: self._connected, IND_STREAMINFO: self._info, RES_STREAMINFO: self._info_again,
                IND_PACKET: self._packet, REQ_PING: self._ping, IND_EOS: self._end}.get(one.kind)
        if not hear:
            raise Wrong(f"{one.name} from a server")
        if one.hr and one.kind not in (RES_CONNECT, IND_STREAMINFO):
            raise Wrong(f"{one.name}: hr {one.hr:#010x}")
        hear(one)

    def _connected(self, one):
        if self.is_accepted:
            raise Wrong("a second RES_CONNECT")
        if len(one.body) != 20 or any(one.body):
            raise Wrong(f"RES_CONNECT: flags, address and zeros are {one.body.hex()} on a unicast link")
        self.is_accepted, self.is_refused = not one.failed, one.failed
        if not one.failed and one.hr:
            raise Wrong(f"RES_CONNECT: hr {one.hr:#010x}")
        self._must_be_info = not one.failed

    def _info(self, one):
        found = info_of(one)
        if not found:
            if one.hr != NO_STREAM or any(one.body) or len(one.body) != INFO_FIXED - HEAD:
                raise Wrong(f"empty IND_STREAMINFO: hr {one.hr:#010x}, {one.body.hex()}")
            self.has_ended = True
            return
        if one.hr:
            raise Wrong(f"IND_STREAMINFO: hr {one.hr:#010x}")
        self._check(found)
        if self.infos and self.infos[-1].stream == found.stream and self.infos[-1].blob != found.blob:
            raise Wrong(f"IND_STREAMINFO: another header under the same wStreamId {found.stream:#06x}")
        self.infos.append(found)

    def _check(self, found):
        if len(found.blob) < 80 or len(found.blob) != asf.number(found.blob, 16, 8) + 50:
            raise Wrong(f"cbHeader {len(found.blob)}")
        wanted = {"cbPacketSize": (found.packet_size, asf.packet_size(found.blob)), "cTotalPackets": (found.packets, 0),
                  "dwBitRate": (found.bit_rate, bit_rate(found.blob)),
                  "msDuration": (found.duration, UNKNOWN_DURATION)}
        for name, (is_so, should_be) in wanted.items():
            if is_so != should_be:
                raise Wrong(f"IND_STREAMINFO: {name} is {is_so}, not {should_be}")

    def _info_again(self, one):
        if info_of(one) != self.infos[-1]:
            raise Wrong("RES_STREAMINFO differs from the last IND_STREAMINFO")

    def _packet(self, one):
        if not self.infos or self.has_ended:
            raise Wrong("IND_PACKET without a stream")
        number, stream, size = struct.unpack_from("<IHH", one.body)
        payload, info = one.body[8:], self.infos[-1]
        if size != len(one.body):
            raise Wrong(f"IND_PACKET: wPacketSize {size} in {HEAD + len(one.body)} bytes")
        if stream != info.stream:
            raise Wrong(f"IND_PACKET: wStreamId {stream:#06x}, announced was {info.stream:#06x}")
        if self.packets and number != (self.packets[-1][0] + 1) % (1 << 32):
            raise Wrong(f"IND_PACKET: dwPacketId {number} behind {self.packets[-1][0]}")
        if len(payload) != info.packet_size:
            raise Wrong(f"IND_PACKET: {len(payload)} bytes, packets have {info.packet_size}")
        if payload[:3] != b"\x82\0\0":
            raise Wrong(f"IND_PACKET: error correction {payload[:3].hex()}")
        asf.Packet(payload)
        self.packets.append((number, payload))

    def _ping(self, one):
        if one.body:
            raise Wrong(f"REQ_PING of {HEAD + len(one.body)} bytes")
        self.pings += 1

    def _end(self, one):
        if one.body:
            raise Wrong(f"IND_EOS of {HEAD + len(one.body)} bytes")
        self._must_be_info = True


class Link:
    """A plain 4.x peer: asks a server for its stream, answers pings, holds all to the protocol."""

    def __init__(self, connection, request=None):
        self.connection, self.judge = connection, Judge()
        connection.send(connect() if request is None else request)

    def hear(self, seconds=10):
        """The next message."""
        one = read(self.connection, seconds)
        self.judge.hear(one)
        if one.kind == REQ_PING:
            self.connection.send(pong())
        return one

    def until(self, condition, seconds=10):
        """Hears on until it is so of the judge. Lost, Wrong, or nothing."""
        while not condition(self.judge):
            self.hear(seconds)
        return self.judge

    def is_refused(self, seconds=10):
        """The code with which it was refused, once the connection is closed; None: it was accepted."""
        one = self.hear(seconds)
        if not one.failed:
            return None
        try:
            self.hear(seconds)
        except Lost:
            return one.hr
        raise Wrong("something behind a refusal")
