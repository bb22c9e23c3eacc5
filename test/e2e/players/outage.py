#!/usr/bin/env python3
"""An encoder dies and comes back, or another takes over: every player plays on, in the same process, on the same
connection, and shows the new pictures; the times of what `weir get` recorded are one line.

Without --all: a few outages, with all players or some. One line for each that watched, then a summary.
"""

import argparse
import concurrent.futures
import pathlib
import shutil
import sys

import outage_table
from procs import ROOT, begin, other_user
from scenarios import SCENARIOS
from scene import Scene, Verdict
from watchers import KINDS


def kinds_of(scenario, options):
    """The players that this scenario is tried with."""
    for kind in KINDS:
        if options.player:
            chosen = kind.name in options.player or kind.program in options.player
        else:
            chosen = options.all or options.scenario or {"all", kind.program} & set(scenario.programs)
        if chosen:
            yield kind


def result_of(scenario, options, base, turn):
    """The scenario's verdicts, in a folder of its own."""
    folder = base / f"{scenario.name}-{turn}"
    folder.mkdir()
    if user := other_user():
        shutil.chown(folder, user.pw_uid)
    scene = Scene(options.weir, folder, list(kinds_of(scenario, options)), scenario.limit)
    try:
        scenario.play(scene, scenario.relays)
        verdicts = list(scene.verdicts())
    except RuntimeError as error:
        verdicts = [Verdict("scenario", str(error))]
    finally:
        scene.close()
    if not options.keep:
        shutil.rmtree(folder)
    return verdicts


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weir", default=ROOT / "build" / "weir", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--scenario", action="append", choices=[one.name for one in SCENARIOS])
    parser.add_argument("--player", action="append", help="PROGRAM or PROGRAM-TRANSPORT")
    parser.add_argument("--all", action="store_true", help="every outage with every player")
    parser.add_argument("--times", type=int, default=1, metavar="N", help="each so often (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=3, metavar="N", help="outages at a time (default: %(default)s)")
    parser.add_argument("--table", type=pathlib.Path, metavar="FILE", help="write the matrix there, as Markdown")
    parser.add_argument("--keep", action="store_true", help="keep logs and streams, and say where")
    options = parser.parse_args()

    chosen = [one for one in SCENARIOS
              if (one.name in options.scenario if options.scenario else options.all or one.programs)]
    base = begin(options.weir, "weir-outage-", options.keep)
    results = []  # (scenario, Verdict)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        waiting = {pool.submit(result_of, scenario, options, base, turn): scenario
                   for turn in range(options.times) for scenario in chosen}
        try:
            for done in concurrent.futures.as_completed(waiting):
                scenario = waiting[done]
                for one in done.result():
                    print("FAIL" if one.wrong else "ok  ", scenario.name, one.name,
                          f"{one.text} {one.wrong}".strip(), flush=True)
                    results.append((scenario, one))
        finally:
            pool.shutdown(cancel_futures=True)
    if options.table:
        options.table.write_text(outage_table.page(SCENARIOS, KINDS, results))
    bad = sum(bool(one.wrong) for _, one in results)
    print(f"{len(results) - bad} passed, {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
