"""What commands that are awaited cost in xonsh, beside asyncio's own processes.

Each line is the same work by ``asyncio.create_subprocess_exec`` and by a command that is awaited, each in a process of its own
and on asyncio; they take turns. The ratios are to be under 1.5, and the memory of loops is not to grow with what they are
given. asyncio is given a limit of 1 GiB where lines are long, as it refuses them else.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.measuring import Effort, Figure, interleave
from benchmarks.peers import is_installed

TURNS = 5


class Work(NamedTuple):
    """The same work twice, as the body of a coroutine function and as an input of xonsh's."""

    name: str
    asyncio: str
    xonsh: str


LOOP = (
    "p = await asyncio.create_subprocess_exec({}, stdout=PIPE, limit=2**30)\n"
    "async for line in p.stdout: count += len(line)\nawait p.wait()"
)

MANY = (
    "gate = asyncio.Semaphore(200)\n"
    "async def one():\n"
    "    async with gate:\n"
    "        p = await asyncio.create_subprocess_exec('true', stdout=PIPE)\n"
    "        await p.communicate()\n"
    "await asyncio.gather(*[one() for _ in range({})])"
)

YES = 'yes $(head -c 99 /dev/zero | tr "\\\\0" x) | head -c {}'


def works(effort: Effort) -> list[Work]:
    lines, size, many, few = effort.count(990_000), effort.count(100_000_000), effort.count(2000), effort.count(200)
    written, yes = effort.count(20_000_000), YES.format(size)
    return [
        Work(f"{lines:,} lines", LOOP.format(f"'seq', '{lines}'"), f"async for line in !(seq {lines}): count += len(line)"),
        Work(
            f"{size:,} bytes in lines of 100",
            LOOP.format(f"'sh', '-c', '{yes}'"),
            f"async for line in !(sh -c '{yes}'): count += len(line)",
        ),
        Work(
            f"{2 * size:,} bytes without a newline",
            LOOP.format(f"'head', '-c', '{2 * size}', '/dev/zero'"),
            f"async for line in !(head -c {2 * size} /dev/zero): count += len(line)",
        ),
        Work(
            f"{size:,} bytes at once",
            f"p = await asyncio.create_subprocess_exec('head', '-c', '{size}', '/dev/zero', stdout=PIPE)\n"
            "count += len((await p.communicate())[0].decode())",
            f"count += len(await $(head -c {size} /dev/zero))",
        ),
        Work(
            f"{written:,} bytes written and read",
            "p = await asyncio.create_subprocess_exec('cat', stdin=PIPE, stdout=PIPE)\n"
            f"count += len((await p.communicate(b'x' * {written}))[0].decode())",
            f"count += len(await $(cat)(input=b'x' * {written}))",
        ),
        Work(
            f"{many:,} commands, 200 at a time",
            MANY.format(many),
            f"async def one(_): return await $(true)\nawait parallel(one, range({many}), jobs=200)",
        ),
        Work(
            f"{few:,} commands one after the other",
            f"for _ in range({few}):\n"
            "    p = await asyncio.create_subprocess_exec('true', stdout=PIPE)\n    await p.communicate()",
            f"for _ in range({few}): await $(true)",
        ),
    ]


#: Prints the seconds that a body takes, and the most memory that the process has had before and after it, in MiB.
MEASURE = """
import resource, time
def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before, began = memory(), time.perf_counter()
{body}
print(time.perf_counter() - began, memory() - before)
"""

ASYNCIO = """
import asyncio
from asyncio.subprocess import PIPE
async def work():
    count = 0
{body}
asyncio.run(asyncio.sleep(0))
"""

#: A coroutine function, as what is typed is one, too.
XONSH = """
import asyncio
from awaitall_xonsh import parallel
await $(true)
async def work():
    count = 0
{body}
"""


def run(argv: list[str], prelude: str, body: str, call: str) -> tuple[float, float]:
    """Run some work in a process of its own; give the seconds that it takes, and by how many MiB its memory grows."""
    indented = "".join(f"    {line}\n" for line in body.splitlines())
    source = prelude.format(body=indented) + MEASURE.format(body=call)
    with TemporaryDirectory() as home:
        env = {**os.environ, "HOME": home, "XDG_DATA_HOME": home, "XDG_CONFIG_HOME": home}
        script = Path(home) / "work.xsh"
        script.write_text(source, encoding="utf-8")
        done = subprocess.run([*argv, str(script)], env=env, stdout=subprocess.PIPE, text=True, check=True)
    seconds, grown = done.stdout.split()
    return float(seconds), float(grown)


def measure(effort: Effort) -> Iterator[Figure]:
    if not is_installed("xonsh") or not is_installed("anyio"):
        return
    for work in works(effort):
        theirs, ours = interleave(
            effort.count(TURNS),
            lambda work=work: run([sys.executable], ASYNCIO, work.asyncio, "asyncio.run(work())"),
            lambda work=work: run([sys.executable, "-m", "xonsh"], XONSH, work.xonsh, "await work()"),
            warm_up=0,
        )
        for what, unit, number, goal in (("", "s", 0, 1.5), (", memory", "MiB", 1, None)):
            columns = ([one[number] for one in both] for both in (ours, theirs))
            yield Figure(f"{work.name}{what}", "create_subprocess_exec", unit, *columns, goal)
