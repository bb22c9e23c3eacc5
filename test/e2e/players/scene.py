"""One outage on its stage: relays, encoders that come and go, players that must not notice."""

import dataclasses
import signal
import sys
import threading
import time

import pictures
from feeds import HERE
from procs import Process, Weir, other_user, poll, stopping
from restart import broken
from watchers import Recorder, Watcher

sys.path.insert(0, str(HERE.parent / "support"))
import asf  # noqa: E402: it lives in the folder just named
import asf_times  # noqa: E402

COPY_BYTES = 160 * 1024  # some 5 s: more than a burst, so that players join in the middle
READY = 30  # seconds for an encoder
BEGIN = 60  # seconds for all players, which start at once
MOST_CUT = 6  # media objects without end or beginning, where one run ends and the next begins
PULLED = "f=asf:listen=1:content_type=video/x-ms-asf"


class Relay(Weir):
    """A relay whose channel has more keys than most."""

    def __init__(self, binary, folder, sources, name, more, limit):
        self.CONFIG = Weir.CONFIG + more
        super().__init__(binary, folder, limit, sources, name)

    def port(self):
        return int(self.address.rsplit(":", 1)[1])


class Encoder:
    """One that runs, and the copy of what it sent."""

    def __init__(self, argv, copy, log, limit, user=None):
        self.copy = copy
        self.began = time.monotonic()
        self.process = Process(argv, log, limit, user)

    def ended(self):
        return self.process.returncode() is not None

    def ready(self):
        """Waits until it has run for longer than a burst."""
        def enough():
            return self.copy.exists() and self.copy.stat().st_size > COPY_BYTES
        poll(lambda: self.ended() or enough(), READY)
        if self.ended() or not enough():
            raise RuntimeError("the encoder sends nothing: " + self.process.last_words())

    def kill(self):
        self.process.send(signal.SIGKILL)
        poll(self.ended, 5)

    def interrupt(self):
        """Lets it end as it does when its user wants that."""
        self.process.send(signal.SIGINT)
        if not poll(self.ended, 5):
            raise RuntimeError("the encoder does not end on SIGINT")


@dataclasses.dataclass
class Verdict:
    """Of one of those who watched. seconds: from the source's return to the first new picture."""
    name: str
    wrong: str
    seconds: float | None = None
    text: str = ""


