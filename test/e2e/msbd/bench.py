"""The relay of these checks: ports that speak MSBD, and channels that pull from MSBD servers of all kinds."""

import hostile_servers
import msbd
import relay
import vectors
import wire
from checks import expect, poll
from msbd_server import Server

OWN = "own"  # of the port that speaks MSBD alone
EMPTY = "empty"  # never on air
HEADER_TIMEOUT = 1  # seconds
PLAIN = ("named", "unnamed", "parity", "garbage", "successor", "same-header", "old-version", "pings", "other-streams",
         "new-header")  # servers of the 4.x era, each with the channel of its name
UNNAMED = ("unnamed",)
PULLED = 'burst = "60s"\nlog_time = "90s"\nmin_uptime = "0s"\nconnect_timeout = "10m"\nstall_timeout = "1m"\n'


class Bench(relay.Bench):
    CHANNELS = 60

    def __init__(self, binary, folder):
        self.servers = {name: Server() for name in PLAIN}
        self.hostile = {case.name: case.server() for case in hostile_servers.CASES}
        super().__init__(binary, folder)
        self._shared = None
        self.slow = {}  # what waits for a timer of weir's, by name; see checks_hostile.py
        self.msbd = address(self.weir, "msbd")
        self.both = address(self.weir, "http, msbd")  # a port without a channel of its own

    def relay(self, binary, folder):
        urls = {name: server.url("" if name in UNNAMED else "news") for name, server in self.servers.items()}
        pulls = (f'[[channel]]\nname = "{name}"\nsources = ["{url}"]\n{PULLED}' for name, url in urls.items())
        more = ('[[listen]]\nprotocol = "msbd"\naddress = "127.0.0.1:0"\n' f'channel = "{OWN}"\n'
                '[[listen]]\nprotocol = ["http", "msbd"]\naddress = "127.0.0.1:0"\n'
                + relay.push_channel(OWN) + relay.push_channel(EMPTY, 'wait_max = "500ms"\n')
                + "".join(pulls) + "".join(server.section() for server in self.hostile.values()))
        return relay.Relay(binary, folder, self.CHANNELS, more=more, server=f'header_timeout = "{HEADER_TIMEOUT}s"\n')

    def shared(self):
        """A channel that is on air with three packets."""
        if not self._shared:
            self._shared = self.streaming(packets=3)
        return self._shared[1]

    def link(self, channel=msbd.NETSHOW, address=None, **more):
        """A plain peer on weir's MSBD port."""
        return msbd.Link(self.dial(address), msbd.connect(channel, **more))

    def dial(self, address=None):
        return wire.Connection(address or self.msbd)

    def status_of(self, channel):
        return next(one for one in self.weir.status()["channels"] if one["name"] == channel)

    def log(self):
        return self.weir.process.log_path.read_text(errors="replace")


def address(weir, protocols):
    host, _, port = weir.listening(protocols).rpartition(":")
    return host, int(port)


def hear(link, count):
    """Hears on until so many packets came; they."""
    link.until(lambda judge: len(judge.packets) >= count)
    return [packet for _, packet in link.judge.packets]


def closed(connection, seconds=wire.PATIENCE):
    expect(connection.closes(seconds), "the connection stays open")


def labels(packets):
    return [vectors.label(packet) for packet in packets]


def said(bench, channel, words, seconds=10):
    """A line of the log about this channel with these words."""
    lines = lambda: [line for line in bench.log().splitlines() if f"channel {channel}: " in line]  # noqa: E731
    expect(poll(lambda: any(words in line for line in lines()), seconds, 0.05),
           lambda: f"no line says \"{words}\": {lines()[-5:]}")
