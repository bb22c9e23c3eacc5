#!/usr/bin/env python3
"""A second reader of MSBD, written from the protocol's description before weir's own.

    reader.py --vectors                         holds itself to the description's byte vectors
    reader.py HOST:PORT [CHANNEL] [--seconds N]  asks a server for its stream as a peer of the 4.x era does, checks every
                                                 field of what it sends, and says what came

Exit code 1 and a sentence for the first field that is wrong.
"""

import argparse
import pathlib
import sys
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import asf  # noqa: E402: it lives in the folder just named, and so do the others
import msbd  # noqa: E402
import msbd_vectors as v  # noqa: E402
import vectors  # noqa: E402
import wire  # noqa: E402


def vector_checks():
    """Yields (what, whether it is so)."""
    yield "REQ_CONNECT for NetShow", msbd.connect() == v.BC and len(v.BC) == 34
    yield "RES_CONNECT, accepted", msbd.connected() == v.BR and len(v.BR) == 36
    yield "RES_CONNECT, refused", msbd.connected(msbd.NOT_FOUND) == v.BJ
    yield "RES_CONNECT, multicast", msbd.connected(family=2, port=7007, address=0xEFC00001) == v.BM
    yield "IND_STREAMINFO with HB", msbd.stream_info(vectors.HB) == v.BS and len(v.BS) == 503
    yield "IND_PACKET with P1", msbd.packet(0, vectors.P1) == v.BP and len(v.BP) == 88
    yield "pings and end", msbd.ping() + msbd.pong() + msbd.end() == v.BG
    yield "empty IND_STREAMINFO", msbd.no_stream() == v.BE and len(v.BE) == 48
    info = msbd.info_of(msbd.take(v.BS)[0])
    yield "each field of IND_STREAMINFO", info == msbd.Info(0, 64, 0, 48000, 0xFFFFFFFF, b"", b"", b"", vectors.HB)
    yield "nothing in the empty one", msbd.info_of(msbd.take(v.BE)[0]) is None
    first, second = (packet[:1] + bytes((kind, 0)) + packet[3:]
                     for packet, kind in ((vectors.P1, 0x11), (vectors.P2, 0x12)))
    parity = bytes((0x92, 0x23, 0)) + bytes(a ^ b for a, b in zip(first[3:], second[3:]))
    yield "the parity of P1 and P2", parity == v.BX
    yield "a whole link", judges(v.BR, v.BS, v.BP, msbd.packet(1, vectors.P2), msbd.ping(), msbd.end(), v.BE) == ""
    yield "a refusal", judges(v.BJ) == ""
    for what, said in {
            "RES_CONNECT must come first": (v.BS,), "a stream follows at once": (v.BR, v.BP),
            "multicast on a unicast link": (v.BM,), "nothing behind a refusal": (v.BJ, v.BS),
            "packets are numbered on": (v.BR, v.BS, v.BP, msbd.packet(2, vectors.P2)),
            "packets of the stream announced": (v.BR, v.BS, msbd.packet(0, vectors.P1, stream=1)),
            "packets are whole": (v.BR, v.BS, msbd.packet(0, vectors.P1[:-1])),
            "no parity": (v.BR, v.BS, v.BP, msbd.packet(1, v.BX)),
            "a stream follows an end": (v.BR, v.BS, msbd.end(), msbd.ping()),
            "no requests from a server": (v.BR, v.BS, v.BC)}.items():
        yield f"the judge: {what}", judges(*said) != ""
    for at, what in {16: "wStreamId", 18: "cbPacketSize", 20: "cTotalPackets", 24: "dwBitRate", 28: "msDuration",
                     32: "cbTitle", 44: "cbHeader"}.items():
        lie = bytearray(v.BS)
        lie[at + 1] ^= 0x10
        yield f"the judge: {what}", judges(v.BR, bytes(lie)) != ""


def judges(*said):
    """What is wrong with these messages of a server; "" for nothing."""
    judge = msbd.Judge()
    try:
        for one in said:
            for message in msbd.take(one):
                judge.hear(message)
    except (msbd.Wrong, asf.Malformed) as wrong:
        return str(wrong)
    return ""


def watch(address, channel, seconds):
    host, _, port = address.rpartition(":")
    link = msbd.Link(wire.Connection((host, int(port or 7007))), msbd.connect(channel))
    until = time.monotonic() + seconds
    while time.monotonic() < until and not link.judge.has_ended and not link.judge.is_refused:
        one = link.hear(max(0.1, until - time.monotonic()) if link.judge.packets else wire.PATIENCE)
    judge = link.judge
    if judge.is_refused:
        raise msbd.Wrong(f"refused with {one.hr:#010x}")
    first, last = judge.packets[0][0], judge.packets[-1][0]
    print(f"{len(judge.infos)} headers, {len(judge.packets)} packets of {judge.infos[-1].packet_size} bytes, numbers "
          f"{first} to {last}, {judge.pings} pings{', then the end' if judge.has_ended else ''}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", nargs="?")
    parser.add_argument("channel", nargs="?", default=msbd.NETSHOW)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--vectors", action="store_true")
    options = parser.parse_args()
    if options.vectors:
        failed = [what for what, good in vector_checks() if not good]
        for what in failed:
            print(f"FAIL {what}")
        print(f"{sum(1 for _ in vector_checks()) - len(failed)} passed, {len(failed)} failed")
        return 1 if failed else 0
    if not options.address:
        parser.error("HOST:PORT or --vectors is wanted")
    try:
        watch(options.address, options.channel, options.seconds)
    except (msbd.Wrong, wire.Lost, asf.Malformed, OSError) as wrong:
        print(f"FAIL {wrong}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