class Scene:
    """What a scenario works with."""

    def __init__(self, binary, folder, kinds, limit):
        self.binary, self.folder, self.kinds, self.limit = binary, folder, kinds, limit
        self.parts = []
        self.broken_joins = False  # see pictures.Parts
        self.switches = 1  # how often the stream is continued by another one
        self.wait_back = 60  # seconds for all players, after the last return
        self.complaints = []
        self._relays, self._encoders, self._watchers = [], [], []
        self._recorders = []
        self._cut = None
        self._machine = Machine()

    # --- relays
    def relay(self, *sources, name="weir", more=""):
        """The one that was made last is watched."""
        self._relays.append(Relay(self.binary, self.folder, sources or ("push:",), name, more, self.limit))
        return self._relays[-1]

    # --- encoders
    def push(self, look, url, part=None, must=True, options="f=asf"):
        """ffmpeg, pushing from now on; as a part of the stream unless it only waits (part=False)."""
        copy = self.folder / f"{look}.asf"
        encoder = self._run(pictures.encoder(look, options, url, copy), copy)
        if part is not False:
            self.on_air(encoder, look, must)
        return encoder

    def pulled(self, look, url, more=()):
        """ffmpeg, waiting to be pulled; not in the stream before on_air()."""
        copy = self.folder / f"{look}.asf"
        copy.unlink(missing_ok=True)
        argv = pictures.encoder(look, PULLED, url, copy)
        return self._run([*argv[:-3], *more, *argv[-3:]], copy)

    def vlc(self, clip, address, *options):
        """VLC, which serves a recording as Windows Media Encoder would."""
        return self._run(["cvlc", "-I", "dummy", clip, *options, "--sout",
                          f"#std{{access=mmsh,mux=asfh,dst={address}}}"], clip, other_user())

    def _run(self, argv, copy, user=None):
        log = self.folder / f"encoder{len(self._encoders)}.log"
        self._encoders.append(Encoder(argv, copy, log, self.limit, user))
        return self._encoders[-1]

    def on_air(self, encoder, name, must=True, **more):
        """What the players are to see from now on."""
        self.parts.append(pictures.Part(name, encoder.copy, more.pop("began", encoder.began), must=must, **more))

    # --- watching
    def watch(self):
        """Starts all players and waits until they play."""
        weir = self._relays[-1]
        for kind in self.kinds:
            self._watchers.append(Watcher(kind, weir.url(kind.scheme), self.folder, self.limit))
        for scheme in "mmsh", "http":
            self._recorders.append(Recorder(self.binary, scheme, weir.url(scheme), self.folder, self.limit))
        self._await(BEGIN)

    def _await(self, seconds):
        """Until everybody who is still there has shown enough of each part."""
        def done():
            parts = pictures.Parts(self.parts)
            return all(one.ended() or parts.all_shown(one.shown) for one in self._watchers)
        poll(done, seconds, 1)

    def await_all(self):
        self._await(self.wait_back)

    def cut(self):
        """The outage begins now."""
        port = self._relays[-1].port()
        for one in self._all():
            one.before = one.identity(port)
        self._cut = time.monotonic()

    def _all(self):
        return [*self._watchers, *self._recorders]

    # --- the end
    def verdicts(self):
        """When the last part has begun: waits for the players and yields a Verdict of each."""
        self.await_all()
        port = self._relays[-1].port()
        connections = {one.name: broken(one, port) for one in self._all()}
        status = self._relays[-1].channel()
        self._stop()
        parts = pictures.Parts(self.parts, self.broken_joins)
        if not parts.all_different():
            yield Verdict("encoder", "its pictures are not all different: nothing can be said")
        for one in self._watchers:
            wrong = connections[one.name] or parts.wrong(one.shown, one.kind.drops)
            returns = parts.returns(one.shown)
            pause = pictures.longest_pause(one.shown, self._cut)
            back = " ".join(f"{name}=+{seconds:.1f}s" for name, seconds in returns.items())
            yield Verdict(one.name, wrong, max(returns.values(), default=None), f"pause={pause:.1f}s {back}")
        for one in self._recorders:
            yield self._recorded(one, connections[one.name], parts)
        kept = {key: status.get(key) for key in ("runs", "skips", "packets_bad", "fillers_out") if key in status}
        yield Verdict("weir", "; ".join(self.complaints), None, f"{kept} {self._machine}")

    def _recorded(self, one, wrong, parts):
        text = ""
        try:
            times = asf_times.of_file(one.out)
            text = (f"packets={times.packets} objects={times.objects} cut={times.cut} fillers={times.fillers} "
                    f"step={times.most_step}ms")
            wrong = wrong or "; ".join(times.wrong[:3])
            if times.cut > MOST_CUT * (self.switches + 1):
                wrong = wrong or f"{times.cut} media objects are not whole"
        except (asf.Malformed, OSError) as error:
            wrong = wrong or f"what it wrote: {error}"
        return Verdict(one.name, wrong or parts.wrong(one.shown), None, text)

    def _stop(self):
        for one in self._all():
            one.stop()
        for encoder in self._encoders:
            encoder.process.send(signal.SIGCONT)
            encoder.process.end(signal.SIGINT)
        self.complaints += [wrong for relay in reversed(self._relays) if (wrong := relay.end())]
        self._machine.stop()

    def close(self):
        """Stops what is still there, after a failure."""
        if not self._machine.stopped():
            self._stop()

    @staticmethod
    def wait(seconds):
        """What an outage is made of."""
        stopping.wait(seconds)


class Machine:
    """How late somebody gets a processor who wants one now and then: a player may fail because it did not."""

    STEP = 0.02
    LATE = 0.1  # some pictures

    def __init__(self):
        self._most, self._late = 0.0, 0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        before = time.monotonic()
        while not self._stopped.wait(self.STEP):
            now = time.monotonic()
            over = now - before - self.STEP
            self._most = max(self._most, over)
            self._late += over > self.LATE
            before = now

    def stopped(self):
        return self._stopped.is_set()

    def stop(self):
        self._stopped.set()
        self._thread.join()

    def __str__(self):
        return f"late {self._late} times, by {self._most * 1000:.0f} ms at most"
