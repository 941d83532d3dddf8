"""What the tests type: importable in every shell under test."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from contextlib import asynccontextmanager

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
    "own_runner",
    "pause",
    "raises",
    "refuses",
    "slow",
    "spin",
    "stops",
    "ticking",
    "ticks",
    "waiting_for_a_thread",
]


async def f(value=None):
    """Suspend once and return the value."""
    await asyncio.sleep(0)
    return value


@asynccontextmanager
async def cm(value=5):
    await asyncio.sleep(0)
    yield value
    print("closed")


async def agen(count=2):
    for number in range(count):
        await asyncio.sleep(0)
        yield number


async def boom():
    await pause()
    raise ValueError("boom")


async def leaves():
    await pause()
    raise SystemExit(3)


async def counting(name, count=1000, write=print):
    """Print a line again and again."""
    for number in range(count):
        await pause(0.02)
        write(f"{name} {number}")


def refuses():
    """Refuse to work where an event loop runs, as Django's ORM does."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return "works"
    raise ValueError("not here")


async def pause(seconds=0.0):
    """Wait, on whichever library runs this."""
    if asyncio._get_running_loop() is not None:
        await asyncio.sleep(seconds)
        return
    library = "trio" if (trio := sys.modules.get("trio")) and trio.lowlevel.in_trio_task() else "curio"
    await sys.modules[library].sleep(seconds)


async def slow(cleanup=0.01):
    """Wait until cancelled; say what was seen of it."""
    try:
        print("waiting")
        await pause(1000)
    finally:
        print("cancelled")
        await pause(cleanup)
        print("cleaned up")


async def background(function):
    """Start a task that outlives the input, on whichever library runs this."""
    if asyncio._get_running_loop() is not None:
        _kept.append(asyncio.create_task(function()))
    elif (trio := sys.modules.get("trio")) and trio.lowlevel.in_trio_task():
        trio.lowlevel.spawn_system_task(function)
    else:
        await sys.modules["curio"].spawn(function, daemon=True)


_kept = []


async def ticks():
    """See a task in the background go on: one is started the first time; wait until it has ticked twice more."""
    if not _ticks:
        await background(_tick)
    target = len(_ticks) + 2
    while len(_ticks) < target:
        await pause(0.001)
    return True


async def _tick():
    while True:
        _ticks.append(None)
        await pause(0.001)


_ticks = []


async def hogged():
    """Wait, while a task in the background keeps the thread busy for a while."""

    async def hog():
        print("hogging")
        end = time.monotonic() + 0.7
        while time.monotonic() < end:
            pass
        print("let go")
        await pause()
        print("lives on")

    await background(hog)
    await pause(1000)


async def children():
    """Wait for two tasks in a group, of whatever library runs this."""

    async def child():
        try:
            await pause(1000)
        finally:
            print("child ended")

    if asyncio._get_running_loop() is not None:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(2):
                tasks.create_task(child())
            await pause(0.001)
            print("waiting")
    elif (trio := sys.modules.get("trio")) and trio.lowlevel.in_trio_task():
        async with trio.open_nursery() as nursery:
            for _ in range(2):
                nursery.start_soon(child)
            await pause(0.001)
            print("waiting")
    else:
        async with sys.modules["curio"].TaskGroup() as tasks:
            for _ in range(2):
                await tasks.spawn(child)
            await pause(0.001)
            print("waiting")


async def waiting_for_a_thread(gate):
    """Wait for a thread that waits for an event."""

    started = threading.Event()

    def thread():
        started.set()
        gate.wait()

    async def tell():
        while not started.is_set():
            await pause(0.001)
        print("waiting for the thread")

    await background(tell)
    if asyncio._get_running_loop() is not None:
        await asyncio.to_thread(thread)
    elif (trio := sys.modules.get("trio")) and trio.lowlevel.in_trio_task():
        await trio.to_thread.run_sync(thread)
    else:
        await sys.modules["curio"].run_in_thread(thread)


class Leaves(BaseException):
    """What no ``except Exception`` catches."""


def raises(exc):
    raise exc


def chained(suppressed=False):
    """Raise an error that has a cause, which came while another one was handled."""
    try:
        try:
            {}["first"]
        except KeyError:
            raise ValueError("second")  # noqa: B904
    except ValueError as exc:
        raise TypeError("third") from (None if suppressed else exc)


async def stops():
    """Raise what no coroutine can (PEP 479)."""
    raise StopIteration("too far")


def spin():
    """As ``busy``, without await."""
    print("spinning")
    while True:
        pass


def own_runner(coro):
    """Run a coroutine as IPython's ``loop_runner`` does."""
    print("running asynchronous code")
    return asyncio.run(coro)


async def group():
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(boom(), name="first")
        tasks.create_task(boom(), name="second")


def ticking():
    """Start a task that sets an event a little later; give the event."""
    done = asyncio.Event()

    async def tick():
        await asyncio.sleep(0.2)
        done.set()

    done.task = asyncio.create_task(tick())
    return done


async def busy():
    """Never await, never end."""
    print("spinning")
    while True:
        pass
