"""Run the measures that are named, all without a name, and show the figures as they come."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from benchmarks import machine, report
from benchmarks.measuring import ABSENT, Effort, Figure, Measure

#: Measure -> where it is.
MEASURES = {
    "inputs": "inputs:measure",
    "start": "start:measure",
    "keys": "prompts:keys",
    "ticks": "prompts:ticks",
    "idle": "prompts:idle",
    "enter": "prompts:enter",
    "memory": "memory:memory",
    "leaving": "memory:leaving",
    "commands": "awaited_commands:measure",
    "timeit": "timeit_loop:measure",
    "detection": "detection:measure",
    "installed": "installed:measure",
    "attached": "attached:measure",
}

DOCS = Path(__file__).parents[1] / "docs" / "explanation"
BEGIN, END = "<!-- python -m benchmarks -->", "<!-- the end of the tables -->"


def measure_of(name: str) -> Measure:
    """Load a measure; nothing else is loaded with it."""
    module, _, function = MEASURES[name].partition(":")
    return getattr(import_module(f"benchmarks.{module}"), function)


def run(names: list[str], effort: Effort, pattern: str = "") -> Iterator[Figure]:
    """Run measures one after the other, and yield their figures."""
    for name in names:
        for figure in measure_of(name)(effort):
            if re.search(pattern, f"{figure.name} / {figure.peer}"):
                yield replace(figure, measure=name)


def load(path: Path) -> tuple[dict, list[Figure]]:
    """Read what an earlier run has written."""
    kept = json.loads(path.read_text(encoding="utf-8"))
    figures = [Figure(**{key: value for key, value in one.items() if key != "ratio"}) for one in kept["figures"]]
    return kept["machine"], figures


def dump(about: dict, figures: list[Figure]) -> str:
    """Return all figures and the machine as JSON, a line for each figure."""
    lines = ",\n".join(json.dumps(shortened(figure.as_dict()), ensure_ascii=False) for figure in figures)
    return f'{{"machine": {json.dumps(about, ensure_ascii=False)},\n"figures": [\n{lines}\n]}}\n'


def shortened(value: object) -> object:
    """Return a value with four digits of each number."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, list | tuple):
        return [shortened(one) for one in value]
    return {key: shortened(one) for key, one in value.items()} if isinstance(value, dict) else value


def page(text: str, about: dict, figures: list[Figure]) -> str:
    """Return a page of the docs with the tables of these figures."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{report.machine_line(about)}.\n\n{report.table(figures)}\n{END}{rest.partition(END)[2]}"


def write_docs(about: dict, figures: list[Figure]) -> None:
    """Write the figures into the docs: the JSON, the picture, and the tables of the page."""
    (DOCS / "numbers.json").write_text(dump(about, figures), encoding="utf-8")
    about, figures = load(DOCS / "numbers.json")
    (DOCS / "numbers.svg").write_text(report.plot(figures), encoding="utf-8")
    path = DOCS / "numbers.md"
    path.write_text(page(path.read_text(encoding="utf-8"), about, figures), encoding="utf-8")


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure awaitall beside its peers.")
    parser.add_argument("measures", nargs="*", metavar="measure", help=f"{', '.join(MEASURES)}; all without one")
    parser.add_argument("-k", default="", metavar="REGEX", help="show only the figures whose name or peer matches")
    parser.add_argument("--share", type=float, default=1.0, metavar="PART", help="do this part of the work: 0.1 is a quick look")
    parser.add_argument("--shell", action="append", default=[], metavar="NAME", help="start only this shell; may be repeated")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw them there")
    parser.add_argument(
        "--load",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="take the JSON of an earlier run instead of measuring",
    )
    parser.add_argument("--docs", action="store_true", help="put them into docs/explanation/numbers.md, .json and .svg")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.measures if name not in MEASURES]:
        parser.error(f"there is no measure {unknown[0]}; there are {', '.join(MEASURES)}")
    return options


def write(options: argparse.Namespace, about: dict, figures: list[Figure]) -> None:
    """Write the files that are wanted."""
    if options.json:
        options.json.write_text(dump(about, figures), encoding="utf-8")
    if options.svg:
        options.svg.write_text(report.plot(figures), encoding="utf-8")
    if options.docs:
        write_docs(about, figures)


def main(arguments: list[str] | None = None) -> None:
    options = parse(arguments)
    names = options.measures or list(MEASURES)
    figures: list[Figure] = []
    if options.load:
        abouts, runs = zip(*map(load, options.load), strict=True)
        loads = sorted(one[key] for one in abouts for key in ("load", "load_after") if one.get(key))
        about = {**abouts[-1], "load": loads[0], "load_after": loads[-1]} if loads else abouts[-1]
        figures += sorted(
            (figure for more in runs for figure in more if figure.measure in names),
            key=lambda figure: [*MEASURES].index(figure.measure),
        )
    else:
        about = machine.describe()
    print(report.machine_line(about))
    print(f"{'ours':>10} {'theirs':>10}  {'ratio (quartiles)':<22} {'goal':<11}", flush=True)
    for figure in figures:
        print(report.row(figure))
    try:
        for figure in () if options.load else run(names, Effort(options.share, frozenset(options.shell)), options.k):
            figures.append(figure)
            print(report.row(figure), flush=True)
    finally:  # also what a Ctrl-C leaves
        if not options.load:
            about["load_after"] = machine.load()
        write(options, about, figures)
    for name in sorted(ABSENT):
        print(f"{name} is not installed, and left out")


if __name__ == "__main__":
    sys.exit(main())
