"""wmsp.md section 12, the server's side: items 1 to 7 and 10. Items 8 and 9 are in checks_upstream.py."""

import re

import mms
import vectors
import wire
from bench import CLOSES, HEADER_TIMEOUT, SKIPS, Listener
from checks import check, eventually, expect, wait
from relay import CLIENT_ERRORS, refused

ANOTHER = "127.0.0.2"
BIG = 16000  # bytes of a packet, for those who do not read
GET = "GET /{0} HTTP/1.1\r\nHost: x\r\nUser-Agent: " + mms.WINDOWS + "\r\n"


def live(bench, count=3):
    """A channel with a stream. Returns (encoder, channel)."""
    return bench.streaming(packets=count)


def describe(bench, channel, *pragmas, source=None, **more):
    connection = bench.talk(mms.request(bench.weir.address, "/" + channel, *pragmas, **more), source)
    return connection.response(), connection


def play(bench, channel, *pragmas, source=None, **more):
    """Plays; (reply, connection), the connection behind the reply's head."""
    return describe(bench, channel, "xPlayStrm=1", *pragmas, source=source, **more)


def plays(bench, connection, count=3):
    """What follows the reply to Play must be a stream, from its first packet on."""
    blob, _ = mms.read_header(connection)
    expect(blob[:16] == vectors.HB[:16], "the header is none")
    got = [mms.read_frame(connection) for _ in range(count)]
    labels = [vectors.label(payload) for letter, payload in got if letter == "D"]
    expect(labels == [(b"A", index) for index in range(count)], f"the client got {labels}")


# --- 1. heads

def head(name, make, statuses=(400, 431)):
    @check(f"wmsp 12.1 {name}")
    def run(bench):
        _, channel = live(bench)
        with bench.counting(channel, bad_requests=1):
            refused(bench.talk(make(channel)), statuses)


head("a request line over 8 KiB is refused",
     lambda c: f"GET /{c}?{'a' * 8200} HTTP/1.0\r\nUser-Agent: {mms.WINDOWS}\r\n\r\n".encode())
head("a request line that never ends is refused", lambda c: b"GET /" + b"a" * 20000)
head("a header line over 8 KiB is refused",
     lambda c: (GET.format(c) + "Pragma: " + "a" * 8200 + "\r\n\r\n").encode())
head("65 header lines are refused", lambda c: (GET.format(c) + "Pragma: no-cache\r\n" * 63 + "\r\n").encode())
head("headers over 16 KiB in all are refused",
     lambda c: (GET.format(c) + ("Pragma: " + "a" * 1000 + "\r\n") * 17 + "\r\n").encode())
head("bare LFs instead of line ends are refused", lambda c: GET.format(c).replace("\r\n", "\n").encode() + b"\n")
head("a storm of LFs inside a head is refused", lambda c: GET.format(c).encode() + b"\n" * 10000)
head("a bare CR is refused", lambda c: GET.format(c).encode() + b"Pragma: a\rb\r\n\r\n")
head("a NUL in the request line is refused", lambda c: f"GET /{c}\0 HTTP/1.0\r\n\r\n".encode(), (400,))
head("a NUL in a header's name is refused", lambda c: GET.format(c).encode() + b"Pra\0gma: x\r\n\r\n", (400,))
head("a NUL in a header's value is refused", lambda c: GET.format(c).encode() + b"Pragma: x\0y\r\n\r\n", (400,))
head("a head that is continued on the next line is refused",
     lambda c: GET.format(c).encode() + b"Pragma: a\r\n b\r\n\r\n", (400,))
head("a header without a colon is refused", lambda c: GET.format(c).encode() + b"Pragma\r\n\r\n", (400,))
head("a header without a name is refused", lambda c: GET.format(c).encode() + b": a\r\n\r\n", (400,))
head("HTTP/9.9 is refused", lambda c: f"GET /{c} HTTP/9.9\r\n\r\n".encode(), (400, 505))
head("a request without a version is refused", lambda c: f"GET /{c}\r\n\r\n".encode(), (400, 505))


@check("wmsp 12.1 64 header lines are taken")
def most_lines(bench):
    _, channel = live(bench)
    reply = bench.talk((GET.format(channel) + "Pragma: no-cache\r\n" * 62 + "\r\n").encode()).response()
    expect(reply.status == 200, f"answered {reply}")


