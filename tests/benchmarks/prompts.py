"""What an open loop costs at the prompt, beside the plain shell, in one run: ``python tests/benchmarks/prompts.py [shell ...]``.

Each line is a shell on real terminals, with awaitall and without (the console's peer is ``python`` with readline):

* The processor time that the idle prompt takes, in percent of one core: of the plain shell, and of ours with an open asyncio loop
  and 0, 1 and 10,000 tasks that wait for an event; all four at the same time. To be under 0.1 %.
* How often a background task that sleeps for 10 ms at a time wakes up at the idle prompt, in percent of what it does under
  ``asyncio.run`` in a process of its own at the same time. To be over 95 %.
* The median time from a key until the terminal gets its echo, of the plain shell and of ours with that task in the background;
  the two take turns, a line each. The ratio is to be under 1.2. Keys come 30 ms apart and 150 ms apart: for 100 ms after a key
  readline does not call the hook that lets the tasks run (Modules/readline.c), so the two find it at different work.
"""

from __future__ import annotations

import asyncio
import os
import re
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1]))

from awaitall.testing.terminal import TIMEOUT

from shells import Bpython, Console, Ptpython, Shell, Xonsh, XonshReadline

#: Where the shells find this module, whose ticker they run.
ENVIRONMENT = {"PYTHONPATH": str(Path(__file__).parent)}

#: Seconds at the idle prompt.
SECONDS = 10

#: Seconds for a shell to be back at its prompt after an input.
SETTLE = 1

#: Seconds for it to be done with what it does at its first prompt; bpython looks for all modules that there are.
SETTLE_AT_FIRST = 20

#: Each letter is new to its line, and in no escape sequence that the shells send; together they begin no name.
KEYS = "zyxwvkjbgp"

#: Seconds between two keys.
GAPS = (0.03, 0.15)

#: Lines of keys for each of two shells and each gap; one more is to warm up.
TURNS = 6

HEADS = ["idle, plain", "no task", "1 task", "10,000 tasks", "ticks"]
for gap in GAPS:
    HEADS += [f"{gap * 1000:.0f} ms, plain", "ours", "ratio"]


class PlainConsole(Console):
    def argv(self, *options):
        return [sys.executable, "-q", *options]

    def environment(self):
        return {**super().environment(), "PYTHON_BASIC_REPL": "1"}  # readline's, also since 3.13


class PlainPtpython(Ptpython):
    config = "def awaitall(repl):\n    pass\n"


class PlainXonsh(Xonsh):
    def environment(self):
        return {**super().environment(), "XONTRIBS_AUTOLOAD_DISABLED": "1"}


class PlainXonshReadline(PlainXonsh):
    kind = "readline"


class PlainBpython(Bpython):
    module = "bpython"


PAIRS = {
    ours.__name__: (ours, plain)
    for ours, plain in (
        (Console, PlainConsole),
        (Ptpython, PlainPtpython),
        (Xonsh, PlainXonsh),
        (XonshReadline, PlainXonshReadline),
        (Bpython, PlainBpython),
    )
}


async def tick(seconds):
    """Tick every 10 ms, and tell how often that was; the shells import this."""
    await asyncio.sleep(SETTLE)
    count = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        await asyncio.sleep(0.01)
        count += 1
    print(count, "ticks")


def processor_time(shell: Shell) -> float:
    """Return the seconds that all threads of a shell have run for.

    It is what /proc/PID/stat tells, but to the nanosecond: there, one step is 10 ms, and 0.1 % of 10 s is no more than that. The
    number of the clock is that of clock_getcpuclockid(3).
    """
    return time.clock_gettime(~shell.terminal.child.pid << 3 | 2)


def used(running: list[Shell], seconds: float) -> list[float]:
    """Wait at the prompts; give what each of the shells takes meanwhile, in percent of one core."""
    began = time.monotonic()
    before = [processor_time(shell) for shell in running]
    time.sleep(seconds)
    taken = time.monotonic() - began
    return [100 * (processor_time(shell) - start) / taken for shell, start in zip(running, before, strict=True)]


