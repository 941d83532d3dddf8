"""What commands that are awaited cost in xonsh, beside asyncio's own processes, in one run.

``python tests/benchmarks/xonsh_commands.py [rounds]``. Each line is the same work by ``asyncio.create_subprocess_exec`` and by a
command that is awaited, each in a process of its own and on asyncio; they take turns. It shows the medians, the ratio of the
medians and that of the minima, which other work on the machine disturbs least, and by how much the memory of each has grown.
The ratios are to be under 1.5, and the memory of loops is not to grow with what they are given. asyncio is given a limit of 1 GiB
where lines are long, as it refuses them else.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

ROUNDS = 5


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
    "await asyncio.gather(*[one() for _ in range(2000)])"
)

WORKS = [
    Work("990,000 lines", LOOP.format("'seq', '990000'"), "async for line in !(seq 990000): count += len(line)"),
    Work(
        "100 MB in lines of 100",
        LOOP.format("'sh', '-c', 'yes $(head -c 99 /dev/zero | tr \"\\\\0\" x) | head -c 100000000'"),
        "async for line in !(sh -c 'yes $(head -c 99 /dev/zero | tr \"\\\\0\" x) | head -c 100000000'): count += len(line)",
    ),
    Work(
        "200 MB without a newline",
        LOOP.format("'head', '-c', '200000000', '/dev/zero'"),
        "async for line in !(head -c 200000000 /dev/zero): count += len(line)",
    ),
    Work(
        "100 MB at once",
        "p = await asyncio.create_subprocess_exec('head', '-c', '100000000', '/dev/zero', stdout=PIPE)\n"
        "count += len((await p.communicate())[0].decode())",
        "count += len(await $(head -c 100000000 /dev/zero))",
    ),
    Work(
        "20 MB written and read",
        "p = await asyncio.create_subprocess_exec('cat', stdin=PIPE, stdout=PIPE)\n"
        "count += len((await p.communicate(b'x' * 20_000_000))[0].decode())",
        "count += len(await $(cat)(input=b'x' * 20_000_000))",
    ),
    Work(
        "2,000 commands, 200 at a time",
        MANY,
        "async def one(_): return await $(true)\nawait parallel(one, range(2000), jobs=200)",
    ),
    Work(
        "200 commands one after the other",
        "for _ in range(200):\n    p = await asyncio.create_subprocess_exec('true', stdout=PIPE)\n    await p.communicate()",
        "for _ in range(200): await $(true)",
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


def measure(argv: list[str], prelude: str, body: str, call: str) -> tuple[float, float]:
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


def main(rounds: int = ROUNDS) -> None:
    print(f"Python {sys.version.split()[0]}, {rounds} rounds, {time.strftime('%Y-%m-%d')}")
    print(f"{'asyncio':>9} {'awaitall':>9} {'ratio':>6} {'minima':>6} {'asyncio':>9} {'awaitall':>9}")
    for work in WORKS:
        theirs, ours = [], []
        for _ in range(rounds):
            theirs.append(measure([sys.executable], ASYNCIO, work.asyncio, "asyncio.run(work())"))
            ours.append(measure([sys.executable, "-m", "xonsh"], XONSH, work.xonsh, "await work()"))
        (them, their_memory), (us, our_memory) = (zip(*taken, strict=True) for taken in (theirs, ours))
        ratio, minima = statistics.median(us) / statistics.median(them), min(us) / min(them)
        print(
            f"{statistics.median(them):7.2f} s {statistics.median(us):7.2f} s {ratio:6.2f} {minima:6.2f} "
            f"{max(their_memory):5.0f} MiB {max(our_memory):5.0f} MiB  {work.name}",
            flush=True,
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
