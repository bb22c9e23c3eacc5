"""asf.md section 11: headers and packets that must be refused, pushed in every form, and what is said and counted."""

import struct

import asf
import mms
import vectors
import wire
from bench import SMALL_HEADER, Listener
from checks import check, eventually, expect
from pushes import (ADVANCED_EXCLUSION, AUDIO, AUDIO_FORMAT, BIT_RATES, BITRATE_EXCLUSION, CODEC_LIST, FORMS, GOOD,
                    STREAMS, UNKNOWN, VIDEO_FORMAT, Framed, Raw, WindowsMedia, blob, exclusion, extended_stream,
                    extension, file_properties, packet, several, single, stream, thing)
from relay import refused

MOST_BAD = 50  # bad packets within 10 s end a push


def send(push, *parts):
    """Functions of the push, one after the other; that the relay has heard enough is looked at elsewhere."""
    try:
        for part in parts:
            part(push)
    except wire.Lost:
        pass


def is_refused(push, words=()):
    """400, a sentence with one of these words, and the end of the connection."""
    reply = refused(push.connection)
    sentence = reply.body.decode("utf-8", "replace") or reply.reason
    expect(len(sentence) > 10 and sentence.isprintable or reply.get("X-Reason"), f"no reason is given: {reply}")
    if reply.body and words:
        expect(any(word in sentence for word in words), f"the sentence says nothing of {words}: {sentence!r}")


# --- 1 to 4: headers

def bad_header(name, header, *words, forms=FORMS, channel=None):
    """It is refused with these words, counted once, and leaves no trace in the channel."""
    for form in forms:
        @check(f"asf 11.{name} ({form.NAME})")
        def run(bench, form=form):
            where = channel or bench.channel()
            with bench.counting(where, **{form.REFUSED: 1}, packets_in=0, runs=0):
                push = form(bench, where)
                send(push, lambda p: p.header(header), lambda p: p.packet(vectors.P1), lambda p: p.finish())
                is_refused(push, words)
            if not channel:
                expect(bench.status_of(where)["format"] is None, "the channel has a header")
            bench.usable(where)


bad_header("1 an object of size 0 is refused", blob(*GOOD, thing(UNKNOWN, size=0)), "size 0")
bad_header("1 an object of size 23 is refused", blob(*GOOD, thing(UNKNOWN, size=23)), "size 23")
bad_header("1 an object one byte longer than the header is refused", blob(*GOOD, thing(UNKNOWN, size=25)), "size 25")
bad_header("1 an object of 2^64 - 1 bytes is refused", blob(*GOOD, thing(UNKNOWN, size=(1 << 64) - 1)), "size 184467")
bad_header("1 an object of 2^63 bytes is refused", blob(*GOOD, thing(UNKNOWN, size=1 << 63)), "size 92233")
# 2^64 - 30, so that offset and size add up to the header's beginning.
bad_header("1 an object whose end wraps around is refused",
           blob(*GOOD, thing(UNKNOWN, size=(1 << 64) - 30 - sum(map(len, GOOD)))), "size 184467")
bad_header("1 an object within the extension of size 0 is refused",
           blob(file_properties(), extension(thing(UNKNOWN, size=0)), *STREAMS), "size 0")
bad_header("1 an object that passes the extension's end is refused",
           blob(file_properties(), extension(thing(UNKNOWN, size=100)), *STREAMS), "size 100")
bad_header("1 an extension within an extension is refused",
           blob(file_properties(), extension(extension()), *STREAMS), "inside another")
bad_header("1 an object behind the header of size 0 is refused", blob(*GOOD, tail=thing(UNKNOWN, size=0)), "size 0")
bad_header("1 an object behind the header of 2^64 - 1 bytes is refused",
           blob(*GOOD, tail=thing(UNKNOWN, size=(1 << 64) - 1)), "size 184467")