def idle(running: list[Shell]) -> list[float]:
    """Return what each of the shells takes when it has settled, in percent of one core."""
    end = time.monotonic() + SETTLE_AT_FIRST
    while max(used(running, SETTLE)) > 1 and time.monotonic() < end:
        pass
    return used(running, SECONDS)


def ticks(shell: Shell) -> float:
    """Return the ticks at the prompt in percent of those under ``asyncio.run``."""
    alone = [sys.executable, "-c", f"import asyncio, prompts; asyncio.run(prompts.tick({SECONDS}))"]
    with subprocess.Popen(alone, stdout=subprocess.PIPE, text=True, env={**os.environ, **ENVIRONMENT}) as process:
        shell.run(f"ticker = asyncio.create_task(prompts.tick({SECONDS}))")
        ours = shell.terminal.wait_for(r"\d+ ticks", SETTLE + SECONDS + TIMEOUT)
        theirs = process.stdout.read()
    return 100 * counted(ours) / counted(theirs)


def counted(text: str) -> int:
    return int(re.search(r"(\d+) ticks", text)[1])


def echo(shell: Shell, key: str) -> float:
    """Press a key, and give the seconds until its echo is there."""
    terminal = shell.terminal
    terminal.read_what_is_there()
    data = b""
    began = time.perf_counter()
    os.write(terminal.child.child_fd, key.encode())
    while key.encode() not in data:
        data += terminal.child.read_nonblocking(65536, timeout=TIMEOUT)
    taken = time.perf_counter() - began
    terminal.feed(data)
    return taken


def line_of_keys(shell: Shell, gap: float) -> list[float]:
    """Type a line, and take it away; give the seconds of each key."""
    times = []
    for key in KEYS:
        times.append(echo(shell, key))
        time.sleep(gap)
    shell.terminal.key("u")
    time.sleep(gap)
    return times


def echoes(running: list[Shell], gap: float) -> list[float]:
    """Return the median seconds of an echo in each of the shells."""
    times = [[] for _ in running]
    for turn in range(TURNS + 1):
        for shell, taken in zip(running, times, strict=True):
            line = line_of_keys(shell, gap)
            if turn:
                taken += line
    return [statistics.median(taken) for taken in times]


def started(shells: ExitStack, cls: type[Shell], *inputs: str) -> Shell:
    """Start a shell that is closed at the end, and run some inputs."""
    home = Path(shells.enter_context(TemporaryDirectory()))
    shell = shells.enter_context(closing(cls(home, ENVIRONMENT)))
    for source in inputs:
        shell.run(source)
    return shell


def measured(ours: type[Shell], plain: type[Shell]) -> list[str]:
    """Return what is to stand below the heads."""
    wait = "tasks = [asyncio.create_task(asyncio.Event().wait()) for _ in range({})]"
    with ExitStack() as shells:
        other = started(shells, plain, "import asyncio")
        mine, *waiting = (
            started(shells, ours, "import asyncio; await asyncio.sleep(0)", wait.format(count)) for count in (0, 1, 10_000)
        )
        cells = [f"{percent:.3f} %" for percent in idle([other, mine, *waiting])]
        for shell in waiting:
            shell.close()
        mine.run("import prompts")
        cells.append(f"{ticks(mine):.1f} %")
        mine.run("ticker = asyncio.create_task(prompts.tick(float('inf')))")
        for gap in GAPS:
            theirs, taken = echoes([other, mine], gap)
            cells += [f"{theirs * 1e3:.2f} ms", f"{taken * 1e3:.2f} ms", f"{taken / theirs:.2f}"]
    return cells


def show(name: str, cells: list[str]) -> None:
    print(f"{name:13}" + "".join(f"{cell:>{max(9, len(head) + 2)}}" for head, cell in zip(HEADS, cells, strict=True)), flush=True)


def main(names: list[str]) -> None:
    print(f"Python {sys.version.split()[0]}, {SECONDS} s of idleness, {SECONDS} s of ticks, {TURNS * len(KEYS)} keys")
    show("", HEADS)
    for name in names:
        show(name, measured(*PAIRS[name]))


if __name__ == "__main__":
    main(sys.argv[1:] or list(PAIRS))
