"""PushSetup, and how a PushStart is received: sections 2, 3, 6.2 and 6.3."""

import re

import vectors
import wire
from encoder import Refused
from checks import Fail, check, expect, wait
from player import labels
from relay import CLIENT_ERRORS, refused

ANOTHER = "127.0.0.2"  # a source address that is not the encoder's
EXACT = ("Server", "Content-Length", "Pragma", "Cache-Control", "Set-Cookie")
BODY = wire.header(vectors.HB) + vectors.D_P1


def judge_reply(reply, required=("Server", "Pragma", "Cache-Control", "Set-Cookie")):
    for name in required:
        expect(reply.get(name), f"{reply} has no {name}")
    for name, _ in reply.headers:
        for exact in EXACT:
            expect(name.lower() != exact.lower() or name == exact, f"{name} has to be written {exact}")
    expect(re.match(r"Cougar/\d", reply.get("Server")), f"Server: {reply.get('Server')}, not Cougar")
    expect(re.fullmatch(r"no-cache(, ?timeout=\d+)?", reply.get("Pragma")), f"Pragma: {reply.get('Pragma')}")
    expect("no-cache" in reply.get("Cache-Control"), f"Cache-Control: {reply.get('Cache-Control')}")
    push_id = reply.push_id()
    expect(push_id and re.fullmatch(r"[1-9]\d{0,9}", push_id), f"push-id {push_id!r}: up to ten digits, never 0")


@check("2.2 a PushSetup is answered as a Windows encoder wants it")
def setup_reply(bench):
    reply, connection = bench.setup(body=wire.AUTO_DESTROY)
    expect(reply.status == 204, f"answered {reply}")
    judge_reply(reply)
    expect(not connection.closes(0.2), "the connection was closed")


@check("2.2 push-ids are new each time and not counted")
def random_ids(bench):
    channel = bench.channel()
    ids = [int(bench.setup(channel)[0].push_id()) for _ in range(8)]
    expect(len(set(ids)) == 8, f"{ids}")
    steps = {after - before for before, after in zip(ids, ids[1:])}
    expect(len(steps) == 7, f"{ids}: equal steps")


def accepted(name, **more):
    @check(name)
    def run(bench):
        kind = more.pop("kind", wire.SETUP)
        reply, _ = bench.ask(kind, **more)
        expect(reply.status == 204, f"answered {reply}")
        judge_reply(reply)


accepted("2.1 a PushSetup without a body is accepted")
accepted("12 a PushSetup body of Template-URL and AutoDestroy, 38 bytes, is accepted",
         body=b'Template-URL: "/pub"\r\nAutoDestroy: 1\r\n')
accepted("2.1 Template-URL alone is accepted", body=b'Template-URL: "/pub"\r\n')
accepted("2.1 a directive without a space after its colon is accepted", body=b"AutoDestroy:0\r\n")
accepted("11.2 an unknown directive is ignored", body=b"AutoDestroy: 1\r\nColour: blue\r\n")
accepted("2.1 a charset behind the Content-Type is accepted", kind=wire.SETUP + ";charset=UTF-8")
accepted("2.1 the Content-Type is compared without regard to case", kind="Application/X-WMS-PushSetup; charset=UTF-8")
accepted("2.1 push-id is found between other cookies", cookie="a=2; push-id=0; b=3")
for agent in ("WMEncoder/9.0", "WMEncoder/10.0.0.3802", "WMEncoder/11.0.5721.5145", "WMEncoder/12.0.10011.16384"):
    accepted(f"2.1 User-Agent {agent} is accepted", agent=agent)


