"""What an input costs, beside its peers, in one run: ``python tests/benchmarks/inputs.py [rounds]``.

Each line compares two ways to run the same input, which take turns, and prints the ratio of their medians. Peers that
are not installed are left out.
"""

from __future__ import annotations

import ast
import asyncio
import statistics
import sys
import time
from contextlib import ExitStack
from importlib.util import find_spec

from awaitall import Session

ROUNDS = 2000

#: How many calls in a row: few enough that whatever else the machine does strikes both.
TURN = 20

LINES = """
def mean(values):
    return sum(values) / len(values)

numbers = [3, 1, 4, 1, 5, 9, 2, 6]
for number in numbers:
    if number > mean(numbers):
        best = max(numbers)
        break
best + 1
"""


def ratio(ours, theirs, rounds):
    """Time two functions, some calls of the one and then of the other; give the medians in seconds."""
    times = ([], [])
    for number in range(0, rounds + rounds // 10, TURN):
        for function, taken in zip((ours, theirs), times, strict=True):
            for _ in range(TURN):
                began = time.perf_counter()
                function()
                if number >= rounds // 10:  # the first ones warm up
                    taken.append(time.perf_counter() - began)
    return tuple(map(statistics.median, times))


def open_runner(sessions, runner="asyncio"):
    """Open a session that is closed at the end."""
    session = sessions.enter_context(Session(runner=runner))
    session.run("async def nop(): pass")
    return session


def bare(loop, namespace):
    """The least that can run an awaiting input: compile it with the same display split, and run it on one loop."""
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT

    def run(source):
        tree = compile(source, "<bare>", "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
        last = ast.Expression(tree.body.pop().value) if isinstance(tree.body[-1], ast.Expr) else None
        codes = [compile(tree, "<bare>", "exec", flags, dont_inherit=True)] if tree.body else []
        codes += [compile(last, "<bare>", "eval", flags, dont_inherit=True)] if last else []
        for code in codes:
            result = eval(code, namespace)
            if code.co_flags & 0x80:
                result = loop.run_until_complete(result)
        return result

    return run


def cases(sessions):
    async def nop():
        pass

    loop = asyncio.new_event_loop()
    run = bare(loop, {"nop": nop, "tick": lambda: asyncio.sleep(0)})
    ours = open_runner(sessions)
    yield "await, asyncio / compile + run_until_complete", lambda: ours.run("await nop()"), lambda: run("await nop()"), 1
    ours.run("import asyncio; tick = lambda: asyncio.sleep(0)")
    compiled = ours.compile("await nop()")
    yield "await, run only / run_until_complete", lambda: ours.run(compiled), lambda: loop.run_until_complete(nop()), 1
    fresh = Session()
    yield "sync, before any await / compile + eval", lambda: fresh.run("1 + 1"), lambda: run("1 + 1"), 1
    yield "sync, on asyncio / compile + eval", lambda: ours.run("1 + 1"), lambda: run("1 + 1"), 1
    yield "a short statement / compile + eval", lambda: ours.run("x = 1"), lambda: run("x = 1"), 1
    yield "ten lines / compile + eval", lambda: ours.run(LINES), lambda: run(LINES), 1
    yield "await that waits / run_until_complete", lambda: ours.run("await tick()"), lambda: run("await tick()"), 1
    if find_spec("IPython"):
        from IPython.core.interactiveshell import InteractiveShell

        shell = InteractiveShell.instance()
        shell.user_ns["nop"] = nop
        yield "await, asyncio / IPython run_cell", lambda: ours.run("await nop()"), lambda: shell.run_cell("await nop()"), 10
        yield "sync / IPython run_cell", lambda: ours.run("x = 1"), lambda: shell.run_cell("x = 1"), 10
    if find_spec("trio"):
        import trio

        on_trio = open_runner(sessions, "trio")
        yield "await, trio / a fresh trio.run", lambda: on_trio.run("await nop()"), lambda: trio.run(nop), 5
    if find_spec("uvloop"):
        import uvloop

        on_uvloop, uv = open_runner(sessions, "uvloop"), uvloop.new_event_loop()
        run_uv = bare(uv, {"nop": nop})
        yield (
            "await, uvloop / compile + run_until_complete",
            lambda: on_uvloop.run("await nop()"),
            lambda: run_uv("await nop()"),
            1,
        )
    if find_spec("curio"):
        import curio

        on_curio = open_runner(sessions, "curio")
        yield "await, curio / a fresh curio.run", lambda: on_curio.run("await nop()"), lambda: curio.run(nop), 5
    crowded = open_runner(sessions)
    crowded.run("import asyncio; tasks = [asyncio.create_task(asyncio.Event().wait()) for _ in range(await nop() or 100_000)]")
    yield "await beside 100,000 tasks / beside none", lambda: crowded.run("await nop()"), lambda: ours.run("await nop()"), 1


def main(rounds):
    print(f"Python {sys.version.split()[0]}, {rounds} rounds")
    print(f"{'ours':>10} {'theirs':>10}  ratio")
    with ExitStack() as sessions:
        for name, ours, theirs, fewer in cases(sessions):
            mine, other = ratio(ours, theirs, max(20, rounds // fewer))
            print(f"{mine * 1e6:7.1f} us {other * 1e6:7.1f} us {mine / other:6.2f}  {name}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
