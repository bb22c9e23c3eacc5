"""What outages do to players, as a page of Markdown."""

import datetime
import statistics

from pictures import WANT
from scene import asf_times
from table import PACKAGES, row, version

HEAD = """# Outages

What players make of it when an encoder dies and comes back, or when another one takes over. Every player is there
before the outage and must be there after it: the same process, on the same TCP connection, and it must show {want}
pictures and more of the encoder that came back. That encoder is another process with the same settings; its picture is
inverted, so that its pictures are told from the first one's. They are compared one by one with what the encoder sent:
none altered, none out of order, none missing but where said below.

A cell tells the seconds from the encoder's return (its start, as a process) to the first new picture{median}.
All players play at the same time. `weir get` records the stream beside them; there the cell is `ok` when no time stamp
of any stream stands still, turns back, or jumps forward by more than {step:.0f} s, however long the outage, and when
its pictures are the encoders', too.

    make && python3 test/e2e/players/outage.py --all --table docs/outages.md

wrote this page on {date}: {good} passed, {bad} failed.
"""
TAIL = """
{notes}

The programs: {versions}.
"""
NOTES = """\
- ffmpeg, libmms and GStreamer show what comes as it comes; the others wait for each picture's time, and what they
  had in store before the outage comes first.
- VLC throws away what it has in store, up to two seconds, when its clock begins anew after a pause. xine throws away
  what is due before it gets a processor.
- MPlayer's sound and picture may be apart for a while after a pause.
- The pulled backup comes on air while the players still have something in store, and the push returns while it is on
  air: the cell tells the longer of the two.
- Where a pulled source lives for four seconds at a time, it counts as a failure each time (`min_uptime`), and weir
  leaves growing pauses between its attempts: the seconds hold the last of them.

What is not possible:

- An encoder that comes back with another codec, picture size or sound format, or with larger packets, needs a new
  header. No form of it is survived by more than two of these players, so their stream is ended, each by its protocol,
  once the new one can be played. (Windows Media players are given it within the stream, as their protocol says; none
  of them was run.) Other stream numbers, smaller packets, another preroll and a missing error-correction part are
  made to fit.
- When the weir that a player is connected to dies, the player ends. Those behind another weir play on.
- The cut is made where the old encoder died, mostly within a picture: VLC and MPlayer may show one bad picture
  there."""


def cell(verdicts):
    """One player's, of one outage."""
    if not verdicts:
        return ""
    if any(one.wrong for one in verdicts):
        return "**FAIL**"
    seconds = [one.seconds for one in verdicts if one.seconds is not None]
    return f"ok {statistics.median(seconds):.1f}" if seconds else "ok"


def page(scenarios, kinds, results):
    """results: (scenario, Verdict) of all that was run."""
    found = {}
    for scenario, one in results:
        found.setdefault((scenario.name, one.name), []).append(one)
    most = max(map(len, found.values()), default=0)
    bad = sum(bool(one.wrong) for _, one in results)
    columns = [*(kind.name for kind in kinds), "weir-get-mmsh", "weir-get-http"]
    lines = [HEAD.format(want=WANT, step=asf_times.MOST_STEP / 1000, date=datetime.date.today().isoformat(),
                         good=len(results) - bad, bad=bad,
                         median=f", the median of {most} runs" if most > 1 else "")]
    lines += [row(["", *(name.replace("-", " ") for name in columns)]), "|---" * (len(columns) + 1) + "|"]
    lines += [row([scenario.what, *(cell(found.get((scenario.name, name))) for name in columns)])
              for scenario in scenarios]
    lines.append(TAIL.format(notes=NOTES, versions=", ".join(map(version, PACKAGES))))
    return "\n".join(lines).rstrip() + "\n"
