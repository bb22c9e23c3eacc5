"""The three forms in which a stream is pushed, and ASF headers and packets made byte for byte, right and wrong."""

import struct

import asf
import mms
import vectors
import wire

FILE_PROPERTIES = asf.FILE_PROPERTIES
STREAM = bytes.fromhex("9107DCB7B7A9CF118EE600C00C205365")
EXTENSION = bytes.fromhex("B503BF5F2EA9CF118EE300C00C205365")
EXTENDED_STREAM = bytes.fromhex("CBA5E61472C632438399A96952065B5A")
BITRATE_EXCLUSION = bytes.fromhex("DC29E2D6DA35D1119034 00A0C90349BE")
ADVANCED_EXCLUSION = bytes.fromhex("CF4986A0754770468A166E35357566CD")
BIT_RATES = bytes.fromhex("CE75F87B8D46D1118D82006097C9A2B2")
CODEC_LIST = bytes.fromhex("4052D1861D31D011A3A400A0C90348F6")
UNKNOWN = bytes(range(16))
VIDEO = bytes.fromhex("C0EF19BC4D5BCF11A8FD00805F5C442B")
AUDIO = bytes.fromhex("409E69F84D5BCF11A8FD00805F5C442B")
_RESERVED_1 = bytes.fromhex("11D2D3ABBAA9CF118EE600C00C205365")
FILE_ID = bytes.fromhex("3322110055447766 8899AABBCCDDEEFF")
AUDIO_FORMAT = bytes.fromhex("0100 0100 401F0000 803E0000 0200 1000 0000")
VIDEO_FORMAT = bytes.fromhex(
    "1000000010000000 02 2800 28000000 10000000 10000000 0100 1800 4D503433 00030000") + bytes(16)


# --- headers

def thing(guid, body=b"", size=None):
    """An object; `size` says something else than what is there."""
    return guid + struct.pack("<Q", 24 + len(body) if size is None else size) + body


def file_properties(least=64, most=None, size=None, cut=0):
    body = FILE_ID + bytes(40) + struct.pack("<QIIII", 1000, 1, least, least if most is None else most, 48000)
    return thing(FILE_PROPERTIES, body[:len(body) - cut], size)


def stream(number, kind=VIDEO, data=VIDEO_FORMAT, correction=b"", data_size=None, correction_size=None, size=None):
    return thing(STREAM, kind + bytes(16) + struct.pack(
        "<QIIHI", 0, len(data) if data_size is None else data_size,
        len(correction) if correction_size is None else correction_size, number, 0) + data + correction, size)


def extension(*things, size=None, data_size=None):
    data = b"".join(things)
    data_size = len(data) if data_size is None else data_size
    return thing(EXTENSION, _RESERVED_1 + struct.pack("<HI", 6, data_size) + data, size)


def extended_stream(number=2, names=0, extensions=0, rest=b""):
    return thing(EXTENDED_STREAM, bytes(16) + struct.pack("<8I", 0, 0, 0, 0, 0, 0, 0, 0) + struct.pack(
        "<HHQHH", number, 0, 0, names, extensions) + rest)


def exclusion(count, *numbers, guid=BITRATE_EXCLUSION):
    return thing(guid, bytes(16) + struct.pack(f"<H{len(numbers)}H", count, *numbers))


STREAMS = stream(1, AUDIO, AUDIO_FORMAT), stream(2)
GOOD = (file_properties(), extension(), *STREAMS)


def blob(*things, size=None, reserved=2, count=None, tail=None):
    """A Header Object and what follows it: the beginning of the Data Object, or `tail`."""
    body = b"".join(things)
    data = asf.DATA + struct.pack("<Q", 50) + FILE_ID + bytes(8) + b"\1\1"
    return (asf.HEADER + struct.pack("<QIBB", 30 + len(body) if size is None else size,
                                     len(things) if count is None else count, 1, reserved)
            + body + (data if tail is None else tail))


# --- packets of 64 bytes

def packet(start, size=64):
    """Filled up with zeros, which are padding if the packet says so."""
    return start + bytes(size - len(start))


def single(stream_byte=0x82, object_number=7, offset=0, replicated=None, data=bytes(16), flags=0x08, properties=0x5D,
           padding=None, replicated_size=None, prefix=b"\x82\0\0", size=64):
    """One payload; everything can be made wrong."""
    replicated = struct.pack("<II", len(data), 5096) if replicated is None else replicated
    payload = struct.pack("<BBIB", stream_byte, object_number, offset,
                          len(replicated) if replicated_size is None else replicated_size) + replicated + data
    used = len(prefix) + 3 + 6 + len(payload)
    start = prefix + struct.pack("<BBBIH", flags, properties, size - used if padding is None else padding, 4096, 40)
    return packet(start + payload, size)


def several(payloads, count=None, length_type=0x80, size=64, padding=None):
    """Several payloads: (stream byte, offset, replicated data, data, what its length field says or None)."""
    body = b""
    for stream_byte, offset, replicated, data, length in payloads:
        body += struct.pack("<BBIB", stream_byte, 3, offset, len(replicated)) + replicated
        body += struct.pack("<H", len(data) if length is None else length) + data
    count = len(payloads) if count is None else count
    used = 3 + 3 + 6 + 1 + len(body)
    start = b"\x82\0\0" + struct.pack("<BBBIHB", 0x09, 0x5D, size - used if padding is None else padding, 4096, 40,
                                      length_type | count)
    return packet(start + body, size)


# --- the forms

class Raw:
    """ASF as it stands in a file, in the chunks of an ffmpeg."""

    NAME = "raw"
    REFUSED = "pushes_refused"
    SIZES_ARE_FREE = False  # a packet shorter or longer than the header says

    def __init__(self, bench, channel):
        self.connection = bench.connect()
        self.connection.send(f"POST /{channel} HTTP/1.1\r\nHost: x\r\nUser-Agent: hostile\r\n"
                             "Transfer-Encoding: chunked\r\n\r\n".encode())

    def put(self, data):
        self.connection.send(b"%x\r\n" % len(data) + data + b"\r\n")

    def header(self, blob):
        self.put(blob)

    def packet(self, data):
        self.put(data)

    def finish(self):
        """The body's end."""
        self.connection.send(b"0\r\n\r\n")


class Framed(Raw):
    """ffmpeg's asf_stream, $H and $D as WMSP has them."""

    NAME = "framed"
    SIZES_ARE_FREE = True

    def header(self, blob):
        self.put(mms.frame("H", blob))

    def packet(self, data):
        self.put(mms.frame("D", data))


class WindowsMedia:
    """As Windows Media Encoder pushes."""

    NAME = "Windows Media push"
    REFUSED = "bad_requests"
    SIZES_ARE_FREE = True

    def __init__(self, bench, channel):
        self._encoder = bench.encoder(channel, content_length=wire.WHOLE)
        self._encoder.setup()
        self._encoder.start()
        self.connection = self._encoder.connection

    def header(self, blob):
        self.connection.send(wire.header(blob))

    def packet(self, data):
        self.connection.send(wire.data(data))

    def finish(self):
        """An encoder's good-bye."""
        self.connection.send(vectors.E_END)
        self.connection.half_close()


FORMS = (Raw, Framed, WindowsMedia)
