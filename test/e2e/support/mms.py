"""WMSP on the wire, from both sides: packets, a player's requests, what a server answers.

Written from the protocol alone, not from weir's code.
"""

import struct

import asf
import vectors
from wire import Lost

WHOLE, FIRST, MIDDLE, LAST = 0x0C, 0x04, 0x00, 0x08  # AFFlags of $H and $M: which fragment it is
WINDOWS = "NSPlayer/9.0.0.2980"  # has a context, by its client-id
FREE = "NSPlayer/4.1.0.3856"  # ffmpeg, libmms, MPlayer
HEAD, DATA_HEAD = 4, 12


def frame(letter, payload=b"", *, location=0, flags=WHOLE, length=None, size=None, first=0x24):
    """$D, $H or $M. `length` and `size` say something else than what is there, for those that lie."""
    length = 8 + len(payload) if length is None else length
    size = length if size is None else size
    return struct.pack("<BcHIBBH", first, letter.encode(), length, location, 0, flags, size) + payload


def reason(letter, number=0):
    """$C or $E."""
    return struct.pack("<BcHI", 0x24, letter.encode(), 4, number)


def header(blob=vectors.HB):
    return frame("H", blob)


def data(index, tag=b"A"):
    """$D with a numbered packet."""
    return frame("D", vectors.numbered(index, tag), location=index, flags=index % 256)


def request(host, path, *pragmas, agent=WINDOWS, method="GET", version="1.0", extra=()):
    """A request head. `extra`: whole header lines."""
    lines = [f"{method} {path} HTTP/{version}", f"User-Agent: {agent}", f"Host: {host}",
             *(f"Pragma: {pragma}" for pragma in pragmas), *extra]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def client_id(reply):
    """The one the server gave; None when there is none."""
    for value in reply.values("Pragma"):
        if value.startswith("client-id="):
            return int(value.partition("=")[2])
    return None


def is_reset(reply):
    """The server did not know the client-id."""
    return "xResetStrm=1" in reply.values("Pragma")


def read_frame(connection, seconds=10):
    """The next packet of a body: (letter, payload), for $C and $E the reason as four bytes."""
    first, letter, length = struct.unpack("<BcH", connection.exactly(HEAD, seconds))
    if first & 0x7F != 0x24 or letter not in b"CDEHM":
        raise Lost(f"no packet but {first:#x} {letter}")
    body = connection.exactly(length, seconds)
    if letter in b"CE":
        return letter.decode(), body[:4]
    if struct.unpack_from("<H", body, 6)[0] != length:
        raise Lost(f"${letter.decode()} of {length} bytes says {body[6:8].hex()}")
    return letter.decode(), body[DATA_HEAD - HEAD:]


def read_header(connection):
    """The body's $H, whole. Returns (blob, packet size)."""
    letter, blob = read_frame(connection)
    if letter != "H":
        raise Lost(f"${letter} where $H should be")
    return blob, asf.packet_size(blob)
