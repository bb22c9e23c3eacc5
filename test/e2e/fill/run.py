#!/usr/bin/env python3
"""The encoder dies, and what bridges its absence: a recording that `weir slate` made of the encoder's own header.

Every client shows the slate's pictures and then the encoder's again, in the same process, on the same connection. A
recording or a test signal with another header is never shown to clients that are there, and the log says once why.
One line for each that watched, then a summary.
"""

import argparse
import concurrent.futures
import dataclasses
import pathlib
import re
import shutil
import subprocess
import sys
import time
import typing

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "players"))
import likes  # noqa: E402: it lives here, the others in the folder just named
import pictures  # noqa: E402
from procs import ROOT, begin, free_port, other_user, poll  # noqa: E402
from scene import PULLED, Scene, Verdict  # noqa: E402
from watchers import KINDS  # noqa: E402

LIMIT = 120  # seconds for a scene
SLATE_SECONDS = 60  # longer than any scene: its end is no part of these tests
HELD = 3  # seconds during which fill that does not fit must not come on air
NO_SOUND = ("-an",)
OTHER_RATE = ("-b:v", "100k")


def expect(condition, what):
    if not condition:
        raise RuntimeError(what)


def clip_in(folder):
    """What the slate shows: pictures that are all different, so that it can be told which ones a client showed."""
    path = folder / "clip.mkv"
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i",
                    f"testsrc2=s={pictures.WIDTH}x{pictures.HEIGHT}:r={pictures.RATE},hue=h=120,hflip",
                    "-t", str(SLATE_SECONDS), "-c:v", "ffv1", path], check=True)
    return path


