"""wmsp.md section 12, items 8 and 9, and hostile HTTP: servers that weir pulls from.

All of them are at it from weir's start, side by side; each check looks at one: what it did cost the link and nothing
else, weir said why, came again, was treated the same again, came once more and took the good stream it then got.
"""

import struct
import time

import mms
import vectors
from bench import Listener
from checks import check, eventually, expect
from upstream import CASES, HOSTILE_TIMES, STEP, Case, ok

COME_AGAIN = 15  # seconds for all the attempts, the longest pauses between them included
ANSWER_TIMEOUT = 15 + 5
GIVES_UP = 5 + 5  # no packets after the first one
HEAD = ok()


def case(name, phase, answer, *why, then="wait", times=HOSTILE_TIMES, within=COME_AGAIN):
    one = Case(name, phase, answer, then, times)

    @check(name)
    def run(bench):
        server = bench.upstreams[name]
        eventually(lambda: server.hostile == one.times and server.good, lambda: (
            f"weir came {server.hostile} times to be treated badly, then took {server.good} good streams; "
            f"it says {bench.status_of(server.channel)['sources']}"), within)
        if then == "wait":
            eventually(lambda: server.ended == one.times,
                       lambda: f"weir ended {server.ended} of {one.times} connections", within)
        said = server.said(bench.log())
        expect(any(word in line for line in said for word in why), lambda: f"weir said {said}, nothing of {why}")
        eventually(lambda: bench.status_of(server.channel)["state"] == "streaming",
                   lambda: f"the channel is {bench.status_of(server.channel)}")
        status = bench.status_of(server.channel)["sources"][0]
        expect(status["state"] == "on_air" and not status["error"], f"its source is {status}")
        listener = Listener(bench, server.channel)
        expect(listener.labels(3)[0] is not None, "its stream cannot be played")
        listener.close()


def describes(name, answer, *why, **more):
    case(f"wmsp 12.8 {name} (Describe)", "describe", HEAD + answer, *why, **more)


def streams(name, answer, *why, **more):
    """After a good description, a good header and a good packet unless `bare`."""
    bare = more.pop("bare", False)
    before = HEAD if bare else HEAD + mms.header() + mms.data(0)
    item = more.pop("item", 8)
    case(f"wmsp 12.{item} {name}", "play", before + answer if isinstance(answer, bytes) else answer, *why, **more)


# --- 8. framing

for letter in "DHM":
    for size in (0, 1, 7):
        streams(f"${letter} with PacketLength {size} ends the link",
                struct.pack("<BcH", 0x24, letter.encode(), size) + bytes(size), f"${letter} has length {size}")
    streams(f"${letter} whose PacketSize is smaller than PacketLength ends the link",
            mms.frame(letter, vectors.P1, size=71), "packet size 71")
    streams(f"${letter} whose PacketSize is larger than PacketLength ends the link",
            mms.frame(letter, vectors.P1, size=65535), "packet size 65535")
for size in (0, 7):
    describes(f"$H with PacketLength {size} ends the link", struct.pack("<BcH", 0x24, b"H", size) + bytes(size + 8),
              "not a Windows Media")
describes("$H whose PacketSize is another than PacketLength ends the link",
          mms.frame("H", vectors.HB, size=100), "not a Windows Media")
for letter in "CE":
    for size in (0, 1, 3):
        streams(f"${letter} of {size} bytes ends the link",
                struct.pack("<BcH", 0x24, letter.encode(), size) + bytes(size), f"${letter} has length {size}")
streams("$E of 8 bytes, as ffmpeg's, is the end", b"$E\x08\0" + bytes(8), "the stream ended")
streams("$E with a failure is the end", mms.reason("E", 0xC00D0029), "the stream ended")
streams("an endless row of $C ends the link", mms.reason("C") * 40, "$C without a $D")
streams("an endless row of $E 1 and $C ends the link", (mms.reason("E", 1) + mms.reason("C")) * 40, "$C without a $D")
streams("headers without end, each with $C and $D, end the link",
        (mms.reason("C") + mms.header() + mms.data(0)) * 40, "new headers")
