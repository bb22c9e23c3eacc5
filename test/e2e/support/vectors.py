"""The byte vectors of the ASF and Windows Media push descriptions, and numbered packets made in their likeness."""

import asf

# A header for packets of 64 bytes: stream 1 PCM audio, stream 2 MP43 video.
HB = bytes.fromhex("""
30 26 B2 75 8E 66 CF 11 A6 D9 00 AA 00 62 CE 6C
95 01 00 00 00 00 00 00 04 00 00 00 01 02 A1 DC
AB 8C 47 A9 CF 11 8E E4 00 C0 0C 20 53 65 68 00
00 00 00 00 00 00 33 22 11 00 55 44 77 66 88 99
AA BB CC DD EE FF 00 00 00 00 00 00 00 00 00 00
00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
00 00 00 00 00 00 00 00 00 00 00 00 00 00 E8 03
00 00 00 00 00 00 01 00 00 00 40 00 00 00 40 00
00 00 80 BB 00 00 B5 03 BF 5F 2E A9 CF 11 8E E3
00 C0 0C 20 53 65 2E 00 00 00 00 00 00 00 11 D2
D3 AB BA A9 CF 11 8E E6 00 C0 0C 20 53 65 06 00
00 00 00 00 91 07 DC B7 B7 A9 CF 11 8E E6 00 C0
0C 20 53 65 60 00 00 00 00 00 00 00 40 9E 69 F8
4D 5B CF 11 A8 FD 00 80 5F 5C 44 2B 00 57 FB 20
55 5B CF 11 A8 FD 00 80 5F 5C 44 2B 00 00 00 00
00 00 00 00 12 00 00 00 00 00 00 00 01 00 00 00
00 00 01 00 01 00 40 1F 00 00 80 3E 00 00 02 00
10 00 00 00 91 07 DC B7 B7 A9 CF 11 8E E6 00 C0
0C 20 53 65 81 00 00 00 00 00 00 00 C0 EF 19 BC
4D 5B CF 11 A8 FD 00 80 5F 5C 44 2B 00 57 FB 20
55 5B CF 11 A8 FD 00 80 5F 5C 44 2B 00 00 00 00
00 00 00 00 33 00 00 00 00 00 00 00 02 00 00 00
00 00 10 00 00 00 10 00 00 00 02 28 00 28 00 00
00 10 00 00 00 10 00 00 00 01 00 18 00 4D 50 34
33 00 03 00 00 00 00 00 00 00 00 00 00 00 00 00
00 00 00 00 00 36 26 B2 75 8E 66 CF 11 A6 D9 00
AA 00 62 CE 6C 32 00 00 00 00 00 00 00 33 22 11
00 55 44 77 66 88 99 AA BB CC DD EE FF 00 00 00
00 00 00 00 00 01 01""")

# One whole key frame of 16 bytes, padding 21; and without its padding.
P1 = bytes.fromhex("""
82 00 00 08 5D 15 00 10 00 00 28 00 82 07 00 00
00 00 08 10 00 00 00 E8 13 00 00 00 01 02 03 04
05 06 07 08 09 0A 0B 0C 0D 0E 0F 00 00 00 00 00
00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00""")
P1A = bytes.fromhex("""
82 00 00 00 5D 00 10 00 00 28 00 82 07 00 00 00
00 08 10 00 00 00 E8 13 00 00 00 01 02 03 04 05
06 07 08 09 0A 0B 0C 0D 0E 0F""")
# Two payloads, padding 8; and a second later.
P2 = bytes.fromhex("""
82 00 00 09 5D 08 28 10 00 00 28 00 82 01 03 00
00 00 00 08 04 00 00 00 10 14 00 00 04 00 A0 A1
A2 A3 02 08 06 00 00 00 08 0B 00 00 00 10 14 00
00 05 00 B6 B7 B8 B9 BA 00 00 00 00 00 00 00 00""")
P2D = bytes.fromhex("""
82 00 00 09 5D 08 10 14 00 00 28 00 82 01 03 00
00 00 00 08 04 00 00 00 F8 17 00 00 04 00 A0 A1
A2 A3 02 08 06 00 00 00 08 0B 00 00 00 F8 17 00
00 05 00 B6 B7 B8 B9 BA 00 00 00 00 00 00 00 00""")
# One payload of three packed objects.
P3 = bytes.fromhex("""
82 00 00 08 5D 23 50 10 00 00 3C 00 01 FE 38 14
00 00 01 14 03 C0 C1 C2 02 C3 C4 01 C5 00 00 00
00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00""")

# As they stand on the wire.
H_HEAD = bytes.fromhex("24 48 C7 01 30 26 B2 75")
D_P1 = bytes.fromhex("24 44 40 00") + P1
C_HEAD = bytes.fromhex("24 43 CB 01 00 00 00 00 30 26 B2 75")
E_NEXT = bytes.fromhex("24 45 04 00 01 00 00 00")
E_END = bytes.fromhex("24 45 04 00 00 00 00 00")
F_EMPTY = bytes.fromhex("24 46 00 00")
F_LARGEST_HEAD = bytes.fromhex("24 46 FB FF")
F_OF_65_HEAD = bytes.fromhex("24 46 3D 00")

STEP = 40  # milliseconds between numbered packets
_DATA_AT, _DATA_END, _OBJECT_AT = 27, 43, 13


def numbered(index, tag=b"A", step=STEP):
    """P1 `index` steps later: the next media object, its data say which packet of which encoder it is."""
    packet = bytearray(asf.shift(P1, index * step))
    packet[_OBJECT_AT] = (7 + index) % 256
    packet[_DATA_AT:_DATA_END] = tag.ljust(8, b".")[:8] + index.to_bytes(8, "little")
    return bytes(packet)


def label(packet):
    """(tag, index) of a numbered packet, whatever became of its times and its padding."""
    payloads = asf.Packet(packet).payloads
    if len(payloads) != 1 or len(payloads[0].data) != _DATA_END - _DATA_AT:
        return None
    return payloads[0].data[:8].rstrip(b"."), int.from_bytes(payloads[0].data[8:], "little")


def blob_of(size):
    """HB made `size` bytes long by a Padding object, which every receiver must skip."""
    room = size - len(HB)
    if room < 24:
        raise ValueError(f"a blob of {size} bytes: {len(HB)} or at least {len(HB) + 24} can be made")
    padding = bytes.fromhex("74D40618DFCA0945A4BA9AABCB96AAE8") + room.to_bytes(8, "little") + bytes(room - 24)
    header_size = asf.number(HB, 16, 8)
    head = HB[:16] + (header_size + room).to_bytes(8, "little") + (5).to_bytes(4, "little") + HB[28:header_size]
    return head + padding + HB[header_size:]
