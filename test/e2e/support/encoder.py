#!/usr/bin/env python3
"""A stand-in for Windows Media Encoder 9: pushes an .asf file as that program pushes what it encodes.

Written from the protocol's description alone, not from weir's code. As a program it runs until the file ends or SIGINT
comes, says good-bye and exits with 0; one line per protocol step goes to stderr. As a module it gives tests an Encoder.
"""

import argparse
import os
import pathlib
import select
import signal
import socket
import sys
import time

import asf
import selftest
import wire

MOST_ROLL_OVER_WAIT = 10  # seconds for the reply to a full body
AFTER_ENTRY_END = 5  # a server may say nothing when a body ends with "entry finished"
REASON_FINISHED, REASON_NEXT_ENTRY = 0, 1


class Refused(Exception):
    """The server said no, or something that an encoder cannot go on with."""

    def __init__(self, text, response=None):
        super().__init__(text)
        self.response = response


def silent(_):
    pass


class Encoder:
    """One broadcast: the push-id, the connection and what is left of the body that is being sent."""

    def __init__(self, url, *, content_length=wire.WHOLE, agent=wire.USER_AGENT, setup_body=wire.AUTO_DESTROY,
                 source=None, say=silent):
        self.target = wire.Target.of(url)
        self.content_length, self.agent, self.setup_body = content_length, agent, setup_body
        self.source, self.say = source, say
        self.push_id = "0"
        self.connection = None
        self.remaining = None  # of the body; None: no body is being sent
        self.bodies = 0
        self._entry_ended = False

    # One step of the protocol each.

    def connect(self):
        self.connection = wire.Connection(self.target.address, self.source)
        self.remaining = None
        self.say(f"connected to {self.target.host}")

    def setup(self):
        """Asks for permission. Stores the push-id; returns the reply."""
        if self.connection is None:
            self.connect()
        head = wire.request(self.target.path, self.target.host, wire.SETUP, len(self.setup_body), self.push_id,
                            agent=self.agent)
        self.connection.send(head + self.setup_body)
        self.say(f"PushSetup push-id={self.push_id}")
        reply = self.connection.response()
        if reply.status not in (200, 204):
            raise Refused(f"PushSetup: {reply}", reply)
        self._check(reply, "PushSetup")
        push_id = reply.push_id()
        if push_id is None or push_id == "0" or not 1 <= len(push_id) <= 255 or not push_id.isprintable():
            raise Refused(f"PushSetup: {reply} with push-id {push_id!r}", reply)
        self.push_id = push_id
        self.say(f"{reply}, push-id={push_id}")
        return reply

    def start(self, content_length=None):
        """Opens a body."""
        length = self.content_length if content_length is None else content_length
        self.connection.send(wire.request(self.target.path, self.target.host, wire.START, length, self.push_id,
                                          agent=self.agent))
        self.remaining = length
        self.bodies += 1
        self.say(f"PushStart push-id={self.push_id}, Content-Length {length}")

    def header(self, blob):
        self.put(wire.header(blob), f"$H of {len(blob)}")

    def data(self, packet):
        self.put(wire.data(packet))

    def change(self, blob):
        """The next entry, with a header of its own."""
        self.entry_end()
        self.put(wire.change(blob), f"$C of {len(blob)}")
        self._entry_ended = False

    def entry_end(self):
        self._entry_ended = True
        self.put(wire.end(REASON_NEXT_ENTRY), "$E 1")

    def end(self, reason=REASON_FINISHED):
        """Finished; an encoder closes without waiting for a reply."""
        self.put(wire.end(reason), f"$E {reason:#x}" if reason else "$E 0")
        self.close()

    def roll_over(self):
        """Uses up the body with fillers and waits for the reply. The next packet opens the next body."""
        sizes = wire.fillers(self.remaining)
        for size in sizes:
            self.connection.send(wire.filler(size - 4))
            self.remaining -= size
        self.say(f"$F x {len(sizes)}, {sum(sizes)} bytes")
        self.body_sent()

    def drop(self, rest=b"", reset=False):
        """Loses the connection in the middle of a body, and of a packet when `rest` is the half of one."""
        if rest:
            self.connection.send(rest)
        if reset:
            self.connection.reset()
        self.close()
        self.say("connection dropped")

    def come_back(self, blob):
        """Reconnects under the old push-id, and as a new encoder when the server no longer knows it."""
        self.close()
        try:
            self.setup()
        except Refused as refused:
            self.say(f"{refused}; beginning anew")
            self.close()
            self.begin(blob)

    def begin(self, blob):
        """As a new encoder does."""
        self.push_id = "0"
        self.setup()
        self.start()
        self.header(blob)

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection, self.remaining = None, None

    # How they are done.

    def put(self, framed, what=""):
        """Sends one packet, in the next body when this one has no room for it."""
        if len(framed) > wire.MOST_PACKET:
            raise ValueError(f"a packet of {len(framed)} bytes: {wire.MOST_PACKET} can be sent")
        if self.remaining is not None:
            self._listen()
        if self.remaining is not None and not wire.fits(len(framed), self.remaining):
            self.roll_over()
        if self.remaining is None:
            self.start()
        if not wire.fits(len(framed), self.remaining):
            raise ValueError(f"a packet of {len(framed)} bytes does not fit a body of {self.remaining}")
        self.connection.send(framed)
        self.remaining -= len(framed)
        if what:
            self.say(what)
        if self.remaining == 0:
            self.body_sent()

    def body_sent(self):
        """All of Content-Length is out (or less than a packet is left, which stays unsent: zeros make up for it)."""
        if self.remaining:
            self.connection.send(bytes(self.remaining))
        self.remaining = None
        try:
            reply = self.connection.response(AFTER_ENTRY_END if self._entry_ended else MOST_ROLL_OVER_WAIT)
        except wire.Lost as lost:
            if self._entry_ended and str(lost) == "no answer":
                self.say("no reply after $E 1; going on")
                return
            raise
        self._accept(reply)

    def _listen(self):
        """A reply in the middle of a body is a refusal, or a wish for the next PushStart."""
        if self.connection.pending():
            reply = self.connection.response()
            if reply.status >= 300:
                raise Refused(f"in the middle of the body: {reply}", reply)
            self._accept(reply)
            self.remaining = None

    def _accept(self, reply):
        if reply.status not in (200, 204):
            raise Refused(f"PushStart: {reply}", reply)
        self._check(reply, "PushStart")
        if (push_id := reply.push_id()) is not None:
            self.push_id = push_id
        self.say(f"{reply}, push-id={self.push_id}")

    @staticmethod
    def _check(reply, what):
        if not reply.get("Server").lower().startswith(("cougar", "rex")):
            raise Refused(f"{what}: the server calls itself {reply.get('Server')!r}, not Cougar or Rex", reply)
        pragmas = [part.strip().lower() for part in reply.get("Pragma").split(",")]
        if "no-cache" not in pragmas:
            raise Refused(f"{what}: Pragma is {reply.get('Pragma')!r}, no-cache is missing", reply)
        if "no-cache" not in reply.get("Cache-Control").lower():
            raise Refused(f"{what}: Cache-Control is {reply.get('Cache-Control')!r}, not no-cache", reply)