@check("wmsp 12.1 a storm of line ends before any request is closed")
def leading_storm(bench):
    for storm in (b"\n" * 10000, b"\r\n" * 5000):
        before = bench.counts()
        connection = bench.talk(storm)
        expect(connection.closes(), "the connection stays open")
        after = bench.counts()
        expect(sum(after[name] - before[name] for name in ("bad_requests", "unknown_protocol")) == 1,
               f"counted were {before}, are {after}")


@check("wmsp 12.1 a head that does not end is given up in time")
def slow_head(bench):
    _, channel = live(bench)
    with bench.counting(timeouts=1):
        refused(bench.talk(GET.format(channel).encode()), (408,))


# --- 2. lengths

def length(name, lines, body=b"", statuses=(400,)):
    @check(f"wmsp 12.2 {name}")
    def run(bench):
        _, channel = live(bench)
        request = mms.request(bench.weir.address, "/" + channel, method="POST", version="1.1", agent=mms.FREE,
                              extra=("Content-Type: application/x-wms-LogStats", *lines))
        refused(bench.talk(request + body), statuses)
        reply, connection = play(bench, channel)
        expect(reply.status == 200, f"afterwards Play is answered {reply}")
        plays(bench, connection)


length("a negative Content-Length is 400", ("Content-Length: -1",))
length("a Content-Length that is no number is 400", ("Content-Length: 1x",))
length("an empty Content-Length is 400", ("Content-Length:",))
length("a Content-Length of 2^64 is 400", (f"Content-Length: {1 << 64}",), statuses=(400, 413))
length("two Content-Lengths that differ are 400", ("Content-Length: 4", "Content-Length: 5"), b"abcde")
length("a list of Content-Lengths that differ is 400", ("Content-Length: 4, 5",), b"abcde")
length("Transfer-Encoding beside Content-Length is 400",
       ("Transfer-Encoding: chunked", "Content-Length: 5"), b"0\r\n\r\n")
length("a Transfer-Encoding that nobody knows is refused", ("Transfer-Encoding: gzip",), statuses=(400, 501))
length("a log over 64 KiB is 413", ("Content-Length: 70000",), b"a" * 70000, (413,))
length("a log over 64 KiB in chunks is 413", ("Transfer-Encoding: chunked",),
       b"10000\r\n" + b"a" * 65536 + b"\r\n10000\r\n" + b"a" * 65536 + b"\r\n0\r\n\r\n", (413,))
length("a chunk of 2^64 bytes is refused", ("Transfer-Encoding: chunked",), b"FFFFFFFFFFFFFFFFF\r\n", (400, 413))
length("a chunk size that is no number is 400", ("Transfer-Encoding: chunked",), b"-1\r\n")


# --- 3. numbers

def number(name, pragma, status):
    @check(f"wmsp 12.3 {name}")
    def run(bench):
        _, channel = live(bench)
        for one in (describe, play):
            reply, connection = one(bench, channel, pragma)
            expect(reply.status == status, f"{one.__name__}: answered {reply}")
        if status == 200:
            plays(bench, connection)


for token in ("stream-time", "packet-num", "max-duration", "request-context"):
    number(f"{token} of 11 digits is ignored", f"{token}=12345678901", 200)
    number(f"{token} of 2^32 is ignored", f"{token}=4294967296", 200)
number("stream-offset beyond all numbers is ignored", "stream-offset=99999999999:99999999999", 200)
number("a negative stream-time is ignored", "stream-time=-1", 200)
number("client-id of 11 digits is 400", "client-id=12345678901", 400)
number("client-id of 2^32 is 400", "client-id=4294967296", 400)
number("client-id that is no number is 400", "client-id=many", 400)


# --- 4. stream selection

def selection(name, *pragmas):
    @check(f"wmsp 12.4 {name}")
    def run(bench):
        _, channel = live(bench)
        reply, connection = play(bench, channel, *pragmas)
        expect(reply.status == 200, f"answered {reply}")
        plays(bench, connection)


selection("stream-switch-count of 2^32 - 1 with two entries plays", "stream-switch-count=4294967295",
          "stream-switch-entry=ffff:1:0 ffff:2:0 ")
