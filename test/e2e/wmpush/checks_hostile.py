"""Section 11: what must be refused, each on a connection of its own, while the bystanders play."""

import time

import asf
import vectors
import wire
from bench import SMALL_HEADER
from checks import SOON, check, expect, poll
from player import judge_labels, labels, numbered
from relay import CLIENT_ERRORS, refused


def body(name, *packets, streaming=True, statuses=(400,), length=wire.WHOLE, channel=None):
    """A body that must be refused; after $H and one $D unless `streaming` is False. Then the channel must be usable."""
    @check(name)
    def run(bench):
        where = channel or bench.channel()
        if streaming:
            encoder, _ = bench.streaming(where, length=459 + 68 + length if length != wire.WHOLE else length)
        else:
            encoder = bench.encoder(where, content_length=length)
            encoder.setup()
            encoder.start()
        connection = encoder.connection
        try:
            for framed in packets:
                connection.send(framed)
        except wire.Lost:
            pass  # closed already: the reply must still be there
        refused(connection, statuses)
        bench.usable(where)


body("11.4 a byte that is no $ where a packet should begin is 400", b"xxxx" + bytes(40))
body("11.4 a byte that is no $ as the first of all is 400", b"POST", streaming=False)
body("11.4 no search for the next $: a good packet behind a bad byte is not found",
     b"\0" + wire.data(vectors.numbered(1)))
body("11.5 a PacketLength beyond the end of the body is 400", wire.data(vectors.numbered(1))[:20], length=40)
body("11.5 a $F beyond the end of the body is 400", wire.packet("F", b"", 100), length=40)
body("11.5 a $H beyond the end of the body is 400", wire.header(vectors.HB)[:100], length=100, streaming=False)
for size in (1, 3, 5, 7, 9, 12, 1000):
    body(f"11.5 an $E of {size} bytes is 400", wire.packet("E", bytes(size)))
body("11.5 a $C of 4 + 79 bytes is 400", vectors.E_NEXT, wire.change(vectors.HB[:79]))
body("11.5 a $C without anything is 400", vectors.E_NEXT, wire.packet("C"))
body("11.5 a $C with a Reason alone is 400", vectors.E_NEXT, wire.change(b""))
body("11.5 a $H of 79 bytes is 400", wire.header(vectors.HB[:79]), streaming=False)
body("11.5 an empty $H is 400", wire.header(b""), streaming=False)
body("11.5 a $H over the channel's header limit is refused", wire.header(vectors.blob_of(20000)), streaming=False,
     statuses=(400, 413), channel=SMALL_HEADER)
for letter in "MPTXh\0":
    body(f"11.5 the unknown packet ${letter!r} is 400", wire.packet(letter, bytes(4)))
body("11.5 the unknown packet as the first of all is 400", wire.packet("M", bytes(40)), streaming=False)
body("11.6 $D before $H is 400", vectors.D_P1, streaming=False)
body("4 $E before $H is 400", vectors.E_END, streaming=False)
body("4 $F before $H is 400", wire.filler(10), streaming=False)
body("4 $C before $H is 400", wire.change(vectors.HB), streaming=False)
body("14 $D behind $E 1 is 400", vectors.E_NEXT, wire.data(vectors.numbered(1)))
body("14 $D behind $E 1 and $F is 400", vectors.E_NEXT, wire.filler(4), wire.data(vectors.numbered(1)))
body("a $H of zeros is 400", wire.header(bytes(400)), streaming=False)
body("a $H that is cut in the middle of its objects is 400", wire.header(vectors.HB[:200]), streaming=False)
body("a $H whose Header Object says it is longer is 400",
     wire.header(vectors.HB[:16] + (1 << 40).to_bytes(8, "little") + vectors.HB[24:]), streaming=False)
body("a $H with different packet sizes is 400", streaming=False, *[wire.header(
    vectors.HB.replace(bytes.fromhex("40000000 40000000"), bytes.fromhex("40000000 41000000")))])


@check("11.5 the largest $H, 65 531 bytes, is taken")
def largest_header(bench):
    channel = bench.channel()
    encoder = bench.encoder(channel)
    encoder.setup()
    encoder.start()
    encoder.header(vectors.blob_of(wire.MOST_PAYLOAD))
    encoder.data(vectors.P1)
    expect(bench.player(channel).has(1), "nothing can be played")


@check("11.4 the B bit (0xA4) is tolerated as long as the rest parses, or refused")
def b_bit(bench):
    encoder, channel, player = bench.watched()
    connection = encoder.connection
    connection.send(b"\xa4" + wire.data(vectors.numbered(1))[1:])
    connection.send(wire.data(vectors.numbered(2)))
    poll(lambda: connection.pending() or player.count() == 3, SOON)
    if connection.pending():
        refused(connection)
    else:
        expect(player.count() == 3, "neither refused nor taken")
    bench.usable(channel)