streams("headers without end, each with $D alone, end the link", (mms.header() + mms.data(0)) * 40, "new headers")
for byte in (0x00, 0x23, 0x25, 0x64, 0xE4, 0xFF):
    streams(f"a packet that begins with {byte:#04x} ends the link", bytes([byte]) + mms.data(1)[1:], "it begins with")
streams("no search for the next packet: a good one behind a bad byte is not found", b"\0" + mms.data(1),
        "it begins with")
streams("an HTTP answer in mid-stream ends the link", HEAD, "it begins with")
for letter in b"Ph\0":
    streams(f"the packet ${letter:#04x}, which has no length, ends the link", bytes([0x24, letter, 4, 0]) + bytes(4),
            "type 0x")
streams("an unknown packet is passed over by its length, and what is behind it is read",
        bytes([0x24, ord("X"), 4, 0]) + bytes(4) + b"\0", "it begins with 0x00")

# --- 8. order

streams("$D before $H ends the link", mms.data(0), "not a Windows", "not ASF", "before any $H", bare=True)
streams("$C and $D before $H end the link", mms.reason("C") + mms.data(0), "before any $H", bare=True)
streams("$M and $D before $H end the link", mms.frame("M", b"\0") + mms.data(0), "before any $H", bare=True)
FIRST, REST = vectors.HB[:300], vectors.HB[300:]


def fragment(data, location, flags):
    return mms.frame("H", data, location=location, flags=flags)


streams("a $H fragment that is missing ends the link",
        fragment(FIRST, 0, mms.FIRST) + fragment(REST, 2, mms.LAST), "fragment 2", bare=True)
streams("$H fragments in the wrong order end the link",
        fragment(REST, 1, mms.LAST) + fragment(FIRST, 0, mms.FIRST), "fragment 1", bare=True)
streams("a $H fragment twice ends the link",
        fragment(FIRST, 0, mms.FIRST) + fragment(REST, 0, mms.LAST), "fragment 0", bare=True)
streams("a middle $H fragment without a first ends the link", fragment(FIRST, 0, mms.MIDDLE), "fragment 0", bare=True)
streams("$D between $H fragments ends the link", fragment(FIRST, 0, mms.FIRST) + mms.data(0) * 2, "inside a header",
        bare=True)
streams("$H fragments over the header limit end the link",
        fragment(vectors.HB, 0, mms.FIRST) + b"".join(fragment(bytes(60000), at, mms.MIDDLE) for at in range(1, 9)),
        "the limit is", bare=True)
describes("$H fragments without end end the link",
          fragment(vectors.HB, 0, mms.FIRST) + b"".join(fragment(bytes(60000), at, mms.MIDDLE) for at in range(1, 9)),
          "of description came", "the limit is")
describes("a description without a header ends the link", mms.reason("E"), "no stream header", "not a Windows",
          then="close")
describes("a description of nothing ends the link", b"", "no stream header", "without an answer", then="close")
describes("a description that is cut ends the link", mms.header()[:100], "no stream header", then="close")
describes("a page for people ends the link", b"<html><body>hello</body></html>" * 20, "not a Windows", then="close")
describes("a header of zeros ends the link", mms.frame("H", bytes(400)), "not ASF")
describes("a header whose objects lie ends the link",
          mms.header(vectors.HB[:46] + b"\xff" * 8 + vectors.HB[54:]), "size 18446744073709551615")
streams("a packet size that changes to 2^32 - 1 ends the link",
        mms.reason("C") + mms.header(vectors.HB.replace(bytes.fromhex("4000000040000000"), b"\xff" * 8)), "packet size")

# --- 8. payloads

streams("packets longer than the header says end the link when they are too many",
        mms.frame("D", vectors.P1 + b"\0") * 60, "50 bad packets")
streams("the longest packets there can be end the link when they are too many",
        mms.frame("D", bytes(65527)) * 60, "50 bad packets")
streams("bad packets before any good one end the link", mms.header() + mms.frame("D", b"\xff" * 64) * 60,
        "50 bad packets", bare=True)

# --- 9. $M

streams("$M without end ends the link", lambda s: endless(s, HEAD + mms.header() + mms.data(0),
                                                          mms.frame("M", bytes(65527))),
        "it fell silent", item=9, times=1, within=GIVES_UP)
describes("$M without end ends the link", mms.frame("M", b"a" * 65527) * 4, "of description came")