bad_header("1 bytes left over that are no object are refused", blob(*GOOD, b"\0" * 10), "10 bytes left", "expected")
bad_header("2 a Header Object of 29 bytes is refused", blob(*GOOD, size=29), "size 29")
bad_header("2 a Header Object of size 0 is refused", blob(*GOOD, size=0), "size 0")
bad_header("2 a Header Object of 2^64 - 1 bytes is refused", blob(*GOOD, size=(1 << 64) - 1), "limit")
bad_header("2 a Header Object over 1 MiB is refused", blob(*GOOD, size=(1 << 20) + 1), "limit")
bad_header("2 a Header Object of 64 KiB + 1 is refused", blob(*GOOD, size=65537), "limit")
bad_header("2 a header over the channel's limit is refused", vectors.blob_of(20000), "limit", channel=SMALL_HEADER)
bad_header("2 a header without File Properties is refused", blob(extension(), *STREAMS), "File Properties")
bad_header("2 two File Properties are refused", blob(file_properties(), *GOOD), "File Properties")
bad_header("2 File Properties that are cut are refused", blob(file_properties(cut=1), *STREAMS), "File Properties")
bad_header("2 a header without Stream Properties is refused", blob(file_properties(), extension()), "Stream Properties")
bad_header("2 an empty header is refused", blob(), "File Properties")
bad_header("2 a stream number twice is refused", blob(*GOOD, stream(2)), "second time")
bad_header("2 a stream number twice, once hidden in the extension, is refused",
           blob(file_properties(), extension(extended_stream(rest=stream(1))), *STREAMS), "second time")
bad_header("2 stream number 0 is refused", blob(*GOOD, stream(0)), "stream number 0")
bad_header("2 a Reserved2 that is not 2 is refused", blob(*GOOD, reserved=3), "reserved")
bad_header("3 packet sizes that differ are refused", blob(file_properties(64, 65), *GOOD[1:]), "packet size")
bad_header("3 packet size 0 is refused", blob(file_properties(0), *GOOD[1:]), "packet size")
bad_header("3 packet size 23 is refused", blob(file_properties(23), *GOOD[1:]), "packet size")
bad_header("3 packet size 65 512 is refused", blob(file_properties(65512), *GOOD[1:]), "packet size")
bad_header("3 packet size 2^32 - 1 is refused", blob(file_properties((1 << 32) - 1), *GOOD[1:]), "packet size")
bad_header("4 type-specific data of 2^32 - 1 bytes are refused",
           blob(*GOOD, stream(3, data_size=(1 << 32) - 1)), "of data stated")
bad_header("4 T + E that add up to 2^32 are refused",
           blob(*GOOD, stream(3, data_size=1 << 31, correction_size=1 << 31)), "of data stated")
bad_header("4 T + E one byte too long are refused", blob(*GOOD, stream(3, correction_size=1)), "of data stated")
bad_header("4 Stream Properties that are cut are refused", blob(*GOOD, thing(STREAMS[0][:16], bytes(53))), "size 77")
bad_header("4 names that pass the end of Extended Stream Properties are refused",
           blob(file_properties(), extension(extended_stream(names=1, rest=struct.pack("<HH", 0, 9) + b"a")), *STREAMS),
           "names")
bad_header("4 65 535 names in nothing are refused",
           blob(file_properties(), extension(extended_stream(names=65535)), *STREAMS), "names")
bad_header("4 payload extensions that pass the end are refused",
           blob(file_properties(), extension(extended_stream(
               extensions=1, rest=bytes(18) + struct.pack("<I", 1 << 31))), *STREAMS), "extensions")
bad_header("4 65 535 payload extensions in nothing are refused",
           blob(file_properties(), extension(extended_stream(extensions=65535)), *STREAMS), "extensions")
bad_header("4 Extended Stream Properties that are cut are refused",
           blob(file_properties(), extension(extended_stream()[:16] + struct.pack("<Q", 87) + bytes(63)), *STREAMS),
           "size 87")
