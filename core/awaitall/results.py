"""How the background tasks of a session have ended, by the numbers of the tasks."""

from __future__ import annotations

import reprlib
import sys
import time
import weakref
from dataclasses import dataclass
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

from awaitall.current_library import is_asked_to_end, is_cancellation
from awaitall.errors import UnknownTaskError
from awaitall.hints import is_fresh_coroutine
from awaitall.tasks import cut, duration

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from types import CodeType

__all__ = ["FollowedTask", "Results", "TaskResult", "short"]

#: The results that are kept.
MANY = 20


@dataclass(frozen=True, slots=True)
class TaskResult:
    """How a task has ended.

    Attributes:
        number: As :meth:`awaitall.Session.tasks` has listed it.
        name: What it was called.
        state: One word: ``"done"``, ``"failed"`` or ``"cancelled"``.
        seconds: How long it took, from its start to its end.
        value: What it has returned.
        error: What it has raised, or None.
        reason: Why it was cancelled, as far as known: ``"by %cancel"``, what ``task.cancel()`` was given, or that nobody has
            cancelled the task but what it awaited.
    """

    number: int
    name: str
    state: str
    seconds: float
    value: Any = None
    error: BaseException | None = None
    reason: str | None = None

    def unwrap(self) -> Any:
        """Return the value, or raise the error; UnknownTaskError if the task was cancelled."""
        if self.state == "cancelled":
            raise UnknownTaskError(f"Task {self.number} was cancelled{_clause(self.reason)}, and has no result.")
        if self.error is not None:
            raise self.error
        return self.value

    def line(self) -> str:
        """Return the line that tells of it."""
        told = f"[{self.number}] {self.state} {duration(self.seconds)}{_clause(self.reason)}"
        shown = "" if self.value is None else short(self.value)  # the repr of a command of xonsh may be empty
        return f"{told} → {shown}" if shown else told


class FollowedTask:
    """A task that has not ended, of which the result will be kept.

    The frame of the coroutine that follows the task owns this object. So what the task runs is closed if that never begins.

    Attributes:
        coro: What the task runs.
        number: Of the task.
        name: Of the task.
        announce: Whether a line is to tell how it has ended.
        began: ``time.monotonic()`` of its start.
        cancelled_by: What has asked for its end, or None.
        follower: The coroutine that follows the task; None before there is one.
        code: Of an input that Ctrl-Z has handed over to the background; else nothing.
        shown: What that code has shown last by ``sys.displayhook``, which is its value if it returns none.
    """

    __slots__ = ("__weakref__", "announce", "began", "cancelled_by", "code", "coro", "follower", "name", "number", "shown")

    def __init__(
        self, coro: Coroutine[Any, Any, Any], number: int, name: str, announce: bool, began: float | None = None
    ) -> None:
        self.coro = coro
        self.number = number
        self.name = name
        self.announce = announce
        self.began = began or time.monotonic()
        self.cancelled_by: str | None = None
        self.follower: weakref.ref[Coroutine[Any, Any, Any]] | None = None
        self.code: Sequence[CodeType] = ()
        self.shown: Any = None

    def __del__(self) -> None:
        self.coro.close()


class Results:
    """The last results of the tasks of a session.

    Attributes:
        running: Number -> the task that has not ended.
        shown_by: Code of an input that was handed over, by its ``id()`` -> the task.
        silent: Whether no task is announced any more, as at the end of a session.
    """

    def __init__(self) -> None:
        self.running: weakref.WeakValueDictionary[int, FollowedTask] = weakref.WeakValueDictionary()
        self.shown_by: weakref.WeakValueDictionary[int, FollowedTask] = weakref.WeakValueDictionary()
        self.silent = False
        self._kept: dict[int, TaskResult] = {}

    def follow(self, task: FollowedTask) -> Coroutine[Any, Any, Any]:
        """Return the coroutine that runs a task and keeps its result."""
        self.running[task.number] = task
        coro = self._follow(task)
        task.follower = weakref.ref(coro)
        coro.__name__ = getattr(task.coro, "__name__", task.name)  # type: ignore[attr-defined]
        return coro

    def adopt(self, task: FollowedTask) -> None:
        """Follow an input that runs already; the caller keeps the task until it ends, and calls :meth:`end` then."""
        self.running[task.number] = task
        self.shown_by.update({id(code): task for code in task.code})

    async def _follow(self, task: FollowedTask) -> Any:
        try:
            value = await task.coro
        except GeneratorExit:  # thrown away
            raise
        except BaseException as exc:
            self.end(task, None, exc)
            raise
        self.end(task, value)
        return value

    def end(self, task: FollowedTask, value: Any, error: BaseException | None = None) -> bool:
        """Keep how a task has ended, and tell of it if it is announced; report whether it has failed."""
        if error is None:
            self._end(task, "done", value=task.shown if value is None else value)
        elif is_cancellation(error) or (task.code and isinstance(error, KeyboardInterrupt)):  # by which trio cancels an input
            self._end(task, "cancelled", reason=_reason(task, error))
        else:
            self._end(task, "failed", error=error)
            return True
        return False

    def _end(self, task: FollowedTask, state: str, **outcome: Any) -> None:
        result = TaskResult(task.number, task.name, state, time.monotonic() - task.began, **outcome)
        self.running.pop(task.number, None)
        self._kept[task.number] = result
        if len(self._kept) > MANY:
            del self._kept[next(iter(self._kept))]
        if task.announce and result.error is None and not self.silent:  # an error is reported by itself
            print(cut(result.line(), get_terminal_size((200, 24)).columns), file=sys.stderr)

    def close(self) -> None:
        """Close the coroutines that have never begun and never will."""
        for task in list(self.running.values()):
            # One that is closed may still own the task (Objects/genobject.c, 3.13).
            for coro in (task.follower and task.follower(), task.coro):
                if is_fresh_coroutine(coro):
                    coro.close()

    def kept(self) -> list[TaskResult]:
        """Return the results that are kept, the oldest first."""
        return list(self._kept.values())

    def get(self, number: int) -> TaskResult:
        """Return the result of a task; UnknownTaskError if there is none, or none yet."""
        if number in self._kept:
            return self._kept[number]
        if number in self.running:
            raise UnknownTaskError(f"Task {number} has not ended; %fg {number} waits for it.")
        raise UnknownTaskError(f"No result of a task {number}; %result lists those that are kept.")


def _clause(reason: str | None) -> str:
    return "" if reason is None else f", {reason}"


def _reason(task: FollowedTask, exc: BaseException) -> str | None:
    """Return why a task was cancelled, as far as known; called in the task."""
    if task.cancelled_by:
        return f"by {task.cancelled_by}"
    return _message(exc) or (None if is_asked_to_end() else "as what it awaited was cancelled")


def _message(exc: BaseException) -> str | None:
    """Return what ``task.cancel(msg)`` of asyncio or ``scope.cancel(reason)`` of trio was given, or None."""
    message = getattr(exc, "reason", None) or (exc.args[0] if len(exc.args) == 1 else None)
    return message if isinstance(message, str) else None


def short(value: object) -> str:
    """Return one line for a value, whatever its size and its ``__repr__``."""
    return " ".join(_repr.repr(value).split())


_repr = reprlib.Repr()
_repr.maxlist = _repr.maxtuple = _repr.maxdict = _repr.maxset = _repr.maxfrozenset = _repr.maxdeque = _repr.maxarray = 50
_repr.maxstring = _repr.maxother = _repr.maxlong = 500