def weir(scene, *arguments):
    """Runs a command of weir's to its end; (exit code, all that it said)."""
    done = subprocess.run(["timeout", "-k", "3", "60", scene.binary, *arguments], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def slate_of(scene, url):
    """Made while the stream at this URL runs."""
    path = scene.folder / "slate.asf"
    code, said = weir(scene, "slate", "--like", url, "-o", path, "--picture", clip_in(scene.folder),
                      "--duration", f"{SLATE_SECONDS}s")
    expect(code == 0, f"weir slate ends with {code}: {said}")
    command = next(line for line in said.splitlines() if line.startswith("ffmpeg "))
    expect(f"{path}.part" in command, f"the command that it prints does not make the file: {command}")
    expect(not path.with_name(path.name + ".part").exists(), "it leaves its draft behind")
    return path


def prepared(scene, more=()):
    """A slate like what an encoder with these settings pushes."""
    relay = scene.relay(name="before")
    encoder = scene.encoder("backup", relay.url(), more)
    encoder.ready()
    slate = slate_of(scene, relay.url("mmsh"))
    encoder.kill()
    return slate


class FillScene(Scene):
    """A scene whose encoders may have other settings."""

    def encoder(self, look, url, more=(), options="f=asf"):
        copy = self.folder / f"{look}.asf"
        argv = pictures.encoder(look, options, url, copy)
        return self._run([*argv[:-3], *more, *argv[-3:]], copy)

    def starve(self, encoder):
        """The outage begins; when."""
        self.cut()
        began = time.monotonic()
        encoder.kill()
        return began

    def sources(self):
        return {one["source"].split(":")[0]: one for one in self._relays[-1].channel().get("sources", [])}

    def expect_fill(self, scheme):
        """Some fill is on air, and the channel does not pretend to have a source."""
        expect(poll(lambda: self.sources().get(scheme, {}).get("state") == "on_air", 20),
               f"{scheme} does not come on air: {self.sources()}")
        state = self._relays[-1].channel()["state"]
        expect(state == "restarting", f"the channel is {state} while fill is on air")

    def complain_unless(self, condition, what):
        if not condition:
            self.complaints.append(what)


def pushed(keys):
    """The slate bridges a push."""
    def play(scene):
        slate = prepared(scene)
        relay = scene.relay("push:", f"file:{slate}", more="".join(f"{key}\n" for key in keys))
        encoder = scene.encoder("first", relay.url())
        scene.on_air(encoder, "first")
        encoder.ready()
        scene.watch()
        began = scene.starve(encoder)
        scene.expect_fill("file")
        scene.parts.append(pictures.Part("slate", slate, began))
        scene.await_all()
        scene.on_air(scene.encoder("second", relay.url()), "second")
        scene.switches = 2
    return play


def pulled(scene):
    """The slate bridges what weir pulls, and that is dialled on: pictures without sound."""
    before = free_url()
    waiting = scene.encoder("backup", before, NO_SOUND, PULLED)
    relay = scene.relay(before, name="before")
    waiting.ready()
    slate = slate_of(scene, relay.url())
    waiting.kill()

    url = free_url()
    encoder = scene.encoder("first", url, NO_SOUND, PULLED)
    relay = scene.relay(url, f"file:{slate}")
    scene.on_air(encoder, "first")
    encoder.ready()
    scene.watch()
    began = scene.starve(encoder)
    scene.expect_fill("file")
    scene.parts.append(pictures.Part("slate", slate, began))
    scene.await_all()
    state = scene.sources()["http"]
    scene.complain_unless(state["state"] in ("dialling", "waiting") and "refused" in state["error"],
                          f"the pull is not dialled on: {state}")
    scene.on_air(scene.encoder("second", url, NO_SOUND, PULLED), "second")
    scene.switches = 2


def misfit(source, field):
    """Fill with another header: `source` makes it, `field` is what the log says of it."""
    def play(scene):
        relay = scene.relay("push:", source(scene))
        encoder = scene.encoder("first", relay.url())
        scene.on_air(encoder, "first")
        encoder.ready()
        scene.watch()
        scene.starve(encoder)
        told = re.compile(rf"is not used as fill: its {field} differs from what clients have")
        expect(poll(lambda: told.search(relay.process.log()), 20), "the log does not tell why the fill is not used")
        scene.wait(HELD)
        states = {name: one["state"] for name, one in scene.sources().items()}
        scene.complain_unless("on_air" not in states.values(), f"something is on air: {states}")
        scene.complain_unless(relay.channel()["state"] == "restarting", "the channel does not wait for its source")
        scene.on_air(scene.encoder("second", relay.url()), "second")
        scene.await_all()
        times = len(told.findall(relay.process.log()))
        scene.complain_unless(times == 1, f"the log says {times} times why the fill is not used")
    return play


def slate_of_another_rate(scene):
    """With a slate of the right rate beside it `weir check` says what the difference is, and where it stands."""
    slates = {}
    for name, more in ("right", ()), ("wrong", OTHER_RATE):
        scene.folder.joinpath(name).mkdir()
        like, slates[name] = scene.folder / name / "like.asf", scene.folder / name / "slate.asf"
        argv = pictures.encoder("backup", "f=null", "-", like)
        subprocess.run([one for one in [*argv[:-3], *more, "-t", "1", "-f", "asf", like] if one != "-re"], check=True)
        code, said = weir(scene, "slate", "--like", like, "-o", slates[name])
        expect(code == 0, f"weir slate ends with {code}: {said}")
    config = scene.folder / "check.toml"
    config.write_text("[[listen]]\n[[channel]]\nname = \"live\"\nsources = [\"push:\",\n"
                      f"  \"file:{slates['right']}\",\n  \"file:{slates['wrong']}\"]\n")
    code, said = weir(scene, "check", "--strict", "-c", config)
    expect(code == 2, f"weir check --strict ends with {code}: {said}")
    differs = "stream 1: codec data: .*97 x 1024 bit/s instead of .*195 x 1024 bit/s"
    expect(re.search(rf'^{config}:6:3: channel.sources: warning: "file:{slates["wrong"]}" cannot go on for clients of '
                     rf'"file:{slates["right"]}": {differs}', said, re.M),
           f"weir check does not say what differs: {said}")
    return f"file:{slates['wrong']}"


def free_url():
    return f"http://127.0.0.1:{free_port()}/live"


def codecs_tried(scene):
    """Not a matter of time: encoders of all kinds, and what comes of them."""
    yield from likes.verdicts(lambda *arguments: weir(scene, *arguments), scene.folder,
                               lambda pattern: re.compile(pattern, re.M).search)


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    play: typing.Callable
    players: tuple


CASES = [
    Case("pushed", pushed(['failback = "never"']), ("ffmpeg-mmsh", "ffmpeg-http", "vlc-mmsh")),
    Case("pulled-silent", pulled, ("ffmpeg-mmsh", "ffmpeg-http")),
    Case("other-rate", misfit(slate_of_another_rate, "stream 1: codec data: .*97 x 1024 bit/s instead of .*"),
         ("ffmpeg-mmsh",)),
    Case("codecs", codecs_tried, ()),
    Case("test-signal", misfit(lambda _: "test:", "stream numbers: 1 instead of 1 2"), ("ffmpeg-mmsh",)),
]


def result_of(case, options, base):
    """The case's verdicts, in a folder of its own."""
    folder = base / case.name
    folder.mkdir()
    if user := other_user():
        shutil.chown(folder, user.pw_uid)
    scene = FillScene(options.weir, folder, [kind for kind in KINDS if kind.name in case.players], LIMIT)
    try:
        found = case.play(scene)
        return list(found or scene.verdicts())
    except (RuntimeError, subprocess.CalledProcessError) as error:
        return [Verdict("case", str(error))]
    finally:
        scene.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weir", default=ROOT / "build" / "weir", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--case", action="append", choices=[one.name for one in CASES])
    parser.add_argument("--jobs", type=int, default=5, metavar="N", help="cases at a time (default: %(default)s)")
    parser.add_argument("--keep", action="store_true", help="keep logs and streams, and say where")
    options = parser.parse_args()
    base = begin(options.weir, "weir-fill-", options.keep)
    good = bad = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        waiting = {pool.submit(result_of, case, options, base): case for case in CASES
                   if not options.case or case.name in options.case}
        try:
            for done in concurrent.futures.as_completed(waiting):
                for one in done.result():
                    print("FAIL" if one.wrong else "ok  ", "fill", waiting[done].name, one.name,
                          f"{one.text} {one.wrong}".strip(), flush=True)
                    good, bad = good + (not one.wrong), bad + bool(one.wrong)
        finally:
            pool.shutdown(cancel_futures=True)
    print(f"{good} passed, {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