bad_header("4 an Extended Stream's number over 127 is refused",
           blob(file_properties(), extension(extended_stream(128)), *STREAMS), "stream number 128")
for which, guid in (("Bitrate", BITRATE_EXCLUSION), ("Advanced", ADVANCED_EXCLUSION)):
    bad_header(f"4 a {which} Mutual Exclusion of more streams than it holds is refused",
               blob(*GOOD, exclusion(3, 1, 2, guid=guid)), "3 streams stated")
    bad_header(f"4 a {which} Mutual Exclusion of 65 535 streams is refused",
               blob(*GOOD, exclusion(65535, guid=guid)), "65535 streams stated")


@check("asf 11.3 packets of 24 and of 65 511 bytes, the least and the most, are taken")
def least_and_most(bench):
    smallest = bytes.fromhex("820000 00 5D 00100000 2800 82 07 00000000 00 61626364 6566")  # no replicated data
    room = 65511 - 26
    start = bytes.fromhex("820000 00 5D 00100000 2800 82 07 00000000 08")
    largest = start + struct.pack("<II", room, 5096) + bytes(room)
    for sized in (smallest, largest):
        channel = bench.channel()
        with bench.counting(channel, packets_in=1, packets_bad=0):
            push = Framed(bench, channel)
            push.header(blob(file_properties(len(sized)), *GOOD[1:]))
            push.packet(sized)
            player = Listener(bench, channel)
            expect(player.packet() == sized, "it does not come out")


def good_header(name, header, forms=FORMS):
    """Odd, but to be taken."""
    for form in forms:
        @check(f"asf 11.{name} ({form.NAME})")
        def run(bench, form=form):
            channel = bench.channel()
            with bench.counting(channel, packets_in=1, packets_bad=0):
                push = form(bench, channel)
                push.header(header)
                push.packet(vectors.numbered(0))
                player = Listener(bench, channel)
                expect(player.labels(1) == [0], "its packet does not come out")


good_header("1 the header that the bad ones are made of is good", blob(*GOOD))
good_header("4 Stream Bitrate Properties that count 65 535 streams are harmless",
            blob(*GOOD, thing(BIT_RATES, struct.pack("<HHI", 65535, 1, 48000))))
good_header("1 unknown objects and wrong counts are skipped", blob(*GOOD, thing(UNKNOWN, bytes(100)), count=65535))
good_header("4 an extension that lies about its data's size is walked by the object's own",
            blob(file_properties(), extension(thing(UNKNOWN), data_size=(1 << 32) - 1), *STREAMS))
good_header("4 a Codec List that counts 2^32 - 1 codecs is harmless",
            blob(*GOOD, thing(CODEC_LIST, bytes(16) + b"\xff\xff\xff\xff")))
good_header("4 formats shorter than their codec's are harmless",
            blob(*GOOD, stream(3, AUDIO, AUDIO_FORMAT[:5]), stream(4, data=VIDEO_FORMAT[:9])))


# --- 5 to 9: packets

def bad_packet(name, wrong, *, forms=FORMS, bad=1, dropped=0):
    """It is dropped and counted; those around it come out byte for byte, and the push goes on."""
    for form in forms:
        @check(f"asf 11.{name} ({form.NAME})")
        def run(bench, form=form):
            channel = bench.channel()
            with bench.counting(channel, packets_bad=bad, packets_dropped=dropped, packets_in=4, runs=1):
                push = form(bench, channel)
                push.header(vectors.HB)
                push.packet(vectors.numbered(0))
                player = Listener(bench, channel)
                push.packet(wrong)
                for index in range(1, 4):
                    push.packet(vectors.numbered(index))
                for index in range(4):
                    got = player.packet()
                    expect(got == vectors.numbered(index), lambda: f"packet {index} of the player is {got.hex(' ')}")
                expect(not push.connection.pending(), "the push was ended")


