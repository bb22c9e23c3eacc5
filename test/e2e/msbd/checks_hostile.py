"""The description's section 11 on a live port, from both sides; a link begun as it should be plays on."""

import struct

import msbd
from bench import OWN, closed, hear, said
from checks import SOON, Fail, check, eventually, expect
from hostile_servers import CASES, HOSTILE_TIMES

LATE = 15  # seconds, for what weir waits 10 for


def asking(units, flags=msbd.UNICAST):
    return msbd.message(msbd.REQ_CONNECT, struct.pack("<I", flags) + units)


REFUSED = {
    "2: REQ_CONNECT without flags": msbd.message(msbd.REQ_CONNECT),
    "2: REQ_CONNECT with half its flags": msbd.message(msbd.REQ_CONNECT, b"\1\0"),
    "3: a name of odd length": asking(b"a"),
    "3: a name of 514 bytes": asking(257 * b"a\0"),
    "3: a name that announces 64 KiB": msbd.message(msbd.REQ_CONNECT, b"\1\0\0\0", size=0xFFFF),
    "3: half a surrogate pair": asking(b"\x3d\xd8"),
    "3: a surrogate pair the wrong way round": asking(b"\x3a\xdc\x3d\xd8"),
    "3: control characters": asking("a\nb".encode("utf-16-le")),
    "3: a way up": asking("../own".encode("utf-16-le")),
}
# Before a request: closed without an answer.
CLOSED = {
    "1: a cbMessage of 15": msbd.message(msbd.REQ_CONNECT, bytes(4), size=15),
    "1: a cbMessage beyond 16 bits": msbd.message(msbd.REQ_CONNECT, bytes(4), size=0x10000),
    "1: a cbMessage of 4 GiB": msbd.message(msbd.REQ_CONNECT, bytes(4), size=0xFFFFFFFF),
    "1: no signature": b"GET / HTTP/1.0\r\n\r\n",
    "1: a signature that is nearly one": b"MSB_" + msbd.connect()[4:],
    "8: a ping first": msbd.ping(),
    "8: a question first": msbd.ask_info(),
    "7: an unknown message first": msbd.message(6),
}
# On a link that streams.
ENDED = {
    "1: no signature": b"GET / HTTP/1.0\r\n\r\n",
    "1: a cbMessage of 15": msbd.message(msbd.RES_PING, size=15),
    "1: a cbMessage beyond 16 bits": msbd.message(msbd.RES_PING, size=0x10000),
    "2: RES_PING of 65 bytes": msbd.message(msbd.RES_PING, bytes(49)),
    "7: 17 unknown messages": 17 * msbd.message(99),
    "8: 11 RES_PING at once": 11 * msbd.pong(),
    "8: 11 REQ_STREAMINFO at once": 11 * msbd.ask_info(),
    **{f"8: {msbd.NAMES[kind]} from a client": msbd.message(kind) for kind in (
        msbd.REQ_PING, msbd.RES_STREAMINFO, msbd.IND_STREAMINFO, msbd.REQ_CONNECT, msbd.RES_CONNECT, msbd.IND_EOS,
        msbd.IND_PACKET)},
}


def register(what, table, judge):
    for name, said_first in table.items():
        @check(f"client, {what}, {name}")
        def one(bench, said_first=said_first):
            judge(bench, said_first)


def is_refused(bench, request):
    connection = bench.dial()
    connection.send(request)
    found = msbd.Link(connection, b"").is_refused()
    expect(found == msbd.INVALID, f"was answered {found and hex(found)}")


def is_closed(bench, said_first):
    connection = bench.dial()
    connection.send(said_first)
    expect(connection.closes(), "the connection stays open")


def is_ended(bench, said_then):
    link = bench.link(bench.shared())
    hear(link, 3)
    link.connection.send(said_then)
    closed(link.connection)


@check("client: timers of 10 s begin (judged last)")
def slow_begin(bench):
    half = msbd.pong()[:10]
    streaming = bench.link(bench.shared())
    hear(streaming, 3)
    streaming.connection.send(half)
    bench.slow = {"9: half a request": bench.dial(), "9: nothing": bench.dial(), "9: half a signature": bench.dial(),
                  "9: half a message on a link that streams": streaming.connection}
    bench.slow["9: half a request"].send(msbd.connect(OWN)[:-1])
    bench.slow["9: half a signature"].send(b"MS")


register("refused", REFUSED, is_refused)
register("closed", CLOSED, is_closed)
register("in mid-stream", ENDED, is_ended)


@check("client: 16 unknown messages, longer pongs and a question are no reason to end it")
def tolerated(bench):
    link = bench.link(bench.shared())
    hear(link, 3)
    link.connection.send(16 * msbd.message(6) + msbd.message(msbd.RES_PING, bytes(48)) + msbd.ask_info())
    expect(link.hear().kind == msbd.RES_STREAMINFO, "the question is not answered")


def hostile(case):
    def judge(bench):
        server = bench.hostile[case.name]
        eventually(lambda: server.good, f"weir did not come again after {server.ended} of {HOSTILE_TIMES}", 2 * SOON)
        expect(server.ended == HOSTILE_TIMES, f"{server.ended} of {HOSTILE_TIMES} hostile links were ended")
        said(bench, server.channel, case.why)
        eventually(lambda: bench.status_of(server.channel)["state"] == "streaming", "the channel is not on air")
    return judge


for each in CASES:
    check(f"server, {each.name}")(hostile(each))


@check("client: who is too slow with its request or its message is closed")
def slow_end(bench):
    if not bench.slow:
        raise Fail("the timers were never begun")
    for name, connection in bench.slow.items():
        expect(connection.closes(LATE), f"{name}: the connection stays open")
