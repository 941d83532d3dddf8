"""What an input costs on each runner, beside the least that can run it, and beside other shells that await.

The least compiles the input with the same split of what is displayed, and runs it on a loop that stays; trio has no such loop, so
there it is a fresh ``trio.run`` each time, as in IPython.
"""

from __future__ import annotations

import ast
import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from importlib import import_module

from awaitall import Session
from benchmarks.measuring import Effort, Figure, interleave, per_call
from benchmarks.peers import is_installed

#: What is run: name -> source, and the goal beside the bare loop.
INPUTS = {
    "x = 1": ("x = 1", 1.2),
    "await of a no-op": ("await nop()", None),
    "await that waits": ("await tick()", None),
    "several statements": ("y = 2\nz = [y * n for n in range(10)]\nif z:\n    await nop()\nsum(z)", None),
}

PRELUDE = "import {library} as library\nasync def nop(): pass\nasync def tick(): await library.sleep(0)"

#: How many turns there are, of 20 calls for each.
TURNS = 100


class Bare:
    """The least that can run an awaiting input: compile it with the same display split, and run it."""

    def __init__(self, run: Callable, library: str = "asyncio") -> None:
        self.namespace: dict = {}
        exec(PRELUDE.format(library=library), self.namespace)
        self.run_coroutine = run

    def run(self, source: str) -> object:
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        tree = compile(source, "<bare>", "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
        last = ast.Expression(tree.body.pop().value) if isinstance(tree.body[-1], ast.Expr) else None
        codes = [compile(tree, "<bare>", "exec", flags, dont_inherit=True)] if tree.body else []
        codes += [compile(last, "<bare>", "eval", flags, dont_inherit=True)] if last else []
        result = None
        for code in codes:
            result = eval(code, self.namespace)
            if code.co_flags & 0x80:
                result = self.run_coroutine(result)
        return result


def fresh(library: str) -> Callable:
    """Return how to run a coroutine by ``trio.run``, which wants a function."""
    run = import_module(library).run

    def run_coroutine(coroutine):
        async def main():
            return await coroutine

        return run(main)

    return run_coroutine


def loops(stack: ExitStack) -> Iterator[tuple[str, str, str, Bare]]:
    """Yield the runners that are here: runner, its library, what its loop is, and the least on it."""
    for runner in ("asyncio", "uvloop"):
        if runner == "asyncio" or is_installed(runner):
            loop = import_module(runner).new_event_loop()
            stack.callback(loop.close)
            yield runner, "asyncio", "bare loop", Bare(loop.run_until_complete)
    if is_installed("trio"):
        yield "trio", "trio", "a fresh trio.run", Bare(fresh("trio"), "trio")
    if is_installed("curio"):
        kernel = import_module("curio").Kernel()
        stack.callback(kernel.run, shutdown=True)
        yield "curio", "curio", "one Kernel", Bare(kernel.run, "curio")


def opened(stack: ExitStack, runner: str = "asyncio", library: str = "asyncio") -> Session:
    """Open a session that is closed at the end."""
    session = stack.enter_context(Session(runner=runner))
    for source in PRELUDE.format(library=library).splitlines():
        session.run(source)
    session.run("await nop()")
    return session


def ipython() -> Callable[[str], object]:
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    exec(PRELUDE.format(library="asyncio"), shell.user_ns)
    return shell.run_cell


def aioconsole(stack: ExitStack) -> Callable[[str], object]:
    from aioconsole import AsynchronousConsole

    loop = asyncio.new_event_loop()
    stack.callback(loop.close)

    class Quiet:
        def write(self, data): ...
        async def drain(self): ...

    console = AsynchronousConsole(streams=(), loop=loop)
    console.writer = Quiet()
    exec(PRELUDE.format(library="asyncio"), console.locals)
    return lambda source: loop.run_until_complete(console.runsource(source))


def python_asyncio(stack: ExitStack) -> Callable[[str], object]:
    """Return how ``python -m asyncio`` runs an input: its loop in one thread, and what is typed in another.

    Its class takes the names of the module where it is the program (Lib/asyncio/__main__.py, 3.11 to 3.13).
    """
    module = import_module("asyncio.__main__")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    stack.callback(loop.close)
    stack.callback(thread.join)
    stack.callback(loop.call_soon_threadsafe, loop.stop)
    namespace: dict = {}
    exec(PRELUDE.format(library="asyncio"), namespace)
    console = module.AsyncIOInteractiveConsole(namespace, loop)
    module.loop, module.console = loop, console
    return lambda source: console.runsource(source)


def shells(stack: ExitStack) -> Iterator[tuple[str, Callable[[str], object], int]]:
    """Yield other shells that are here: the name, how to run an input, and how many times fewer turns it gets."""
    with suppress(ImportError, AttributeError):
        yield "python -m asyncio", python_asyncio(stack), 1
    if is_installed("aioconsole"):
        yield "aioconsole", aioconsole(stack), 2
    if is_installed("IPython"):
        yield "IPython", ipython(), 4


def measure(effort: Effort) -> Iterator[Figure]:
    with ExitStack() as stack:
        for runner, library, loop, bare in loops(stack):
            session = opened(stack, runner, library)
            for name, (source, goal) in INPUTS.items():
                ours, theirs = interleave(
                    effort.count(TURNS if runner != "trio" else TURNS // 4),
                    per_call(lambda session=session, source=source: session.run(source)),
                    per_call(lambda bare=bare, source=source: bare.run(source)),
                )
                yield Figure(f"{name}, {runner}", loop, "s", ours, theirs, goal)
        session = opened(stack)
        yield from beside_shells(effort, stack, session)
        yield from crowded(effort, stack, session)


def beside_shells(effort: Effort, stack: ExitStack, session: Session) -> Iterator[Figure]:
    """Compare with what other shells do between a line and the next; those that print are given what shows nothing."""
    for peer, run, fewer in shells(stack):
        for name in ("x = 1", "await of a no-op", "await that waits"):
            source, _ = INPUTS[name]
            ours, theirs = interleave(
                effort.count(TURNS // fewer),
                per_call(lambda source=source: session.run(source)),
                per_call(lambda run=run, source=source: run(source)),
            )
            yield Figure(f"{name}, asyncio", peer, "s", ours, theirs, 1.0)


def crowded(effort: Effort, stack: ExitStack, session: Session) -> Iterator[Figure]:
    """Compare an await beside many tasks that wait with one beside none."""
    count = effort.count(100_000, 100)
    full = opened(stack)
    full.run(f"tasks = [library.create_task(library.Event().wait()) for _ in range(await nop() or {count})]")
    ours, theirs = interleave(
        effort.count(TURNS), per_call(lambda: full.run("await nop()")), per_call(lambda: session.run("await nop()"))
    )
    yield Figure(f"await beside {count:,} tasks", "beside none", "s", ours, theirs)