P1, P2, P3 = vectors.P1, vectors.P2, vectors.P3
_TIMES = struct.pack("<II", 16, 5096)
bad_packet("5 error correction of length type 01 is dropped", b"\xa2" + P1[1:])
bad_packet("5 error correction of length type 11 is dropped", b"\xe2" + P1[1:])
bad_packet("5 error correction beyond a short packet is dropped", b"\x8f\0\0\0\0", forms=(Framed, WindowsMedia))
bad_packet("5 error correction that swallows the packet's flags is dropped", b"\x8f" + P1[1:])
# No data of any stream: neither malformed nor media, so it is counted among what is dropped.
bad_packet("5 a parity packet is dropped", b"\x92" + P1[1:], bad=0, dropped=1)
for kind in (0x00, 0x80, 0xC0):
    bad_packet(f"6 stream numbers of type {kind >> 6} are dropped", single(properties=0x1D | kind))
bad_packet("6 bit 7 of the length type flags is dropped", single(flags=0x88))
bad_packet("6 a payload count of 0 with bytes that are no padding is dropped",
           several([(0x82, 0, _TIMES, bytes(16), None)], count=0))
bad_packet("6 a Packet Length beyond the packet is dropped",
           packet(b"\x82\0\0\x48\x5d" + struct.pack("<H", 65) + P1[6:], 66)[:64])
bad_packet("6 a Packet Length of 2^32 - 1 is dropped",
           packet(b"\x82\0\0\x68\x5d" + b"\xff" * 4 + P1[6:60], 64))
bad_packet("6 a padding of 255 in 64 bytes is dropped", single(padding=255))
bad_packet("6 a padding one byte too long is dropped", single(padding=64 - 12 + 1))
bad_packet("6 a padding of 2^32 - 1 is dropped", packet(b"\x82\0\0\x18\x5d" + b"\xff" * 4 + P1[6:60]))
for size in range(2, 8):
    bad_packet(f"7 replicated data of {size} bytes are dropped", single(replicated=bytes(size)))
bad_packet("7 replicated data beyond the end are dropped", single(replicated_size=255))
bad_packet("7 a payload beyond the end is dropped", several([(0x82, 0, _TIMES, bytes(16), 65535)]))
bad_packet("7 a payload one byte beyond the padding is dropped", several([(0x82, 0, _TIMES, bytes(16), 17)]))
bad_packet("7 63 payloads in no room are dropped", several([(0x82, 0, _TIMES, bytes(16), None)], count=63))
bad_packet("7 payloads without lengths are dropped", several([(0x82, 0, _TIMES, bytes(16), None)], length_type=0))
bad_packet("7 a fragment beyond its media object is dropped", single(offset=1))
bad_packet("7 offset and length that add up to 2^32 are dropped", single(offset=(1 << 32) - 16))
bad_packet("7 a media object of 0 bytes is dropped", single(replicated=struct.pack("<II", 0, 5096)))
bad_packet("7 a media object over 16 MiB is dropped", single(replicated=struct.pack("<II", (16 << 20) + 1, 5096)))
bad_packet("7 a media object of 2^32 - 1 bytes is dropped", single(replicated=struct.pack("<II", (1 << 32) - 1, 5096)))
bad_packet("8 packed objects that do not fill their payload are dropped",
           single(1, 0xFE, 5176, b"\x14", b"\3\xc0\xc1\xc2\2\xc3"))
