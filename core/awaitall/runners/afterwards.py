"""The loop that has run what a traceback tells of: it may stand still, as after a test that has failed, and can go on."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from awaitall.runners.inside import run_on

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from awaitall.runners.inside import Coro, Wait

__all__ = ["has_run", "wait_afterwards"]

#: The module and the method that run a coroutine -> the library whose loop that is.
_RUN = {
    ("anyio._backends._asyncio", "run_test"): "asyncio",
    ("anyio._backends._asyncio", "run_fixture"): "asyncio",
    ("anyio._backends._asyncio", "run_asyncgen_fixture"): "asyncio",
    ("anyio._backends._trio", "run_test"): "trio",
    ("anyio._backends._trio", "run_fixture"): "trio",
    ("anyio._backends._trio", "run_asyncgen_fixture"): "trio",
    ("asyncio.runners", "run"): "asyncio",
    ("asyncio.base_events", "run_until_complete"): "asyncio",
    ("trio._core._run", "run"): "trio",
    ("curio.kernel", "run"): "curio",
}


def has_run(frames: Sequence[FrameType]) -> str | None:
    """Return the name of the library whose loop has run the frames of a traceback; None if none has."""
    return next(filter(None, map(_library, frames)), None)


def wait_afterwards(frames: Sequence[FrameType]) -> Wait | None:
    """Return what waits for a coroutine on the loop that has run the frames; None if that loop is closed, or there was none.

    The coroutine runs in a task of its own, and in the context that the first one had, where that is known; with anyio's
    plugin for pytest it runs in the task of the test.

    Args:
        frames: The outermost first.
    """
    owners = [(frame.f_locals.get("self"), frame.f_locals.get("context")) for frame in frames if _library(frame)]
    for owner, _ in owners:
        if owner is not None and owner is _runner_of_anyio():
            return partial(_run_as_fixture, owner)
    for owner, context in owners:
        if (loop := _open_loop(owner)) is not None:
            return partial(run_on, loop, context=context)
    return None


def _library(frame: FrameType) -> str | None:
    return _RUN.get((str(frame.f_globals.get("__name__")), frame.f_code.co_name))


def _open_loop(owner: Any) -> Any:
    """Return the loop of an ``asyncio.Runner``, or a loop itself.

    None if it is closed, another thread runs it meanwhile, or this is something else.
    """
    asyncio = sys.modules["asyncio"]
    if isinstance(owner, asyncio.Runner):
        try:
            owner = owner.get_loop()
        except RuntimeError:
            return None
    return owner if isinstance(owner, asyncio.AbstractEventLoop) and not (owner.is_closed() or owner.is_running()) else None


def _runner_of_anyio() -> Any:
    """Return what runs the tests of anyio's plugin, while it is open; the name was seen in anyio 4.10 to 4.16."""
    return getattr(sys.modules.get("anyio.pytest_plugin"), "_current_runner", None)


def _run_as_fixture(runner: Any, coro: Coro) -> Any:
    """Run a coroutine in the task of the tests (``anyio.abc.TestRunner.run_fixture()``)."""

    async def fixture() -> Any:
        return await coro

    return runner.run_fixture(fixture, {})
