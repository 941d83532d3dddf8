"""Show the loop to an input without await, as if it were running; the input can run other loops all the same.

``asyncio.get_running_loop()``, and all that asks it (``create_task()``, ``aiohttp.ClientSession()``), looks into the state of the
thread, in C. Whether a loop may *start* is asked in Python: ``asyncio.run()``, ``Runner.run()``, ``run_forever()`` and with it
``run_until_complete()`` go by names of the module ``asyncio.events`` (Lib/asyncio/runners.py and base_events.py, 3.11 to 3.15).
For as long as the input runs, those names answer otherwise on its thread. A loop written in C, as uvloop's is, does without
them: so ``Runner.run()``, ``Runner.close()`` and its ``run_forever()`` lift the mark around themselves.

Libraries that refuse to work where a loop runs ask the same question as those that need it. So it depends on who asks: in the
modules that :mod:`awaitall.sync_libraries` names, ``get_running_loop()`` tells that there is none.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from asyncio import Runner, events
from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

from awaitall.hints import note_refusal
from awaitall.imports import ImportWatch
from awaitall.sync_libraries import MODULES
from awaitall.threads import get_ident

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["VisibleLoop"]

_get, _set = events._get_running_loop, events._set_running_loop

#: Thread -> the loop that its input sees as the running one. While there is any, names are replaced, for all threads.
_marks: dict[int, asyncio.AbstractEventLoop] = {}
_lock = threading.Lock()


class VisibleLoop:
    """A context manager, for one input after the other: the loop is seen as the running one inside.

    Attributes:
        active: Whether that is so right now; then it cannot be entered once more.
    """

    __slots__ = ("_before", "_foreign", "_left", "_loop", "_thread", "active")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._foreign: Any = None if isinstance(loop, asyncio.BaseEventLoop) else type(loop)
        self._thread = get_ident()
        self._before: asyncio.AbstractEventLoop | None = None
        self._left: asyncio.AbstractEventLoop | None = None
        self.active = False

    def __enter__(self) -> None:
        try:
            self._enter()
        except BaseException:  # a Ctrl-C
            self._leave()
            raise

    def __exit__(self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        try:
            self._leave()
        except BaseException:  # a Ctrl-C: each step may be done once more
            self._leave()
            raise
        if exc is not None:
            note_refusal(exc, tb)

    def _enter(self) -> None:
        # What an input has left running in a greenlet stays the running loop, as the greenlet goes on in another input.
        loop = self._loop if self._left is None or not self._left.is_running() else self._left
        with _lock:
            self._before = _marks.get(self._thread)
            _marks[self._thread] = loop
            if not _theirs:
                _replace()
            if self._foreign and self._foreign not in _foreign:
                _foreign.add(self._foreign)
                self._foreign.run_forever = _lifted(self._foreign.run_forever)
        _set(loop)
        self.active = True

    def _leave(self) -> None:
        self._left = None if (loop := _get()) is self._loop else loop
        _set(self._before)
        with _lock:
            if self._before is None:
                _marks.pop(self._thread, None)
            else:
                _marks[self._thread] = self._before
            if not _marks and _theirs:
                _put_back()
        self.active = False


# -- what is replaced ----------------------------------------------------------------------------------------------------------

#: What the names of asyncio's stood for, while they are replaced.
_theirs: tuple[Any, ...] = ()

#: Classes of loops that are not asyncio's own, and have been given another ``run_forever()``.
_foreign: set[Any] = set()

#: The names in those of :data:`MODULES` that have been imported, and how far the imports had come when they were looked for:
#: the number of modules, and the last one.
_told: list[_Name] = []
_count = 0
_last: Any = None


def _replace() -> None:
    global _theirs
    run, close = Runner.run, Runner.close
    _theirs = events._get_running_loop, events._set_running_loop, asyncio._get_running_loop, run, close
    events._get_running_loop = asyncio._get_running_loop = _hidden
    events._set_running_loop = _restored
    Runner.run = _lifted(run)  # type: ignore[method-assign]
    Runner.close = _lifted(close)  # type: ignore[method-assign]
    sys.meta_path.insert(0, _watch)
    count, last = len(sys.modules), sys.modules[next(reversed(sys.modules))]
    if count != _count or last is not _last:
        _look(count, last)
    for name in _told:
        name.replace()


def _put_back() -> None:
    global _theirs
    events._get_running_loop, events._set_running_loop, asyncio._get_running_loop, Runner.run, Runner.close = _theirs  # type: ignore[method-assign]
    if _watch in sys.meta_path:
        sys.meta_path.remove(_watch)
    for name in _told:
        name.put_back()
    for loop in _foreign:
        if "run_forever" in vars(loop):
            del loop.run_forever  # the base class of uvloop's, in C, has it
    _foreign.clear()
    _theirs = ()


def _look(count: int, last: Any) -> None:
    global _count, _last
    _count, _last = count, last
    _told.clear()
    for name in MODULES & sys.modules.keys():
        _told.extend(_names(sys.modules[name]))


def _tell(module: ModuleType) -> None:
    """Show the loop in a module that has been imported in the middle of an input."""
    with _lock:
        if _theirs:
            for name in _names(module):
                name.replace()
                _told.append(name)


def _names(module: ModuleType) -> list[_Name]:
    names = vars(module)
    return [_Name(names, name, answer) for name, answer in _ANSWERS.items() if name in names]


class _Name:
    """A name in a module that is told."""

    __slots__ = ("_answer", "_name", "_names", "_original")

    def __init__(self, names: dict[str, Any], name: str, answer: object) -> None:
        self._names = names
        self._name = name
        self._answer = answer
        self._original = names[name]

    def replace(self) -> None:
        self._original = self._names.get(self._name, self._original)
        self._names[self._name] = self._answer

    def put_back(self) -> None:
        self._names[self._name] = self._original


# -- the answers -----------------------------------------------------------------------------------------------------------------


def _is_mark(loop: asyncio.AbstractEventLoop) -> bool:
    return _marks.get(get_ident()) is loop and not loop.is_running()


def _hidden() -> asyncio.AbstractEventLoop | None:
    loop = _get()
    return None if loop is not None and _is_mark(loop) else loop


def _restored(loop: asyncio.AbstractEventLoop | None) -> None:
    _set(_marks.get(get_ident()) if loop is None else loop)


@lru_cache
def _lifted(method: Any) -> Any:
    def lifted(*args: Any, **options: Any) -> Any:
        loop = _get()
        if loop is None or not _is_mark(loop):
            return method(*args, **options)
        _set(None)
        try:
            return method(*args, **options)
        finally:
            _set(loop)

    return lifted


def _get_running_loop() -> asyncio.AbstractEventLoop:
    if (loop := _hidden()) is None:
        raise RuntimeError("no running event loop")
    return loop


class _Asyncio(ModuleType):
    """What the name ``asyncio`` stands for in a module that is told."""

    get_running_loop = staticmethod(_get_running_loop)

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)


#: What a module that is told finds under these names.
_ANSWERS: dict[str, object] = {"asyncio": _Asyncio("asyncio"), "get_running_loop": _get_running_loop}
_watch = ImportWatch(MODULES, _tell)
