"""What awaitall costs a user of xonsh who never awaits, only by being installed.

Two new virtual environments have the xonsh that is here, and one of them has awaitall, too, installed from a wheel; they take
turns. Compared are ``xonsh -c pass`` from its start to its end, by the clock and in processor time, and the memory of the idle
shell at its first prompt: what is its own (Private_Dirty), and that with its share of what it has in common with others (Pss).
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measuring import Effort, Figure, interleave
from benchmarks.peers import Shell, Xonsh, XonshReadline, is_installed

ROOT = Path(__file__).parents[1]

#: How often each start is made, and each memory is looked at.
STARTS, SHELLS = 40, 8

#: Seconds for a shell to be done with what it does at its first prompt.
SETTLE = 0.5

#: What names another environment, or settings of the developer's.
OTHERS = ("PYTHON", "VIRTUAL_ENV", "XDG_", "XONSH", "XONTRIB")


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
    from uv import find_uv_bin

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


def prompt(environment: Environment, cls: type[Shell]) -> tuple[float, float]:
    """Start a shell; give its memory in MiB, private and proportional."""
    with closing(environment.shell(cls)) as shell:
        time.sleep(SETTLE)
        memory = Path(f"/proc/{shell.terminal.child.pid}/smaps_rollup").read_text()
    private, proportional = (int(re.search(rf"{name}: *(\d+)", memory)[1]) / 1024 for name in ("Private_Dirty", "Pss"))
    return private, proportional


def measure(effort: Effort) -> Iterator[Figure]:
    if not is_installed("xonsh") or not is_installed("uv"):
        return
    for name in [name for name in os.environ if name.startswith(OTHERS)]:
        del os.environ[name]
    with TemporaryDirectory() as folder:
        path = Path(folder)
        uv("build", "--wheel", "--python", sys.executable, "--out-dir", folder, str(ROOT))
        (wheel,) = path.glob("*.whl")
        pair = Environment(path / "with", f"awaitall[xonsh] @ {wheel.as_uri()}"), Environment(path / "without")
        loaded = [environment.run("import sys; print('awaitall_xonsh.wiring' in sys.modules)") for environment in pair]
        assert loaded == ["True\n", "False\n"], loaded
        works = [lambda environment=environment: command(environment) for environment in pair]
        yield from figures("xonsh -c pass", "s", ("clock", "processor"), 1.03, interleave(effort.count(STARTS), *works))
        for cls in (XonshReadline, Xonsh):
            works = [lambda environment=environment, cls=cls: prompt(environment, cls) for environment in pair]
            found = interleave(effort.count(SHELLS), *works, warm_up=0)
            yield from figures(f"memory of xonsh, {cls.kind}", "MiB", ("private", "proportional"), None, found)


def figures(name: str, unit: str, columns: tuple[str, str], goal: float | None, found) -> Iterator[Figure]:
    for number, column in enumerate(columns):
        with_us, without = ([one[number] for one in both] for both in found)
        yield Figure(f"{name}, {column}", "awaitall not installed", unit, with_us, without, goal)
