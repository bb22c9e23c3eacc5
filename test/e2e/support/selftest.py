"""The stand-in's own bytes against the vectors, so that a failure elsewhere is the server's."""

import io

import asf
import asf_times
import vectors
import wire


def checks():
    """Yields (what, whether it is so)."""
    header, packet = wire.header(vectors.HB), wire.data(vectors.P1)
    yield "$H with HB is 459 bytes and begins as written", len(header) == 459 and header.startswith(vectors.H_HEAD)
    yield "$D with P1 is the 68 bytes as written", packet == vectors.D_P1 and len(packet) == 68
    yield "$C with HB is 463 bytes and begins as written", (
        len(wire.change(vectors.HB)) == 463 and wire.change(vectors.HB).startswith(vectors.C_HEAD))
    yield "$E 1, $E 0 and the empty $F are as written", (
        wire.end(1) == vectors.E_NEXT and wire.end(0) == vectors.E_END and wire.filler(0) == vectors.F_EMPTY)
    yield "the largest $F begins as written", wire.filler(65531).startswith(vectors.F_LARGEST_HEAD)
    yield "200 000 bytes are filled by 65 535, 65 535, 65 535 and 3 395", (
        wire.fillers(200000) == [65535, 65535, 65535, 3395])
    yield "no filling leaves 1 to 3 bytes", all(
        sum(wire.fillers(rest)) == rest and min(wire.fillers(rest)) >= 4
        for rest in [*range(4, 300), *range(65530, 65545), *range(131065, 131080)])
    rest, count = 1000 - len(header), 0
    while wire.fits(68, rest):
        rest, count = rest - 68, count + 1
    yield "a body of 1000 takes $H, 7 $D and one $F of 65", (
        (count, rest) == (7, 65) and wire.fillers(rest) == [65] and wire.filler(61).startswith(vectors.F_OF_65_HEAD))
    yield "the two PushSetup bodies are 16 and 38 bytes", (
        len(wire.AUTO_DESTROY) == 16 and len(b'Template-URL: "/pub"\r\n' + wire.AUTO_DESTROY) == 38)
    yield "P1 without its padding is P1A", asf.cut_padding(vectors.P1, singles=True) == vectors.P1A
    yield "P1, a single payload, keeps its padding unless told otherwise", asf.cut_padding(vectors.P1) == vectors.P1
    yield "P2 loses 9 bytes, field and padding", len(asf.cut_padding(vectors.P2)) == 64 - 9
    yield "P2 a second later is P2D", asf.shift(vectors.P2, 1000) == vectors.P2D
    yield "P3's time is moved where a compressed payload has it", (
        asf.Packet(asf.shift(vectors.P3, 7)).time_of(asf.Packet(vectors.P3).payloads[0]) == 5183)
    wrapped = asf.shift(asf.shift(vectors.P1, 0xFFFFFF00 - 4096), 0x200)
    yield "times wrap at 32 bits", (
        asf.Packet(wrapped).send_time == 0x100 and asf.number(wrapped, 23, 4) == 0x4E8)
    file = io.BytesIO(vectors.HB + vectors.P1 + vectors.P2 + vectors.P3 + b"half a packet")
    blob, size, count = asf.read_header(file.read)
    yield "a file is read as header and whole packets", (
        (blob, size, count) == (vectors.HB, 64, None)
        and list(asf.read_packets(file.read, size)) == [vectors.P1, vectors.P2, vectors.P3])
    loop = asf.Loop()
    for data in (vectors.P1, vectors.P2):
        loop.move(data)
    loop.again()
    yield "the second pass of a file begins where the first ends", asf.Packet(loop.move(vectors.P1)).send_time == 4176
    yield "numbered packets are told apart", (
        vectors.label(vectors.numbered(300, b"B")) == (b"B", 300) and asf.Packet(vectors.numbered(2)).send_time == 4176)
    grown = vectors.blob_of(20000)
    yield "a blob grows to what is asked", (
        len(grown) == 20000 and asf.read_header(io.BytesIO(grown).read)[:2] == (grown, 64))
    yield from time_checks()


def complaints(*packets):
    times = asf_times.Times()
    for packet in packets:
        times.add(packet)
    return times.wrong


def time_checks():
    numbered = [vectors.numbered(index) for index in range(4)]
    yield "packets in order have nothing wrong with their times", not complaints(*numbered)
    yield "times may wrap at 32 bits", not complaints(*(asf.shift(one, 0xFFFFFFFF - 5000) for one in numbered))
    yield "times that turn back are wrong: send time and stream", len(complaints(numbered[1], numbered[0])) == 2
    yield "so are times that jump", len(complaints(numbered[0], asf.shift(numbered[1], 2000))) == 2
    yield "a packet twice is wrong: its time stands, its object's number does", (
        len(complaints(numbered[0], numbered[0])) == 2)


def main():
    bad = 0
    total = 0
    for what, good in checks():
        print("ok  " if good else "FAIL", what)
        total, bad = total + 1, bad + (not good)
    print(f"{total - bad} passed, {bad} failed")
    return 1 if bad else 0