@check("1 a PushSetup in HTTP/1.0 is told Connection: Keep-Alive, and means it")
def old_http(bench):
    channel = bench.channel()
    reply, connection = bench.setup(channel, version="1.0", body=wire.AUTO_DESTROY)
    expect(reply.status == 204, f"answered {reply}")
    expect(reply.get("Connection").lower() == "keep-alive", f"Connection: {reply.get('Connection')!r}")
    connection.send(wire.request("/" + channel, bench.weir.address, wire.START, len(BODY), reply.push_id(),
                                 version="1.0") + BODY)
    reply = connection.response()
    expect(reply.status == 204, f"the PushStart behind it: {reply}")


@check("6.1 a second PushSetup on a connection is evaluated again")
def setup_again(bench):
    encoder = bench.encoder()
    encoder.setup()
    encoder.setup()
    encoder.start(len(BODY))
    encoder.header(vectors.HB)
    encoder.data(vectors.P1)


@check("13 a double slash in the path is one")
def double_slash(bench):
    channel = bench.channel()
    encoder = bench.encoder(channel)
    encoder.target = wire.Target(encoder.target.address, encoder.target.host, "//" + channel)
    encoder.setup()
    encoder.start(len(BODY))
    encoder.header(vectors.HB)
    encoder.data(vectors.P1)
    expect(bench.player(channel).has(1), f"accepted, but nothing can be played from /{channel}")


@check("2.3 a program that is no encoder gets no push: 200 with something to play, or 4xx")
def not_an_encoder(bench):
    for agent in ("NSPlayer/9.0.0.2980", "Mozilla/5.0", "WMEncoder", "Windows-Media-Encoder/9.0"):
        for kind in (wire.SETUP, wire.START):
            reply, _ = bench.ask(kind, agent=agent, body=BODY if kind == wire.START else b"")
            expect(reply.status == 200 or 400 <= reply.status < 500, f"{agent}: answered {reply}")
            expect(reply.push_id() is None, f"{agent}: got a push-id with {reply}")


@check("2.1 without User-Agent or Host there is no push")
def missing_headers(bench):
    for name in ("User-Agent", "Host"):
        reply, _ = bench.setup(drop=(name,))
        expect(reply.status in CLIENT_ERRORS, f"without {name}: {reply}")


@check("2.3 a channel that does not exist is 404, for PushSetup and for PushStart at once")
def unknown_channel(bench):
    for kind in (wire.SETUP, wire.START):
        reply, _ = bench.ask(kind, path="/nosuch", length=wire.WHOLE if kind == wire.START else 0)
        expect(reply.status == 404, f"{kind}: {reply}")


@check("2.3 a PushSetup with an unknown push-id is refused, so that the encoder comes as a new one")
def unknown_id_setup(bench):
    encoder = bench.encoder()
    encoder.push_id = "4124758405"
    try:
        encoder.setup()
    except Refused as refusal:
        expect(refusal.response.status in CLIENT_ERRORS, str(refusal))
    else:
        raise Fail("a PushSetup with push-id=4124758405, which nobody was given, was accepted")
    encoder.close()
    encoder.come_back(vectors.HB)
    encoder.data(vectors.P1)


def fresh_context(name, **more):
    @check(name)
    def run(bench):
        channel = bench.channel()
        reply, connection = bench.start(channel, body=BODY, **more)
        expect(reply.status == 204, f"answered {reply}")
        judge_reply(reply)
        more_data = wire.data(vectors.numbered(1))
        connection.send(wire.request("/" + channel, bench.weir.address, wire.START, len(more_data), reply.push_id())
                        + more_data)
        reply = connection.response()
        expect(reply.status == 204, f"the next PushStart, under the push-id from Set-Cookie: {reply}")
        expect(bench.player(channel).has(2), "nothing can be played")


fresh_context("6.2 a PushStart with an unknown push-id begins a new context", push_id="4124758405")
fresh_context("2.2 a PushStart that still says push-id=0 begins a new context", push_id="0")
fresh_context("6.2 a PushStart without a cookie begins a new context", drop=("Cookie",))


