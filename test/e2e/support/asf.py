"""As much of ASF as an encoder's stand-in needs: header blob, packets, their times and their padding.

Written from the file format alone, not from weir's code, so that it can judge what weir makes of a packet.
"""

import dataclasses

HEADER = bytes.fromhex("3026B2758E66CF11A6D900AA0062CE6C")
DATA = bytes.fromhex("3626B2758E66CF11A6D900AA0062CE6C")
FILE_PROPERTIES = bytes.fromhex("A1DCAB8C47A9CF118EE400C00C205365")
DATA_FIXED = 50  # of the Data Object: what comes before its packets
MOST_HEADER = 1 << 20
WIDTH = (0, 1, 2, 4)  # of a field, by its two-bit length type


class Malformed(Exception):
    """The input is not the ASF that it should be."""


def number(data, at, size):
    if at + size > len(data):
        raise Malformed(f"a field of {size} bytes at {at} reaches beyond {len(data)} bytes")
    return int.from_bytes(data[at:at + size], "little")


def exactly(read, size, what):
    data = b""
    while len(data) < size:
        piece = read(size - len(data))
        if not piece:
            raise Malformed(f"the input ends in the middle of {what}")
        data += piece
    return data


def packet_size(blob):
    """The one size of all packets, from File Properties."""
    at, end = 30, number(blob, 16, 8)
    while at + 24 <= end:
        size = number(blob, at + 16, 8)
        if blob[at:at + 16] == FILE_PROPERTIES:
            least, most = number(blob, at + 92, 4), number(blob, at + 96, 4)
            if least != most or not most:
                raise Malformed(f"packet sizes {least} to {most}: they must be equal")
            return most
        if size < 24:
            break
        at += size
    raise Malformed("no File Properties in the header")


def read_header(read):
    """read(n) gives up to n bytes. Returns (blob, packet size, packets announced or None when unknown)."""
    head = exactly(read, 24, "the header")
    if head[:16] != HEADER:
        raise Malformed("not an ASF file: no Header Object at its beginning")
    size = number(head, 16, 8)
    if not 30 <= size <= MOST_HEADER:
        raise Malformed(f"a Header Object of {size} bytes")
    header = head + exactly(read, size - 24, "the header")
    while True:
        head = exactly(read, 24, "an object before the data")
        size = number(head, 16, 8)
        if head[:16] == DATA:
            break
        if not 24 <= size <= MOST_HEADER:
            raise Malformed(f"an object of {size} bytes before the data")
        exactly(read, size - 24, "an object before the data")
    fixed = head + exactly(read, DATA_FIXED - 24, "the Data Object")
    blob = header + fixed
    each = packet_size(blob)
    return blob, each, (size - DATA_FIXED) // each if size > DATA_FIXED else None


def read_packets(read, size, count=None):
    """Whole packets, to the end of the Data Object or of the input; half a packet at the end is left out."""
    while count is None or count > 0:
        packet = b""
        while len(packet) < size:
            piece = read(size - len(packet))
            if not piece:
                return
            packet += piece
        yield packet
        if count is not None:
            count -= 1


@dataclasses.dataclass
class Payload:
    stream: int
    key: bool
    object: int
    offset: int
    time_at: int | None  # where its presentation time stands, None when it has none
    time_size: int
    data: bytes
    size: int = 0  # of the whole media object; 0 when it is not told


