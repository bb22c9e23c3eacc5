"""Whether the times of a recorded stream are one line: what a player must see whatever became of the encoders."""

import dataclasses

import asf

MOST_STEP = 1000  # milliseconds from one packet or media object to the next: an outage must not show
WRAP = 1 << 32


def distance(before, after):
    """From one 32-bit time to another, whichever way is shorter."""
    return (after - before + WRAP // 2) % WRAP - WRAP // 2


@dataclasses.dataclass
class Stream:
    """What was seen of one stream so far."""
    time: int
    object: int
    size: int  # of the media object
    have: int  # bytes of it


class Times:
    """Told of packets in order; `wrong` says what is, each once, with the packet's number."""

    def __init__(self):
        self.packets = self.fillers = self.objects = 0
        self.cut = 0  # media objects without their end, or without their beginning
        self.most_step = 0
        self.wrong = []
        self._send = None
        self._streams, self._broken = {}, set()

    def add(self, data):
        packet = asf.Packet(data)
        self.packets += 1
        if not packet.payloads:
            self.fillers += 1
        if self._send is not None:
            self._step("send time", self._send, packet.send_time, least=0)
        self._send = packet.send_time
        for payload in packet.payloads:
            self._payload(payload, packet.time_of(payload))

    def _payload(self, payload, time):
        stream = self._streams.get(payload.stream)
        what = f"stream {payload.stream}"
        if payload.offset == 0:
            if stream:
                self._step(what, stream.time, time, least=1)
                if payload.object == stream.object:
                    self._complain(f"{what}, the object at {time} ms has the number of the one before")
                self.cut += stream.have < stream.size and payload.stream not in self._broken
            self._broken.discard(payload.stream)
            self.objects += 1
            self._streams[payload.stream] = Stream(time, payload.object, payload.size, len(payload.data))
        elif not stream or (payload.object, payload.offset) != (stream.object, stream.have):
            self.cut += 1
            self._broken.add(payload.stream)
            if stream and distance(stream.time, time) < 0:
                self._complain(f"{what}, an object's end at {time} ms behind {stream.time} ms")
        else:
            stream.have += len(payload.data)
            if time != stream.time:
                self._complain(f"{what}, one object at {stream.time} and {time} ms")

    def _step(self, what, before, after, least):
        step = distance(before, after)
        self.most_step = max(self.most_step, step)
        if not least <= step <= MOST_STEP:
            self._complain(f"{what} {after} ms, {step} ms after the one before")

    def _complain(self, what):
        self.wrong.append(f"packet {self.packets}: {what}")


def of_file(path):
    """The times of a whole file, read while somebody may still write it."""
    times = Times()
    with open(path, "rb") as file:
        _, size, count = asf.read_header(file.read)
        for data in asf.read_packets(file.read, size, count):
            times.add(data)
    return times