@check("3.1 a PushStart is acted on before its body ends, and 100 Continue is sent when asked for")
def expect_continue(bench):
    channel = bench.channel()
    reply, connection = bench.setup(channel)
    connection.send(wire.request("/" + channel, bench.weir.address, wire.START, len(BODY), reply.push_id(),
                                 extra=("Expect: 100-continue",)))
    reply = connection.any_response()
    expect(reply.status == 100, f"answered {reply}")
    connection.send(BODY)
    reply = connection.response()
    expect(reply.status == 204, f"answered {reply}")


def two_at_once(bench, request):
    """An encoder streams; `request(channel, push_id)` comes from elsewhere.

    Returns (encoder, channel, player, reply, connection).
    """
    encoder, channel, player = bench.watched()
    reply, connection = request(channel, encoder.push_id)
    return encoder, channel, player, reply, connection


@check("2.3 a PushStart with the push-id of a running stream is refused or takes over, nothing between")
def second_start(bench):
    body = b"".join(wire.data(vectors.numbered(index)) for index in (1, 2, 3))
    encoder, _, player, reply, connection = two_at_once(
        bench, lambda channel, push_id: bench.start(channel, push_id, body=body))
    if reply.status == 204:
        expect(encoder.connection.closes(), "it was taken, but the old connection is left open")
        expect(player.has(4), f"it was taken, but of its three packets the player got {player.count() - 1}")
    else:
        expect(reply.status in CLIENT_ERRORS, f"answered {reply}")
        encoder.data(vectors.numbered(1))
        expect(player.has(2), "it was refused, but the running stream is dead")
    connection.close()


@check("2.3 a PushSetup with the push-id of a running stream is refused or takes over, nothing between")
def second_setup(bench):
    encoder, _, player, reply, connection = two_at_once(
        bench, lambda channel, push_id: bench.setup(channel, push_id=push_id))
    if reply.status != 204:
        expect(reply.status in CLIENT_ERRORS, f"answered {reply}")
        encoder.data(vectors.numbered(1))
        expect(player.has(2), "it was refused, but the running stream is dead")
    connection.close()


@check("6.3 a restarted encoder at the same address takes over at once, and the player plays on")
def takeover(bench):
    old, channel, player = bench.watched(packets=3)
    new, _ = bench.streaming(channel, packets=5, tag=b"B")
    expect(old.connection.closes(), "the old connection is left open")
    expect(player.has(8), f"of 3 old and 5 new packets the player got {player.count()}")
    got = labels(player.packets())
    want = [(b"A", index) for index in range(3)] + [(b"B", index) for index in range(5)]
    expect(got == want, f"the player got {got}")
    words = player.end()
    expect(" 0 gaps," in words and " 0 reconnects" in words, words)
    new.data(vectors.numbered(5, b"B"))


@check("6.3 an encoder at another address gets 409 with Retry-After: 5 and a closed connection")
def other_address(bench):
    encoder, channel, player = bench.watched(packets=3)
    encoder.data(vectors.numbered(3))
    reply, connection = bench.setup(channel, source=ANOTHER)
    if reply.status == 204:
        connection.send(wire.request("/" + channel, bench.weir.address, wire.START, wire.WHOLE, reply.push_id())
                        + wire.header(vectors.HB))
        reply = connection.response()
    expect(reply.status == 409, f"answered {reply}")
    expect(reply.get("Retry-After") == "5", f"Retry-After: {reply.get('Retry-After')!r}")
    expect(connection.closes(), "the connection stays open")
    encoder.data(vectors.numbered(4))
    expect(player.has(5), "the running stream is dead")


@check("6.3 an encoder at another address takes over from one that is silent for two seconds")
def other_address_silent(bench):
    old, channel, player = bench.watched(packets=3)
    wait(2.5)
    new, _ = bench.streaming(channel, packets=5, tag=b"B", source=ANOTHER)
    expect(old.connection.closes(), "the old connection is left open")
    expect(player.has(8), f"of 3 old and 5 new packets the player got {player.count()}")
    new.data(vectors.numbered(5, b"B"))


