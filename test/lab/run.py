#!/usr/bin/env python3
"""The brown-out laboratory: what clients of weir notice when links, encoders and machines fail.

    run.py --list               what there is
    run.py SCENARIO...          plays them; one line of figures each
    run.py --quick              a round of all that does not take long
    run.py --all --times 10 --table docs/resilience.md

Each round has machines of its own (network namespaces, so it wants root) and can be played beside others. Where there
are none a scenario says "skipped" and its variant on loopback is played, where it has one.

The figures, median/worst of all rounds where they differ: clients lost; gap, the longest time without media at a
client; back, from the fault's end to media at the last client; silence, the longest time without any byte; lines of
weir's log from the fault to 3 s behind the recovery; redials of sources; growth of resident memory. FAIL and exit code
1 where a promise is broken. docs/resilience.md says what is promised.
"""

import argparse
import collections
import concurrent.futures
import pathlib
import shutil
import sys
import time
import traceback

import programs  # first: it makes the other tests' modules known
from procs import ROOT, begin, once

import faults_links  # noqa: F401: they register what they have
import faults_machines  # noqa: F401
import rounds
import pictures
import world
from cables import Unavailable
from scenario import SCENARIOS
from stage import Stage

CLIP_SECONDS = 150  # no round takes so long


class Lab:
    """What all rounds have in common."""

    def __init__(self, options, folder):
        self.weir, self.clients, self.folder = options.weir, options.clients, folder
        self._clip = folder / "clip.asf"

    def clip(self):
        with once:
            if not self._clip.exists():
                pictures.record("first", CLIP_SECONDS, self._clip)
        return self._clip


def variant_of(scenario, wanted):
    """(variant to play or "", why the better one is skipped or "")."""
    better = scenario.variants[0]
    if wanted:
        return (wanted, "") if wanted in scenario.variants else ("", f"it has no {wanted} variant")
    if better != "netns" or not (reason := world.refused()):
        return better, ""
    rest = scenario.variants[1:]
    return (rest[0] if rest else "", f"no namespaces here: {reason}")


def play(scenario, lab, options, turn):
    """One round, in a folder of its own."""
    variant, skipped = variant_of(scenario, options.variant)
    if not variant:
        return rounds.Round(scenario, "", {}, [], skipped)
    folder = lab.folder / f"{scenario.name}-{turn}"
    folder.mkdir()
    began = time.monotonic()
    stage = Stage(lab, variant, folder, options.quick)
    found, wrong = {}, []
    try:
        scenario.set_up(stage)
        stage.begin()
        with stage.fault():
            scenario.play(stage, scenario.seconds)
        found, wrong = stage.finish(scenario.most_seconds(variant))
        most = scenario.most_lines()
        if found.get("lines", 0) > most:
            wrong.append(f"{found['lines']} lines of log, {most} are enough")
    except Unavailable as error:
        skipped = str(error)
    except (RuntimeError, OSError, ValueError) as error:
        wrong = [f"{type(error).__name__}: {error}"]
    except Exception:
        wrong = [traceback.format_exc()]
    finally:
        stage.close()
    if not options.keep:
        shutil.rmtree(folder)
    return rounds.Round(scenario, variant, found, wrong, skipped, time.monotonic() - began)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = pathlib.Path(ROOT) / "build"
    parser.add_argument("scenario", nargs="*", metavar="SCENARIO")
    parser.add_argument("--list", action="store_true", help="print the scenarios")
    parser.add_argument("--all", action="store_true", help="every scenario")
    parser.add_argument("--quick", action="store_true", help="those that do not take long")
    parser.add_argument("--times", type=int, default=1, metavar="N", help="rounds of each (default: %(default)s)")
    parser.add_argument("--variant", choices=["netns", "proxy"], help="this one, whatever is possible here")
    parser.add_argument("--jobs", type=int, default=8, metavar="N", help="rounds at a time (default: %(default)s)")
    parser.add_argument("--table", type=pathlib.Path, metavar="FILE", help="write the table into that page")
    parser.add_argument("--keep", action="store_true", help="keep logs, and say where")
    for name, path in ("weir", here / "weir"), ("clients", here / "weir-lab-clients"):
        parser.add_argument(f"--{name}", default=path, type=lambda text: pathlib.Path(text).resolve())
    options = parser.parse_args()
    if unknown := set(options.scenario) - set(SCENARIOS):
        parser.error(f"there is no scenario {', '.join(sorted(unknown))}; --list prints them")
    return options


def main():
    options = arguments()
    chosen = [one for one in SCENARIOS.values()
              if options.all or one.name in options.scenario or (options.quick and one.quick)]
    if options.list or not chosen:
        for one in SCENARIOS.values():
            print(f"{one.name:22} {'quick ' if one.quick else '      '}{one.text} ({', '.join(one.variants)})")
        return 0
    if not options.clients.exists():
        sys.exit(f"{options.clients} does not exist: run make lab, which builds it")
    lab = Lab(options, begin(options.weir, "weir-lab-", options.keep))
    played, missing = collections.defaultdict(list), collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        waiting = [pool.submit(play, one, lab, options, turn) for turn in range(options.times)
                   for one in sorted(chosen, key=lambda one: -one.seconds)]
        try:
            for done in concurrent.futures.as_completed(waiting):
                one = done.result()
                played[one.scenario.name].append(one)
                missing[one.scenario.name] += 1
                if missing[one.scenario.name] == options.times:
                    print(rounds.line(one.scenario, played[one.scenario.name]), flush=True)
        finally:
            pool.shutdown(cancel_futures=True)
    bad = sum(any(one.wrong for one in all_of_it) for all_of_it in played.values())
    if options.table:
        rounds.write(options.table, SCENARIOS.values(), played)
    if len(chosen) > 1:
        print(f"{len(chosen) - bad} passed, {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
