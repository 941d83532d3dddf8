"""What inputs and tasks leave in memory, and how long it takes to leave with many tasks, beside ``python -m asyncio``.

Memory is that of a process of its own (its resident set), before and after; each input is another one.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pexpect

from awaitall.testing import Shell
from awaitall.testing.terminal import TIMEOUT
from benchmarks.measuring import Effort, Figure, interleave
from benchmarks.peers import Asyncio, pairs, started

INPUTS, TASKS, LEFT = 100_000, 100_000, 10_000

TURNS = 3

#: Prints by how many bytes the process grows while ``run`` is given inputs, the first of which are to warm up.
GROWTH = """
import os
def memory():
    with open('/proc/self/statm') as file:
        return int(file.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')
{prelude}
run('import asyncio')
run('async def nop(): pass')
for number in range(2000): run(f'x = await nop() or {{number}}')
before = memory()
{work}
print(memory() - before, flush=True)
os._exit(0)  # tasks of a bare loop would complain
"""

OURS = "from awaitall import Session\nsession = Session(runner='asyncio')\nrun = session.run"

BARE = """
import asyncio
from benchmarks.inputs import Bare
run = Bare(asyncio.new_event_loop().run_until_complete).run
"""

MANY_INPUTS = "for number in range({count}): run(f'x = await nop() or {{number}} + 5000')"
MANY_TASKS = (
    "run('tasks = [asyncio.create_task(asyncio.Event().wait()) for _ in range(await nop() or {count})]; await asyncio.sleep(0)')"
)


def growth(prelude: str, work: str, count: int) -> float:
    """Return by how many bytes a process grows for each of what it does."""
    source = GROWTH.format(prelude=prelude, work=work.format(count=count))
    done = subprocess.run(
        [sys.executable, "-c", source], stdout=subprocess.PIPE, text=True, check=True, cwd=Path(__file__).parents[1]
    )
    return int(done.stdout) / count


def memory(effort: Effort) -> Iterator[Figure]:
    if not Path("/proc/self/statm").exists():
        return
    for name, work, full in (("awaited input", MANY_INPUTS, INPUTS), ("task", MANY_TASKS, TASKS)):
        count = effort.count(full, 500)
        ours, theirs = interleave(
            effort.count(TURNS),
            *(lambda prelude=prelude, work=work, count=count: growth(prelude, work, count) for prelude in (OURS, BARE)),
            warm_up=0,
        )
        yield Figure(f"memory of each {name}, of {count:,}", "bare loop", "B", ours, theirs)


def leave(cls: type[Shell], count: int) -> float:
    """Leave a shell with tasks; return the seconds until it has ended."""
    with ExitStack() as shells:
        shell = started(shells, cls, "import asyncio", "await asyncio.sleep(0)")
        shell.run(f"tasks = [asyncio.create_task(asyncio.Event().wait()) for _ in range({count})]")
        began = time.perf_counter()
        shell.terminal.key("d")
        written, asked = b"", False
        with suppress(pexpect.EOF):
            while True:  # not shown: an emulated screen is slower than what tells of 10,000 tasks
                written = written[-200:] + shell.terminal.child.read_nonblocking(65536, timeout=TIMEOUT)
                if not asked and re.search(rb"(?s:force quit.*)" + re.escape(shell.prompt.strip().encode()), written):
                    asked = True  # xonsh wants it twice
                    shell.terminal.key("d")
        return time.perf_counter() - began


def leaving(effort: Effort) -> Iterator[Figure]:
    count = effort.count(LEFT, 10)
    for name, ours, _ in pairs(effort):
        mine, theirs = interleave(effort.count(TURNS), *(lambda cls=cls: leave(cls, count) for cls in (ours, Asyncio)), warm_up=0)
        yield Figure(f"leave {name} with {count:,} tasks", Asyncio.title, "s", mine, theirs)
