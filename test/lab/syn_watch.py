"""Attempts to connect as the wire has them: what a machine sends and what it is answered, whatever its programs say.

A packet socket on the machine's cable gets every TCP segment with SYN or RST, both ways, with the kernel's own time
stamp, so that it does not matter how late this program reads it. The first SYN of a source port and sequence number is
an attempt; the same once more is TCP trying again. The kernel picks these segments (a filter of six steps): all of a
thousand streams' packets would be too many for Python, and a SYN that is missed here would be a limit kept.

How many are under way is counted twice: on the wire, from a SYN to its answer, and, as nobody says on the wire that he
gives up, by asking the kernel now and then for its sockets that have sent a SYN and wait.
"""

import collections
import ctypes
import dataclasses
import socket
import struct
import threading
import time

SECOND = 1_000_000_000  # times are in ns
SAMPLE = 0.05  # seconds between two questions to the kernel
ETH_P_ALL, ETH_P_IP = 3, 0x0800
FROM_US, TO_US = 4, 0  # as a packet socket's address says it
SYN, RST, ACK = 0x02, 0x04, 0x10
SYN_SENT = 2
SO_ATTACH_FILTER, SO_TIMESTAMPNS, PACKET_STATISTICS = 26, 35, 6
SOL_PACKET, NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, NLMSG_DONE = 263, 4, 20, 3
# Code, jump if true, jump if false, operand; the first byte is the IP header's.
FILTER = [(0x30, 0, 0, 9),  # its protocol
          (0x15, 0, 4, socket.IPPROTO_TCP),
          (0xb1, 0, 0, 0),  # its length
          (0x50, 0, 0, 13),  # TCP's flags
          (0x45, 0, 1, SYN | RST),
          (0x06, 0, 0, 256),  # taken, as many bytes of it
          (0x06, 0, 0, 0)]


@dataclasses.dataclass
class Attempt:
    endpoint: tuple  # address and port
    began: int  # ns of the wall clock
    answered: int = 0  # by SYN-ACK or RST; 0: never


class SynWatch:
    """Watches a Host of world.py from now until end()."""

    def __init__(self, host):
        code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in FILTER))
        with host.inside():
            self._wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
            self._kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG)
            self._wire.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER,
                                  struct.pack("@HP", len(FILTER), ctypes.addressof(code)))
            self._wire.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            self._wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
            self._wire.bind(("eth0", ETH_P_ALL))
        self._attempts = {}
        self._waiting = collections.Counter()  # by endpoint: the most that were seen to wait at a time
        self._wrong = ""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self):
        try:
            self._look()
        except (OSError, ValueError, struct.error) as error:
            self._wrong = f"the wire is not watched any more: {error}"

    def _look(self):
        self._wire.settimeout(SAMPLE)
        sample_at = 0.0
        while not self._over.is_set():
            if time.monotonic() >= sample_at:
                self._sample()
                sample_at = time.monotonic() + SAMPLE
            try:
                self._take(*self._wire.recvmsg(256, 64))
            except TimeoutError:
                pass

    def _take(self, packet, stamps, _, address):
        if address[1] != ETH_P_IP or len(packet) < 40:
            return
        seconds, nanoseconds = struct.unpack("@qq", stamps[0][2])
        at = seconds * SECOND + nanoseconds
        source, target = (socket.inet_ntoa(packet[first:first + 4]) for first in (12, 16))
        source_port, target_port, number, answers, _, flags = struct.unpack_from("!HHIIBB", packet,
                                                                                 4 * (packet[0] & 15))
        if address[2] == FROM_US and flags & SYN and not flags & ACK:
            endpoint = target, target_port
            self._attempts.setdefault((endpoint, source_port, number), Attempt(endpoint, at))
        if address[2] == TO_US and flags & ACK:
            asked = self._attempts.get(((source, source_port), target_port, (answers - 1) & 0xffffffff))
            if asked and not asked.answered:
                asked.answered = at

    def _sample(self):
        self._kernel.send(struct.pack("=IHHIIBBBBI48x", 72, SOCK_DIAG_BY_FAMILY, 0x301, 0, 0, socket.AF_INET,
                                      socket.IPPROTO_TCP, 0, 0, 1 << SYN_SENT))
        now, kind = collections.Counter(), SOCK_DIAG_BY_FAMILY
        while kind == SOCK_DIAG_BY_FAMILY:
            reply = self._kernel.recv(1 << 16)
            while reply and kind == SOCK_DIAG_BY_FAMILY:
                size, kind = struct.unpack_from("=IH", reply)
                if kind == SOCK_DIAG_BY_FAMILY:
                    port, address = struct.unpack_from("!H16x4s", reply, 16 + 6)
                    now[socket.inet_ntoa(address), port] += 1
                reply = reply[size + 3 & ~3:]
        if kind != NLMSG_DONE:
            raise OSError("the kernel does not tell its sockets")
        for endpoint, count in now.items():
            self._waiting[endpoint] = max(self._waiting[endpoint], count)

    def end(self):
        """All attempts, in their order."""
        self._over.set()
        self._thread.join()
        _, missed = struct.unpack("=II", self._wire.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))
        if missed or self._wrong:
            raise RuntimeError(self._wrong or f"{missed} segments were not seen")
        return sorted(self._attempts.values(), key=lambda one: one.began)

    def most_waiting(self, endpoint):
        """That the kernel told of."""
        return self._waiting[endpoint]

    def close(self):
        self._over.set()
        self._thread.join()
        self._wire.close()
        self._kernel.close()


def most_in_a_second(attempts):
    """Of one endpoint; in any second, wherever it begins. Of its two ends one counts."""
    most = first = 0
    for last, one in enumerate(attempts):
        while attempts[first].began <= one.began - SECOND:
            first += 1
        most = max(most, last - first + 1)
    return most


def most_unanswered(attempts):
    """The most of one endpoint's that waited for their answers at a time, of those that got one."""
    steps = [step for one in attempts if one.answered for step in ((one.began, 1), (one.answered, -1))]
    most = now = 0
    for _, step in sorted(steps):
        now += step
        most = max(most, now)
    return most
