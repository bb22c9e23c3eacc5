"""The matrix of a whole run as a page of Markdown."""

import datetime
import subprocess

PACKAGES = ["ffmpeg", "libgstreamer1.0-0", "libvlc5", "mplayer", "libxine2", "libmms0", "mpv"]
HEAD = """# Feeds and players

Every way in, each played by real players on both transports. A pair is `ok` when {seconds} seconds of the player's
decoded frames are the encoder's own: none altered, none out of order, none missing (xine, which drops what is late, may
miss three). Players join in the middle of the stream, one after the other. `feeds.py` and `players.py` in
`test/e2e/players` tell how each is called.

    make && python3 test/e2e/players/run.py --all --table docs/players.md

wrote this page on {date}: {good} pairs passed, {bad} failed.
"""
TAIL = """
The programs: {versions}.
"""


def version(package):
    result = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}", package], capture_output=True,
                            text=True, check=False)
    return result.stdout.strip() if result.returncode == 0 else package


def row(cells):
    return "| " + " | ".join(cells) + " |"


def page(feeds, players, results, notes, seconds):
    """results: {(feed name, player name): ok}; notes: {(feed name, player name): why a pair is impossible}."""
    good = sum(results.values())
    lines = [HEAD.format(seconds=seconds, date=datetime.date.today().isoformat(), good=good, bad=len(results) - good)]
    lines += [row(["", *(player.name.replace("-", " ") for player in players)]), "|---" * (len(players) + 1) + "|"]
    reasons = list(dict.fromkeys(notes.values()))
    for feed in feeds:
        cells = []
        for player in players:
            pair = feed.name, player.name
            if pair in notes:
                cells.append(f"no ({reasons.index(notes[pair]) + 1})")
            else:
                cells.append({True: "ok", False: "**FAIL**", None: ""}[results.get(pair)])
        lines.append(row([feed.what, *cells]))
    if reasons:
        lines += ["", *(f"{i}. {reason}" for i, reason in enumerate(reasons, 1))]
    lines.append(TAIL.format(versions=", ".join(map(version, PACKAGES))))
    return "\n".join(lines).rstrip() + "\n"
