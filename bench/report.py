"""Medians of rounds, and the tables of docs/performance.md."""

import datetime
import math
import statistics

import machine
import servers

BEGIN, END = "<!-- figures: written by bench/peers.py -->", "<!-- end of figures -->"
MOST_LOAD = 0.9  # of its core; a load that needs more may be what was measured
MOST_OTHERS = 0.05  # of the server's core, used by others


def median(rounds):
    return {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}


def number(value, digits=2):
    if math.isnan(value):
        return "-"
    return f"{value:.{digits}f}" if value < 100 else f"{value:.0f}"


def ratio(figures, all_figures):
    """Of Cubemap's cost, where it was measured, too."""
    other = all_figures.get("cubemap")
    return number(figures["cpu_gb"] / other["cpu_gb"]) if other and other["cpu_gb"] else "-"


def missing(figures, _):
    parts = [f"{figures[key]:g} {word}" for key, word in
             (("refused", "refused"), ("closed", "closed"), ("lost", "packets lost")) if figures[key]]
    return ", ".join(parts) or "0"


def load_share(figures, _):
    text = f"{figures['load_cpu'] * 100:.0f} %"
    return text + (" **the load was the bottleneck**" if figures["load_cpu"] > MOST_LOAD else "")


def core(figures, _):
    text = f"{figures['cpu'] * 100:.0f} %"
    return text + (f" (others {figures['others'] * 100:.0f} %)" if figures["others"] > MOST_OTHERS else "")


def pair(key, scale=1.0, digits=1):
    return lambda figures, _: " / ".join(number(figures[f"{key}_{part}"] * scale, digits) for part in ("p50", "p99"))


# name: (heads, cells)
COLUMNS = {
    "cpu_gb": (["CPU-s per GB"], [lambda f, _: number(f["cpu_gb"])]),
    "ratio": (["of Cubemap's"], [ratio]),
    "latency": (["latency p50 / p99, ms"], [pair("latency")]),
    "core": (["server's core"], [core]),
    "missing": (["refused, closed, lost"], [missing]),
    "load": (["load's core"], [load_share]),
    "held": (["rate held"], [lambda f, _: f"{f['held'] * 100:.1f} %"]),
    "memory": (["KB a client"], [lambda f, _: number(f["kb_client"])]),
    "setting": (["latency set to"], [lambda f, _: f"{f['setting']:g} ms" if f.get("setting") else "-"]),
    "slow": (["slow ones closed"], [lambda f, _: f"{f['slow_closed']:g}"]),
    "storm": (["first byte p50 / p99, s", "first packet p50 / p99, s", "all play after, s", "CPU-ms a connect"],
              [pair("first_byte", 1e-3, 2), pair("first_packet", 1e-3, 2),
               lambda f, _: "never" if f["not_playing"] else number(f["all_play_s"]),
               lambda f, _: number(f["connect_ms"], 3)]),
    "dropped": (["dropped", "play on with the source that came back"],
                [lambda f, _: f"{f['not_playing']:g}", lambda f, _: f"{f['resumed']:g}"]),
}


def table(load, results):
    """`results`: server -> figures of each round, or a sentence why there are none."""
    columns = [COLUMNS[name] for name in load.columns]
    heads = [head for names, _ in columns for head in names]
    lines = [f"### `{load.name}`", "", f"{load.text[0].upper()}{load.text[1:]}.", "", "| | " + " | ".join(heads) + " |",
             "|---" * (len(heads) + 1) + "|"]
    medians = {name: median(rounds) for name, rounds in results.items() if isinstance(rounds, list)}
    for name, rounds in results.items():
        if name in medians:
            cells = [cell(medians[name], medians) for _, makers in columns for cell in makers]
        else:
            cells = [rounds] + [""] * (len(heads) - 1)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def preface(runs, network, seconds):
    kernel, processor = machine.describe()
    versions = [f"{one.name} {one.version()}" for one in (servers.Cubemap, servers.Icecast) if one.version()]
    return (f"{datetime.date.today()}, commit {machine.commit(servers.ROOT)}, Linux {kernel}, {processor}; {', '.join(versions)}. "
            f"Medians of {runs}{f', {seconds:g} s each' if seconds else ''}; "
            f"{network or f'a network namespace, loopback with MTU {machine.MTU}'}.")


def sections(text):
    """Load's name -> its section."""
    found = {}
    for part in text.split("### `")[1:]:
        found[part.partition("`")[0]] = "### `" + part.strip()
    return found


def write(path, words, loads, tables):
    """Puts the tables between the marks; a load that was not run keeps what it had, with a word on that."""
    text = path.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    inside, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{path}: the marks {BEGIN} and {END} are not there")
    old = sections(inside)
    body = [tables.get(load.name) or old.get(load.name) for load in loads]
    path.write_text(f"{before}{begin}\n\n{words}\n\n" + "\n\n".join(filter(None, body)) + f"\n\n{end}{after}",
                    encoding="utf-8")
