"""The background tasks of a session, by their numbers."""

from __future__ import annotations

import itertools
import weakref
from typing import TYPE_CHECKING, Any

from awaitall.errors import UnknownTaskError
from awaitall.tasks import BackgroundTask

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from awaitall.contracts import TaskKeeper

__all__ = ["TaskList"]


class TaskList:
    """Numbers the tasks of whatever keeps them, a runner or the loop of a host, from 1 on."""

    def __init__(self) -> None:
        self._numbers: weakref.WeakKeyDictionary[object, int] = weakref.WeakKeyDictionary()
        self._count = itertools.count(1)

    def spawn(self, keeper: TaskKeeper, coro: Coroutine[Any, Any, Any], name: str | None) -> int:
        """Start a task; return its number."""
        return self._number(keeper.spawn(coro, name))

    def all(self, keeper: TaskKeeper) -> list[BackgroundTask]:
        """Return the tasks that have not ended."""
        return [BackgroundTask.of(task, self._number(task.handle)) for task in keeper.tasks()]

    def cancel(self, keeper: TaskKeeper, number: int) -> None:
        """Cancel a task by its number; UnknownTaskError if there is none, or if it has ended."""
        for task in keeper.tasks():
            if self._number(task.handle) == number:
                keeper.cancel(task.handle)
                return
        raise UnknownTaskError(f"No task {number}; %tasks lists them.")

    def _number(self, handle: object) -> int:
        if handle not in self._numbers:
            self._numbers[handle] = next(self._count)
        return self._numbers[handle]
