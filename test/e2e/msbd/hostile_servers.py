"""Servers that break the protocol for the first two links, section 11 of its description, then do as they should."""

import socket
import struct
import threading

import msbd
import vectors
from msbd_vectors import BM, BP, BS
from upstream import ended, gone

CASES = []
HOSTILE_TIMES = 2  # so it is seen that weir comes again
MOST_HEADER = 4096
STEP = 0.1
_SECTION = ('[[channel]]\nname = "{}"\nsources = ["msbd://127.0.0.1:{}/x"]\nburst = "1s"\nheader_limit = "4KiB"\n'
            'connect_timeout = "1s"\nstall_timeout = "1s"\nrefused_backoff_max = "1s"\nbackoff_max = "1s"\n')


class Case:
    """`said`: in place of a good answer to REQ_CONNECT. `why`: what weir's log must say of it."""

    def __init__(self, name, said, why):
        self.name, self.said, self.why = name, said, why
        CASES.append(self)

    def server(self):
        return Hostile(self, CASES.index(self))


class Hostile:
    """One case on a port of its own, with the channel that pulls from it."""

    def __init__(self, case, index):
        self.case, self.channel = case, f"up{index}"
        self.ended = 0  # hostile links that weir has ended
        self.good = 0  # links given as they should be
        self._links = 0
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def section(self):
        return _SECTION.format(self.channel, self.port)

    def _accept(self):
        while True:
            connection, _ = self._listener.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection, self._lock:  # links come one after the other
            try:
                connection.settimeout(20)
                if not connection.recv(4096):
                    return
                self._links += 1
                if self._links <= HOSTILE_TIMES:
                    self._be_hostile(connection)
                else:
                    self._be_good(connection)
            except OSError:
                pass  # weir went away; whether it should is counted

    def _be_hostile(self, connection):
        try:
            connection.sendall(self.case.said)
        except OSError:
            pass  # weir has heard enough
        self.ended += ended(connection)

    def _be_good(self, connection):
        connection.sendall(msbd.connected() + BS)
        self.good += 1
        number = 0
        while not gone(connection):
            connection.sendall(msbd.packet(number, vectors.numbered(number)))
            number += 1
            threading.Event().wait(STEP)  # its pace, as of any source


def patched(message, at, data):
    return message[:at] + data + message[at + len(data):]


def streaming(said):
    """Of a link that has begun as it should."""
    return msbd.connected() + BS + BP + said


def info(blob, *lengths):
    """An IND_STREAMINFO with these lengths of its four parts, whatever they are."""
    fixed = struct.pack("<HHIII", 0, 64, 0, 48000, msbd.UNKNOWN_DURATION)
    return msbd.connected() + msbd.message(msbd.IND_STREAMINFO, fixed + struct.pack("<4I", *lengths) + blob)


PING, HB = msbd.ping(), vectors.HB
Case("1: no signature", b"HTTP/1.1 400 Bad Request\r\n\r\n", "where a message should begin")
Case("1: no signature in mid-stream", streaming(b"MSB!" + PING[4:]), "where a message should begin")
for size in 0, 15, 0x10000, 0xFFFFFFFF:
    Case(f"1: cbMessage {size:#x}", streaming(msbd.message(msbd.IND_PACKET, bytes(72), size=size)),
         f"of {size} bytes, expected 16 to 65535")
Case("2: RES_CONNECT of 35 bytes", msbd.message(msbd.RES_CONNECT, bytes(19)), "RES_CONNECT of 35 bytes")
Case("2: IND_STREAMINFO of 47 bytes", msbd.connected() + msbd.message(msbd.IND_STREAMINFO, bytes(31)),
     "IND_STREAMINFO of 47 bytes")
Case("2: IND_PACKET of 23 bytes", streaming(msbd.message(msbd.IND_PACKET, bytes(7))), "IND_PACKET of 23 bytes")
Case("2: REQ_PING of 65 bytes", streaming(msbd.message(msbd.REQ_PING, bytes(49))), "REQ_PING of 65 bytes")
Case("4: parts that are not all there", info(HB, 1, 0, 0, len(HB)), "whose parts have")
Case("4: parts that are more than there", info(HB + b"x", 0, 0, 0, len(HB)), "whose parts have")
Case("4: parts that are nothing in 32 bits", info(b"x", *4 * (0x40000000,)), "whose parts have")
Case("4: a part beyond 0xFFCF", info(HB, 0, 0, 0xFFD0, len(HB)), "whose parts have")
Case("4: a wStreamId beyond its range", msbd.connected() + patched(BS, 17, b"\x08"), "of stream 0x08")
Case("5: no header", info(b"x", 1, 0, 0, 0), "header")
Case("5: a header of 79 bytes", info(HB[:79], 0, 0, 0, 79), "header")
Case("5: a header cut before its data object", info(HB[:-50], 0, 0, 0, len(HB) - 50), "header")
Case("5: a header above header_limit", msbd.connected() + msbd.stream_info(vectors.blob_of(MOST_HEADER + 1)),
     "header")
Case("6: wPacketSize above what came", streaming(patched(BP, 22, b"\x49")), "that says 73 bytes where 72 came")
Case("6: wPacketSize 7", streaming(patched(BP, 22, b"\x07")), "that says 7 bytes where 72 came")
Case("6: a packet of nothing", streaming(msbd.packet(1, b"")), "without a packet")
Case("6: packets longer than their header says", streaming(b"".join(msbd.packet(1 + i, vectors.P1 + b"x")
                                                                    for i in range(60))), "bad packets")
Case("7: 17 unknown messages", streaming(17 * msbd.message(6)), "17 messages of kinds unknown")
for kind in msbd.RES_PING, msbd.REQ_STREAMINFO, msbd.REQ_CONNECT, msbd.RES_CONNECT:
    Case(f"8: {msbd.NAMES[kind]} from a server", streaming(msbd.message(kind)), f"a {msbd.NAMES[kind]} from a server")
Case("9: nothing", b"", "no answer within")
Case("9: half an answer", msbd.connected()[:20], "no answer within")
Case("9: an answer, no header", msbd.connected() + BS[:100], "no stream header within")
Case("9: half a packet", streaming(BP[:50]), "it fell silent")
Case("10: 11 headers", streaming(11 * BS), "stream headers without a packet between them")
Case("10: a wStreamId that flaps", streaming(b"".join(patched(BS, 16, bytes((i, 0))) + patched(BP, 20, bytes((i, 0)))
                                                      for i in range(1, 13))), "more than 10 new headers within 60 s")
Case("10: 1001 packets before the header", msbd.connected() + 1001 * BP, "1001 packets without a stream header")
Case("11: a multicast answer", BM, "by multicast only")
Case("a refusal", msbd.connected(msbd.NOT_FOUND), "0xC00D001A (no such channel)")
Case("a refusal with a code unknown", msbd.connected(0x80004005), "0x80004005")
Case("the answer of another message", PING, "where the answer to REQ_CONNECT should be")
Case("no stream", msbd.connected() + msbd.no_stream(), "the server has no stream")
