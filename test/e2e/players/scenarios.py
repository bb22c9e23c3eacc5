"""The outages."""

import dataclasses
import signal
import time
import typing

import pictures
from procs import free_port, poll

FLAPPING = 120  # seconds of a source that lives for LIFE at most
LOOPING = 60
LIFE = 4
CLIP_SECONDS = 400  # longer than any scenario: its end is no part of these tests


def single(scene, *sources, **more):
    """One relay; returns where encoders push to."""
    return scene.relay(*sources, **more).url()


def chain(scene, *sources, **more):
    """The same with another relay between it and the players."""
    origin = scene.relay(*sources, name="origin", **more)
    scene.relay(origin.url("mmsh"), name="edge")
    return origin.url()


def pushed(scene, relays):
    """A push that players watch. Returns (encoder, where it pushes to)."""
    url = relays(scene)
    encoder = scene.push("first", url)
    encoder.ready()
    scene.watch()
    return encoder, url


def kill(seconds):
    def play(scene, relays):
        encoder, url = pushed(scene, relays)
        scene.cut()
        encoder.kill()
        scene.wait(seconds)
        scene.push("second", url)
    return play


def stop(seconds):
    """The encoder stands still, and then goes on at once with all that it did not send."""
    def play(scene, relays):
        encoder, _ = pushed(scene, relays)
        scene.cut()
        encoder.process.send(signal.SIGSTOP)
        scene.wait(1)
        sent = len(pictures.decode(encoder.copy))
        scene.wait(seconds - 1)
        scene.parts[-1].end = sent
        encoder.process.send(signal.SIGCONT)
        scene.on_air(encoder, "resumed", began=time.monotonic(), start=sent)
        scene.switches = 0
    return play


def end(seconds):
    def play(scene, relays):
        encoder, url = pushed(scene, relays)
        scene.cut()
        encoder.interrupt()
        scene.wait(seconds)
        scene.push("second", url)
    return play


def backup(scene, relays):
    """Another relay, which is always there, serves another encoder; the push comes back while it is on air."""
    spare = scene.relay(name="spare")
    waiting = scene.push("backup", spare.url(), part=False)
    waiting.ready()
    url = relays(scene, "push:", spare.url())
    encoder = scene.push("first", url)
    encoder.ready()
    scene.watch()
    scene.cut()
    encoder.kill()
    scene.on_air(waiting, "backup", began=time.monotonic())
    scene.await_all()
    scene.push("second", url)
    scene.switches = 2


def reborn(*keys):
    """weir pulls from VLC, which dies and comes back for two minutes every few seconds, and then lives."""
    def play(scene, _):
        clips = {}
        for look, seconds in ("first", CLIP_SECONDS), ("short", LIFE), ("second", CLIP_SECONDS):
            clips[look] = scene.folder / f"{look}.asf"
            pictures.record(look, seconds, clips[look])
        address = f"127.0.0.1:{free_port()}/x"
        scene.broken_joins = True
        encoder = scene.vlc(clips["first"], address)
        scene.relay(f"mmsh://{address}", more="".join(f"{key}\n" for key in keys))
        scene.on_air(encoder, "first")
        scene.watch()
        scene.cut()
        encoder.kill()
        short = scene.vlc(clips["short"], address, "--loop")
        scene.on_air(short, "short", must=False, orderly=False)
        scene.wait(FLAPPING)
        short.kill()
        scene.on_air(scene.vlc(clips["second"], address), "second")
        scene.switches = FLAPPING // LIFE
    return play


def looping(scene, _):
    """weir pulls from ffmpeg, which is killed and started anew for a minute every few seconds, and then lives."""
    url = f"http://127.0.0.1:{free_port()}/live"
    short = scene.folder / "short-copy.asf"
    pictures.record("short", 2 * LIFE, short)
    scene.broken_joins = True
    encoder = scene.pulled("first", url)
    scene.relay(url)
    scene.on_air(encoder, "first")
    encoder.ready()
    scene.watch()
    scene.cut()
    encoder.kill()
    scene.parts.append(pictures.Part("short", short, time.monotonic(), must=False, orderly=False))
    until = time.monotonic() + LOOPING
    while (left := until - time.monotonic()) > 0:
        encoder = scene.pulled("short", url)  # encodes from the moment when it is asked for the stream
        poll(lambda: encoder.ended() or encoder.copy.exists(), left)
        scene.wait(min(LIFE, max(0, until - time.monotonic())))
        encoder.kill()
        scene.switches += 1
    scene.on_air(scene.pulled("second", url), "second")


@dataclasses.dataclass(frozen=True)
class Scenario:
    name: str
    what: str  # for people
    play: typing.Callable
    relays: typing.Callable = single
    limit: int = 300  # seconds for everything
    programs: tuple = ()  # in the short matrix; none: it is not there, "all": with all players


OUTAGES = [
    ("kill-2", "`kill -9`, another encoder 2 s later", kill(2)),
    ("kill-20", "`kill -9`, another encoder 20 s later", kill(20)),
    ("kill-60", "`kill -9`, another encoder 60 s later", kill(60)),
    ("stop-20", "stands still for 20 s (SIGSTOP)", stop(20)),
    ("end-5", "ends properly, another encoder 5 s later", end(5)),
    ("backup", "`kill -9`; a pulled backup; the push returns", backup),
]
SHORT = {"kill-2": ("all",), "backup": ("ffmpeg", "vlc"), "chain-kill-2": ("ffmpeg", "vlc")}


def _all():
    for name, what, play in OUTAGES:
        yield name, what, play, single
    for name, what, play in OUTAGES:
        yield "chain-" + name, "behind another weir: " + what, play, chain
    yield "vlc-reborn", "VLC, pulled, dies every 4 s for two minutes", reborn(), single
    yield "vlc-reborn-2s", 'the same, `min_uptime = "2s"`', reborn('min_uptime = "2s"'), single
    yield "listen-loop", "ffmpeg `-listen 1`, pulled, dies every 4 s for a minute", looping, single


SCENARIOS = [Scenario(name, what, play, relays, programs=SHORT.get(name, ())) for name, what, play, relays in _all()]