class Packet:
    """A packet taken apart; places are offsets into the packet."""

    def __init__(self, data):
        self.data = data
        at = 0
        if (first := number(data, 0, 1)) & 0x80:
            if first & 0x60:
                raise Malformed("error correction of an unknown length type")
            at = 1 + (first & 0x0F)
        self.flags_at = at
        flags, properties = number(data, at, 1), number(data, at + 1, 1)
        at += 2
        if properties >> 6 != 1:
            raise Malformed("stream numbers that are not one byte")
        self.multiple = bool(flags & 1)
        self.length_at, self.length_size = at, WIDTH[flags >> 5 & 3]
        at += self.length_size + WIDTH[flags >> 1 & 3]
        self.padding_at, self.padding_size = at, WIDTH[flags >> 3 & 3]
        self.padding = number(data, at, self.padding_size) if self.padding_size else 0
        at += self.padding_size
        self.send_at = at
        self.send_time, self.duration = number(data, at, 4), number(data, at + 4, 2)
        total = (number(data, self.length_at, self.length_size) if self.length_size else 0) or len(data)
        self.end = total - self.padding
        if total > len(data) or self.end < at + 6:
            raise Malformed(f"padding of {self.padding} in a packet of {len(data)}")
        self.payloads = self._payloads(at + 6, properties)

    def _payloads(self, at, properties):
        count, length_size = 1, 0
        if self.multiple:
            payload_flags = number(self.data, at, 1)
            count, length_size = payload_flags & 0x3F, WIDTH[payload_flags >> 6]
            at += 1
        found = []
        for _ in range(count):
            stream = number(self.data, at, 1)
            at += 1
            object_size, offset_size, info_size = (WIDTH[properties >> shift & 3] for shift in (4, 2, 0))
            media_object = number(self.data, at, object_size)
            at += object_size
            offset_at, offset = at, number(self.data, at, offset_size)
            at += offset_size
            info = number(self.data, at, info_size)
            at += info_size
            whole = number(self.data, at, 4) if info >= 8 else 0
            time_at, time_size = (at + 4, 4) if info >= 8 else (offset_at, offset_size) if info == 1 else (None, 0)
            at += info
            length = self.end - at
            if self.multiple:
                length = number(self.data, at, length_size)
                at += length_size
            if length < 0 or at + length > self.end:
                raise Malformed("a payload that reaches beyond its packet")
            found.append(Payload(stream & 0x7F, bool(stream & 0x80), media_object, 0 if info == 1 else offset,
                                 time_at, time_size, self.data[at:at + length], whole))
            at += length
        return found

    def time_of(self, payload):
        return number(self.data, payload.time_at, payload.time_size)


def cut_padding(data, singles=False):
    """The packet without its padding, its Padding Length field taken out.

    One with a single payload only when asked for: its data's length is what the packet leaves over, and a receiver that
    fills up with zeros would glue them to the data.
    """
    packet = Packet(data)
    if not packet.padding or not (packet.multiple or singles):
        return data
    out = bytearray(data[:packet.end])
    del out[packet.padding_at:packet.padding_at + packet.padding_size]
    out[packet.flags_at] &= ~0x18
    if packet.length_size:
        out[packet.length_at:packet.length_at + packet.length_size] = len(out).to_bytes(packet.length_size, "little")
    return bytes(out)


def shift(data, delta):
    """The packet with its send time and all its presentation times moved by delta milliseconds."""
    packet, out = Packet(data), bytearray(data)

    def move(at, size):
        out[at:at + size] = ((number(data, at, size) + delta) % (1 << 8 * size)).to_bytes(size, "little")

    move(packet.send_at, 4)
    for payload in packet.payloads:
        if payload.time_at is not None:
            move(payload.time_at, payload.time_size)
    return bytes(out)


class Loop:
    """Moves each further pass of a file behind the one before it."""

    def __init__(self):
        self.delta = 0
        self._first = self._end = None  # of the pass: [send time, presentation time], where it begins and ends
        self._last = {}  # stream -> (last presentation time, its distance from the one before)

    def move(self, data):
        packet = Packet(data)
        times = []
        for payload in packet.payloads:
            if payload.time_at is not None:
                time = packet.time_of(payload)
                before, step = self._last.get(payload.stream, (time, 0))
                self._last[payload.stream] = (time, time - before if time > before else step)
                times.append(time)
        if times:
            if self._first is None:
                self._first = [packet.send_time, min(times)]
            self._first[1] = min(self._first[1], *times)
        self._end = packet.send_time + packet.duration
        return shift(data, self.delta) if self.delta else data

    def again(self):
        """The pass is over; the next one is moved by more."""
        if self._first is not None:
            send, presentation = self._first
            over = max(time + step for time, step in self._last.values())
            self.delta += max(self._end - send, over - presentation, 1)
        self._first, self._last = None, {}
