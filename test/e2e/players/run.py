#!/usr/bin/env python3
"""Every way in, every player: each decoded frame must be the encoder's own.

Without --all: the first feed with every player, every other feed with ffmpeg. One line a pair, then a summary.
"""

import argparse
import concurrent.futures
import pathlib
import shutil
import sys
import time

import frames
import table
from feeds import FEEDS
from players import PLAYERS, Run
from procs import ROOT, begin, other_user
from stage import Stage

SECONDS = 5

# Pairs that cannot work whatever weir does: (feed, player): why.
IMPOSSIBLE = {}


def players_of(feed, options):
    """The players that this feed is tried with."""
    for player in PLAYERS:
        if feed.programs and player.program not in feed.programs:
            continue
        if options.player:
            chosen = player.name in options.player or player.program in options.player
        else:
            chosen = options.all or feed is FEEDS[0] or player.program == "ffmpeg"
        if chosen:
            yield player


def try_feed(feed, players, options, folder):
    """Runs the feed and, one after the other, the players. Yields (player name, ok, text)."""
    want = SECONDS * frames.RATE
    stage = Stage(feed, options.weir, folder)
    played, complaints = [], []
    try:
        feed.start(stage)
        ready = stage.ready()
        for player in players:
            run = Run(stage.weir.url(player.scheme), folder / f"{player.name}.out",
                      want + (feed.lead or frames.MOST_LEAD), feed.video)
            began = time.monotonic()
            hashes, words = player.play(run) if ready and not stage.ended() else ([], "")
            why = stage.ended() or ("" if ready else "the stream did not begin")
            played.append((player, hashes, words, why, time.monotonic() - began))
            if not options.keep:
                run.out.unlink(missing_ok=True)
        complaints += stage.complaints()
    finally:
        complaints += stage.end()
    copy = stage.copy()
    if not copy.all_different():
        yield "encoder", False, "its frames are not all different: nothing can be said"
    for player, hashes, words, why, took in played:
        first, wrong = copy.judge(hashes, want, player.drops)
        wrong = why or (wrong and f"{wrong}; it said: {words}")
        yield player.name, not wrong, f"frames={len(hashes)} first={first} took={took:.1f}s {wrong}".rstrip()
    yield "weir", not complaints, "; ".join(complaints)


def result_of(feed, options, base):
    """(its impossible pairs' names with reasons, what try_feed() yields), for one feed in a folder of its own."""
    skipped, players = [], []
    for player in players_of(feed, options):
        if reason := IMPOSSIBLE.get((feed.name, player.name)):
            skipped.append((player.name, reason))
        else:
            players.append(player)
    folder = base / feed.name
    folder.mkdir()
    if user := other_user():  # VLC writes its frames here as somebody else
        shutil.chown(folder, user.pw_uid)
    return skipped, list(try_feed(feed, players, options, folder))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weir", default=ROOT / "build" / "weir", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--feed", action="append", choices=[feed.name for feed in FEEDS])
    parser.add_argument("--player", action="append", help="PROGRAM or PROGRAM-TRANSPORT")
    parser.add_argument("--all", action="store_true", help="every feed with every player")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="feeds at a time (default: %(default)s)")
    parser.add_argument("--table", type=pathlib.Path, metavar="FILE", help="write the matrix there, as Markdown")
    parser.add_argument("--keep", action="store_true", help="keep logs and frames, and say where")
    options = parser.parse_args()

    feeds = [feed for feed in FEEDS if not options.feed or feed.name in options.feed]
    base = begin(options.weir, "weir-players-", options.keep)
    results = {}
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        try:
            for feed, (skipped, lines) in zip(feeds, pool.map(lambda feed: result_of(feed, options, base), feeds)):
                for name, reason in skipped:
                    print(f"skip {feed.name} {name} {reason}", flush=True)
                for name, ok, text in lines:
                    print("ok  " if ok else "FAIL", feed.name, name, text, flush=True)
                    results[feed.name, name] = ok
        finally:
            pool.shutdown(cancel_futures=True)
    if options.table:
        pairs = {pair: ok for pair, ok in results.items() if pair[1] in {player.name for player in PLAYERS}}
        options.table.write_text(table.page(FEEDS, PLAYERS, pairs, IMPOSSIBLE, SECONDS))
    good = sum(results.values())
    print(f"{good} passed, {len(results) - good} failed")
    return 0 if good == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
