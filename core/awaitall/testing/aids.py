"""What the tests of a shell type: a copy of this module is importable as ``aids`` in the shell under test.

A copy, as what stands in awaitall itself is no code of the user's to awaitall.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

__all__ = [
    "Leaves",
    "agen",
    "boom",
    "busy",
    "chained",
    "children",
    "cm",
    "counting",
    "f",
    "group",
    "hogged",
    "leaves",
    "marks_its_end",
    "opened",
    "own_runner",
    "pause",
    "raises",
    "refuses",
    "reply",
    "say",
    "slow",
    "spin",
    "stops",
    "ticking",
    "ticks",
    "waiting_for_a_thread",
]


def say(line: str) -> None:
    """Print a line in one piece, so that a Ctrl-C which follows what is seen does not come before the end of the line."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def f(value: Any = None) -> Any:
    """Suspend once and return the value."""
    await asyncio.sleep(0)
    return value


@asynccontextmanager
async def cm(value: Any = 5) -> AsyncIterator[Any]:
    await asyncio.sleep(0)
    yield value
    say("closed")


async def agen(count: int = 2) -> AsyncIterator[int]:
    for number in range(count):
        await asyncio.sleep(0)
        yield number


async def boom() -> None:
    await pause()
    raise ValueError("boom")


async def leaves() -> None:
    await pause()
    raise SystemExit(3)


async def counting(name: str, count: int = 1000, write: Callable[[str], object] = print) -> None:
    """Print a line again and again."""
    for number in range(count):
        await pause(0.02)
        write(f"{name} {number}")


def refuses() -> str:
    """Refuse to work where an event loop runs, as Django's ORM does."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return "works"
    raise ValueError("not here")


async def pause(seconds: float = 0.0) -> None:
    """Wait, on whichever library runs this."""
    if asyncio._get_running_loop() is not None:
        await asyncio.sleep(seconds)
        return
    library = "trio" if (trio := sys.modules.get("trio")) and trio.lowlevel.in_trio_task() else "curio"
    await sys.modules[library].sleep(seconds)


async def opened(gate: Any, value: object = None) -> object:
    """Wait for an event, and return the value."""
    say("waiting")
    await gate.wait()
    return value


async def slow(cleanup: float = 0.01) -> None:
    """Wait until cancelled; say what was seen of it."""
    try:
        say("waiting")
        await pause(1000)
    finally:
        say("cancelled")
        await pause(cleanup)
        say("cleaned up")


async def marks_its_end(path: str) -> None:
    """Wait until cancelled, and make a file then."""
    try:
        await pause(1000)
    finally:
        open(path, "x").close()


async def background(function: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Start a task that outlives the input, on whichever library runs this."""
    if asyncio._get_running_loop() is not None:
        _kept.append(asyncio.create_task(function()))
    elif (trio := sys.modules.get("trio")) and trio.lowlevel.in_trio_task():
        trio.lowlevel.spawn_system_task(function)
    else:
        await sys.modules["curio"].spawn(function, daemon=True)


_kept: list[asyncio.Task[None]] = []


async def ticks() -> bool:
    """See a task in the background go on: one is started the first time; wait until it has ticked twice more."""
    if not _ticks:
        await background(_tick)
    target = len(_ticks) + 2
    while len(_ticks) < target:
        await pause(0.001)
    return True


async def _tick() -> None:
    while True:
        _ticks.append(None)
        await pause(0.001)


_ticks: list[None] = []


async def hogged() -> None:
    """Wait, while a task in the background keeps the thread busy until a Ctrl-C is on its way."""
    from awaitall import current_session

    session = current_session()

    async def hog() -> None:
        say("hogging")
        while not session.interrupted:
            pass
        say("let go")
        await pause()
        say("lives on")

    await background(hog)
    await pause(1000)


async def children() -> None:
    """Wait for two tasks in a group, of whatever library runs this."""

    async def child() -> None:
        try:
            await pause(1000)
        finally:
            say("child ended")

    if asyncio._get_running_loop() is not None:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(2):
                tasks.create_task(child())
            await pause(0.001)
            say("waiting")
    elif (trio := sys.modules.get("trio")) and trio.lowlevel.in_trio_task():
        async with trio.open_nursery() as nursery:
            for _ in range(2):
                nursery.start_soon(child)
            await pause(0.001)
            say("waiting")
    else:
        async with sys.modules["curio"].TaskGroup() as tasks:
            for _ in range(2):
                await tasks.spawn(child)
            await pause(0.001)
            say("waiting")


async def waiting_for_a_thread(gate: threading.Event) -> None:
    """Wait for a thread that waits for an event."""

    started = threading.Event()

    def thread() -> None:
        started.set()
        gate.wait()

    async def tell() -> None:
        while not started.is_set():
            await pause(0.001)
        say("waiting for the thread")

    await background(tell)
    if asyncio._get_running_loop() is not None:
        await asyncio.to_thread(thread)
    elif (trio := sys.modules.get("trio")) and trio.lowlevel.in_trio_task():
        await trio.to_thread.run_sync(thread)
    else:
        await sys.modules["curio"].run_in_thread(thread)


class Leaves(BaseException):
    """What no ``except Exception`` catches."""


def raises(exc: BaseException) -> NoReturn:
    raise exc


def chained(suppressed: bool = False) -> None:
    """Raise an error that has a cause, which came while another one was handled."""
    try:
        try:
            dict[str, int]()["first"]
        except KeyError:
            raise ValueError("second")  # noqa: B904
    except ValueError as exc:
        raise TypeError("third") from (None if suppressed else exc)


async def stops() -> None:
    """Raise what no coroutine can (PEP 479)."""
    raise StopIteration("too far")


def spin() -> None:
    """As ``busy``, without await."""
    say("spinning")
    while True:
        pass


def own_runner(coro: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine as IPython's ``loop_runner`` does."""
    say("running asynchronous code")
    return asyncio.run(coro)


async def group() -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(boom(), name="first")
        tasks.create_task(boom(), name="second")


def ticking() -> asyncio.Event:
    """Start a task that sets an event a little later; give the event."""
    done = asyncio.Event()

    async def tick() -> None:
        await asyncio.sleep(0.2)
        done.set()

    _kept.append(asyncio.create_task(tick()))
    return done


async def busy(begun: str | None = None) -> None:
    """Never await, never end; create the file ``begun`` first, as what is printed may wait for the prompt."""
    say("spinning")
    if begun is not None:
        open(begun, "x").close()
    while True:
        pass


class Reply:
    """What :func:`reply` gives."""

    status: int


async def reply() -> Reply:
    """Return an object of a class that is annotated, for the completion of its attributes."""
    return Reply()