bad_packet("8 packed objects that pass their payload are dropped", single(1, 0xFE, 5176, b"\x14", b"\xff\xc0\xc1"))
bad_packet("9 a packet of a stream that is not in the header is dropped", single(0x89), bad=0, dropped=1)
bad_packet("11 a packet longer than the header says is dropped", P1 + b"\0", forms=(Framed, WindowsMedia))
bad_packet("11 the longest packet there can be is dropped", bytes(65527), forms=(Framed, WindowsMedia))
bad_packet("11 an empty packet is dropped", b"", forms=(Framed, WindowsMedia))
bad_packet("11 a packet of one byte is dropped", b"\x82", forms=(Framed, WindowsMedia))
bad_packet("6 a packet of zeros is dropped", bytes(64))
bad_packet("6 a packet of ones is dropped", b"\xff" * 64)
# In this form nothing says where a packet begins: it is looked for.
bad_packet("11 a byte too many costs no packet", b"\0", forms=(Raw,))
bad_packet("11 a kilobyte of garbage costs no packet", bytes(range(100, 200)) * 10, forms=(Raw,))


def odd_packet(name, odd, forms=FORMS):
    """It is no media, or odd media, and not counted as malformed; what follows comes out."""
    for form in forms:
        @check(f"asf 11.{name} ({form.NAME})")
        def run(bench, form=form):
            channel = bench.channel()
            with bench.counting(channel, packets_bad=0, runs=1):
                push = form(bench, channel)
                push.header(vectors.HB)
                push.packet(vectors.numbered(0))
                player = Listener(bench, channel)
                push.packet(odd)
                push.packet(vectors.numbered(1))
                expect(player.labels(1) == [0], "the first packet does not come out")
                got = player.packet()
                if vectors.label(got) != (b"A", 1):
                    expect(got == odd, f"what comes out of it is {got.hex(' ')}")
                    expect(player.labels(1) == [1], "the packet behind it does not come out")
                expect(not push.connection.pending(), "the push was ended")


odd_packet("6 a filler is taken and is no media", packet(bytes.fromhex("82000011 5D 3200 28100000 0000 80")))
odd_packet("7 a media object of 16 MiB is within bounds", single(replicated=struct.pack("<II", 16 << 20, 5096)))
odd_packet("7 no replicated data at all are tolerated", single(replicated=b""))
odd_packet("8 packed objects that fill their payload are taken", P3)
odd_packet("9 a payload of a stream that is not in the header does not cost the others",
           several([(0x82, 0, struct.pack("<II", 4, 5096), b"abcd", None),
                    (0x89, 0, struct.pack("<II", 4, 5096), b"efgh", None)]))


# --- 10: times

# For now only that nothing breaks and nobody loses a packet: such jumps are to be evened out like the change from one
# run to the next, once the relay does that.
for form in FORMS:
    @check(f"asf 11.10 times that jump inside one run cost no packet ({form.NAME})")
    def jumps(bench, form=form):
        channel = bench.channel()
        deltas = (0, 0, 60_000, 3_600_000, -30_000, 0x7FFFFFFF, -0x80000000, 0xFFFFFFFF, 0)
        with bench.counting(channel, packets_bad=0, packets_in=len(deltas), runs=1):
            push = form(bench, channel)
            push.header(vectors.HB)
            push.packet(vectors.numbered(0))
            player = Listener(bench, channel)
            for index, delta in enumerate(deltas[1:], 1):
                push.packet(asf.shift(vectors.numbered(index), delta))
            got = player.labels(len(deltas))
            expect(got == list(range(len(deltas))), f"the player got {got}")


# --- 11: no header

@check("asf 11.11 packets before any header are refused with 415 (raw)")
def headless(bench):
    channel = bench.channel()
    with bench.counting(channel, pushes_refused=1, packets_in=0):
        push = Raw(bench, channel)
        send(push, *[lambda p, index=index: p.packet(vectors.numbered(index)) for index in range(40)])
        reply = refused(push.connection, (415,))
        expect(b"not a stream" in reply.body, f"said is {reply.body}")
    bench.usable(channel)


