"""An MSBD server or encoder of the 4.x era that weir pulls from: it knows nothing of weir's own, and the test says what
it sends."""

import socket

import msbd
import vectors
import wire

SOON = 10  # seconds


def in_span(packet, place):
    """The packet with error correction: the place-th of its span, which packs its type into the high nibble."""
    return bytes((0x82, 0x10 | place, 0)) + packet[3:]


def parity_of(packets):
    """What follows a span of packets as in_span() makes them."""
    out = bytearray(max(map(len, packets)))
    for packet in packets:
        for at, byte in enumerate(packet):
            out[at] ^= byte
    return bytes((0x92, 0x20 | len(packets) + 1, 0)) + bytes(out[3:])


class Server:
    """One port. What connects is taken by accept()."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(SOON)
        self.port = self._listener.getsockname()[1]

    def url(self, path=""):
        return f"msbd://127.0.0.1:{self.port}/{path}"

    def accept(self):
        """The next connection, and what it asked for: a Feeder."""
        while True:
            one, _ = self._listener.accept()
            one.settimeout(SOON)
            feeder = Feeder(wire.Connection.accepted(one))
            try:
                feeder.request = msbd.read(feeder.connection)
                return feeder
            except wire.Lost:
                feeder.connection.close()  # given up before anybody looked at it

    def close(self):
        self._listener.close()


class Feeder:
    """The sending side of a link."""

    def __init__(self, connection):
        self.connection = connection
        self.request = None
        self.number = 0  # of the next packet
        self.stream = 0

    def asked_for(self):
        """(flags, channel) of the request, without what a weir may say behind a NUL."""
        body = self.request.body
        return int.from_bytes(body[:4], "little"), body[4:].decode("utf-16-le").partition("\0")[0]

    def send(self, *messages):
        self.connection.send(b"".join(messages))

    def begin(self, stream=0, blob=vectors.HB, **more):
        """Accepts, and announces its stream."""
        self.send(msbd.connected())
        self.announce(stream, blob, **more)

    def announce(self, stream, blob=vectors.HB, **more):
        self.stream = stream
        self.send(msbd.stream_info(blob, stream, **more))

    def packets(self, *packets):
        for one in packets:
            self.send(msbd.packet(self.number, one, self.stream))
            self.number += 1

    def parity(self, packet):
        """It repeats the number before."""
        self.send(msbd.packet(self.number - 1, packet, self.stream))

    def hears(self):
        """The next message from the other side."""
        return msbd.read(self.connection)

    def close(self):
        self.connection.close()
