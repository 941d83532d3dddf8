"""What the loop of ``%timeit`` costs, beside the same loop written by hand: ``python tests/benchmarks/timing.py [loops]``.

Each line compares two ways to time the same statement, which take turns, and prints their medians, and the median of the ratios
of each turn. IPython is left out if it is not installed.
"""

from __future__ import annotations

import statistics
import sys
from contextlib import ExitStack
from importlib.util import find_spec

from awaitall import Session

LOOPS = 400_000

#: How often each of the two takes its turn.
TURNS = 15

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


def medians(ours, theirs):
    """Run two functions in turns; return the medians of the seconds that they return, and of the ratio."""
    times = [(ours(), theirs()) for _ in range(TURNS)]
    return tuple(map(statistics.median, zip(*((mine, other, mine / other) for mine, other in times), strict=True)))


def cases(sessions, loops):
    for runner in ("asyncio", "uvloop", "trio", "curio", "sync"):
        if runner == "sync" or find_spec(runner):
            session = sessions.enter_context(Session(runner=runner))
            session.run(AIDS)
            yield (
                f"%timeit await noop(), {runner} / the loop in an async def",
                lambda session=session: timed(session, loops, "await noop()"),
                lambda session=session: session.run(f"await awaits({loops})"),
            )
    yield "%timeit pass / the loop in a def", lambda: timed(session, loops, "pass"), lambda: session.run(f"passes({loops})")
    if find_spec("IPython"):
        from IPython.core.interactiveshell import InteractiveShell

        shell = InteractiveShell.instance()
        shell.user_ns["x"] = session.namespace["x"] = 5
        for source in ("pass", "x + 1", "sum(range(100))"):
            yield (
                f"%timeit {source} / IPython's",
                lambda source=source: timed(session, loops, source),
                lambda source=source: shell.run_line_magic("timeit", f"-q -o -n {loops} -r 1 {source}").average,
            )


def timed(session, loops, source):
    return session.evaluate(f"%timeit -q -o -n {loops} -r 1 {source}").unwrap().average


def main(loops):
    print(f"Python {sys.version.split()[0]}, {loops} loops")
    print(f"{'ours':>10} {'theirs':>10}  ratio")
    with ExitStack() as sessions:
        for name, ours, theirs in cases(sessions, loops):
            mine, other, ratio = medians(ours, theirs)
            print(f"{mine * 1e9:7.1f} ns {other * 1e9:7.1f} ns {ratio:6.2f}  {name}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else LOOPS)