def tolerated(name, *odd, bad=0):
    """Odd, but the link is kept: one connection, and the packets behind it come out."""
    def answer(connection):
        connection.sendall(HEAD + mms.header() + mms.data(0) + b"".join(odd))
        index = 1
        while True:
            connection.sendall(mms.data(index))
            index += 1
            time.sleep(STEP)  # its pace, as of any source
    one = Case(name, "play", answer, times=1)

    @check(name)
    def run(bench):
        server = bench.upstreams[one.name]
        eventually(lambda: bench.status_of(server.channel)["state"] == "streaming",
                   lambda: f"the channel is {bench.status_of(server.channel)}")
        status = bench.status_of(server.channel)
        before = status["packets_in"]
        eventually(lambda: bench.status_of(server.channel)["packets_in"] > before + 3, "no packets come any more")
        expect(status["packets_bad"] == bad, f"{status['packets_bad']} bad packets are counted")
        expect(server.hostile == 1 and not server.good, "weir went away and came again")
        quiet = "is on air", "begins another run"
        said = [line for line in server.said(bench.log())
                if "127.0.0.1" in line and not any(words in line for words in quiet)]
        expect(bad or not said, f"weir complains: {said}")


tolerated("wmsp 12.8 one packet longer than the header says costs only itself",
          mms.frame("D", vectors.P1 + b"\0"), bad=1)
tolerated("wmsp 12.8 $C of 8 bytes, as ffmpeg's, is a $C", b"$C\x08\0" + bytes(8), mms.header())
tolerated("wmsp 12.8 a B bit is masked", bytes([0xA4]) + mms.data(1)[1:])
tolerated("wmsp 12.8 LocationId and AFFlags of $D may be anything",
          mms.frame("D", vectors.numbered(1), location=0xFFFFFFFF, flags=0xFF))
tolerated("wmsp 12.9 $M whose descriptions lie about their lengths is harmless",
          mms.frame("M", b"playlist-gen-id=1\0" + b"8,language,31,4294967295,,5,title,31,99999999999,x\r\n"))
tolerated("wmsp 12.9 $M without its NUL, of NULs and of nothing is harmless", mms.frame("M", b"a" * 65527),
          mms.frame("M", bytes(1000)), mms.frame("M"), mms.frame("M", b"x", flags=mms.FIRST))


# --- HTTP

def http(name, answer, *why, **more):
    case(f"upstream: {name}", "http", answer, *why, **more)


LINE = b"HTTP/1.1 200 OK\r\n"
CHUNKED = LINE + b"Transfer-Encoding: chunked\r\n\r\n"
http("a close without an answer is a failed attempt", b"", "without an answer", then="close")
http("a reset without an answer is a failed attempt", b"", "ended", "peer closed", then="reset")
http("a reset in the middle of the head is a failed attempt", LINE[:12], "ended", "peer closed", "inside the head",
     then="reset")
http("a reset in mid-stream is a failed attempt", LINE + b"\r\n" + vectors.HB + vectors.P1, "ended", "peer closed",
     "mid-stream", then="reset")
http("bytes that are no HTTP are refused", bytes(range(256)) * 100, "NUL")
http("HTTP/2 is refused", b"HTTP/2.0 200 OK\r\n\r\n", "HTTP")
http("status 999 is refused", b"HTTP/1.1 999 Odd\r\n\r\n", "999")
http("status 200000 is refused", b"HTTP/1.1 200000 Odd\r\n\r\n", "HTTP", "200")
http("a head over 16 KiB is refused", LINE + (b"A: " + b"a" * 1000 + b"\r\n") * 20, "16384")
http("a head line over 8 KiB is refused", LINE + b"A: " + b"a" * 9000, "8192")
http("a head of 100 lines is refused", LINE + b"A: a\r\n" * 100, "64")
http("a NUL in the head is refused", LINE + b"A: a\0b\r\n\r\n", "NUL")
http("a bare LF in the head is refused", LINE + b"A: a\nB: b\r\n\r\n", "LF")
http("two Content-Lengths are refused", LINE + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "Content-Length")
http("a negative Content-Length is refused", LINE + b"Content-Length: -1\r\n\r\n", "Content-Length", "HTTP")
http("a Content-Length of 2^64 is refused", LINE + b"Content-Length: 18446744073709551616\r\n\r\n", "HTTP",
     "Content-Length")