class Stop:
    """SIGINT and SIGTERM end the broadcast between two packets."""

    def __init__(self):
        self.asked = False
        self._wake, writer = socket.socketpair()
        writer.setblocking(False)
        signal.set_wakeup_fd(writer.fileno())
        self._writer = writer
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def _ask(self, *_):
        self.asked = True

    def wait(self, seconds=None, fd=None):
        """Sleeps, or waits until fd can be read; at once when stopped."""
        if not self.asked:
            select.select([self._wake] if fd is None else [self._wake, fd], [], [], seconds)

    def reader(self, fd):
        """A read(n) for a file that ends early when stopped."""
        def read(size):
            self.wait(fd=fd)
            return b"" if self.asked else os.read(fd, size)
        return read


class Pace:
    """When a packet is due by its send time."""

    def __init__(self):
        self._began = self._last = None
        self._media = 0

    def wait(self, packet, stop):
        send_time = asf.Packet(packet).send_time
        if self._began is None:
            self._began, self._last = time.monotonic(), send_time
        step = (send_time - self._last) & 0xFFFFFFFF
        self._media += step - (1 << 32) if step >> 31 else step
        self._last = send_time
        if (left := self._began + self._media / 1000 - time.monotonic()) > 0:
            stop.wait(left)


def passes(options, stop):
    """Yields (blob, packets) once, again and again with --loop, twice with --end e1."""
    loop = asf.Loop()
    entries = 0
    while not stop.asked:
        fd = 0 if options.file == "-" else os.open(options.file, os.O_RDONLY)
        try:
            read = stop.reader(fd)
            try:
                blob, size, count = asf.read_header(read)
            except asf.Malformed:
                if stop.asked:  # it did not end, we did
                    return
                raise
            packets = asf.read_packets(read, size, count)
            yield blob, (loop.move(packet) for packet in packets)
        finally:
            if fd:
                os.close(fd)
        loop.again()
        entries += 1
        if not options.loop and not (options.end == "e1" and entries < 2):
            return


