"""What an open loop costs at the prompt, beside the plain shell, on real terminals.

* ``idle``: processor time and wake-ups at the idle prompt, of the plain shell and of ours with 0, 1 and 10,000 tasks that wait
  for an event; all four at the same time.
* ``ticks``: how often a task that sleeps for 10 ms at a time wakes up at the prompt, idle and while one types, beside the same
  task under ``asyncio.run`` in a process of its own at the same time.
* ``keys``: the time from a key until the terminal gets its echo, with and without that task; the plain shell and ours take
  turns, a line each. Keys come 30 ms apart and 150 ms apart: for 100 ms after a key readline does not call the hook that lets
  the tasks run (Modules/readline.c), so the two find it at different work.
* ``enter``: the time from Enter until the next prompt.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

from awaitall.testing import Shell
from awaitall.testing.terminal import TIMEOUT
from benchmarks.measuring import Effort, Figure, interleave
from benchmarks.peers import ENVIRONMENT, pairs, processor_time, started, wait_for_cursor

#: Seconds at the idle prompt, and of ticks, which are counted in turns.
SECONDS, TICKING, TURNS = 10, 3, 5

#: Seconds for a shell to be back at its prompt after an input, at most for what it does at its first one.
SETTLE, SETTLE_AT_FIRST = 1, 20

#: Each letter is new to its line, and in no escape sequence that the shells send; together they begin no name.
KEYS = "zyxwvkjbgp"

#: Seconds between two keys.
GAPS = (0.03, 0.15)

#: Lines of keys for each shell and each gap, and lines that are run.
LINES, RUNS = 8, 60

WAITING = "tasks = [asyncio.create_task(asyncio.Event().wait()) for _ in range({})]"
OPEN_LOOP = "import asyncio; await asyncio.sleep(0)"


def wake_ups(shell: Shell) -> int:
    """Return how often the threads of a shell have gone to sleep: each time they had to be woken before."""
    count = 0
    for status in Path(f"/proc/{shell.terminal.child.pid}/task").glob("*/status"):
        with suppress(OSError):  # a thread that has ended
            count += int(re.search(r"(?m)^voluntary_ctxt_switches:\s*(\d+)", status.read_text())[1])
    return count


def used(running: list[Shell], seconds: float) -> list[tuple[float, float]]:
    """Wait at the prompts; give what each of the shells takes in percent of one core, and its wake-ups a second."""
    began = time.monotonic()
    before = [(processor_time(shell), wake_ups(shell)) for shell in running]
    time.sleep(seconds)
    taken = time.monotonic() - began
    return [
        (100 * (processor_time(shell) - start) / taken, (wake_ups(shell) - woken) / taken)
        for shell, (start, woken) in zip(running, before, strict=True)
    ]


def idle(effort: Effort) -> Iterator[Figure]:
    for name, ours, plain in pairs(effort):
        with ExitStack() as shells:
            counts = (0, 1, effort.count(10_000))
            running = [started(shells, plain, "import asyncio")]
            running += [started(shells, ours, OPEN_LOOP, WAITING.format(count)) for count in counts]
            end = time.monotonic() + effort.seconds(SETTLE_AT_FIRST)
            while max(percent for percent, _ in used(running, effort.seconds(SETTLE))) > 1 and time.monotonic() < end:
                pass
            (plain_percent, plain_woken), *found = used(running, effort.seconds(SECONDS))
        for count, (percent, woken) in zip(counts, found, strict=True):
            yield Figure(f"idle {name}, {count:,} tasks, processor", plain.title, "%", [percent], [plain_percent])
            yield Figure(f"idle {name}, {count:,} tasks, wake-ups", plain.title, "/s", [woken], [plain_woken])


def ticks(effort: Effort) -> Iterator[Figure]:
    for name, ours, _ in pairs(effort):
        with ExitStack() as shells:
            shell = started(shells, ours, OPEN_LOOP + "; import ticking")
            for what, gap in (("idle", None), ("typing, a key each 150 ms", 0.15)):
                turns = [ticked(shell, effort.seconds(TICKING), gap) for _ in range(effort.count(TURNS))]
                mine, theirs = ([one[number] for one in turns] for number in (0, 1))
                yield Figure(f"ticks of {name}, {what}", "asyncio.run", "", mine, theirs, 0.95, at_least=True)


def ticked(shell: Shell, seconds: float, gap: float | None) -> tuple[float, float]:
    """Count the ticks at the prompt, where keys come meanwhile or not, and those under ``asyncio.run``."""
    typing = 0.0 if gap is None else SETTLE
    alone = [sys.executable, "-c", f"import asyncio, ticking; asyncio.run(ticking.tick({seconds}, {SETTLE}))"]
    seen = len(re.findall(r"\d+ ticks", shell.terminal.text()))
    with subprocess.Popen(alone, stdout=subprocess.PIPE, text=True, env={**os.environ, **ENVIRONMENT}) as process:
        shell.run(f"ticker = asyncio.create_task(ticking.tick({seconds}, {SETTLE}))")
        end = time.monotonic() + seconds + typing
        while gap is not None and time.monotonic() < end:
            line_of_keys(shell, gap)
        text = shell.terminal.wait_for(lambda text: len(re.findall(r"\d+ ticks", text)) > seen, SETTLE + seconds + TIMEOUT)
        theirs = process.stdout.read()
    shell.wait_until_asked()
    return float(re.findall(r"(\d+) ticks", text)[-1]), float(re.search(r"(\d+) ticks", theirs)[1])


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


def line_of_keys(shell: Shell, gap: float) -> float:
    """Type a line, and take it away; give the median seconds of a key."""
    times = []
    for key in KEYS:
        times.append(echo(shell, key))
        time.sleep(gap)
    shell.terminal.key("u")
    time.sleep(gap)
    return statistics.median(times)


def keys(effort: Effort) -> Iterator[Figure]:
    for name, ours, plain in pairs(effort):
        with ExitStack() as shells:
            other = started(shells, plain, "import asyncio")
            quiet = started(shells, ours, OPEN_LOOP)
            busy = started(shells, ours, OPEN_LOOP + "; import ticking")
            busy.run("ticker = asyncio.create_task(ticking.tick(float('inf')))")
            for gap in GAPS:
                theirs, without, with_task = interleave(
                    effort.count(LINES),
                    *(lambda shell=shell, gap=gap: line_of_keys(shell, gap) for shell in (other, quiet, busy)),
                )
                for what, mine in (("no task", without), ("a task", with_task)):
                    yield Figure(f"echo in {name}, {gap * 1000:.0f} ms, {what}", plain.title, "s", mine, theirs, 1.2)


def line(shell: Shell, source: str) -> tuple[float, float]:
    """Type a line; give the seconds from Enter to the prompt by the clock, and those of the processor for all of the line."""
    before = processor_time(shell)
    shell.terminal.type(source)
    wait_for_cursor(shell, source)
    began = time.perf_counter()
    shell.terminal.type("\r")
    wait_for_cursor(shell, "")
    taken = time.perf_counter() - began
    time.sleep(0.02)
    shell.terminal.read_what_is_there()
    return taken, processor_time(shell) - before


def enter(effort: Effort) -> Iterator[Figure]:
    for name, ours, plain in pairs(effort):
        with ExitStack() as shells:
            running = [started(shells, ours, "w = 0"), started(shells, plain, "w = 0")]
            mine, theirs = interleave(effort.count(RUNS), *(lambda shell=shell: line(shell, "x = 1") for shell in running))
        for what, number in (("clock", 0), ("processor", 1)):
            columns = ([one[number] for one in both] for both in (mine, theirs))
            yield Figure(f"Enter to prompt in {name}, {what}", plain.title, "s", *columns, 1.05)
