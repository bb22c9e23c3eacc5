"""The wire itself: clients that are slow, silent, gone or talk nonsense, whatever protocol they would speak."""

import mms
import vectors
import wire
from bench import HEADER_TIMEOUT, MOST_CONNECTIONS, Listener
from checks import check, eventually, expect, wait
from pushes import Raw
from relay import refused

SILENT = 200
SLACK = 3  # seconds within which a timer of HEADER_TIMEOUT must have run off


def connections(bench):
    return bench.weir.status()["server"]["connections"]


def settled(bench):
    """How many there are once those of the last check are gone, and once every channel that pulls has its stream."""
    eventually(lambda: all(one["state"] == "streaming" for one in bench.weir.status()["channels"]
                           if one["name"].startswith("up")), "not every channel has its stream", 25)
    seen = []

    def still():
        seen.append(connections(bench))
        return len(seen) > 10 and len(set(seen[-10:])) == 1
    eventually(still, lambda: f"the number of connections does not settle: {seen[-10:]}")
    return seen[-1]


def back_to(bench, count):
    eventually(lambda: connections(bench) <= count,
               lambda: f"{connections(bench)} connections are left of {count} before")


def request(bench, channel, agent="hostile"):
    return f"GET /{channel} HTTP/1.1\r\nHost: {bench.weir.address}\r\nUser-Agent: {agent}\r\n\r\n".encode()


@check("wire: a head that comes byte by byte is given up after header_timeout, counted from its beginning")
def slow_loris(bench):
    with bench.counting(timeouts=10):
        slow = [bench.connect() for _ in range(10)]
        for byte in b"GET /" + b"a" * 100:
            if any(connection.pending() for connection in slow):
                break
            for connection in slow:
                connection.send(bytes([byte]))
            wait(HEADER_TIMEOUT / 20)
        for connection in slow:
            refused(connection, (408,))


@check("wire: the second head of a connection is given up after header_timeout, too")
def slow_second_head(bench):
    connection = bench.talk(request(bench, "nothing"))
    expect(connection.response().status == 404, "the first request is not answered")
    with bench.counting(timeouts=1):
        connection.send(b"GET /")
        eventually(connection.pending, "nothing happens", HEADER_TIMEOUT + SLACK)
        refused(connection, (408,))


@check(f"wire: {SILENT} connections that say nothing are closed after header_timeout")
def silent(bench):
    before = settled(bench)
    with bench.counting(timeouts=SILENT):
        all_of_them = [bench.connect() for _ in range(SILENT)]
        eventually(lambda: connections(bench) >= before + SILENT, "they are not even taken")
        connection = bench.talk(request(bench, "nothing"))
        expect(connection.response().status == 404, "nobody else is answered meanwhile")
        connection.close()
        for one in all_of_them:
            eventually(one.pending, "a connection that says nothing is kept", HEADER_TIMEOUT + SLACK)
            expect(one.closes(), "a connection that says nothing is not closed")
    back_to(bench, before)


@check("wire: clients over max_connections are refused, sources are not, and there is room again when others go")
def too_many(bench):
    before = settled(bench)
    refused_before = bench.weir.status()["server"]["connections_refused"]
    more = MOST_CONNECTIONS - before
    held = []
    try:
        for _ in range(more + 25):  # the question for the status is a connection, too
            held.append(bench.talk(request(bench, "nothing")))
        refused = [one.response().status == 503 for one in held]
        expect(refused == sorted(refused), "a client is refused before one that is taken")
        expect(20 <= sum(refused) <= 25, f"{sum(refused)} clients are refused")
        source = bench.talk(b"PUT /nothing HTTP/1.1\r\nContent-Length: 5\r\n\r\n")
        expect(source.response().status == 404, "a source is not heard")
        source.close()
        eventually(lambda: bench.weir.status()["server"]["connections_refused"] == refused_before + sum(refused),
                   "those that are too many are not counted")
    finally:
        for connection in held:
            connection.close()
    back_to(bench, before)
    connection = bench.talk(request(bench, "nothing"))
    expect(connection.response().status == 404, "nobody is answered afterwards")


def ends_in_the_middle(name, begin):
    """Many connections that end by RST, by FIN and by half a FIN where `begin` leaves them; none may be left."""
    @check(f"wire: {name}")
    def run(bench):
        encoder, channel = bench.streaming(packets=3)
        before = settled(bench)
        for how in ("reset", "close", "half_close"):
            there = [begin(bench, channel) for _ in range(10)]
            for connection in there:
                getattr(connection, how)()
            if how == "half_close":
                for connection in there:
                    expect(connection.closes(), "a connection whose client sends no more is kept")
                    connection.close()
        back_to(bench, before)
        encoder.data(vectors.numbered(3))
        expect(Listener(bench, channel).labels(4) == list(range(4)), "the channel is not what it was")


def after_reply(connection):
    connection.response()
    return connection


def raw_push(bench, data):
    push = Raw(bench, bench.channel())
    push.put(data)
    return push.connection


ends_in_the_middle("clients that end without a word leave nothing behind", lambda b, c: b.connect())
ends_in_the_middle("clients that end in the middle of a head leave nothing behind",
                   lambda b, c: b.talk(request(b, c)[:20]))
