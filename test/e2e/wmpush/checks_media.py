"""What is in the body: the vectors of section 12, roll-over (3.3, 5), padding (4)."""

import asf
import vectors
import wire
from bench import ffmpeg_file
from checks import Fail, check, expect
from player import judge, numbered, same
from checks_setup import judge_reply


@check("12 every vector in one body: $H, $D, fillers of 200 000, then $C and an empty $F")
def all_vectors(bench):
    encoder, _, player = bench.watched(length=459 + 68 + 200000 + 8 + 463 + 4 + 68 + 8)
    sizes = wire.fillers(200000)
    for framed in (*(wire.filler(size - 4) for size in sizes), vectors.E_NEXT, wire.change(vectors.HB), vectors.F_EMPTY,
                   wire.data(vectors.numbered(1)), vectors.E_END):
        encoder.connection.send(framed)
    judge(player, numbered(0, 2))
    try:
        reply = encoder.connection.response()
    except wire.Lost as lost:
        expect("no answer" not in str(lost), f"neither a reply nor a close after a full body: {lost}")
        return
    expect(reply.status == 204, f"answered {reply}")


@check("12 the body of Content-Length 1000 rolls over, and the next begins with $D")
def thousand(bench):
    encoder, _, player = bench.watched(length=1000)
    for packet in numbered(1, 7):
        encoder.data(packet)
    expect(encoder.remaining == 65 and encoder.bodies == 1, f"the stand-in is wrong: {encoder.remaining} bytes left")
    for packet in numbered(7, 30):
        encoder.data(packet)
    expect(encoder.bodies >= 3, f"the stand-in is wrong: {encoder.bodies} bodies")
    judge(player, numbered(0, 30))


@check("3.2 the reply to a full body is 204 with Set-Cookie, Server, Pragma and Cache-Control")
def body_reply(bench):
    body = wire.header(vectors.HB) + vectors.D_P1
    channel = bench.channel()
    reply, connection = bench.setup(channel)
    push_id = reply.push_id()
    connection.send(wire.request("/" + channel, bench.weir.address, wire.START, len(body), push_id) + body)
    reply = connection.response()
    expect(reply.status == 204, f"answered {reply}")
    judge_reply(reply)
    expect(reply.push_id() == push_id, f"push-id was {push_id}, is {reply.push_id()}")
    expect(not connection.closes(0.2), "the connection was closed")


def crumbs(name, *rests):
    @check(name)
    def run(bench):
        for rest in rests:
            channel = bench.channel()
            reply, connection = bench.setup(channel)
            packets = numbered(0, 4)
            for index, packet in enumerate(packets):
                body = (wire.header(vectors.HB) if index == 0 else b"") + wire.data(packet) + rest
                connection.send(wire.request("/" + channel, bench.weir.address, wire.START, len(body), reply.push_id())
                                + body)
                reply = connection.response()
                expect(reply.status == 204, f"{len(rest)} bytes left in body {index + 1}: answered {reply}")
            judge(bench.player(channel), packets, f"{len(rest)} bytes left: ")


crumbs("5 fewer than four bytes at a body's end are thrown away without a word", bytes(1), bytes(2), bytes(3))
crumbs("5 bytes at a body's end that are no packet are thrown away whatever they are", b"x", b"$D", b"$D\x40")


@check("the body of 1000 bytes in pieces of one byte")
def bytewise(bench):
    channel = bench.channel()
    reply, connection = bench.setup(channel)
    packets = numbered(0, 7)
    body = wire.header(vectors.HB) + b"".join(map(wire.data, packets)) + wire.filler(61)
    connection.send_slowly(wire.request("/" + channel, bench.weir.address, wire.START, 1000, reply.push_id()) + body)
    reply = connection.response()
    expect(reply.status == 204, f"answered {reply}")
    judge(bench.player(channel), packets)


@check("a PushStart and its first packets in one segment")
def one_segment(bench):
    channel = bench.channel()
    packets = numbered(0, 3)
    body = wire.header(vectors.HB) + b"".join(map(wire.data, packets))
    reply, _ = bench.start(channel, body=body)
    expect(reply.status == 204, f"answered {reply}")
    judge(bench.player(channel), packets)


def clip(bench, cut):
    """ffmpeg's file in bodies of 20 000 bytes."""
    path = ffmpeg_file(bench.folder)
    if path is None:
        raise Fail("there is no ffmpeg to make a file with")
    with open(path, "rb") as file:
        blob, size, count = asf.read_header(file.read)
        packets = list(asf.read_packets(file.read, size, count))
    channel = bench.channel()
    encoder = bench.encoder(channel, content_length=20000)
    encoder.setup()
    encoder.start()
    encoder.header(blob)
    sent = [cut(packet) for packet in packets]
    expect(cut is whole or sent != packets, "the stand-in is wrong: nothing was cut")
    encoder.data(sent[0])
    player = bench.player(channel)
    expect(player.has(1), lambda: "the player did not get the first packet; it said: " + player.end())
    for packet in sent[1:]:
        encoder.data(packet)
    player.has(len(packets))
    got = player.packets()
    expect(all(len(packet) == size for packet in got), "packets of another size came out")
    # How the padding is written is the relay's own affair; what is in front of it is not.
    difference = same([asf.cut_padding(packet, True) for packet in got],
                      [asf.cut_padding(packet, True) for packet in packets])
    words = player.end()
    expect(not difference, f"{difference}; the player said: {words}")
    if cut is whole:
        expect(got == packets, "the packets came, but with other bytes")
    expect(", 0 bad, 0 gaps," in words and " 0 reconnects" in words, words)


def whole(packet):
    return packet


@check("3.3 ffmpeg's file, many bodies, arrives byte for byte")
def clip_whole(bench):
    clip(bench, whole)


@check("4 the same with the padding cut off packets of several payloads")
def clip_cut(bench):
    clip(bench, asf.cut_padding)


@check("4 a single payload whose padding was cut is padded again, not filled up with zeros")
def single_cut(bench):
    encoder, _, player = bench.watched()
    for packet in numbered(1, 10):
        encoder.data(asf.cut_padding(packet, singles=True))
    judge(player, numbered(0, 10))
