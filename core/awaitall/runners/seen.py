"""Let an input that does not await see the loop, as if it were running, and run other loops all the same.

``asyncio.get_running_loop()``, and all that asks it (``create_task()``, ``aiohttp.ClientSession()``), looks into the state of the
thread, in C. Whether a loop may *start* is asked in Python: ``asyncio.run()``, ``Runner.run()``, ``run_forever()`` and with it
``run_until_complete()`` go by names of the module ``asyncio.events`` (Lib/asyncio/runners.py and base_events.py, 3.11 to 3.15).
For as long as the input runs, those names answer otherwise on its thread. A loop written in C, as uvloop's is, does without
them: so ``Runner.run()``, ``Runner.close()`` and its ``run_forever()`` lift the mark around themselves.
"""

from __future__ import annotations

import asyncio
import threading
from asyncio import Runner, events
from typing import TYPE_CHECKING, Any

from awaitall.hints import note_refusal

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Seen"]

_get, _set = events._get_running_loop, events._set_running_loop


class Seen:
    """A context manager, for one input after the other: the loop is seen as the running one inside.

    Attributes:
        active: Whether that is so right now; then it cannot be entered once more.
    """

    __slots__ = ("_before", "_close", "_foreign", "_get", "_loop", "_run", "_run_forever", "_set", "_thread", "active")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.active = False
        self._thread = threading.get_ident()
        self._get, self._set = self._hidden, self._restored
        self._run, self._close = self._lifted(Runner.run), self._lifted(Runner.close)
        self._foreign: Any = None if isinstance(loop, asyncio.BaseEventLoop) else type(loop)
        self._run_forever = self._foreign and self._lifted(self._foreign.run_forever)

    def __enter__(self) -> None:
        self._before = events._get_running_loop, events._set_running_loop, asyncio._get_running_loop, Runner.run, Runner.close
        events._get_running_loop = asyncio._get_running_loop = self._get
        events._set_running_loop = self._set
        Runner.run = self._run  # type: ignore[method-assign]
        Runner.close = self._close  # type: ignore[method-assign]
        if self._foreign:
            self._foreign.run_forever = self._run_forever
        _set(self._loop)
        self.active = True

    def __exit__(self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.active = False
        _set(None)
        events._get_running_loop, events._set_running_loop, asyncio._get_running_loop, run, close = self._before
        Runner.run, Runner.close = run, close  # type: ignore[method-assign]
        if self._foreign:
            del self._foreign.run_forever  # the base class of uvloop's, in C, has it
        if exc is not None:
            note_refusal(exc, tb)

    def _marked(self) -> bool:
        return threading.get_ident() == self._thread and _get() is self._loop and not self._loop.is_running()

    def _hidden(self) -> asyncio.AbstractEventLoop | None:
        return None if self._marked() else _get()

    def _restored(self, loop: asyncio.AbstractEventLoop | None) -> None:
        _set(self._loop if loop is None and threading.get_ident() == self._thread else loop)

    def _lifted(self, method: Any) -> Any:
        def lifted(*args: Any, **options: Any) -> Any:
            if not self._marked():
                return method(*args, **options)
            _set(None)
            try:
                return method(*args, **options)
            finally:
                _set(self._loop)

        return lifted