for what, first in (("$D", b""), ("$M and $D", mms.frame("M", b"x" * 40)), ("$C and $D", mms.reason("C"))):
    @check(f"asf 11.11 {what} before any header are refused (framed)")
    def framed_headless(bench, first=first):
        channel = bench.channel()
        with bench.counting(channel, pushes_refused=1, packets_in=0):
            push = Framed(bench, channel)
            send(push, lambda p: p.put(first + mms.data(0)))
            refused(push.connection, (400, 415))
        bench.usable(channel)


# --- 12: another packet size

def start_with(bench, form, size=64):
    channel = bench.channel()
    push = form(bench, channel)
    push.header(blob(file_properties(size), *GOOD[1:]))
    push.packet(single(size=size))
    player = Listener(bench, channel)
    expect(len(player.packet()) == size, "the first packet does not come out")
    return channel, push, player


for form in FORMS:
    @check(f"asf 11.12 a header with larger packets ends plain players, others get the new one ({form.NAME})")
    def larger(bench, form=form):
        channel, push, player = start_with(bench, form)
        larger_one = blob(file_properties(80), *GOOD[1:])
        push.header(larger_one)
        push.packet(single(size=80))
        expect(player.connection.closes(), "a player goes on under a header that no longer fits")
        newer = Listener(bench, channel)
        expect(newer.size == 80, f"the new header says packets of {newer.size}")
        expect(newer.packet() == single(size=80), "its packet does not come out")

    @check(f"asf 11.12 a header with smaller packets costs players nothing ({form.NAME})")
    def smaller(bench, form=form):
        _, push, player = start_with(bench, form, 80)
        push.header(blob(*GOOD))
        push.packet(vectors.numbered(1))
        got = player.packet()
        expect(len(got) == 80 and vectors.label(got) == (b"A", 1), f"what comes out is {got.hex(' ')}")

    @check(f"asf 11 policy: {MOST_BAD} bad packets within 10 s end a push ({form.NAME})")
    def too_many(bench, form=form):
        channel = bench.channel()
        with bench.counting(channel, packets_bad=MOST_BAD, packets_in=1, **{form.REFUSED: 1}):
            push = form(bench, channel)
            push.header(vectors.HB)
            push.packet(vectors.numbered(0))
            player = Listener(bench, channel)
            send(push, *[lambda p: p.packet(single(padding=255))] * (MOST_BAD + 10))
            is_refused(push, ("50 bad packets",))
            expect(player.labels(1) == [0], "the good packet does not come out")
        eventually(lambda: bench.status_of(channel)["state"] == "restarting", "the channel is not told so")
        bench.usable(channel)

    @check(f"asf 11 policy: {MOST_BAD - 1} bad packets do not ({form.NAME})")
    def not_too_many(bench, form=form):
        channel = bench.channel()
        with bench.counting(channel, packets_bad=MOST_BAD - 1, packets_in=2):
            push = form(bench, channel)
            push.header(vectors.HB)
            push.packet(vectors.numbered(0))
            player = Listener(bench, channel)
            for _ in range(MOST_BAD - 1):
                push.packet(single(padding=255))
            push.packet(vectors.numbered(1))
            expect(player.labels(2) == [0, 1], "the packet behind them does not come out")


@check("asf 11 policy: a megabyte without a packet ends a push (raw)")
def nothing_found(bench):
    channel = bench.channel()
    with bench.counting(channel, packets_bad=1, pushes_refused=1):
        push = Raw(bench, channel)
        push.header(vectors.HB)
        push.packet(vectors.numbered(0))
        send(push, *[lambda p: p.put(b"\x55" * 65536)] * 20)
        is_refused(push, ("without a packet",))
    bench.usable(channel)


@check("wmsp 12.8 headers without end end a push (raw, framed)")
def endless_headers(bench):
    for form in (Raw, Framed):
        channel = bench.channel()
        push = form(bench, channel)

        def again(p):
            p.header(vectors.HB)
            p.packet(vectors.numbered(0))
        send(push, *[again] * 40)
        is_refused(push, ("headers",))
        bench.usable(channel)