def broadcast(options, encoder, stop):
    pace, sent = Pace(), 0
    for blob, packets in passes(options, stop):
        if sent == 0:
            encoder.push_id = options.push_id
            encoder.setup()
            encoder.start()
            encoder.header(blob)
        elif options.end == "e1":
            encoder.change(blob)
        for packet in packets:
            if not options.fast:
                pace.wait(packet, stop)
            if stop.asked:
                break
            out = asf.cut_padding(packet, options.cut_padding == "all") if options.cut_padding else packet
            if options.drop_every and sent and sent % options.drop_every == 0:
                framed = wire.data(out)
                whole = encoder.remaining is None or not wire.fits(len(framed), encoder.remaining)
                encoder.drop(b"" if whole else framed[:len(framed) // 2])
                if options.come_back == "same":
                    encoder.come_back(blob)
                else:
                    encoder.begin(blob)
            encoder.data(out)
            sent += 1
    encoder.say(f"{sent} packets in {encoder.bodies} bodies")
    if encoder.connection is None:
        return
    if options.end == "drop":
        encoder.drop()
    else:
        encoder.end()


def parse_arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("url", nargs="?", metavar="URL", help="http://HOST:PORT/CHANNEL")
    parser.add_argument("file", nargs="?", metavar="FILE", help="an .asf file, - for standard input")
    parser.add_argument("--content-length", type=int, default=wire.WHOLE, metavar="N",
                        help="of each body; small values make the push roll over often (default: %(default)s)")
    parser.add_argument("--fast", action="store_true", help="as fast as the server reads, not by the send times")
    parser.add_argument("--loop", action="store_true", help="again and again, each pass behind the one before in time")
    parser.add_argument("--cut-padding", nargs="?", const="multi", choices=["multi", "all"],
                        help="cut padding off packets with several payloads, or off all")
    parser.add_argument("--end", choices=["e0", "e1", "drop"], default="e0",
                        help="e0: say good-bye; e1: send each pass as an entry with a header of its own, two without "
                             "--loop; drop: just lose the connection")
    parser.add_argument("--drop-every", type=int, metavar="N",
                        help="lose the connection in the middle of every Nth packet")
    parser.add_argument("--come-back", choices=["same", "new"], default="same",
                        help="after a loss: with the same push-id, or as a new encoder")
    parser.add_argument("--push-id", default="0", help="for the first PushSetup (default: %(default)s)")
    parser.add_argument("--user-agent", default=wire.USER_AGENT)
    parser.add_argument("--setup-body", default="AutoDestroy: 1", help="lines, divided by \\n (default: %(default)s)")
    parser.add_argument("--source", metavar="ADDRESS", help="the local address to come from")
    parser.add_argument("--self-test", action="store_true", help="check this program against the byte vectors, no more")
    options = parser.parse_args(argv)
    if not options.self_test and not (options.url and options.file):
        parser.error("URL and FILE are required")
    if options.loop and options.file == "-":
        parser.error("standard input cannot be looped")
    if options.end == "e1" and options.file == "-":
        parser.error("standard input cannot be sent twice")
    if options.file and options.file != "-" and not pathlib.Path(options.file).is_file():
        parser.error(f"{options.file}: no such file")
    return options


def main(argv=None):
    options = parse_arguments(argv)
    if options.self_test:
        return selftest.main()
    stop = Stop()

    def say(text):
        print(text, file=sys.stderr, flush=True)

    lines = "".join(line + "\r\n" for line in options.setup_body.replace("\\n", "\n").splitlines() if line)
    try:
        encoder = Encoder(options.url, content_length=options.content_length, agent=options.user_agent,
                          setup_body=lines.encode(), source=options.source, say=say)
        broadcast(options, encoder, stop)
    except (Refused, wire.Lost, asf.Malformed, OSError, ValueError) as error:
        say(f"encoder.py: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
