"""What the tests type: importable in every shell under test."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager

__all__ = ["agen", "boom", "busy", "cm", "f", "group", "long", "own_runner", "pause", "slow", "ticking"]


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
    await asyncio.sleep(0)
    raise ValueError("boom")


async def slow(cleanup=0.01):
    """Wait until cancelled; say what was seen of it."""
    try:
        print("waiting")
        await asyncio.Event().wait()
    finally:
        print("cancelled")
        await asyncio.sleep(cleanup)
        print("cleaned up")


async def pause(seconds=0.0):
    """Wait, on whichever library runs this."""
    if asyncio._get_running_loop() is not None:
        await asyncio.sleep(seconds)
        return
    library = "trio" if (trio := sys.modules.get("trio")) and trio.lowlevel.in_trio_task() else "curio"
    await sys.modules[library].sleep(seconds)


async def long():
    """As ``slow``, on any library."""
    try:
        print("waiting")
        await pause(1000)
    finally:
        print("cancelled")
        await pause(0.01)
        print("cleaned up")


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
