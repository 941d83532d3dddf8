"""Each measure runs, with the least of work; nothing here judges a time. The page of the docs shows what its JSON tells."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT))  # as where python -m benchmarks is run

from benchmarks import __main__ as benchmarks  # noqa: E402
from benchmarks import report  # noqa: E402
from benchmarks.measuring import Figure, interleave  # noqa: E402
from benchmarks.peers import is_installed  # noqa: E402

#: Measure -> what its figures are about if one shell is looked at, and what it takes.
TAKES = {"commands": "xonsh", "installed": "xonsh", "attached": "aiohttp"}


@pytest.mark.skipif(find_spec("termios") is None, reason="there is no termios, and so no terminal that is a file")
@pytest.mark.parametrize("name", benchmarks.MEASURES)
def test_a_measure_runs(name, tmp_path):
    if name in TAKES and not is_installed(TAKES[name]):
        pytest.skip(f"{TAKES[name]} is not installed")
    kept, picture = tmp_path / "figures.json", tmp_path / "figures.svg"
    command = [sys.executable, "-m", "benchmarks", name, "--share", "0", "--shell", "console", "--json", kept, "--svg", picture]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=os.environ, check=True)
    about, figures = benchmarks.load(kept)
    assert figures
    assert {figure.measure for figure in figures} == {name}
    assert report.machine_line(about).split(", load")[0] in done.stdout
    assert all(f"{figure.name} / {figure.peer}" in done.stdout for figure in figures)
    ElementTree.parse(picture)


def test_each_turn_gives_a_ratio():
    ours, theirs = interleave(5, iter(range(1, 7)).__next__, iter(range(2, 14, 2)).__next__)
    assert Figure("", "", "s", ours, theirs).ratio == (0.5, 0.5, 0.5)


def test_the_ratio_is_the_median_with_the_quartiles():
    assert Figure("", "", "s", [1, 2, 3, 4, 5], [1, 1, 1, 1, 1]).ratio == (2, 3, 4)


@pytest.mark.parametrize(
    ("ours", "at_least", "reached"), [(1.2, False, True), (1.21, False, False), (1.2, True, True), (1.1, True, False)]
)
def test_a_goal_is_reached_by_the_median(ours, at_least, reached):
    assert Figure("", "", "s", [ours], [1.0], 1.2, at_least).is_reached is reached


def test_what_has_no_peer_has_no_ratio():
    figure = Figure("", "", "B", [5.0], [0.0])
    assert (figure.ratio, replace(figure, goal=1.0).is_reached) == (None, None)


def test_an_unknown_measure_is_one_line(capsys):
    with pytest.raises(SystemExit):
        benchmarks.main(["nothing"])
    assert capsys.readouterr().err.splitlines()[-1].startswith("python -m benchmarks: error: there is no measure nothing")


def test_the_page_and_the_picture_show_what_the_json_tells():
    about, figures = benchmarks.load(benchmarks.DOCS / "numbers.json")
    text = (benchmarks.DOCS / "numbers.md").read_text(encoding="utf-8")
    assert benchmarks.page(text, about, figures) == text, "python -m benchmarks --load docs/explanation/numbers.json --docs"
    assert (benchmarks.DOCS / "numbers.svg").read_text(encoding="utf-8") == report.plot(figures)
