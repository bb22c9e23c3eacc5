#!/usr/bin/env python3
"""Real encoders push, real players play: every decoded frame must be the encoder's own.

Without --all: the first feed with every player, every other feed with ffmpeg. One line a pair, then a summary.
"""

import argparse
import pathlib
import shutil
import sys
import time

import frames
from feeds import FEEDS, Encoder
from players import PLAYERS, Run
from procs import ROOT, Weir, begin, other_user

SECONDS = 5

# Pairs that cannot work whatever weir does: (feed, player): why.
IMPOSSIBLE = {}


def pairs_of(feed, options):
    """The players that this feed is tried with."""
    for player in PLAYERS:
        if options.player:
            chosen = any(player.name == one or player.name.startswith(one + "-") for one in options.player)
        else:
            chosen = options.all or feed is FEEDS[0] or player.name.startswith("ffmpeg-")
        if chosen:
            yield player


def try_feed(feed, players, options, folder):
    """Runs the encoder and, one after the other, the players. Yields (player name, ok, text)."""
    want = SECONDS * frames.RATE
    weir = Weir(options.weir, folder)
    encoder = Encoder(feed, weir.url(), folder)
    played = []
    try:
        ready = encoder.ready()
        for player in players:
            run = Run(weir.url(player.scheme), folder / f"{player.name}.out", want + frames.MOST_LEAD, feed.video)
            began = time.monotonic()
            hashes, words = player.play(run) if ready and encoder.alive() else ([], "")
            why = "" if encoder.alive() else "the encoder ended: " + encoder.process.last_words()
            played.append((player, hashes, words, why, time.monotonic() - began))
            if not options.keep:
                run.out.unlink(missing_ok=True)
    finally:
        encoder.end()
        ended = weir.end()
    copy = frames.Copy(encoder.copy)
    if not copy.all_different():
        yield "encoder", False, "its frames are not all different: nothing can be said"
    for player, hashes, words, why, took in played:
        first, wrong = copy.judge(hashes, want, player.drops)
        wrong = why or (wrong and f"{wrong}; it said: {words}")
        yield player.name, not wrong, f"frames={len(hashes)} first={first} took={took:.1f}s {wrong}".rstrip()
    if ended:
        yield "weir", False, ended


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weir", default=ROOT / "build" / "weir", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--feed", action="append", choices=[feed.name for feed in FEEDS])
    parser.add_argument("--player", action="append", help="PROGRAM or PROGRAM-TRANSPORT")
    parser.add_argument("--all", action="store_true", help="every feed with every player")
    parser.add_argument("--keep", action="store_true", help="keep logs and frames, and say where")
    options = parser.parse_args()

    good = bad = 0
    base = begin(options.weir, "weir-players-", options.keep)
    for feed in FEEDS:
        if options.feed and feed.name not in options.feed:
            continue
        players = []
        for player in pairs_of(feed, options):
            if reason := IMPOSSIBLE.get((feed.name, player.name)):
                print(f"skip {feed.name} {player.name} {reason}", flush=True)
            else:
                players.append(player)
        folder = base / feed.name
        folder.mkdir()
        if user := other_user():  # VLC writes its frames here as somebody else
            shutil.chown(folder, user.pw_uid)
        for name, ok, text in try_feed(feed, players, options, folder):
            print("ok  " if ok else "FAIL", feed.name, name, text, flush=True)
            good, bad = good + ok, bad + (not ok)
    print(f"{good} passed, {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
