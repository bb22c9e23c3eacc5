"""A running feed: its programs, the weir that players play, and the copy of what was encoded."""

import functools
import signal
import subprocess

import frames
from procs import Process, Weir, once, other_user, poll

READY_BYTES = 280 * 1024  # some 7 s: more than preroll and burst, so that players join in the middle
READY_WITHIN = 30
CLIP_SECONDS = 480  # longer than any feed is played: its end is no part of these tests


def clip_in(folder):
    """The recording for programs that send a file; any user may read it."""
    path = folder / "clip.asf"
    with once:
        if not path.exists():
            make_clip(path, CLIP_SECONDS)
    return path


def make_clip(path, seconds):
    source = [one for one in frames.SOURCE if one != "-re"]
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *source, *frames.WMV2, "-t", str(seconds), "-f", "asf", path],
                   check=True)
    path.chmod(0o644)


@functools.cache
def copy_of(path, lead):
    return frames.Copy(path, lead)


class Stage:
    """What Feed.start() works with. The relay that was made last is the one to play."""

    def __init__(self, feed, binary, folder):
        self.feed, self.binary, self.folder = feed, binary, folder
        self.copy_path = folder / "copy.asf"  # what the feed's programs write; start() may name another
        self._relays, self._programs = [], []

    @property
    def weir(self):
        return self._relays[-1]

    def clip(self):
        return clip_in(self.folder.parent)

    def relay(self, *sources, name="weir"):
        self._relays.append(Weir(self.binary, self.folder, sources=sources or ("push:",), name=name))
        return self.weir

    def run(self, argv, as_other_user=False):
        log = self.folder / f"encoder{len(self._programs) or ''}.log"
        self._programs.append(Process(argv, log, 1200, other_user() if as_other_user else None))

    def ready(self):
        """Waits until the stream has run for longer than a burst; False when it ended or does not get there."""
        def enough():
            return self.weir.channel().get("bytes_in", 0) > READY_BYTES
        poll(lambda: self.ended() or enough(), READY_WITHIN, 0.2)
        return not self.ended() and enough()

    def ended(self):
        """Which program of the feed is no more, or ""."""
        for one in self._programs:
            if one.returncode() is not None:
                return "the encoder ended: " + one.last_words()
        return ""

    def complaints(self):
        """What the relays say against the stream, which nobody broke: one line each.

        Not their gaps: where the machine is busy the encoder may stall for a second.
        """
        for relay in self._relays:
            channel = relay.channel()
            odd = {key: channel[key] for key in ("packets_bad", "skips") if channel.get(key)}
            if channel.get("runs") != 1 or odd:
                yield f"{relay.name}: {channel.get('runs')} runs {odd}"

    def copy(self):
        """To be asked for after end()."""
        return copy_of(self.copy_path, self.feed.lead)

    def end(self):
        """Stops everything; yields what is wrong with how it ended."""
        for one in self._programs:
            one.end(signal.SIGINT)
        wrong = [relay.end() for relay in reversed(self._relays)]
        return [one for one in wrong if one]
