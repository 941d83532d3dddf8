"""Which asynchronous library is running already?

A module of the library's name proves nothing: it may be a file of the user's, or still be in the middle of its import. So the
function that knows is looked for each time, and where there is none, nothing runs.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["current_async_library", "current_task", "is_asked_to_end", "is_cancellation", "let_others_run", "portal"]

#: Library -> the module of it, and the function there that tells whether the library runs the code that calls it.
_ASKED = {
    "asyncio": ("asyncio.events", "_get_running_loop"),
    "trio": ("trio.lowlevel", "in_trio_task"),
    "curio": ("curio.meta", "curio_running"),
}


#: Library -> what it raises in a coroutine to cancel it.
_CANCELS_BY = {"asyncio": "CancelledError", "trio": "Cancelled", "curio": "TaskCancelled"}


def is_cancellation(exc: BaseException) -> bool:
    """Report whether an exception, or each leaf of a group, is what a library raises in a coroutine to cancel it."""
    if isinstance(exc, BaseExceptionGroup):
        return all(is_cancellation(leaf) for leaf in exc.exceptions)
    found = [getattr(sys.modules.get(library), name, None) for library, name in _CANCELS_BY.items()]
    return isinstance(exc, tuple(each for each in found if isinstance(each, type)))


def is_asked_to_end() -> bool:
    """Report whether somebody has cancelled the task that calls this; True where the library does not tell.

    False is a cancellation that comes out of what the task awaits, such as another task (``asyncio.Task.cancelling()``).
    """
    if (module := sys.modules.get("asyncio.events")) is None or module._get_running_loop() is None:
        return True
    task = sys.modules["asyncio"].current_task()
    return task is None or task.cancelling() > 0


def current_async_library() -> str | None:
    """Return the name of the library that runs the code that calls this, if any; no library is imported for it."""
    for library, (module, name) in _ASKED.items():
        if (runs := getattr(sys.modules.get(module), name, None)) and runs():
            return library
    return None


def current_task() -> object | None:
    """Return the task that runs the code that calls this, on asyncio and on trio; None elsewhere."""
    library = current_async_library()
    if library == "asyncio":
        return sys.modules["asyncio"].current_task()  # type: ignore[no-any-return]
    return sys.modules["trio"].lowlevel.current_task() if library == "trio" else None


async def let_others_run() -> None:
    """Run other tasks for a step, on the loop of the library that runs this; without a loop there are none."""
    if library := current_async_library():
        await sys.modules[library].sleep(0)


def portal() -> Callable[[Any], Any] | None:
    """Return greenback's ``await_`` where greenback lets code without await wait for a coroutine, else None."""
    greenback = sys.modules.get("greenback")
    has_portal = getattr(greenback, "has_portal", None)
    if has_portal and current_async_library() and has_portal():  # it raises where a file of the user's is called curio
        return getattr(greenback, "await_", None)
    return None
