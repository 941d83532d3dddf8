"""What awaitall costs a user of xonsh who never awaits, in one run: ``python tests/benchmarks/xonsh_cost.py [starts [lines]]``.

Two new virtual environments have the xonsh that is here, and one of them has awaitall, too, installed from a wheel; they take
turns. Each line is the same work without and with awaitall, by the clock and in processor time: the medians, the median of the
ratios of each turn, and the ratio of the minima, which other work on the machine disturbs least.

* ``xonsh -c pass``, from its start to its end. The ratios are to be under 1.03.
* A shell on a real terminal, from its start until the prompt shows. Its processor time is that until its end, which comes with a
  Ctrl-D after some idleness. Under 1.03.
* A command and a statement at the prompt, from Enter until the prompt is back. The processor time is that of the shell, not of
  its children, from the first key until the prompt is idle. Under 1.02.
* The memory of the idle shell at its first prompt: what is its own (Private_Dirty), and that with its share of what it has in
  common with others (Pss): the medians, and the median of the differences of each turn. That is to be under 1 MiB.
"""

from __future__ import annotations

import os
import re
import resource
import statistics
import subprocess
import sys
import time
from contextlib import closing
from importlib.metadata import version
from operator import sub, truediv
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1]))

from prompts import processor_time
from uv import find_uv_bin

from awaitall.testing.terminal import TIMEOUT

from shells import Shell, Xonsh, XonshReadline

ROOT = Path(__file__).parents[2]

#: How often each start is made, and each line is typed, in each environment; some more are to warm up.
STARTS = 40
LINES = 200
WARM_UP = 5

#: In how many shells they are typed, as two processes that do the same differ by some percent all their life.
SHELLS = 8

TYPED = ("true", "x = 1")

#: Seconds for a shell to be done with what it does at its first prompt, and at any other.
SETTLE_AT_FIRST = 0.5
SETTLE = 0.02

HEADS = ["clock, without", "with", "ratio", "minima", "processor, without", "with", "ratio", "minima", "limit"]


class Environment:
    """A virtual environment with xonsh, and a home, which is where xonsh writes."""

    def __init__(self, path: Path, *requirements: str) -> None:
        self.home = path / "home"
        self.home.mkdir(parents=True)
        self.bin = path / "venv" / "bin"
        uv("venv", "--python", sys.executable, str(path / "venv"))
        xonsh = f"xonsh[ptk,pygments]=={version('xonsh')}"
        uv("pip", "install", "--compile-bytecode", "--python", str(self.bin / "python"), xonsh, *requirements)

    def run(self, source: str) -> str:
        """Run ``xonsh -c`` to its end, and give what it prints."""
        env = {**os.environ, "HOME": str(self.home)}
        command = [str(self.bin / "xonsh"), "-c", source]
        return subprocess.run(command, env=env, cwd=self.home, stdout=subprocess.PIPE, text=True, check=True).stdout

    def shell(self, cls: type[Shell]) -> Shell:
        """Start a shell of this environment on a terminal, and wait for its prompt."""

        class Installed(cls):
            def argv(shell, *options: str) -> list[str]:  # noqa: N805
                return [str(self.bin / "python"), *super().argv(*options)[1:]]

        return Installed(self.home)


def uv(*arguments: str) -> None:
    subprocess.run([find_uv_bin(), *arguments, "--quiet"], check=True)


