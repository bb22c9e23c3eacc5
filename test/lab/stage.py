"""One round of a scenario: relays, an encoder, a crowd of clients, a fault between them, and what it did to them."""

import contextlib
import time

from cables import Cable, Line
from programs import LOG_SIZE, Crowd, Encoder, Relay, ffmpeg, wait
from procs import free_port, poll
from proxy import Proxy
from world import Loopback, World

CLIENTS = 24
READY = 60  # seconds for everything to play
BEFORE = 6  # seconds of quiet play before a fault: more than min_uptime, so that it is a good source that is lost
BEHIND = 3  # seconds that are watched behind the recovery
PORT = 8090  # of an encoder that waits, in its own namespace
MOST_SILENCE = 5.0  # seconds without a byte: a filler comes each second, and the machine may be busy
MOST_MEMORY = 3 * LOG_SIZE + CLIENTS * 1024 + (4 << 20)  # log, two framings, 1 KB a client; and what malloc keeps


class Stage:
    """What a scenario works with. `lab` has the programs' paths: weir, clients, clip()."""

    def __init__(self, lab, variant, folder, quick):
        self.weir, self.clients, self.clip = lab.weir, lab.clients, lab.clip
        self.variant, self.folder, self.quick = variant, folder, quick
        self.relays, self.link, self.encoder, self.crowd = [], None, None, None
        self.has_log = True  # False: what the relay logs goes elsewhere
        self.wrong = []  # what the scenario itself has to complain about
        self.figures = {}  # what it has to tell beside the others
        self._world = self._fault = None
        # A relay that is asked again gives its burst again: no link is resumed where it broke.
        self._is_chain = False
        self._closing = contextlib.ExitStack()

    # --- machines

    def host(self, name):
        return self._world.hosts[name] if self._world else Loopback()

    def _machines(self, scenario, *names):
        """Without namespaces all are this machine. Returns options for the clients' relay."""
        if self.variant == "netns":
            self._world = World(*names, *scenario.machines)
            self._closing.callback(self._world.close)
        return scenario.prepare(self) if scenario.prepare else {}

    def keep(self, thing):
        """Closes or ends it when the round is over."""
        self._closing.callback(thing.close if hasattr(thing, "close") else thing.end)
        return thing

    # --- programs

    def relay(self, host, sources, name="relay", **options):
        """The one that was made last is the clients'."""
        relay = Relay(self, self.host(host), name, sources, **options)
        self.relays.append(relay)
        self._closing.callback(relay.end)
        return relay

    def _line(self, a, b, address):
        """Where `a` connects to what listens on `b` at this address; the way between them is self.link."""
        if self._world:
            self.link = Cable(self._world, a, b)
            return address
        host, _, port = address.rpartition(":")
        proxy = self.keep(Proxy((host, int(port))))
        self.link = Line(proxy)
        return proxy.address

    def pushed(self, scenario):
        """An encoder that pushes."""
        options = self._machines(scenario, "encoder", "relay", "clients")
        relay = self.relay("relay", ["push:"], **options)
        url = f"http://{self._line('encoder', 'relay', relay.address)}/live"
        self.encoder = self.keep(Encoder(self.host("encoder"), ffmpeg([], url), self.folder))

    def pulled(self, scenario):
        """An encoder that waits until it is pulled."""
        options = self._machines(scenario, "encoder", "relay", "clients")
        host = self.host("encoder")
        port = PORT if self._world else free_port()
        waits = ffmpeg(["-listen", "1", "-content_type", "video/x-ms-asf"], f"http://{host.address}:{port}/live")
        self.encoder = self.keep(Encoder(host, waits, self.folder))
        address = self._line("encoder", "relay", f"{host.address}:{port}")
        if scenario.host_name:
            address = f"{scenario.host_name}:{port}"
        self.relay("relay", [f"http://{address}/live"], **options)

    def chained(self, scenario):
        """A recording pushed to a relay that another relay pulls; the clients are the other one's."""
        options = self._machines(scenario, "relay", "edge", "clients")
        self._is_chain = True
        first = self.relay("relay", ["push:"], name="origin")
        push = [self.weir, "push", "--loop", self.clip(), f"http://{first.address}/live"]
        self.encoder = self.keep(Encoder(self.host("relay"), lambda _: push, self.folder, "push"))
        # A relay that answers before it has a stream would be asked again after a pause only.
        self._until(lambda: first.channel().get("packets_in"), "the first relay gets no stream")
        url = f"http://{self._line('relay', 'edge', first.address)}/live"
        self.relay("edge", [url], name="edge", **options)

    def begin(self):
        """Waits until everybody plays."""
        relay = self.relays[-1]
        self._until(lambda: relay.channel().get("packets_in"), "no stream comes")
        self.crowd = self.keep(Crowd(self, self.host("clients"), relay, CLIENTS))
        self._until(self.crowd.all_play, "not all clients play")
        wait(BEFORE)

    def _until(self, condition, complaint):
        if not poll(condition, READY, 0.2):
            words = self.encoder.last_words() if self.encoder else ""
            raise RuntimeError(f"{complaint}; the encoder: {words}")

    # --- the fault

    @contextlib.contextmanager
    def fault(self):
        """What stands inside is the fault; its end is where recovery is counted from."""
        self._fault = [time.monotonic(), None]
        self._before = [(relay, relay.memory(), relay.log_size(), self._runs(relay)) for relay in self.relays]
        self.crowd.mark("fault")
        yield
        self.crowd.mark("after")
        self._fault[1] = time.monotonic()

    @staticmethod
    def _runs(relay):
        return relay.channel().get("runs", 0)

    def finish(self, within):
        """Waits for the recovery. Returns the figures and what is wrong with them."""
        recovered = self.crowd.await_media(within)
        wait(BEHIND)
        figures = {"lines": 0, "redials": 0, "memory": 0, **self.figures}
        for relay, memory, size, runs in self._before:
            lines = relay.lines(size)
            figures["lines"] += sum(level != "debug" for level, _ in lines)
            figures["redials"] += sum("dialling" in text for _, text in lines) or max(0, self._runs(relay) - runs)
            figures["memory"] = max(figures["memory"], relay.memory() - memory)
        if not self.has_log:
            del figures["lines"]
        report = self.crowd.end()
        self._of_clients(report, figures)
        wrong = list(self.wrong)
        wrong += [complaint for relay in self.relays if (complaint := relay.end())]
        if figures["lost"]:
            wrong.append(f"{figures['lost']} clients lost: {report['losses'][0]}")
        if not recovered:
            wrong.append(f"not all clients have media again within {within} s")
        if figures["silence"] > MOST_SILENCE:
            wrong.append(f"{figures['silence']:.1f} s without a byte")
        if figures["memory"] > MOST_MEMORY:
            wrong.append(f"{figures['memory'] >> 20} MB of memory more")
        for key in "back", "doubled", "bad":
            if figures["packets_" + key] and not (key == "doubled" and self._is_chain):
                wrong.append(f"{figures['packets_' + key]} packets {key}")
        return figures, wrong

    def _of_clients(self, report, figures):
        windows = report["windows"]
        figures["lost"] = sum(one["lost"] for one in windows)
        # Times without a byte are cut where a window ends, which makes one of them two.
        silence = max(one["byte_gap_ms"]["worst"] or 0 for one in windows[1:])
        figures["silence"] = silence / 1000
        for key in "back", "doubled", "bad":
            figures["packets_" + key] = sum(one[key] for one in windows)
        figures["fillers"] = sum(one["fillers"] for one in windows)
        began, ended = self._fault
        over = time.monotonic()
        gap = max(one["media_gap_ms"]["worst"] or 0 for one in windows[1:]) / 1000
        back = 0.0
        for _, since, until in self.crowd.gaps():
            until = until or over
            if until > began:
                gap = max(gap, until - since)
            if since < ended < until:
                back = max(back, until - ended)
        figures["gap"], figures["back_within"] = gap, back

    def close(self):
        self._closing.close()