def bad_packets(name, *packets):
    @check(name)
    def run(bench):
        encoder, channel, player = bench.watched()
        connection = encoder.connection
        for packet in packets:
            connection.send(wire.data(packet))
        try:
            for packet in numbered(1, 4):
                connection.send(wire.data(packet))
            poll(lambda: connection.pending() or player.count() >= 4, SOON)
        except wire.Lost:
            pass
        if not connection.pending():  # dropped alone
            judge_labels(player, [(b"A", index) for index in range(4)])
        else:
            refused(connection)
            expect(labels(player.packets()) == [(b"A", 0)], f"the player got {labels(player.packets())}")
        bench.usable(channel)


bad_packets("11.6 an empty $D never reaches the player", b"")
bad_packets("11.6 a $D longer than the header's packets never reaches the player", vectors.numbered(1) + b"\0")
bad_packets("11.6 a $D of 65 531 bytes never reaches the player", bytes(65531))
bad_packets("11.6 a $D with padding beyond its beginning never reaches the player",
            vectors.P1[:5] + b"\xff" + vectors.P1[6:])
bad_packets("11.6 a $D with a payload beyond its end never reaches the player",
            vectors.P2[:28] + b"\xff\xff" + vectors.P2[30:])
bad_packets("asf 11.5 an error correction part of an unknown length type never reaches the player",
            b"\xe2" + vectors.P1[1:])
bad_packets("asf 4.1 a parity packet never reaches the player", b"\x92" + vectors.numbered(1)[1:])


@check("11.6 a source of nothing but bad packets is ended")
def only_bad(bench):
    encoder, channel = bench.streaming()
    try:
        for _ in range(200):
            encoder.connection.send(wire.data(b"\xff" * 64))
    except wire.Lost:
        pass
    refused(encoder.connection, CLIENT_ERRORS)
    bench.usable(channel)


@check("11.8 $C without end is refused")
def endless_changes(bench):
    encoder, channel = bench.streaming()
    try:
        for index in range(30):
            encoder.connection.send(vectors.E_NEXT + wire.change(vectors.HB) + wire.data(vectors.numbered(index + 1)))
    except wire.Lost:
        pass
    refused(encoder.connection, CLIENT_ERRORS)
    bench.usable(channel)


@check("11.8 ten $C in a minute are taken")
def some_changes(bench):
    encoder, _, player = bench.watched()
    for index in range(9):
        encoder.change(vectors.HB)
        encoder.data(vectors.numbered(index + 1))
    judge_labels(player, [(b"A", index) for index in range(10)])


@check("11.8 more than 20 000 packets a second are refused or slowed down")
def flood(bench):
    encoder, channel = bench.streaming(length=459 + 68 + 100000 * 4)
    began = time.monotonic()
    try:
        for _ in range(100):
            encoder.connection.send(vectors.F_EMPTY * 1000)
    except wire.Lost:
        pass
    try:
        reply = encoder.connection.response(20)
        took = time.monotonic() - began
        expect(reply.status in CLIENT_ERRORS or took > 4, f"100 000 packets were taken in {took:.1f} s: {reply}")
    except wire.Lost as lost:
        expect("no answer" not in str(lost), str(lost))
    bench.usable(channel)


@check("11.8 $F alone does not end a stream, and does not become media")
def fillers_only(bench):
    encoder, _, player = bench.watched()
    for _ in range(500):
        encoder.put(wire.filler(10))
    encoder.data(vectors.numbered(1))
    judge_labels(player, [(b"A", 0), (b"A", 1)])


@check("11.9 headers that never end are given up")
def slow_headers(bench):
    connection = bench.connect()
    head = wire.request("/" + bench.channel(), bench.weir.address, wire.SETUP, 0)
    connection.send(head[:60])
    expect(connection.closes(8), "with header_timeout = 2s the connection is still open after 8 s")


@check("times that jump cost the player no packet")
def jumping_times(bench):
    encoder, _, player = bench.watched()
    for index, delta in enumerate((0, 3_600_000, -30_000, 0x7FFFFFFF, 0), 1):
        encoder.data(asf.shift(vectors.numbered(index), delta))
    # Whether they are smoothed is the channel's affair, the same for every way in.
    expect(player.has(6) and labels(player.packets()) == [(b"A", index) for index in range(6)],
           lambda: f"the player got {labels(player.packets())}")