selection("stream-switch-count of 2^32 with two entries plays", "stream-switch-count=4294967296",
          "stream-switch-entry=ffff:1:0 ffff:2:0 ")
selection("stream-switch-count of 2^32 - 1 alone plays", "stream-switch-count=4294967295")
selection("700 entries play", "stream-switch-count=700", "stream-switch-entry=" + "ffff:1:0 " * 700)
selection("entries beyond the 127th are ignored", "stream-switch-entry=" + "ffff:2:0 " * 127 + "ffff:2:2 ffff:1:2")
selection("malformed entries are skipped", "stream-switch-count=9",
          "stream-switch-entry=: :: x:y:z ffff:2 ffff:2:0:0:0 1:2:3:4 fffff:1:0 ffff:2:9 ffff:-1:0 ffff:2:0")
selection("an entry of nothing plays", "stream-switch-count=1", "stream-switch-entry=")
selection("entries on every header line play", *["stream-switch-entry=ffff:2:0"] * 50)


# --- 5. client-ids

@check("wmsp 12.5 a second Play on a streaming context is refused, and the first plays on")
def hijack(bench):
    encoder, channel = live(bench)
    reply, connection = play(bench, channel)
    ident = mms.client_id(reply)
    expect(ident is not None, "no client-id was given")
    plays(bench, connection)
    for one in (play, describe):
        reply, second = one(bench, channel, f"client-id={ident}")
        expect(reply.status in CLIENT_ERRORS, f"{one.__name__} on it is answered {reply}")
        expect(second.closes(), "the second connection stays open")
    encoder.data(vectors.numbered(3))
    expect(vectors.label(mms.read_frame(connection)[1]) == (b"A", 3), "the first client's stream has ended")


@check("wmsp 12.5 another address cannot use, stop or hijack a context")
def from_elsewhere(bench):
    encoder, channel = live(bench)
    reply, connection = play(bench, channel)
    ident = mms.client_id(reply)
    plays(bench, connection)
    reply, other = play(bench, channel, f"client-id={ident}", source=ANOTHER)
    expect(reply.status == 200 and mms.is_reset(reply) or reply.status in CLIENT_ERRORS,
           f"Play from elsewhere: {reply} {reply.headers}")
    expect(mms.client_id(reply) != ident, "another address was given the same context")
    for pragma in ("xStopStrm=1", "xKeepAliveInPause=1", "log-line=a b c"):
        reply, other = describe(bench, channel, pragma, f"client-id={ident}", method="POST", source=ANOTHER,
                                extra=("Content-Length: 0",))
        expect(reply.status in CLIENT_ERRORS, f"{pragma} from elsewhere is answered {reply}")
    encoder.data(vectors.numbered(3))
    expect(vectors.label(mms.read_frame(connection)[1]) == (b"A", 3), "the client's stream has ended")


@check("wmsp 12.5 guessed client-ids meet nobody, and players that come after are served")
def guesses(bench):
    encoder, channel = live(bench)
    reply, connection = play(bench, channel)
    ident = mms.client_id(reply)
    plays(bench, connection)
    for guess in range(ident - 150, ident + 150):
        if guess == ident or not 0 < guess < 1 << 32:
            continue
        reply, other = describe(bench, channel, "xStopStrm=1", f"client-id={guess}", method="POST",
                                extra=("Content-Length: 0",))
        expect(reply.status in CLIENT_ERRORS, f"a guess is answered {reply}")
        other.close()
    encoder.data(vectors.numbered(3))
    expect(vectors.label(mms.read_frame(connection)[1]) == (b"A", 3), "the client's stream has ended")
    reply, connection = play(bench, channel)
    expect(reply.status == 200, f"afterwards Play is answered {reply}")


@check("wmsp 12.5 client-ids are drawn at random")
def random_ids(bench):
    _, channel = live(bench)
    ids = []
    for _ in range(40):
        reply, connection = describe(bench, channel)
        ids.append(mms.client_id(reply))
        connection.close()
    steps = {(after - before) % (1 << 32) for before, after in zip(ids, ids[1:])}
    expect(len(set(ids)) == 40 and len(steps) == 39 and max(ids) > 1 << 24, f"they are {ids}")


