"""``breakpoint()`` that awaits: pdb, at whose prompt an input may await, also in the middle of a coroutine."""

from __future__ import annotations

import asyncio
import atexit
import pdb
import signal
import sys
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

from awaitall.compiling import Compiler
from awaitall.current_library import current_async_library, portal
from awaitall.detect import INVALID_SOURCE, completeness
from awaitall.errors import UnsupportedError
from awaitall.interrupts import SigintGuard, may_raise_in
from awaitall.session import Session, current_session
from awaitall.threads import in_main_thread

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator
    from types import FrameType

__all__ = ["Debugger", "breakpoint"]

_MORE = "...   "  # as pdb has it

_own: Session | None = None


def breakpoint(*, header: str | None = None) -> None:  # noqa: A001  # as users call it
    """Open pdb at the line that calls this; its prompt takes inputs that await. For ``PYTHONBREAKPOINT=awaitall.breakpoint``.

    They are awaited on the loop that runs in this thread, if it is one of asyncio, so that they work on the objects of the
    program; the function that calls this need not be a coroutine. Other tasks run on meanwhile. Between the inputs the world
    stands still, as at every breakpoint.

    Args:
        header: Printed first.
    """
    debugger = Debugger()
    if header is not None:
        debugger.message(header)
    debugger.set_trace(sys._getframe(1))


class Debugger(pdb.Pdb):
    """A pdb at whose prompt inputs may await. It leaves no handler of SIGINT behind. Arguments as for ``pdb.Pdb``.

    Also for ``pytest --pdbcls=awaitall.debugger:Debugger``.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"nosigint": True, "skip": ["awaitall", "awaitall.*", "awaitall_*"], **options})

    def interaction(self, *args: Any) -> None:
        with _keyboard_interrupts():  # else asyncio.run() would take a Ctrl-C at the prompt for one of its own
            super().interaction(*args)

    def default(self, line: str) -> None:
        source = self._whole(line.removeprefix("!").strip())
        if source is None:
            return
        try:
            compiled = Compiler().compile(source)
        except INVALID_SOURCE:
            compiled = None
        if compiled is None or not compiled.is_async:
            super().default(source)
            return
        frame = self.curframe
        assert frame is not None
        # Up to 3.12 the mapping is made anew, and what was bound is lost, each time that the frame is asked (PEP 667).
        names = frame.f_locals if sys.version_info >= (3, 13) else self.curframe_locals
        try:
            value = _wait_for(compiled.aexecute(frame.f_globals, names))
            if compiled.has_value:
                self.displayhook(value)
        except BaseException:  # as pdb has it for inputs without await
            self._error_exc()  # type: ignore[attr-defined]

    def _whole(self, source: str) -> str | None:
        """Read the rest of a block; None if the user gives it up."""
        while completeness(source) == "incomplete":
            try:
                source += f"\n{self._read_line()}"
            except (EOFError, KeyboardInterrupt):
                self.message("")
                return None
        return source

    def _read_line(self) -> str:
        if self.use_rawinput:
            return input(_MORE)
        self.stdout.write(_MORE)
        self.stdout.flush()
        if not (line := self.stdin.readline()):
            raise EOFError
        return line.rstrip("\r\n")


@contextmanager
def _keyboard_interrupts() -> Iterator[None]:
    """Make Ctrl-C a KeyboardInterrupt in this block."""
    theirs = signal.getsignal(signal.SIGINT) if in_main_thread() else None
    if theirs is None:
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, theirs)


def _wait_for(coro: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine to its end, whatever runs in this thread already."""
    if (wait_for := portal()) is not None:
        return wait_for(coro)
    try:
        loop = asyncio.get_running_loop()  # or the one that an input without await sees
    except RuntimeError:
        session = _session()
        library = current_async_library() or (session.runner if session._inside else None)
        if library is None:
            return session._run_coroutine(coro)
    else:
        if hasattr(loop, "_run_once") or not loop.is_running():
            return _Turn(loop, coro).to_end()
        library = type(loop).__module__.partition(".")[0]
    coro.close()
    raise UnsupportedError(
        f"{library} cannot be run from inside. For await to work here, the task needs a portal before it comes to the "
        "breakpoint: await greenback.ensure_portal() (pip install greenback)."
    )


def _session() -> Session:
    """Return the session of the input that has come to the breakpoint; without one, a session for all breakpoints."""
    global _own
    try:
        return current_session()
    except LookupError:
        if _own is None:
            _own = Session()
            atexit.register(_own.shutdown)
        return _own


class _Turn:
    """Runs a loop of asyncio from inside one of its callbacks, or from an input that only sees it; nothing of that remains.

    ``_run_once`` and ``_ready`` were seen in 3.11 to 3.15 (Lib/asyncio/base_events.py).

    Args:
        loop: The loop.
        coro: What is to be awaited.
    """

    def __init__(self, loop: Any, coro: Coroutine[Any, Any, Any]) -> None:
        self._loop = loop
        self._coro = coro
        self._pressed = False

    def to_end(self) -> Any:
        """Run the loop until the coroutine has ended; return what that returns. Ctrl-C cancels it."""
        with self._inside() if self._loop.is_running() else nullcontext():
            self._task = task = self._loop.create_task(self._coro)
            with SigintGuard(self._interrupt, asks_host=False), suppress(asyncio.CancelledError):
                if not self._loop.is_running():
                    self._loop.run_until_complete(task)
                while not task.done():
                    self._loop._run_once()
        if self._pressed and task.cancelled():
            raise KeyboardInterrupt
        return task.result()

    @contextmanager
    def _inside(self) -> Iterator[None]:
        """Return a context manager in which the callback that the loop runs is put aside."""
        outer = asyncio.current_task(self._loop)
        ready = len(self._loop._ready)
        if outer is not None:
            asyncio.tasks._leave_task(self._loop, outer)
        try:
            yield
        finally:
            # The callback is one of a number that the loop has counted before: it takes as many.
            while len(self._loop._ready) < ready:
                self._loop._ready.append(asyncio.Handle(_nothing, (), self._loop))
            if outer is not None:
                asyncio.tasks._enter_task(self._loop, outer)

    def _interrupt(self, frame: FrameType | None) -> bool:
        if may_raise_in(frame, getattr(self._coro, "cr_frame", None)):
            raise KeyboardInterrupt
        self._pressed = True
        self._loop.call_soon_threadsafe(self._task.cancel)
        return True


def _nothing() -> None:
    """Stand for a callback that has run already."""