ends_in_the_middle("players that end in the middle of the stream leave nothing behind",
                   lambda b, c: after_reply(b.talk(request(b, c))))
ends_in_the_middle("WMSP players that end in the middle of the stream leave nothing behind",
                   lambda b, c: after_reply(b.talk(mms.request("x", "/" + c, "xPlayStrm=1"))))
ends_in_the_middle("players that end while they wait for a stream leave nothing behind",
                   lambda b, c: b.talk(request(b, _quiet(b))))
ends_in_the_middle("encoders that end in the middle of a header leave nothing behind",
                   lambda b, c: raw_push(b, vectors.HB[:100]))
ends_in_the_middle("encoders that end in the middle of a packet leave nothing behind",
                   lambda b, c: raw_push(b, vectors.HB + vectors.P1 + vectors.P1[:30]))
ends_in_the_middle("encoders that end in the middle of a chunk's size leave nothing behind",
                   lambda b, c: b.talk(f"POST /{c} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n12".encode()))


def _quiet(bench):
    """A channel that was never on air, the same for all."""
    if not hasattr(bench, "quiet"):
        bench.quiet = bench.channel()
    return bench.quiet


def nonsense(name, data, *, counted, statuses=()):
    """Nonsense as the first of all; `statuses`: what it is answered with before the close, nothing when empty."""
    @check(f"wire: {name}")
    def run(bench):
        with bench.counting(**{counted: 1}):
            connection = bench.talk(data)
            if statuses:
                refused(connection, statuses)
            else:
                expect(connection.closes(), "the connection stays open")


nonsense("zeros are closed", bytes(1000), counted="unknown_protocol")
nonsense("bytes of all values are closed", bytes(range(256)) * 10, counted="unknown_protocol")
nonsense("TLS is closed", bytes.fromhex("16030100f8010000f40303") + bytes(250), counted="unknown_protocol")
nonsense("lower-case methods are closed", b"get / HTTP/1.1\r\n\r\n", counted="unknown_protocol")
nonsense("SSH is closed", b"SSH-2.0-x\r\n", counted="bad_requests", statuses=(400, 405))
nonsense("an unknown method is refused", b"FLY /c0 HTTP/1.1\r\nHost: x\r\n\r\n", counted="bad_requests",
         statuses=(400, 405))
nonsense("RTSP is refused", b"DESCRIBE rtsp://x/c0 RTSP/1.0\r\nCSeq: 1\r\n\r\n", counted="bad_requests",
         statuses=(400, 405, 505))
nonsense("HTTP/2's preface is refused", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", counted="bad_requests",
         statuses=(400, 405, 505))


@check("wire: garbage behind a good request is refused after its answer")
def pipelined_garbage(bench):
    with bench.counting(bad_requests=1):
        connection = bench.talk(request(bench, "nothing") + b"\x01\x02\x03 garbage\r\n\r\n")
        expect(connection.response().status == 404, "the good request is not answered")
        refused(connection)


@check("wire: a hundred requests at once are answered in their order")
def pipelined(bench):
    connection = bench.talk(b"".join(request(bench, f"nothing{index}") for index in range(100)))
    for index in range(100):
        reply = connection.response()
        expect(reply.status == 404 and f"nothing{index} ".encode() in reply.body, f"{index} is answered {reply.body}")


@check("wire: requests without end whose answers are not read are given up or wait")
def unread_answers(bench):
    before = settled(bench)
    connection = wire.Connection(bench.target("").address, receive_buffer=4096)
    try:
        for _ in range(200):
            connection.send(request(bench, "nothing") * 500)
    except (wire.Lost, TimeoutError):
        pass
    connection.reset()
    back_to(bench, before)


@check("wire: garbage without end behind a request that waits for a stream is refused")
def garbage_ahead(bench):
    with bench.counting(bad_requests=1):
        connection = bench.talk(request(bench, _quiet(bench)))
        try:
            for _ in range(50):
                connection.send(b"\xff" * 65536)
        except wire.Lost:
            pass
        expect(connection.closes(), "it is kept")


@check("wire: garbage without end behind a request for a stream does not harm it")
def garbage_behind(bench):
    encoder, channel = bench.streaming(packets=1)
    player = Listener(bench, channel)
    for _ in range(50):
        player.connection.send(b"\xff" * 65536)
    encoder.data(vectors.numbered(1))
    expect(player.labels(2) == [0, 1], "the player's stream has ended")


@check("wire: a body that nobody asked for is not read to its end")
def unwanted_body(bench):
    head = (f"GET / HTTP/1.1\r\nHost: {bench.weir.address}\r\nContent-Length: 1000000000\r\n\r\n").encode()
    connection = bench.talk(head + bytes(10000))
    expect(connection.response().status in (200, 400, 413), "it is not answered")
    expect(connection.closes(), "its body is waited for")


@check("wire: players that do not read a stream do not slow down those that do")
def unread_stream(bench):
    encoder, channel = bench.streaming(packets=1)
    for _ in range(50):
        Listener(bench, channel, receive_buffer=4096)
    quick = Listener(bench, channel)
    for index in range(1, 500):
        encoder.data(vectors.numbered(index))
    expect(quick.labels(500) == list(range(500)), "packets are missing")
