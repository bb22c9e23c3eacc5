"""The relay of the hostile checks: short timers, small logs, counters, and channels that pull from hostile servers."""

import asf
import vectors
import wire
from checks import expect, poll
from relay import Bench as CommonBench, Relay, push_channel
from upstream import CASES

HEADER_TIMEOUT = 1  # seconds
MOST_CONNECTIONS = 600
SMALL_HEADER = "small"  # takes headers of 16 KiB at most
SKIPS, CLOSES = "skips", "closes"  # hold little, so that a client that does not read is soon behind
_LITTLE = '[[channel]]\nname = "{}"\nsources = ["push:"]\nburst = "0s"\nlog_time = "10s"\nlog_size = "256KiB"\n'
COUNTED = ("bad_requests", "timeouts", "pushes_refused", "unknown_protocol")


class Bench(CommonBench):
    CHANNELS = 520

    def relay(self, binary, folder):
        self.upstreams = {case.name: case.server() for case in CASES}
        more = [push_channel(SMALL_HEADER, 'header_limit = "16KiB"\n'), _LITTLE.format(SKIPS),
                _LITTLE.format(CLOSES) + 'slow_client = "close"\n',
                *(server.section() for server in self.upstreams.values())]
        return Relay(binary, folder, self.CHANNELS, more="".join(more),
                     server=f'header_timeout = "{HEADER_TIMEOUT}s"\nmax_connections = {MOST_CONNECTIONS}\n')

    def status_of(self, channel):
        """What the relay says about a channel."""
        return next(one for one in self.weir.status()["channels"] if one["name"] == channel)

    def counts(self, channel=None):
        """What can be counted, of the server and of the channel, in one table."""
        status = self.weir.status()
        table = {name: status["server"][name] for name in COUNTED}
        if channel:
            one = next(one for one in status["channels"] if one["name"] == channel)
            table.update((key, value) for key, value in one.items() if isinstance(value, int))
        return table

    def counting(self, channel=None, **wanted):
        """A context: by its end these counters have gone up by so much, and no other of COUNTED has moved."""
        return Counting(self, channel, wanted)

    def talk(self, data, source=None):
        """Sends bytes on a connection of their own; the connection."""
        connection = self.connect(source)
        try:
            connection.send(data)
        except wire.Lost:
            pass  # closed already: the reply must still be there
        return connection

    def log(self):
        return self.weir.process.log_path.read_bytes()


class Counting:
    def __init__(self, bench, channel, wanted):
        self._bench, self._channel = bench, channel
        self._wanted = {**dict.fromkeys(COUNTED, 0), **wanted}

    def __enter__(self):
        self._before = self._bench.counts(self._channel)
        return self

    def _moved(self):
        after = self._bench.counts(self._channel)
        return {name: after[name] - self._before[name] for name in self._wanted}

    def __exit__(self, kind, *_):
        if kind is None:
            poll(lambda: self._moved() == self._wanted, 3, 0.02)
            moved = {name: by for name, by in self._moved().items() if by or self._wanted[name]}
            wanted = {name: by for name, by in self._wanted.items() if name in moved}
            expect(moved == wanted, f"counted are {moved}, should be {wanted}")


class Listener:
    """A player that takes a channel plainly, over HTTP/1.0: the header, then the packets as they are."""

    def __init__(self, bench, channel, receive_buffer=None):
        self.connection = wire.Connection(bench.target("").address, receive_buffer=receive_buffer)
        self.connection.send(f"GET /{channel} HTTP/1.0\r\nUser-Agent: hostile\r\n\r\n".encode())
        self.reply = self.connection.response()
        expect(self.reply.status == 200, f"the listener is answered {self.reply}")
        blob, self.size, _ = asf.read_header(self.connection.exactly)
        self.blob = blob

    def packet(self, seconds=10):
        return self.connection.exactly(self.size, seconds)

    def labels(self, count, seconds=10):
        """The next numbered packets, by their numbers."""
        found = []
        for _ in range(count):
            label = vectors.label(self.packet(seconds))
            found.append(label and label[1])
        return found

    def close(self):
        self.connection.close()
