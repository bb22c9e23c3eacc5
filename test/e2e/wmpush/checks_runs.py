"""Ends, entries, losses and returns: the order of packets (section 4), 6.1, 6.3, 7, and the framing of 11.7."""

import vectors
import wire
from checks import check, expect, poll
from player import judge, judge_labels, numbered
from relay import CLIENT_ERRORS, refused


@check("4 $E of 4 bytes, 0 bytes and 8 bytes end the stream, and the player is held")
def ends(bench):
    for name, framed in (("4", vectors.E_END), ("0", wire.packet("E")), ("8", wire.packet("E", bytes(8)))):
        encoder, channel, player = bench.watched(packets=3)
        encoder.connection.send(framed)
        try:
            reply = encoder.connection.response(0.3)
        except wire.Lost:
            reply = None
        expect(reply is None or reply.status < 300, f"$E of {name} bytes is answered {reply}")
        encoder.close()
        bench.streaming(channel, packets=3, tag=b"B")
        judge_labels(player, [(tag, index) for tag in (b"A", b"B") for index in range(3)], f"$E of {name} bytes: ")


@check("4 an $E with an error code is a lost source: the player is held")
def failure_end(bench):
    encoder, channel, player = bench.watched(packets=3)
    encoder.end(0xC00D002A)
    bench.streaming(channel, packets=3, tag=b"B")
    judge_labels(player, [(tag, index) for tag in (b"A", b"B") for index in range(3)])


@check("4 after $E 0 the encoder may begin anew, on this connection unless it was closed")
def end_and_again(bench):
    encoder, channel, player = bench.watched(packets=3, length=459 + 3 * 68 + 8)
    encoder.connection.send(vectors.E_END)
    try:
        reply = encoder.connection.response(1)
        expect(reply.status == 204, f"the full body is answered {reply}")
        again = True
    except wire.Lost as lost:
        again = "no answer" in str(lost)
    if not again:
        encoder.close()
    encoder.begin(vectors.HB)
    for packet in numbered(0, 3, b"B"):
        encoder.data(packet)
    judge_labels(player, [(tag, index) for tag in (b"A", b"B") for index in range(3)])


def header_again(name, between):
    @check(name)
    def run(bench):
        encoder, _, player = bench.watched(packets=3)
        between(encoder)
        for packet in numbered(3, 8):
            encoder.data(packet)
        judge(player, numbered(0, 8))


header_again("7 $E 1 and a compatible $C: the player notices nothing", lambda encoder: encoder.change(vectors.HB))
header_again("4 a compatible $C without $E 1 is accepted",
             lambda encoder: encoder.put(wire.change(vectors.HB)))
header_again("4 $H in the middle of the stream is treated like $C", lambda encoder: encoder.header(vectors.HB))
header_again("4 $F between $E 1 and $C, and after it", lambda encoder: [
    encoder.put(framed) for framed in (wire.end(1), wire.filler(0), wire.filler(100), wire.change(vectors.HB),
                                        wire.filler(5))])
header_again("4 $F in the middle of the stream",
             lambda encoder: [encoder.put(wire.filler(size)) for size in (0, 1, 65531)])


@check("14 $E 1 exactly at a body's end is answered 204, and the next body begins with $C")
def entry_end_at_body_end(bench):
    encoder, _, player = bench.watched(length=459 + 68 + 8)
    encoder.connection.send(vectors.E_NEXT)
    reply = encoder.connection.response(5)
    expect(reply.status == 204, f"answered {reply}")
    encoder.start(wire.WHOLE)
    encoder.put(wire.change(vectors.HB))
    for packet in numbered(1, 4):
        encoder.data(packet)
    judge(player, numbered(0, 4))


@check("4 the order is kept across bodies: $D behind $E 1 in the body before is refused")
def order_across_bodies(bench):
    encoder, _, _ = bench.watched(length=459 + 68 + 8)
    encoder.connection.send(vectors.E_NEXT)
    expect(encoder.connection.response(5).status == 204, "no 204")
    encoder.start(wire.WHOLE)
    encoder.connection.send(wire.data(vectors.numbered(1)))
    refused(encoder.connection)


@check("14 $H at the beginning of a later body is treated like $C")
def header_in_later_body(bench):
    encoder, _, player = bench.watched(length=459 + 68)
    encoder.start(wire.WHOLE)
    encoder.header(vectors.HB)
    for packet in numbered(1, 4):
        encoder.data(packet)
    judge(player, numbered(0, 4))


def comes_back(name, *, half, reset, ask):
    @check(name)
    def run(bench):
        encoder, channel, player = bench.watched(packets=3)
        framed = wire.data(vectors.numbered(3))
        encoder.drop(framed[:half], reset)
        old = encoder.push_id
        if ask:
            encoder.setup()
        else:
            encoder.connect()
        encoder.push_id = old if not ask else encoder.push_id
        encoder.start()
        for packet in numbered(3, 9):
            encoder.data(packet)
        judge_labels(player, [(b"A", index) for index in range(9)])


comes_back("6.1 the TCP connection ends between two packets; PushSetup and $D under the old push-id", half=0,
           reset=False, ask=True)
comes_back("6.1 the TCP connection ends in the middle of a $D; PushSetup and $D under the old push-id", half=30,
           reset=False, ask=True)
comes_back("6.1 the TCP connection is reset in the middle of a framing header; the same", half=2, reset=True, ask=True)
comes_back("6.1 after a loss a PushStart alone, under the old push-id, goes on", half=30, reset=True, ask=False)


@check("6.1 the TCP connection ends between two requests; the old push-id goes on")
def lost_between_requests(bench):
    encoder, _, player = bench.watched(length=459 + 68)
    encoder.close()
    encoder.setup()
    encoder.start(wire.WHOLE)
    for packet in numbered(1, 5):
        encoder.data(packet)
    judge_labels(player, [(b"A", index) for index in range(5)])


@check("6.3 the encoder crashes and a new one comes with push-id=0; the player plays on")
def crashed(bench):
    old, channel, player = bench.watched(packets=3)
    old.drop(wire.data(vectors.P1)[:40], reset=True)
    bench.streaming(channel, packets=4, tag=b"B")
    judge_labels(player, [(b"A", 0), (b"A", 1), (b"A", 2)] + [(b"B", index) for index in range(4)])


@check("11.7 $H and $D with the 8 bytes of WMSP in front work, or are refused cleanly")
def wmsp_framing(bench):
    def mms(payload, location, flags):
        return location.to_bytes(4, "little") + bytes((0, flags)) + (len(payload) + 8).to_bytes(2, "little") + payload

    channel = bench.channel()
    encoder = bench.encoder(channel)
    encoder.setup()
    encoder.start()
    encoder.connection.send(wire.packet("H", mms(vectors.HB, 0, 0x0C)))
    packets = numbered(0, 6)
    try:
        for index, packet in enumerate(packets):
            encoder.connection.send(wire.packet("D", mms(packet, index, index)))
        player = None if poll(encoder.connection.pending, 0.3) else bench.player(channel)
    except wire.Lost:
        player = None
    if player is None:
        refused(encoder.connection, CLIENT_ERRORS)
        bench.usable(channel)
        return
    judge(player, packets)
    # ffmpeg's way to end: Reason and an incarnation behind it.
    encoder.connection.send(wire.packet("E", bytes(8)))
    expect(not poll(encoder.connection.pending, 0.2) or encoder.connection.closes(), "its $E of 8 bytes is not taken")