@check("wmsp 12.5 a client-id that nobody knows is told so by xResetStrm, or refused")
def unknown_id(bench):
    _, channel = live(bench)
    for one in (describe, play):
        reply, _ = one(bench, channel, "client-id=12345")
        expect(reply.status in CLIENT_ERRORS or reply.status == 200 and mms.is_reset(reply),
               f"{one.__name__}: answered {reply} {reply.headers}")


# --- 6. what goes into the log

EVIL = "\x1b[31mred \x07bell \x08back \x7fdel \x9bcsi"


def escaped(name, *pragmas, agent=mms.FREE, path="", body=b"", extra=()):
    """A client that sends control characters is served, and they do not come out of the log."""
    @check(f"wmsp 12.6 {name}")
    def run(bench):
        _, channel = live(bench)
        mark = bench.log().rfind(b"\n") + 1  # a line may be only half written yet
        method = "POST" if body or any(pragma.startswith("log-line") for pragma in pragmas) else "GET"
        more = (*extra, f"Content-Length: {len(body)}") if method == "POST" else extra
        connection = bench.talk(mms.request(bench.weir.address, "/" + channel + path, *pragmas, agent=agent,
                                            method=method, extra=more) + body)
        reply = connection.response()
        # Whether HTTP allows such bytes in a header is the parser's affair; what it takes must be harmless.
        expect(reply.status in (200, 204, *CLIENT_ERRORS), f"answered {reply}")
        connection.close()
        clean_log(bench.log()[mark:])


