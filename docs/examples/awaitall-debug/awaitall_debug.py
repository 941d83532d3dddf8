"""asyncio in debug mode, as a runner for awaitall."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awaitall import Runner, RunnerSpec, hookimpl

if TYPE_CHECKING:
    import asyncio
    import contextvars
    from collections.abc import Iterator


@hookimpl
def awaitall_runners() -> Iterator[RunnerSpec]:
    """Offer one runner."""
    yield RunnerSpec("asyncio-debug", open_runner, "asyncio in debug mode")


def open_runner(context: contextvars.Context) -> Runner:
    """Open the runner; asyncio is imported here, for those who use it."""
    from awaitall.runners.on_asyncio import AsyncioRunner

    return AsyncioRunner(context, new_event_loop)


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Make a loop that reports what blocks it for more than 0.1 seconds."""
    import asyncio

    loop = asyncio.new_event_loop()
    loop.set_debug(True)
    return loop
