"""The background tasks of a session, by their numbers."""

from __future__ import annotations

import itertools
import weakref
from typing import TYPE_CHECKING, Any

from awaitall.errors import UnknownTaskError
from awaitall.results import FollowedTask, Results
from awaitall.tasks import BackgroundTask, stack

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from traceback import StackSummary
    from types import CodeType

    from awaitall.contracts import RunnerTask, TaskKeeper

__all__ = ["TaskList"]


class TaskList:
    """Numbers the tasks of whatever keeps them, a runner or the loop of a host, from 1 on.

    Attributes:
        results: How those that were started here have ended.
    """

    def __init__(self) -> None:
        self._numbers: weakref.WeakKeyDictionary[object, int] = weakref.WeakKeyDictionary()
        self._count = itertools.count(1)
        self.results = Results()

    def spawn(self, keeper: TaskKeeper, coro: Coroutine[Any, Any, Any], name: str | None, announce: bool) -> int:
        """Start a task; return its number."""
        number = next(self._count)  # an eager task ends before its handle is known
        name = name or str(getattr(coro, "__name__", "task"))
        handle = keeper.spawn(self.results.follow(FollowedTask(coro, number, name, announce)), name)
        self._numbers[handle] = number
        return number

    def adopt(
        self, handle: object, coro: Coroutine[Any, Any, Any], name: str, code: Sequence[CodeType], began: float
    ) -> FollowedTask:
        """Follow an input that Ctrl-Z has handed over to the background; the caller keeps the task until it ends."""
        number = self._numbers[handle] = next(self._count)
        task = FollowedTask(coro, number, name, announce=True, began=began)
        task.code = code
        self.results.adopt(task)
        return task

    def all(self, keeper: TaskKeeper) -> list[BackgroundTask]:
        """Return the tasks that have not ended."""
        tasks = keeper.tasks()
        there = {task.handle: self._number(task.handle) for task in tasks}
        children = keeper.children()
        return [
            BackgroundTask.of(
                task,
                there[task.handle],
                self._coro(task, there[task.handle]),
                tuple(sorted(there[child] for child in children.get(task.handle, ()) if child in there)),
            )
            for task in tasks
        ]

    def started(self, keeper: TaskKeeper) -> list[BackgroundTask]:
        """Return those of them that were started here."""
        return [task for task in self.all(keeper) if task.number in self.results.running]

    def stack(self, keeper: TaskKeeper, number: int) -> StackSummary:
        """Return where a task waits; UnknownTaskError if there is none of this number, or if it has ended."""
        return stack(self._coro(self.find(keeper, number), number))

    def _coro(self, task: RunnerTask, number: int) -> Any:
        """Return what a task runs, and not what follows it."""
        followed = self.results.running.get(number)
        return task.coro if followed is None else followed.coro

    def cancel(self, keeper: TaskKeeper, number: int, by: str) -> None:
        """Cancel a task by its number; UnknownTaskError if there is none, or if it has ended."""
        keeper.cancel(self.find(keeper, number).handle)
        if (followed := self.results.running.get(number)) is not None:
            followed.cancelled_by = by

    def cancel_started(self, keeper: TaskKeeper) -> None:
        """Cancel the tasks that were started here and have not ended."""
        for task in keeper.tasks():
            if self._numbers.get(task.handle) in self.results.running:
                keeper.cancel(task.handle)

    async def wait(self, keeper: TaskKeeper, number: int) -> None:
        """Wait for a task by its number, without a line that tells of its end."""
        handle = self.find(keeper, number).handle
        followed = self.results.running.get(number)
        announced = followed is not None and followed.announce
        try:
            if followed is not None:
                followed.announce = False
            await keeper.wait(handle)
        finally:
            if followed is not None:
                followed.announce = announced

    def find(self, keeper: TaskKeeper, number: int) -> RunnerTask:
        """Return a task by its number; UnknownTaskError if there is none, or if it has ended."""
        for task in keeper.tasks():
            if self._number(task.handle) == number:
                return task
        raise UnknownTaskError(f"No task {number}; %tasks lists them.")

    def _number(self, handle: object) -> int:
        number = self._numbers.get(handle)
        if number is None:
            number = self._numbers[handle] = next(self._count)
        return number
