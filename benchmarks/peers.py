"""The shells that are measured, on real terminals: ours, each without awaitall, and others."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory

from awaitall.testing.terminal import TIMEOUT
from benchmarks.measuring import ABSENT, Effort

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import shells
from shells import Bpython, Console, EditedConsole, Ptpython, Shell, Xonsh, XonshReadline

#: Where the shells find what is typed into them.
ENVIRONMENT = {"PYTHONPATH": str(Path(__file__).parent / "typed")}


class PlainConsole(Console):
    """``python`` on readline."""

    title = "python"
    started = ("-q",)


class PlainEditedConsole(EditedConsole):
    """``python`` as it is; before 3.13 it is readline's."""

    title = "python, own editor"
    started = ("-q",)


class Asyncio(Console):
    """``python -m asyncio`` on readline."""

    title = "python -m asyncio"
    started = ("-m", "asyncio")


class Aioconsole(Console):
    """aioconsole's ``apython``."""

    title = "aioconsole"
    started = ("-m", "aioconsole")


class IPython(Shell):
    """IPython with the prompt of ``python``."""

    title = "IPython"

    def argv(self, *options):
        return [sys.executable, "-m", "IPython", "--classic", "--no-banner", *options]

    def environment(self):
        return {**super().environment(), "IPYTHONDIR": str(self.home / "ipython")}


class PlainPtpython(Ptpython):
    """ptpython without awaitall."""

    title = "ptpython"
    config = "def awaitall(repl):\n    pass\n"


class PtpythonAsyncio(PlainPtpython):
    """``ptpython --asyncio``."""

    title = "ptpython --asyncio"

    def argv(self, *options):
        return super().argv("--asyncio", *options)


class PlainXonsh(Xonsh):
    """xonsh without awaitall."""

    title = "xonsh"

    def environment(self):
        return {**super().environment(), "XONTRIBS_AUTOLOAD_DISABLED": "1"}


class PlainXonshReadline(PlainXonsh):
    """xonsh on readline without awaitall."""

    title = "xonsh, readline"
    kind = "readline"


class PlainBpython(Bpython):
    """bpython without awaitall."""

    title = "bpython"
    module = "bpython"


#: The name of a shell of ours -> its class, and the same shell without awaitall.
PAIRS: dict[str, tuple[type[Shell], type[Shell]]] = {
    "console": (Console, PlainConsole),
    "edited": (EditedConsole, PlainEditedConsole),
    "ptpython": (Ptpython, PlainPtpython),
    "xonsh": (Xonsh, PlainXonsh),
    "xonsh-readline": (XonshReadline, PlainXonshReadline),
    "bpython": (Bpython, PlainBpython),
}

#: What a shell of ours is beside, too.
OTHERS: dict[str, tuple[type[Shell], ...]] = {
    "console": (Asyncio, Aioconsole, IPython),
    "ptpython": (PtpythonAsyncio,),
}

#: The package that a shell needs, by the name of its class; those that are not here need none.
_PACKAGES = {"ptpython": "ptpython", "xonsh": "xonsh", "bpython": "bpython", "aioconsole": "aioconsole", "ipython": "IPython"}


def is_here(cls: type[Shell]) -> bool:
    """Return whether a shell is installed; note it if not."""
    package = next((package for part, package in _PACKAGES.items() if part in cls.__name__.lower()), None)
    return package is None or is_installed(package)


def is_installed(package: str) -> bool:
    """Return whether a package is installed; note it if not."""
    if not (found := shells.is_installed(package)):
        ABSENT.add(package)
    return found


def pairs(effort: Effort) -> Iterator[tuple[str, type[Shell], type[Shell]]]:
    """Yield the shells that are to be measured: the name, ours, and the same without awaitall."""
    for name, (ours, plain) in PAIRS.items():
        if effort.has(name) and is_here(ours) and not (name == "edited" and sys.version_info < (3, 13)):
            yield name, ours, plain


def others(name: str) -> list[type[Shell]]:
    """Return the peers of a shell of ours that are installed."""
    return [cls for cls in OTHERS.get(name, ()) if is_here(cls)]


def started(shells: ExitStack, cls: type[Shell], *inputs: str) -> Shell:
    """Start a shell that is closed at the end, and run some inputs."""
    home = Path(shells.enter_context(TemporaryDirectory()))
    shell = shells.enter_context(closing(cls(home, ENVIRONMENT)))
    for source in inputs:
        shell.run(source)
    return shell


def processor_time(shell: Shell) -> float:
    """Return the seconds that all threads of a shell have run for.

    It is what /proc/PID/stat tells, but to the nanosecond: there, one step is 10 ms, and 0.1 % of 10 s is no more than that. The
    number of the clock is that of clock_getcpuclockid(3).
    """
    return time.clock_gettime(~shell.terminal.child.pid << 3 | 2)


def wait_for_cursor(shell: Shell, typed: str) -> None:
    """Wait until the cursor is behind the prompt and what is typed there; quicker than a look at all the screen."""
    terminal, screen, text = shell.terminal, shell.terminal.screen, shell.prompt + typed
    while screen.cursor.x != len(text) or "".join(screen.buffer[screen.cursor.y][x].data for x in range(len(text))) != text:
        terminal.feed(terminal.child.read_nonblocking(65536, timeout=TIMEOUT))