def clean_log(log):
    for line in log[:log.rfind(b"\n") + 1].splitlines():
        bad = re.findall(rb"[\x00-\x1f\x7f-\x9f]", line)
        expect(not bad, f"control characters {bad} in the log: {line!r}")
        expect(re.match(rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d", line),
               f"a line of the log that weir did not begin: {line!r}")


for guid in ("{0xbabac001-0x0ef9-0x4fd1-0x9c1f-0x0123456789ab}", "{}", "", "{{{{", "x" * 2000, "{" + EVIL + "}", '"'):
    escaped(f"xClientGUID={guid[:24]!r} is not fatal", "xPlayStrm=1", f"xClientGUID={guid}")
escaped("a User-Agent with control characters is harmless", "xPlayStrm=1", agent="NSPlayer/4.1 " + EVIL)
escaped("a path with control characters is harmless", path="%0a%0d2026-01-01T00:00:00Z%20forged%1b[31m%00")
escaped("a log-line with control characters is harmless", "log-line=" + EVIL.replace(" ", "_"))
escaped("a log's body with control characters is harmless",
        body=("<XML><Summary>0.0.0.0 2026-11-24 00:00:00 - mms://x/\x1b[31m\n2026-01-01T00:00:00Z\tforged 0 1 1 200 "
              + EVIL + "</Summary></XML>").encode("latin-1"), extra=("Content-Type: application/x-wms-LogStats",))
escaped("a log of one field that does not end is harmless", body=b"<XML><Summary>" + b"\n" * 60000,
        extra=("Content-Type: application/x-wms-LogStats",))


@check("wmsp 12.6 VLC's xClientGUID plays")
def vlc_guid(bench):
    _, channel = live(bench)
    reply, connection = play(bench, channel, "xClientGUID={0xbabac001-0x0ef9-0x4fd1-0x9c1f-0x0123456789ab}")
    expect(reply.status == 200, f"answered {reply}")
    plays(bench, connection)


# --- 7. ffmpeg

@check("wmsp 12.7 ffmpeg's header without a line end plays")
def glued(bench):
    _, channel = live(bench)
    reply, connection = play(bench, channel, "no-cache,rate=1.000000,stream-time=0", agent=mms.FREE,
                             extra=("Pragma: stream-switch-count=2", "Pragma: stream-switch-entry=ffff:1:0 ffff:2:0 ",
                                    "Pragma: no-cache,rate=1.000000,stream-time=0Connection: Close"))
    expect(reply.status == 200, f"answered {reply}")
    plays(bench, connection)


@check("wmsp 12.7 a client-id with something glued to it is the number in front")
def glued_id(bench):
    _, channel = live(bench)
    reply, _ = describe(bench, channel)
    reply, connection = play(bench, channel, f"client-id={mms.client_id(reply)}Connection: Close")
    expect(reply.status == 200 and not mms.is_reset(reply), f"answered {reply} {reply.headers}")
    plays(bench, connection)


# --- 10. clients that do not read

def big_blob():
    size = BIG.to_bytes(4, "little")
    return vectors.HB.replace(bytes.fromhex("40000000 40000000"), size + size)


def big(index):
    """A numbered packet of BIG bytes: the padding is made longer, its length a WORD."""
    packet = vectors.numbered(index)
    packet = packet[:3] + b"\x10" + packet[4:5] + (BIG - 44).to_bytes(2, "little") + packet[6:43]
    return packet + bytes(BIG - len(packet))


def slow_player(bench, channel):
    connection = wire.Connection(bench.target("").address, receive_buffer=4096)
    connection.send(mms.request(bench.weir.address, "/" + channel, "xPlayStrm=1"))
    expect(connection.response().status == 200, "Play is not answered")
    return connection


def flooded(bench, channel):
    """A channel whose encoder sends so much that nobody's buffers hold it. Returns (what sends more, its encoder)."""
    encoder = bench.encoder(channel)
    encoder.setup()
    encoder.start()
    encoder.header(big_blob())
    sent = [0]

    def more(count):
        for _ in range(count):
            encoder.data(big(sent[0]))
            sent[0] += 1
    more(1)
    return more, encoder


@check("wmsp 12.10 a player that does not read lags, skips to a join point and finds whole packets there")
def lagging(bench):
    more, _ = flooded(bench, SKIPS)
    slow = [slow_player(bench, SKIPS) for _ in range(5)]
    quick = Listener(bench, SKIPS)
    before = bench.counts(SKIPS)
    for last in range(8, 961, 8):  # 15 MB: more than both ends' sockets and the log hold; little enough for who reads
        more(8)
        while vectors.label(quick.packet()) != (b"A", last):
            pass
    for connection in slow:
        mms.read_header(connection)
        seen = []
        while not seen or seen[-1] < 960:
            if connection.idle(0.2):
                more(1)
            letter, packet = mms.read_frame(connection)
            expect(letter == "D" and len(packet) == BIG, f"${letter} of {len(packet)} bytes")
            seen.append(vectors.label(packet)[1])
        expect(seen == sorted(set(seen)), "packets came twice or out of order")
        expect(len(seen) < 960, f"nothing was skipped, {len(seen)} packets came")
    with_skips = bench.counts(SKIPS)["skips"] - before["skips"]
    expect(with_skips >= 5, f"{with_skips} skips are counted for 5 players")


@check("wmsp 12.10 with slow_client = \"close\" it is closed")
def closed(bench):
    more, _ = flooded(bench, CLOSES)
    slow = [slow_player(bench, CLOSES) for _ in range(5)]
    with bench.counting(CLOSES, slow_closed=5):
        more(960)
    for connection in slow:
        expect(connection.closes(), "its connection stays open")


@check("wmsp 12.10 players that ask for Play byte by byte do not keep others from it")
def slow_play(bench):
    _, channel = live(bench)
    request = mms.request(bench.weir.address, "/" + channel, "xPlayStrm=1")
    slow = [bench.connect() for _ in range(20)]
    with bench.counting(timeouts=20):
        for at in range(10):
            for connection in slow:
                connection.send(request[at:at + 1])
            wait(HEADER_TIMEOUT / 20)
        reply, connection = play(bench, channel)
        expect(reply.status == 200, f"Play is answered {reply}")
        plays(bench, connection)
        for connection in slow:
            eventually(connection.pending, "a head that does not end is waited for without end")
            refused(connection, (408,))


@check("wmsp 12.10 requests without end behind a Play do not harm it")
def requests_behind(bench):
    encoder, channel = live(bench)
    reply, connection = play(bench, channel)
    plays(bench, connection)
    for _ in range(20):
        connection.send(mms.request(bench.weir.address, "/" + channel, "xKeepAliveInPause=1", method="POST",
                                    extra=("Content-Length: 0",)) * 50)
    encoder.data(vectors.numbered(3))
    expect(vectors.label(mms.read_frame(connection)[1]) == (b"A", 3), "the client's stream has ended")
    with bench.counting(bad_requests=1):
        connection.send(b"\0" * 100)
        expect(connection.closes(), "garbage behind a Play is read on and on")
