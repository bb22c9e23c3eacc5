"""The plot of bench/growth.py, as SVG, for light pages and dark ones."""

import math

WIDTH, HEIGHT = 900, 400
TOP, BOTTOM = 50, 310
LEFT_PANEL, RIGHT_PANEL = (95, 450), (540, 865)
SERIES = ("one", "each", "total")

STYLE = """
  .page { fill: #ffffff } text { fill: #24292f; font: 13px sans-serif } .title { font-weight: bold }
  .axis { stroke: #57606a } .grid { stroke: #d8dee4 } .line { stroke: #57606a; stroke-dasharray: 5 4; fill: none }
  .band { fill: #57606a; opacity: 0.12 }
  .one { stroke: #57606a; fill: #57606a } .each { stroke: #0969da; fill: #0969da } .total { stroke: #bc4c00; fill: #bc4c00 }
  polyline, rect.total { fill: none !important; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } text { fill: #e6edf3 } .axis, .line { stroke: #9aa4af } .grid { stroke: #30363d }
    .band { fill: #9aa4af; opacity: 0.2 } .one { stroke: #9aa4af; fill: #9aa4af }
    .each { stroke: #58a6ff; fill: #58a6ff } .total { stroke: #ffa657; fill: #ffa657 }
  }
"""


def scale(low, high, begin, end, log):
    """Where a value stands between `begin` and `end`."""
    f = math.log10 if log else float
    return lambda value: begin + (f(value) - f(low)) / (f(high) - f(low)) * (end - begin)


def decades(low, high):
    return [10 ** e for e in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]


def text(x, y, words, anchor="middle", more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{words}</text>'


def mark(name, x, y):
    """A shape of its own for each series: colours are not told apart by everybody."""
    if name == "each":
        return f'<circle class="{name}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>'
    if name == "total":
        return f'<rect class="{name}" x="{x - 6:.1f}" y="{y - 6:.1f}" width="12" height="12"/>'
    return f'<path class="{name}" d="M{x - 4:.1f} {y - 4:.1f}l8 8m0 -8l-8 8" stroke-width="2"/>'


def frame(panel, title, x_title, x_ticks, x_at, y_ticks, y_at):
    """`y_ticks`: (value, words)."""
    begin, end = panel
    out = [text(begin, TOP - 18, title, "start", ' class="title"'), text((begin + end) / 2, BOTTOM + 42, x_title)]
    for value, words in y_ticks:
        out.append(f'<path class="grid" d="M{begin} {y_at(value):.1f}H{end}"/>')
        out.append(text(begin - 8, y_at(value) + 4, words, "end"))
    for value in x_ticks:
        out.append(f'<path class="axis" d="M{x_at(value):.1f} {BOTTOM}v5"/>')
        out.append(text(x_at(value), BOTTOM + 20, f"{value:,}"))
    out.append(f'<path class="axis" d="M{begin} {TOP}V{BOTTOM}H{end}" fill="none"/>')
    return out


def work_panel(series, line):
    """All points by their sends, on the line of one channel."""
    points = [p for name in SERIES for p in series[name]]
    ticks = decades(min(p[1] for p in points), max(p[1] for p in points))
    heights = decades(min(p[2] for p in points), max(p[2] for p in points))
    x_at = scale(ticks[0], ticks[-1], *LEFT_PANEL, log=True)
    y_at = scale(heights[0], heights[-1], BOTTOM, TOP, log=True)
    out = frame(LEFT_PANEL, "Instructions per packet", "sends per packet", ticks, x_at, [(h, f"{h:,}") for h in heights], y_at)
    steps = [ticks[0] * (ticks[-1] / ticks[0]) ** (i / 60) for i in range(61)]
    way = " ".join(f"{x_at(s):.1f},{y_at(line[0] + line[1] * s):.1f}" for s in steps)
    out.append(f'<polyline class="line" points="{way}"/>')
    for name in SERIES:
        out += [mark(name, x_at(sends), y_at(work)) for _, sends, work, _ in series[name]]
    return out


def channel_panel(series, allowed):
    """How far many channels are off that line."""
    points = series["each"] + series["total"]
    ticks = decades(1, max(p[0] for p in points))
    high = max(2.0, math.ceil(max(1 + p[3] for p in points)))
    x_at = scale(ticks[0], ticks[-1], *RIGHT_PANEL, log=True)
    y_at = scale(0, high, BOTTOM, TOP, log=False)
    step = 0.5 if high <= 4 else math.ceil(high / 6)
    heights = [(i * step, f"{i * step:.1f}") for i in range(int(high / step) + 1)]
    out = frame(RIGHT_PANEL, "The same, over what the line says", "channels", ticks, x_at, heights, y_at)
    out.append(f'<rect class="band" x="{RIGHT_PANEL[0]}" width="{RIGHT_PANEL[1] - RIGHT_PANEL[0]}" y="{y_at(1 + allowed):.1f}" '
               f'height="{y_at(1 - allowed) - y_at(1 + allowed):.1f}"/>')
    for name in ("each", "total"):
        places = [(x_at(channels), y_at(1 + off)) for channels, _, _, off in series[name]]
        out.append(f'<polyline class="{name}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in places)}"/>')
        out += [mark(name, x, y) for x, y in places]
    return out


def svg(series, captions, line, allowed):
    """`series`: name -> [(channels, sends a packet, instructions a packet, part off the line)]. `allowed`: off the line."""
    out = work_panel(series, line) + channel_panel(series, allowed)
    x = LEFT_PANEL[0]
    for name in SERIES:
        out += [mark(name, x, HEIGHT - 22), text(x + 14, HEIGHT - 18, captions[name], "start")]
        x += 40 + 7.5 * len(captions[name])
    out += [f'<path class="line" d="M{x:.0f} {HEIGHT - 22}h24"/>',
            text(x + 32, HEIGHT - 18, f"{line[0]:,.0f} + {line[1]:,.0f} × sends", "start")]
    body = "\n".join(out)
    head = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img"'
    return (f'<svg xmlns="http://www.w3.org/2000/svg" {head}>\n'
            f"<title>Instructions per packet by sends, and by channels</title>\n<style>{STYLE}</style>\n"
            f'<rect class="page" width="{WIDTH}" height="{HEIGHT}"/>\n{body}\n</svg>\n')
