"""Figures as text, as JSON, as a table for the docs and as a picture."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from itertools import groupby
from math import log
from xml.sax.saxutils import escape

from benchmarks.measuring import Figure

__all__ = ["machine_line", "plot", "row", "table"]


#: Measure -> its heading.
TITLES = {
    "inputs": "An input",
    "start": "Start, and the first await",
    "keys": "Echo of a key",
    "ticks": "Ticks of a task at the prompt",
    "idle": "The idle prompt",
    "enter": "Enter to the next prompt",
    "memory": "Memory",
    "leaving": "Leaving with tasks",
    "commands": "Awaited commands in xonsh",
    "timeit": "%timeit",
    "detection": "Does it await?",
    "installed": "xonsh, where awaitall is only installed",
    "attached": "A server with an attached prompt",
}


def number(values: Sequence[float], unit: str) -> str:
    """Return the median of some values with its unit, in three digits."""
    value = statistics.median(values)
    if unit != "s":
        shown = f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
        return f"{shown} {unit}".strip()
    for factor, name in ((1, "s"), (1e3, "ms"), (1e6, "µs")):
        if value * factor >= 1:
            return f"{value * factor:.3g} {name}"
    return f"{value * 1e9:.3g} ns"


def spread(figure: Figure) -> str:
    """Return the median of the ratios with the quartiles."""
    if figure.ratio is None:
        return ""
    first, median, third = figure.ratio
    return f"{median:.2f}" if len(figure.ours) == 1 else f"{median:.2f} ({first:.2f} to {third:.2f})"


def goal(figure: Figure) -> str:
    """Return the goal, and whether it is reached."""
    if figure.goal is None:
        return ""
    sign = "≥" if figure.at_least else "≤"
    return f"{sign} {figure.goal:g}{'' if figure.is_reached else ', no'}"


def row(figure: Figure) -> str:
    """Return a line for a terminal."""
    theirs = number(figure.theirs, figure.unit) if figure.theirs else ""
    columns = f"{number(figure.ours, figure.unit):>10} {theirs:>10}  {spread(figure):<22} {goal(figure):<11}"
    return f"{columns} {figure.name} / {figure.peer}".rstrip()


def machine_line(machine: dict) -> str:
    """Return one sentence about the machine."""
    libraries = ", ".join(f"{name} {version}" for name, version in machine["libraries"].items())
    loads = " to ".join(f"{machine[key][0]:.1f}" for key in ("load", "load_after") if machine.get(key))
    return (
        f"{machine['date']}, {machine['processor']}, {machine['cores']} cores, {machine['system']}, load {loads}; "
        f"{machine['python']}, {libraries}"
    )


def table(figures: Iterable[Figure]) -> str:
    """Return a Markdown table for each measure."""
    parts = []
    for measure, group in groupby(figures, key=lambda figure: figure.measure):
        lines = [
            f"### {TITLES[measure]}",
            "",
            "| what | beside | ours | theirs | ratio (quartiles) | goal |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        for figure in group:
            theirs = number(figure.theirs, figure.unit) if figure.theirs else ""
            cells = (figure.name, figure.peer, number(figure.ours, figure.unit), theirs, spread(figure), goal(figure))
            lines.append(f"| {' | '.join(cells)} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


#: Of the picture, in pixels: where names end and the scale begins, its width, a line, and the space around.
NAMES, SCALE, LINE, EDGE = 520, 440, 18, 16

#: The ratios at the two ends of the scale, and those with a line of their own.
LOW, HIGH = 0.02, 20
MARKS = (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)

STYLE = (
    "text{font:12px sans-serif;fill:#24292f}.h{font-weight:bold}.m{fill:#6e7781}.e{text-anchor:end}.c{text-anchor:middle}"
    ".g{stroke:#d8dee4}.one{stroke:#6e7781}.s{stroke-width:5;stroke-opacity:.35;stroke-linecap:round}"
    ".yes{stroke:#1a7f37;fill:#1a7f37}.no{stroke:#cf222e;fill:#cf222e}.none{stroke:#0969da;fill:#0969da}"
)


def x_of(ratio: float) -> float:
    """Return where a ratio is on the scale, which is logarithmic."""
    part = log(min(max(ratio, LOW), HIGH) / LOW) / log(HIGH / LOW)
    return round(NAMES + part * SCALE, 1)


def _has_processor_time(figure: Figure, names: set[str]) -> bool:
    """Return whether this is by the clock, and the same in processor time is there, too."""
    return figure.name.endswith(", clock") and figure.name.replace(", clock", ", processor") in names


def plot(figures: Iterable[Figure]) -> str:
    """Return an SVG: a dot for the median of the ratios of each figure, on a bar from the first to the third quartile."""
    figures = list(figures)
    names = {figure.name for figure in figures}
    shown = [figure for figure in figures if figure.ratio is not None and not _has_processor_time(figure, names)]
    groups = [(name, list(group)) for name, group in groupby(shown, key=lambda figure: figure.measure)]
    bottom = EDGE + LINE * (2 + len(shown) + 2 * len(groups))
    width, height = NAMES + SCALE + 2 * EDGE, bottom + EDGE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        f"<title>awaitall beside its peers: ratios, less is better</title><style>{STYLE}</style>",
        f'<rect width="{width}" height="{height}" rx="8" fill="#fff"/>',
    ]
    for mark in MARKS:
        x, kind = x_of(mark), "one" if mark == 1 else "g"
        parts.append(f'<text class="m c" x="{x}" y="{EDGE + 10}">{mark:g}</text>')
        parts.append(f'<line class="{kind}" x1="{x}" x2="{x}" y1="{EDGE + LINE}" y2="{bottom}"/>')
    y = EDGE + 2 * LINE
    for name, group in groups:
        parts.append(f'<text class="h" x="{EDGE}" y="{y + 4}">{escape(TITLES[name])}</text>')
        y += LINE
        for figure in group:
            first, median, third = map(x_of, figure.ratio)
            kind = {True: "yes", False: "no", None: "none"}[figure.is_reached]
            parts += [
                f'<text class="e" x="{NAMES - 12}" y="{y + 4}">{escape(figure.name)} '
                f'<tspan class="m">/ {escape(figure.peer)}</tspan></text>',
                f'<line class="s {kind}" x1="{first}" x2="{third}" y1="{y}" y2="{y}"/>',
                f'<circle class="{kind}" cx="{median}" cy="{y}" r="3"/>',
            ]
            y += LINE
        y += LINE
    return "\n".join([*parts, "</svg>"]) + "\n"
