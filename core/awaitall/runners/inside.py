"""Wait for a coroutine in code that does not await, although a loop runs that code: the loop goes on in there.

What is put aside for that is back when the coroutine has ended: the task and the callback that the loop runs.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from awaitall.current_library import portal
from awaitall.errors import UnsupportedError
from awaitall.outcome import Outcome
from awaitall.runners.foreground import OnlySigint, foreground

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from contextvars import Context

    Coro = Coroutine[Any, Any, Any]
    Wait = Callable[[Coro], Any]

__all__ = ["run_on", "wait_for_user", "wait_inside"]


def wait_inside(library: str) -> Wait:
    """Return what waits for a coroutine in the code that calls this, which a library runs.

    Args:
        library: Its name.

    Raises:
        UnsupportedError: the library cannot be run from inside, and there is no portal of greenback's.
    """
    if (wait_for := portal()) is not None:
        return wait_for
    with suppress(RuntimeError):
        loop = asyncio.get_running_loop()  # or the one that an input without await sees
        if hasattr(loop, "_run_once") or not loop.is_running():
            return partial(run_on, loop)
        library = type(loop).__module__.partition(".")[0]
    raise UnsupportedError(
        f"{library} cannot be run from inside. For await to work here, the task needs a portal before it comes here: "
        "await greenback.ensure_portal() (pip install greenback)."
    )


def wait_for_user(coro: Coro, wait: Wait) -> Any:
    """Wait for a coroutine, and return what it returns; Ctrl-C cancels it, and comes to nothing else that runs meanwhile.

    Args:
        coro: What the user awaits.
        wait: Runs a coroutine to its end, in a task.
    """
    pressed: list[bool] = []

    def press(frame: object) -> bool:
        pressed.append(True)
        return True

    async def awaited() -> Outcome:
        outcome = Outcome()
        try:
            with foreground(True) as host:
                if pressed:
                    raise KeyboardInterrupt
                outcome.value = await host.run(coro)
        except BaseException as exc:  # what runs the task would take some of them for its own
            outcome.error = exc
        return outcome

    try:
        with OnlySigint(press):
            outcome: Outcome = wait(awaited())
        return outcome.unwrap()
    finally:
        coro.close()  # in case it has not begun


def run_on(loop: Any, coro: Coro, context: Context | None = None) -> Any:
    """Run a coroutine to its end in a task on a loop of asyncio, which may be running the code that calls this.

    ``_run_once`` and ``_ready`` were seen in 3.11 to 3.15 (Lib/asyncio/base_events.py).

    Args:
        loop: The loop; a running one is one of asyncio's own.
        coro: What is run.
        context: Of the task; a copy of the current one where omitted.
    """
    task = loop.create_task(coro, context=context)
    if not loop.is_running():
        return loop.run_until_complete(task)
    with _put_aside(loop):
        while not task.done():
            loop._run_once()
    return task.result()


@contextmanager
def _put_aside(loop: Any) -> Iterator[None]:
    """Return a context manager in which the task and the callback that a loop runs are put aside."""
    outer = asyncio.current_task(loop)
    ready = len(loop._ready)
    if outer is not None:
        asyncio.tasks._leave_task(loop, outer)
    try:
        yield
    finally:
        # The callback is one of a number that the loop has counted before: it takes as many.
        while len(loop._ready) < ready:
            loop._ready.append(asyncio.Handle(_nothing, (), loop))
        if outer is not None:
            asyncio.tasks._enter_task(loop, outer)


def _nothing() -> None:
    """Stand for a callback that has run already."""
