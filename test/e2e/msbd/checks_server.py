"""weir pulls from a plain server or encoder of the 4.x era, with all that such servers do; clients notice nothing."""

import random

import msbd
import vectors
from bench import closed, said
from checks import check, eventually, expect
from msbd_server import in_span, parity_of
from msbd_vectors import BC
from player import judge, judge_labels, numbered

GARBAGE = random.Random(7).randbytes(32)  # of an empty IND_STREAMINFO that nobody has cleared


def fed(bench, name, **more):
    """A link on which the stream has begun, with five packets, and a player that has them."""
    feeder = bench.servers[name].accept()
    feeder.begin(**more)
    feeder.packets(*numbered(0, 5))
    player = bench.player(name)
    expect(player.has(5), lambda: f"{player.count()} packets came to the player; it said: {player.end()}")
    return feeder, player


def ab(first, second, more=()):
    return [(b"A", i) for i in range(first)] + [(b"B", i) for i in range(second)] + list(more)


@check("server: without a path weir asks as the 4.x era did, byte for byte")
def unnamed(bench):
    feeder = bench.servers["unnamed"].accept()
    got = msbd.message(feeder.request.kind, feeder.request.body, feeder.request.hr)
    expect(got == BC, f"the request is {got.hex(' ')}")
    feeder.begin()
    feeder.packets(*numbered(0, 5))
    judge(bench.player("unnamed"), numbered(0, 5))
    expect(feeder.connection.idle(0), "weir says more than its request")


@check("server: a path is the channel's name; packets go through as they are")
def named(bench):
    feeder, player = fed(bench, "named", title="Nachrichten".encode("utf-16-le"), description=b"\xff\0\xff",
                         link=bytes(range(256)))
    expect(feeder.asked_for() == (msbd.UNICAST, "news"), f"asked for {feeder.asked_for()}")
    judge(player, numbered(0, 5))


@check("server: parity is dropped, the rest of error correction reset")
def parity(bench):
    feeder, player = fed(bench, "parity")
    for begin in range(5, 25, 10):
        span = [in_span(packet, place) for place, packet in enumerate(numbered(begin, begin + 10), 1)]
        feeder.packets(*span)
        feeder.parity(parity_of(span))
    judge(player, numbered(0, 25))


@check("server: a ping is answered at once, in mid-packet, too")
def pings(bench):
    feeder, player = fed(bench, "pings")
    feeder.send(msbd.ping())
    expect(feeder.hears() == msbd.Message(msbd.RES_PING, 0, b""), "no RES_PING")
    whole = msbd.ping() + msbd.packet(5, vectors.numbered(5))
    feeder.send(whole[:50])
    expect(feeder.hears() == msbd.Message(msbd.RES_PING, 0, b""), "no RES_PING")
    feeder.send(whole[50:])
    judge(player, numbered(0, 6))


@check("server: another version, unknown messages, and an answer to nobody's question")
def old_version(bench):
    feeder, player = fed(bench, "old-version")
    feeder.send(msbd.message(6, b"whatever"), msbd.stream_info(vectors.HB, kind=msbd.RES_STREAMINFO),
                msbd.packet(5, vectors.numbered(5)).replace(b"\x06\x01\x0a", b"\x04\x01\x0a", 1), msbd.message(99))
    feeder.number += 1
    feeder.packets(*numbered(6, 8))
    judge(player, numbered(0, 8))


@check("server: packets of a stream that was not announced are dropped")
def other_streams(bench):
    feeder, player = fed(bench, "other-streams")
    feeder.send(msbd.packet(5, vectors.numbered(0, b"B"), stream=7))
    feeder.packets(*numbered(5, 8))
    judge(player, numbered(0, 8))


@check("server: an end with a successor is another run on the same link")
def successor(bench):
    feeder, player = fed(bench, "successor")
    feeder.send(msbd.end())
    feeder.announce(1)
    feeder.packets(*numbered(0, 5, b"B"))
    judge_labels(player, ab(5, 5))


@check("server: the same header under another wStreamId, without an end")
def same_header(bench):
    feeder, player = fed(bench, "same-header", stream=1)
    feeder.announce(0x8001)
    feeder.packets(*numbered(0, 5, b"B"))
    expect(player.has(10), "the second run's packets do not come")
    link = bench.link("same-header")
    link.until(lambda heard: len(heard.packets) >= 10)
    expect(len(link.judge.infos) == 1, "a peer behind weir is told of it")
    judge_labels(player, ab(5, 5))


@check("server: garbage in the empty IND_STREAMINFO; weir ends the link, comes again, and players play on")
def garbage(bench):
    feeder, player = fed(bench, "garbage")
    feeder.send(msbd.end(), msbd.message(msbd.IND_STREAMINFO, GARBAGE, msbd.NO_STREAM))
    closed(feeder.connection)
    said(bench, "garbage", "the stream ended")
    again = bench.servers["garbage"].accept()
    again.begin()
    again.packets(*numbered(0, 5, b"B"))
    expect(player.has(10), "the second link's packets do not come")
    # Less than the fixed part, and no end before it.
    again.send(msbd.message(msbd.IND_STREAMINFO, GARBAGE[:7], msbd.NO_STREAM))
    closed(again.connection)
    third = bench.servers["garbage"].accept()
    third.begin()
    third.packets(*numbered(0, 5, b"C"))
    judge_labels(player, ab(5, 5, [(b"C", i) for i in range(5)]))


@check("server: another header ends players that cannot follow, and a peer behind weir goes on")
def new_header(bench):
    feeder, player = fed(bench, "new-header")
    link = bench.link("new-header")
    link.until(lambda heard: len(heard.packets) >= 5)
    feeder.announce(2, vectors.HB.replace(b"MP43", b"MP42"))
    feeder.packets(*numbered(0, 5, b"B"))
    link.until(lambda heard: len(heard.packets) >= 10)
    expect(len(link.judge.infos) == 2, f"{len(link.judge.infos)} headers")
    eventually(lambda: bench.status_of("new-header")["state"] == "streaming", "the channel is not on air")
    player.end()