def spent() -> float:
    """Return the processor time of the processes that have ended, in seconds."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def command(environment: Environment) -> tuple[float, float]:
    """Run ``xonsh -c pass``, and give the seconds that it takes by the clock and of the processor."""
    began, before = time.perf_counter(), spent()
    environment.run("pass")
    return time.perf_counter() - began, spent() - before


def prompt(environment: Environment, cls: type[Shell]) -> tuple[float, float, float, float]:
    """Start a shell; give the seconds by the clock and of the processor, and its memory in MiB, private and proportional."""
    began, before = time.perf_counter(), spent()
    with closing(environment.shell(cls)) as shell:
        taken = time.perf_counter() - began
        time.sleep(SETTLE_AT_FIRST)
        memory = Path(f"/proc/{shell.terminal.child.pid}/smaps_rollup").read_text()
        shell.leave()
    private, proportional = (int(re.search(rf"{name}: *(\d+)", memory)[1]) / 1024 for name in ("Private_Dirty", "Pss"))
    return taken, spent() - before, private, proportional


def wait_for_cursor(shell: Shell, typed: str) -> None:
    """Wait until the cursor is behind the prompt and what is typed there; quicker than a look at all the screen."""
    terminal, screen, text = shell.terminal, shell.terminal.screen, shell.prompt + typed
    while screen.cursor.x != len(text) or "".join(screen.buffer[screen.cursor.y][x].data for x in range(len(text))) != text:
        data = terminal.child.read_nonblocking(65536, timeout=TIMEOUT)
        terminal.feed(data)


def line(shell: Shell, source: str) -> tuple[float, float]:
    """Type a line; give the seconds by the clock and of the processor."""
    before = processor_time(shell)
    shell.terminal.type(source)
    wait_for_cursor(shell, source)
    began = time.perf_counter()
    shell.terminal.type("\r")
    wait_for_cursor(shell, "")
    taken = time.perf_counter() - began
    time.sleep(SETTLE)
    shell.terminal.read_what_is_there()
    return taken, processor_time(shell) - before


def turns(count: int, work, *pair):
    """Do some work for the one and for the other of a pair, many times; give what it gives for the two, turn by turn."""
    for number in range(count + WARM_UP):
        figures = {one: work(pair[one]) for one in ((0, 1) if number % 2 else (1, 0))}
        if number >= WARM_UP:
            yield figures[0], figures[1]


def lines_in_shells(count: int, cls: type[Shell], source: str, *pair: Environment):
    """Type a line many times in some shells of each environment; give the figures, turn by turn."""
    for _ in range(SHELLS):
        with closing(pair[0].shell(cls)) as without, closing(pair[1].shell(cls)) as with_us:
            time.sleep(SETTLE_AT_FIRST)
            yield from turns(count // SHELLS, lambda shell: line(shell, source), without, with_us)


def figures_of(pairs, number: int, compare) -> tuple[list[float], list[float], list[float]]:
    """Return one figure of all turns: without, with, and how the two compare."""
    without, with_us = ([figures[number] for figures in one] for one in zip(*pairs, strict=True))
    return without, with_us, list(map(compare, with_us, without))


def show(name: str, cells: list[str]) -> None:
    row = "".join(f"{cell:>{max(10, len(head) + 2)}}" for head, cell in zip(HEADS, cells, strict=True))
    print(f"{name:23}{row}", flush=True)


def show_times(name: str, limit: float, pairs) -> None:
    """Show the first two figures: the seconds by the clock and of the processor."""
    pairs = list(pairs)
    cells = []
    for number in (0, 1):
        without, with_us, ratios = figures_of(pairs, number, truediv)
        cells += [f"{statistics.median(times) * 1e3:.2f} ms" for times in (without, with_us)]
        cells += [f"{ratio:.3f}" for ratio in (statistics.median(ratios), min(with_us) / min(without))]
    show(name, [*cells, f"{limit:.2f}"])


def show_memory(kind: str, pairs) -> None:
    """Show the other figures of a start."""
    for name, number in (("Private_Dirty", 2), ("Pss", 3)):
        without, with_us, difference = map(statistics.median, figures_of(pairs, number, sub))
        print(f"{name}, {kind}: {without:.2f} MiB without, {with_us:.2f} MiB with, {difference:+.2f} MiB")


def main(starts: int = STARTS, lines: int = LINES) -> None:
    for name in [name for name in os.environ if name.startswith(("PYTHON", "VIRTUAL_ENV", "XDG_", "XONSH", "XONTRIB"))]:
        del os.environ[name]
    print(f"Python {sys.version.split()[0]}, xonsh {version('xonsh')}, {starts} starts, {lines} lines")
    with TemporaryDirectory() as folder:
        path = Path(folder)
        uv("build", "--wheel", "--python", sys.executable, "--out-dir", folder, str(ROOT))
        (wheel,) = path.glob("*.whl")
        pair = Environment(path / "without"), Environment(path / "with", f"awaitall[xonsh] @ {wheel.as_uri()}")
        loaded = [environment.run("import sys; print('awaitall_xonsh.wiring' in sys.modules)") for environment in pair]
        assert loaded == ["False\n", "True\n"], loaded

        show("", HEADS)
        show_times("-c pass", 1.03, turns(starts, command, *pair))
        started = {}
        for cls in (XonshReadline, Xonsh):
            started[cls.kind] = list(turns(starts, lambda environment, cls=cls: prompt(environment, cls), *pair))
            show_times(f"prompt, {cls.kind}", 1.03, started[cls.kind])
        for cls in (XonshReadline, Xonsh):
            for source in TYPED:
                show_times(f"{source}, {cls.kind}", 1.02, lines_in_shells(lines, cls, source, *pair))
        for kind, pairs in started.items():
            show_memory(kind, pairs)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
