"""What a plain server of the 4.x era gets from weir: every field, whatever happens to the source."""

import msbd
import vectors
from bench import EMPTY, OWN, closed, hear, labels
from checks import check, eventually, expect
from player import judge, numbered

OUTAGE = 2.5  # seconds: players get two fillers by then


def begun(bench, packets=5):
    return bench.streaming(packets=packets)


def refused_with(link, code):
    found = link.is_refused()
    expect(found == code, f"wanted {code:#010x}, was answered {found and hex(found)}")


@check("link: a named channel comes with every field as it should be")
def named(bench):
    encoder, channel = begun(bench)
    for name in channel, "/" + channel:
        got = hear(bench.link(name), 5)
        expect(got == numbered(0, 5), f"packets {labels(got)}")
    encoder.end()


@check("link: NetShow in any case, and nothing, is the port's own channel")
def netshow(bench):
    encoder, _ = bench.streaming(OWN, packets=5)
    for name in "NetShow", "netshow", "NETSHOW", "", OWN:
        got = hear(bench.link(name), 5)
        expect(got == numbered(0, 5), f"packets {labels(got)}")
    encoder.end()


@check("link: a port that speaks HTTP, too")
def both(bench):
    encoder, channel = begun(bench)
    expect(hear(bench.link(channel, bench.both), 5) == numbered(0, 5), "other packets")
    connection = bench.dial(bench.both)
    connection.send(b"GET / HTTP/1.0\r\n\r\n")
    expect(connection.response().status == 200, "HTTP is not answered there")
    encoder.end()


@check("link: its request may come byte by byte")
def split(bench):
    encoder, channel = begun(bench)
    connection = bench.dial()
    link = msbd.Link(connection, b"")
    connection.send_slowly(msbd.connect(channel))
    expect(hear(link, 5) == numbered(0, 5), "other packets")
    encoder.end()


@check("link: a question for the header is answered with it")
def asks(bench):
    encoder, channel = begun(bench)
    link = bench.link(channel)
    hear(link, 5)
    link.connection.send(msbd.ask_info())
    expect(link.hear().kind == msbd.RES_STREAMINFO, "no RES_STREAMINFO")
    encoder.data(vectors.numbered(5))
    hear(link, 6)
    encoder.end()


@check("link: through an outage it gets nothing, then the next packet's number")
def outage(bench):
    encoder, channel = begun(bench)
    link, player = bench.link(channel), bench.player(channel)
    hear(link, 5)
    expect(player.has(5), "the player got nothing")
    encoder.close()
    eventually(lambda: bench.status_of(channel)["state"] != "streaming", "the source is not lost")
    expect(link.connection.idle(OUTAGE), "something came while there was no source")
    again, _ = bench.streaming(channel, packets=5, tag=b"B")
    got = hear(link, 10)
    expect(len(link.judge.infos) == 1, f"{len(link.judge.infos)} headers, the stream's is the same")
    wanted = [(b"A", i) for i in range(5)] + [(b"B", i) for i in range(5)]
    expect(labels(got) == wanted, f"packets {labels(got)}")
    judge(player, got, "the player must have the same: ")
    again.end()


@check("link: another header comes with another wStreamId, the numbers go on")
def other_header(bench):
    encoder, channel = begun(bench)
    link = bench.link(channel)
    hear(link, 5)
    encoder.close()
    blob = vectors.HB.replace(b"MP43", b"MP42")
    other = bench.encoder(channel)
    other.setup()
    other.start()
    other.header(blob)
    for index in range(5):
        other.data(vectors.numbered(index, b"B"))
    hear(link, 10)
    first, second = link.judge.infos
    expect(first.stream != second.stream and b"MP42" in second.blob, "the second header is not announced as one")
    other.end()


@check("link: twenty of them get the same")
def several(bench):
    encoder, channel = begun(bench)
    links = [bench.link(channel) for _ in range(20)]
    for index in range(5, 50):
        encoder.data(vectors.numbered(index))
    for link in links:
        expect(hear(link, 50) == numbered(0, 50), "other packets")
    encoder.end()


@check("refused: multicast, with 0xC00D001A")
def multicast(bench):
    encoder, channel = begun(bench, 1)
    refused_with(bench.link(channel, flags=msbd.MULTICAST), msbd.NOT_FOUND)
    encoder.end()


@check("refused: flags that are none, with 0x80070057")
def flags(bench):
    encoder, channel = begun(bench, 1)
    for one in 0, 3, 4, 0x80000001:
        refused_with(bench.link(channel, flags=one), msbd.INVALID)
    encoder.end()


@check("refused: a channel that there is not, with 0xC00D001A")
def unknown(bench):
    for name in "nothing", "nothing/at/all", "c0 ", "\u65e5\u672c", "\U0001f4fa", "x" * 256:
        refused_with(bench.link(name), msbd.NOT_FOUND)


@check("refused: NetShow where the port has no channel of its own, with 0xC00D001A")
def no_own(bench):
    for name in msbd.NETSHOW, "":
        refused_with(bench.link(name, bench.both), msbd.NOT_FOUND)


@check("refused: a channel that was never on air, after wait_max, with 0xC00D0033")
def empty(bench):
    refused_with(bench.link(EMPTY), msbd.NO_STREAM)


@check("link: who asks before the encoder comes is served when it does")
def early(bench):
    channel = bench.channel()
    link = bench.link(channel)
    encoder, _ = bench.streaming(channel, packets=5)
    expect(hear(link, 5) == numbered(0, 5), "other packets")
    link.connection.half_close()
    closed(link.connection)
    encoder.end()