@check("11.10 a guessed push-id of a running stream, from another address, changes nothing")
def stolen_id(bench):
    encoder, channel, player = bench.watched(packets=3)
    sent = 3
    for kind, length in ((wire.START, wire.WHOLE), (wire.SETUP, 0), (None, None)):
        # One packet before each attempt, so that the stream is not silent; and one after all.
        encoder.data(vectors.numbered(sent))
        sent += 1
        expect(player.has(sent), "the running stream is dead")
        if kind:
            reply, connection = bench.ask(kind, channel, push_id=encoder.push_id, source=ANOTHER, length=length)
            expect(reply.status in CLIENT_ERRORS, f"{kind}: answered {reply}")
            connection.close()


def bad_length(name, statuses, *, drop=(), length=0, extra=()):
    @check(f"11.1 {name}")
    def run(bench):
        for kind in (wire.SETUP, wire.START):
            channel = bench.channel()
            connection = bench.connect()
            connection.send(wire.request("/" + channel, bench.weir.address, kind, length, drop=drop, extra=extra))
            refused(connection, statuses)
        bench.usable(channel)


bad_length("a request without Content-Length is 411 or 400", (400, 411), drop=("Content-Length",))
bad_length("a negative Content-Length is 400", (400, 411), length=-1)
bad_length("a Content-Length that is no number is 400", (400, 411), length="many")
bad_length("two Content-Lengths that differ are 400", (400, 411), extra=("Content-Length: 7",))
bad_length("a Content-Length of 2^64 is 400", (400, 413), length=1 << 64)
bad_length("a Content-Length of 2^63 is 400", (400, 413), length=1 << 63)
bad_length("Transfer-Encoding instead of Content-Length is 411 or 400", (400, 411), drop=("Content-Length",),
           extra=("Transfer-Encoding: chunked",))
bad_length("Transfer-Encoding beside Content-Length is 411 or 400", (400, 411), extra=("Transfer-Encoding: chunked",))


@check("3.1 a Content-Length of 2^63 - 1 is accepted and nothing is set aside for it")
def longest_body(bench):
    encoder, _, player = bench.watched(length=(1 << 63) - 1)
    encoder.data(vectors.numbered(1))
    expect(player.has(2), "the player got only one packet")


def bad_setup(name, statuses=CLIENT_ERRORS, **more):
    @check(name)
    def run(bench):
        channel = bench.channel()
        try:
            reply, _ = bench.setup(channel, **more)
        except wire.Lost as lost:
            raise Fail(f"wanted 4xx: {lost}") from lost
        expect(reply.status in statuses, f"answered {reply}")
        bench.usable(channel)


bad_setup("11.2 a PushSetup body of more than 4 KiB is refused", body=b"AutoDestroy: 1\r\n" + b"x" * 4200)
bad_setup("11.2 a PushSetup that announces 1 GB is refused before it comes", length=1 << 30)
bad_setup("11.2 a Template-URL with .. is refused", body=b'Template-URL: "/../pub"\r\nAutoDestroy: 1\r\n')
bad_setup("11.2 a Template-URL with a NUL is refused", body=b'Template-URL: "/p\0ub"\r\nAutoDestroy: 1\r\n')
bad_setup("11.2 a Template-URL without quotes is refused", body=b"Template-URL: /pub\r\nAutoDestroy: 1\r\n")
bad_setup("11.2 a Template-URL that is no path is refused", body=b'Template-URL: "pub"\r\nAutoDestroy: 1\r\n')
bad_setup("11.3 a Cookie of more than 4 KiB is refused", cookie="a=" + "b" * 4200 + "; push-id=0")
bad_setup("11.3 a push-id of 256 characters is refused", push_id="1" * 256)
bad_setup("11.3 a push-id with a control character is refused", push_id="12\x0134")