http("Transfer-Encoding beside Content-Length is refused",
     LINE + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "Transfer-Encoding")
http("a chunk of 2^64 bytes is refused", CHUNKED + b"FFFFFFFFFFFFFFFFF\r\n", "chunk")
http("a chunk without a size is refused", CHUNKED + b"\r\n\r\n", "chunk")
http("a chunk's size line without end is refused", CHUNKED + b"1;" + b"a" * 100000, "chunk")
http("a chunk that is longer than it says is refused", CHUNKED + b"1\r\nab\r\n", "chunk")
http("trailers without end are refused", CHUNKED + b"0\r\n" + b"A: a\r\n" * 100000, "trailers", "no stream")
http("a body shorter than its Content-Length is a lost link",
     LINE + b"Content-Length: 100000\r\n\r\n" + vectors.HB + vectors.P1, "inside the body", then="close")
http("a page for people is refused", LINE + b"Content-Type: text/html\r\n\r\n<html>" + b"a" * 5000, "not a stream")
http("garbage without end is refused", lambda s: endless(s, LINE + b"\r\n", b"\x55" * 65536), "not a stream")
http("garbage without end behind a stream is refused",
     lambda s: endless(s, LINE + b"\r\n" + vectors.HB + vectors.P1, b"\x55" * 65536), "without a packet")
http("a header that never ends is refused",
     lambda s: endless(s, LINE + b"\r\n" + vectors.HB[:16] + struct.pack("<Q", 65535) + vectors.HB[24:30],
                       bytes(60000)), "size 0", "limit")
http("a Header Object of 2^63 bytes is refused",
     LINE + b"\r\n" + vectors.HB[:16] + struct.pack("<Q", 1 << 63) + vectors.HB[24:], "limit")
http("401 without a challenge is refused", b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", "wants a user name")
http("a challenge where there are no credentials is refused",
     b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\r\ny\"\r\nContent-Length: 0\r\n\r\n", "HTTP",
     "wants a user name")
http("404 is refused", b"HTTP/1.1 404 No\x1b[31m\r\nContent-Length: 0\r\n\r\n", "404", "HTTP")
http("a redirect to nowhere is refused", b"HTTP/1.1 302 Go\r\nLocation: //\r\n\r\n", "redirected to")
http("a redirect to a file is refused", b"HTTP/1.1 302 Go\r\nLocation: file:///etc/passwd\r\n\r\n", "redirected to")
http("a redirect to a port that is none is refused",
     b"HTTP/1.1 302 Go\r\nLocation: http://127.0.0.1:99999/\r\n\r\n", "redirected to")
http("a redirect to itself is followed five times and no more", b"HTTP/1.1 302 Go\r\nLocation: /x\r\n\r\n",
     "more than 5 redirects", times=6 * HOSTILE_TIMES)


# Slow ones last: all of them have been at it since the beginning.

def endless(connection, head, piece):
    connection.sendall(head)
    while True:
        connection.sendall(piece)


def drip(connection):
    for byte in LINE + b"A: " + b"a" * 8000:
        connection.sendall(bytes([byte]))
        time.sleep(0.5)


http("a server that falls silent is a lost link after 5 s", LINE + b"\r\n" + vectors.HB + vectors.P1, "it fell silent",
     times=1, within=GIVES_UP)
http("a server that sends nothing but half a packet is a lost link after 5 s",
     LINE + b"\r\n" + vectors.HB + vectors.P1 + vectors.P1[:20], "it fell silent", times=1, within=GIVES_UP)
http("a server that takes the connection and says nothing is given up", lambda s: None, "no answer", times=1,
     within=ANSWER_TIMEOUT)
http("interim answers without end are given up", lambda s: endless(s, b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
     "no answer", times=1, within=ANSWER_TIMEOUT)
http("a head that comes byte by byte is given up", drip, "no answer", times=1, within=ANSWER_TIMEOUT)


@check("upstream: each of them has cost its own link only")
def all_of_them(bench):
    for one in CASES:
        server = bench.upstreams[one.name]
        status = bench.status_of(server.channel)
        expect(status["state"] == "streaming", lambda: f"{one.name}: {status}")
