"""Many rounds of a scenario: the one line that a scenario prints, and the table of docs/resilience.md."""

import dataclasses
import statistics

BEGIN, END = "<!-- figures: written by test/lab/run.py -->", "<!-- end of figures -->"


@dataclasses.dataclass
class Round:
    """What one round of a scenario came to."""
    scenario: object
    variant: str
    figures: dict
    wrong: list
    skipped: str = ""  # why it, or its better variant, could not be played
    seconds: float = 0.0


def pair(values, form="{:.1f}"):
    """Median and worst; one figure where they read the same."""
    if not values:
        return "-"
    middle, worst = form.format(statistics.median(values)), form.format(max(values))
    return middle if middle == worst else f"{middle}/{worst}"


def of(rounds, key):
    return [one.figures[key] for one in rounds if key in one.figures]


def line(scenario, all_rounds):
    """The scenario's one line."""
    played = [one for one in all_rounds if one.figures]
    wrong = [complaint for one in all_rounds for complaint in one.wrong]
    skipped = next((one.skipped for one in all_rounds if one.skipped), "")
    words = ["FAIL" if wrong else "ok  " if played else "skipped", scenario.name]
    if skipped:
        words.append(f"[skipped: {skipped}]")
    if played:
        words += [f"{played[0].variant} x{len(played)}", f"lost={sum(of(played, 'lost'))}",
                  f"gap={pair(of(played, 'gap'))}s", f"back={pair(of(played, 'back_within'))}s",
                  f"silence={pair(of(played, 'silence'))}s", f"lines={pair(of(played, 'lines'), '{:g}')}",
                  f"redials={pair(of(played, 'redials'), '{:g}')}",
                  f"memory={pair([one / (1 << 20) for one in of(played, 'memory')], '{:+.1f}')}MB"]
        told = sorted(set(key for one in played for key in one.figures) - KNOWN)
        words += [f"{key}={pair(of(played, key), '{:g}')}" for key in told]
        if doubled := sum(of(played, "packets_doubled")):
            words.append(f"doubled={doubled}")
    if wrong:
        words.append(f"({len(wrong)} wrong: {'; '.join(dict.fromkeys(wrong))})")
    return " ".join(words)


KNOWN = {"lost", "gap", "back_within", "silence", "lines", "redials", "memory", "fillers", "packets_back",
         "packets_doubled", "packets_bad"}
HEAD = """| scenario | what happens | rounds | clients lost | longest time without media, s | \
media after the fault's end, s | longest time without a byte, s | log lines | redials | memory, MB |
|---|---|---|---|---|---|---|---|---|---|"""


def row(scenario, all_rounds):
    played = [one for one in all_rounds if one.figures]
    if not played:
        skipped = next((one.skipped or "; ".join(one.wrong) for one in all_rounds), "not run")
        return f"| `{scenario.name}` | {scenario.text} | {skipped} |" + " |" * 7
    wrong = any(one.wrong for one in all_rounds)
    cells = [f"`{scenario.name}`", scenario.text, f"{len(played)} {played[0].variant}" + (" **FAIL**" if wrong else ""),
             str(sum(of(played, "lost"))), pair(of(played, "gap")), pair(of(played, "back_within")),
             pair(of(played, "silence")), pair(of(played, "lines"), "{:g}"), pair(of(played, "redials"), "{:g}"),
             pair([one / (1 << 20) for one in of(played, "memory")], "{:+.1f}")]
    return "| " + " | ".join(cells) + " |"


def old_rows(text):
    """The rows of a table by their scenario's name."""
    return {line.split("`")[1]: line for line in text.splitlines() if line.startswith("| `")}


def table(scenarios, rounds, old):
    """All scenarios' rows; those that were not played keep the row they had."""
    rows = [row(one, rounds[one.name]) if one.name in rounds else old.get(one.name) for one in scenarios]
    return "\n".join([HEAD, *filter(None, rows)])


def write(path, scenarios, rounds):
    """Puts the table between its two marks; the words around it are people's."""
    text = path.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    inside, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{path}: the marks {BEGIN} and {END} are not there")
    path.write_text(f"{before}{begin}\n\n{table(scenarios, rounds, old_rows(inside))}\n\n{end}{after}",
                    encoding="utf-8")
