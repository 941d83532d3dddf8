"""The tasks of a session, as people want to see them: what they are called, how they are, and where they wait."""

from __future__ import annotations

import re
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from awaitall.interrupts import in_framework, top_level_package

if TYPE_CHECKING:
    from types import FrameType

    from awaitall.contracts import RunnerTask

__all__ = ["BackgroundTask", "cut", "duration", "task_name", "where"]


@dataclass(frozen=True, slots=True)
class BackgroundTask:
    """A task that has not ended, as :meth:`awaitall.Session.tasks` lists it.

    Attributes:
        number: Counts the tasks of the session from 1; what :meth:`awaitall.Session.cancel` takes.
        name: What it is called.
        state: One word: ``"waiting"``, ``"ready"``, or ``"cancelled"`` while it is still ending.
        age: In seconds, or None where nobody knows.
        where: ``file:line`` of the user's code where it waits, or None.
    """

    number: int
    name: str
    state: str
    age: float | None
    where: str | None

    @staticmethod
    def of(task: RunnerTask, number: int, coro: Any) -> BackgroundTask:
        """Describe a task of a runner by what it runs."""
        age = None if task.began is None else time.monotonic() - task.began
        return BackgroundTask(number, task_name(task.name, coro), task.state, age, where(coro))


def task_name(name: str, coro: Any) -> str:
    """Return what a task is called: what its coroutine is, if asyncio has only counted it (``Task-7``).

    3.13.0 calls a task "None" that a task factory of the user's has made (Lib/asyncio/base_events.py).
    """
    return str(getattr(coro, "__name__", name)) if re.fullmatch(r"Task-\d+|None", name) else name


def where(coro: Any) -> str | None:
    """Return ``file:line`` of the innermost frame in the user's own code that a suspended coroutine waits in."""
    place = None
    while coro is not None:
        frame = _part(coro, "frame")
        if frame is not None and (_is_users(frame) or (place is None and not top_level_package(frame).startswith("awaitall"))):
            place = frame
        coro = _part(coro, "await") or getattr(coro, "gi_yieldfrom", None)
    return None if place is None else f"{place.f_code.co_filename}:{place.f_lineno}"


def cut(text: str, width: int) -> str:
    """Return a text in at most so many characters."""
    return text if len(text) <= width else f"{text[: width - 3]}..."


def duration(seconds: float | None) -> str:
    """Return a time as people read it, or ``-``."""
    if seconds is None:
        return "-"
    minutes = int(seconds // 60)
    return f"{seconds:.1f}s" if minutes == 0 else f"{minutes}m" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02}m"


def _part(coro: Any, name: str) -> Any:
    return getattr(coro, f"cr_{name}", None) or getattr(coro, f"gi_{name}", None) or getattr(coro, f"ag_{name}", None)


def _is_users(frame: FrameType) -> bool:
    top = top_level_package(frame)
    filename = frame.f_code.co_filename
    return not in_framework(frame) and top not in sys.stdlib_module_names and "-packages" not in filename
