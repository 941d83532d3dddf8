"""Which tasks of asyncio a task waits for: by the call graph of Python 3.14, and before that by what tasks hold."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from awaitall.tasks import frames

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    _Task = asyncio.Task[Any]

__all__ = ["awaited_tasks"]

#: Function of asyncio -> the local variable with what it waits for (Lib/asyncio/tasks.py and taskgroups.py, 3.11 to 3.13).
_HELD = {"_wait": "fs", "TaskGroup.__aexit__": "self", "wait_for": "fut"}


def awaited_tasks(tasks: Iterable[_Task]) -> dict[_Task, list[_Task]]:
    """Return for each task those of the others that it waits for, as far as asyncio tells."""
    tasks = list(tasks)
    found: dict[_Task, list[_Task]] = {task: [] for task in tasks}
    if hasattr(asyncio, "capture_call_graph"):
        with suppress(RecursionError):  # tasks that wait for each other
            for task in tasks:
                for awaiting in _awaiting(asyncio.capture_call_graph(task)):
                    if awaiting in found:
                        found[awaiting].append(task)
            return found
    for task in tasks:
        held = [*_futures(getattr(task, "_fut_waiter", None)), *_in_frames(task)]
        found[task] = [other for other in dict.fromkeys(held) if other in found and other is not task]
    return found


def _awaiting(graph: Any) -> Iterator[Any]:
    """Yield the tasks that wait for what a graph is of; a future in between, such as that of gather(), is no task."""
    for other in () if graph is None else graph.awaited_by:
        if isinstance(other.future, asyncio.Task):
            yield other.future
        else:
            yield from _awaiting(other)


def _futures(future: Any) -> Iterator[Any]:
    """Yield the tasks that a future stands for: itself, or those of gather()."""
    if isinstance(future, asyncio.Task):
        yield future
    for child in getattr(future, "_children", ()):
        yield from _futures(child)


def _in_frames(task: _Task) -> Iterator[Any]:
    """Yield the tasks that functions of asyncio hold in which a task waits."""
    for frame in frames(task.get_coro()):
        name = _HELD.get(frame.f_code.co_qualname)
        if name is not None and frame.f_globals.get("__name__") in ("asyncio.tasks", "asyncio.taskgroups"):
            held = frame.f_locals.get(name)
            held = held._tasks if isinstance(held, asyncio.TaskGroup) else held
            for future in held if isinstance(held, set) else [held]:
                yield from _futures(future)
