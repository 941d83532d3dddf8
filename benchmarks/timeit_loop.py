"""What the loop of ``%timeit`` adds, beside the same loop written by hand, and beside IPython's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

from awaitall import Session
from benchmarks.measuring import Effort, Figure, interleave
from benchmarks.peers import is_installed

LOOPS = 400_000

#: How often each of the two takes its turn.
TURNS = 9

AIDS = """
import time
from itertools import repeat

async def noop():
    pass

async def awaits(loops):
    began = time.perf_counter()
    for _ in repeat(None, loops):
        await noop()
    return (time.perf_counter() - began) / loops

def passes(loops):
    began = time.perf_counter()
    for _ in repeat(None, loops):
        pass
    return (time.perf_counter() - began) / loops
"""


def timed(session: Session, loops: int, source: str) -> float:
    return session.evaluate(f"%timeit -q -o -n {loops} -r 1 {source}").unwrap().average


def measure(effort: Effort) -> Iterator[Figure]:
    loops, turns = effort.count(LOOPS, 100), effort.count(TURNS, 2)
    with ExitStack() as sessions:
        for runner in ("asyncio", "uvloop", "trio", "curio", "sync"):
            if runner in ("asyncio", "sync") or is_installed(runner):
                session = sessions.enter_context(Session(runner=runner))
                session.run(AIDS)
                ours, theirs = interleave(
                    turns,
                    lambda session=session: timed(session, loops, "await noop()"),
                    lambda session=session: session.run(f"await awaits({loops})"),
                )
                yield Figure(f"%timeit await noop(), {runner}", "the loop in an async def", "s", ours, theirs)
        ours, theirs = interleave(turns, lambda: timed(session, loops, "pass"), lambda: session.run(f"passes({loops})"))
        yield Figure("%timeit pass", "the loop in a def", "s", ours, theirs)
        if is_installed("IPython"):
            yield from beside_ipython(session, loops, turns)


def beside_ipython(session: Session, loops: int, turns: int) -> Iterator[Figure]:
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shell.user_ns["x"] = session.namespace["x"] = 5
    for source in ("pass", "x + 1", "sum(range(100))"):
        ours, theirs = interleave(
            turns,
            lambda source=source: timed(session, loops, source),
            lambda source=source: shell.run_line_magic("timeit", f"-q -o -n {loops} -r 1 {source}").average,
        )
        yield Figure(f"%timeit {source}", "IPython's %timeit", "s", ours, theirs)
