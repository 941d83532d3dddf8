"""The tasks of a session, as people want to see them: what they are called, how they are, and where they wait."""

from __future__ import annotations

import os
import re
import sys
import time
from dataclasses import dataclass
from functools import lru_cache
from traceback import StackSummary
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from awaitall.interrupts import is_framework, top_level_package
from awaitall.yields import driven_by

if TYPE_CHECKING:
    from types import FrameType

    from awaitall.contracts import RunnerTask

__all__ = [
    "HIDDEN",
    "BackgroundTask",
    "caller",
    "cut",
    "duration",
    "frames",
    "short_path",
    "stack",
    "task_name",
    "waits_for",
    "where",
]

#: The name of the tasks that are awaitall's own, and in no list; those of trio itself are called so, too.
HIDDEN = "<awaitall>"


@dataclass(frozen=True, slots=True)
class BackgroundTask:
    """A task that has not ended, as :meth:`awaitall.Session.tasks` lists it.

    Attributes:
        number: Counts the tasks of the session from 1; what :meth:`awaitall.Session.cancel` takes.
        name: What it is called.
        state: One word: ``"waiting"``, ``"ready"``, or ``"cancelled"`` while it is still ending.
        age: In seconds, or None where nobody knows.
        where: ``file:line`` of the user's code where it waits, or None.
        waits_for: The function that it has called there, such as ``asyncio.sleep(5)``, or None.
        children: The numbers of the tasks that it waits for, as far as the library tells; those of its nurseries are among them.
        created: ``file:line`` of the user's code that has started it, or None.
    """

    number: int
    name: str
    state: str
    age: float | None
    where: str | None
    waits_for: str | None = None
    children: tuple[int, ...] = ()
    created: str | None = None

    @staticmethod
    def of(task: RunnerTask, number: int, coro: Any, children: tuple[int, ...]) -> BackgroundTask:
        """Describe a task of a runner by what it runs, and by the numbers of the tasks that it waits for."""
        age = None if task.began is None else time.monotonic() - task.began
        found = frames(coro)
        return BackgroundTask(
            number, task_name(task.name, coro), task.state, age, where(found), waits_for(found), children, task.created
        )


def task_name(name: str, coro: Any) -> str:
    """Return what a task is called: what its coroutine is, if asyncio has only counted it (``Task-7``), or trio has named it.

    trio puts the module before that (``__main__.f``). 3.13.0 calls a task "None" that a task factory of the user's has made
    (Lib/asyncio/base_events.py).
    """
    if re.fullmatch(r"Task-\d+|None", name):
        return str(getattr(coro, "__name__", name))
    qualname = str(getattr(coro, "__qualname__", ""))
    return qualname.rpartition("<locals>.")[2] if qualname and name.endswith(f".{qualname}") else name


def where(found: list[FrameType]) -> str | None:
    """Return ``file:line`` of the innermost of the frames of a coroutine that is the user's own code."""
    if not found:
        return None
    place = found[max(0, _innermost(found))]
    return f"{place.f_code.co_filename}:{place.f_lineno}"


def waits_for(found: list[FrameType]) -> str | None:
    """Return what a coroutine waits for, by its frames: the function that the innermost one of the user's code has called."""
    called = found[_innermost(found) + 1 :]
    if not called:
        return None
    code = called[0].f_code
    name = f"{top_level_package(called[0])}.{code.co_qualname}"
    if code.co_name == "sleep" and code.co_argcount:
        name += f"({called[0].f_locals[code.co_varnames[0]]!r})"
    return name


def stack(coro: Any) -> StackSummary:
    """Return where a suspended coroutine waits as a traceback shows it, the innermost frame last."""
    return StackSummary.extract((frame, frame.f_lineno) for frame in frames(coro))


def caller(frame: FrameType | None) -> str | None:
    """Return ``file:line`` of the user's code that has called a frame; None where awaitall has."""
    while frame is not None and not _is_users(frame):
        frame = None if top_level_package(frame).startswith("awaitall") else frame.f_back
    return None if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"


def frames(coro: Any) -> list[FrameType]:
    """Return the frames that a suspended coroutine waits in, the outermost first, without those of awaitall."""
    found = []
    while coro is not None:
        if type(coro) is CoroutineType:  # nearly all are, and the look at the others takes its time
            frame, awaited = coro.cr_frame, coro.cr_await
        else:
            frame, awaited = _part(coro, "frame"), _part(coro, "await") or getattr(coro, "gi_yieldfrom", None)
        if frame is not None and not top_level_package(frame).startswith("awaitall"):
            found.append(frame)
        coro = awaited or (frame and driven_by(frame))
    return found


def _innermost(found: list[FrameType]) -> int:
    """Return the index of the innermost frame that is the user's, or -1."""
    for index in reversed(range(len(found))):
        if _is_users(found[index]):
            return index
    return -1


def cut(text: str, width: int) -> str:
    """Return a text in at most so many characters."""
    return text if len(text) <= width else f"{text[: width - 3]}..."


def duration(seconds: float | None) -> str:
    """Return a time as people read it, or ``-``."""
    if seconds is None:
        return "-"
    minutes = int(seconds // 60)
    return f"{seconds:.1f}s" if minutes == 0 else f"{minutes}m" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02}m"


def short_path(path: str) -> str:
    """Shorten a path to what comes below an import directory, the current one included, else to ``~`` and the rest."""
    home = os.path.expanduser("~")
    shorter = [f"~{path[len(home) :]}"] if path.startswith(home + os.sep) else []
    folders = [folder.rstrip(os.sep) + os.sep for folder in map(str, sys.path) if folder]
    if os.path.isdir(os.curdir):  # it may have been deleted
        folders.append(os.getcwd() + os.sep)
    shorter += [path.removeprefix(folder) for folder in folders]
    return min(path, *shorter, key=len)


def _part(coro: Any, name: str) -> Any:
    return getattr(coro, f"cr_{name}", None) or getattr(coro, f"gi_{name}", None) or getattr(coro, f"ag_{name}", None)


def _is_users(frame: FrameType) -> bool:
    return _is_users_code(frame.f_code.co_filename, str(frame.f_globals.get("__name__")))


@lru_cache(1024)
def _is_users_code(filename: str, module: str) -> bool:
    package = module.partition(".")[0]
    return not is_framework(package) and package not in sys.stdlib_module_names and "-packages" not in filename
