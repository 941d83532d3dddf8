"""``breakpoint()`` that awaits: pdb, at whose prompt an input may await, also in the middle of a coroutine."""

from __future__ import annotations

import atexit
import pdb
import signal
import sys
from contextlib import contextmanager
from traceback import walk_tb
from typing import TYPE_CHECKING, Any

from awaitall.compiling import Compiler
from awaitall.current_library import current_async_library
from awaitall.detect import INVALID_SOURCE, completeness
from awaitall.runners.afterwards import has_run, wait_afterwards
from awaitall.runners.inside import wait_for_user, wait_inside
from awaitall.session import Session, current_session
from awaitall.threads import in_main_thread

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

__all__ = ["Debugger", "breakpoint"]

_MORE = "...   "  # as pdb has it

#: The runners of the sessions that are for breakpoints outside of any input -> session.
_own: dict[str, Session] = {}


def breakpoint(*, header: str | None = None) -> None:  # noqa: A001  # as users call it
    """Open pdb at the line that calls this; its prompt takes inputs that await. For ``PYTHONBREAKPOINT=awaitall.breakpoint``.

    They are awaited on the loop that runs in this thread, if it is one of asyncio, so that they work on the objects of the
    program; the function that calls this need not be a coroutine. Other tasks run on meanwhile. Between the inputs the world
    stands still, as at every breakpoint.

    Args:
        header: Printed first.
    """
    frame = sys._getframe(1)
    if (pytests := _of_pytest()) is not None:
        pytests._init_pdb("set_trace", **({} if header is None else {"header": header})).set_trace(frame)
        return
    debugger = Debugger()
    if header is not None:
        debugger.message(header)
    debugger.set_trace(frame)


def _of_pytest() -> Any:
    """Return what pytest has in the place of ``pdb.set_trace``, as it captures the output; None outside of a test.

    With it a debugger of :class:`Debugger` is made, unless the user has named another one. Names of
    ``_pytest.debugging.pytestPDB`` were seen in pytest 8.0 to 9.2; without them the output stays captured.
    """
    found = getattr(pdb.set_trace, "__self__", None)
    if not hasattr(found, "_init_pdb") or (config := getattr(found, "_config", None)) is None:
        return None
    config.option.usepdb_cls = config.option.usepdb_cls or (__name__, "Debugger")
    return found


class Debugger(pdb.Pdb):
    """A pdb at whose prompt inputs may await. It leaves no handler of SIGINT behind. Arguments as for ``pdb.Pdb``.

    Also for ``pytest --pdbcls=awaitall.debugger:Debugger``.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"nosigint": True, "skip": ["awaitall", "awaitall.*", "awaitall_*"], **options})
        self._told: set[str] = set()

    def interaction(self, frame: Any, traceback: Any = None) -> None:
        """Open the prompt; after an error that is alone in its group, as trio raises them, where the error is from.

        Python hands over the exception since 3.13, the traceback before.
        """
        self._outside = []
        while isinstance(traceback, BaseExceptionGroup) and len(traceback.exceptions) == 1:
            self._outside += [frame for frame, _ in walk_tb(traceback.__traceback__)]
            (traceback,) = traceback.exceptions
        with _keyboard_interrupts():  # else asyncio.run() would take a Ctrl-C at the prompt for one of its own
            super().interaction(frame, traceback)

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
            value = self._wait_for(compiled.aexecute(frame.f_globals, names))
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

    def _wait_for(self, coro: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine to its end: on the loop that runs in this thread, that has run the frames, or of our own."""
        frames = [*self._outside, *(frame for frame, _ in self.stack)]
        session = _session(has_run(frames))
        if library := current_async_library() or (session.runner if session._inside else None):
            try:
                return wait_for_user(coro, wait_inside(library))
            finally:
                coro.close()
        if (wait := wait_afterwards(frames)) is not None:
            return wait_for_user(coro, wait)
        if library := has_run(frames):
            self._tell(f"the loop that {library} ran is closed; inputs are awaited on another one")
        return session._run_coroutine(coro)

    def _tell(self, fact: str) -> None:
        """Print a fact once."""
        if fact not in self._told:
            self._told.add(fact)
            self.message(f"awaitall: {fact}")


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


def _session(library: str | None) -> Session:
    """Return the session of the input that has come to the breakpoint; without one, a session for all breakpoints.

    Args:
        library: The runner of a session that is made.
    """
    try:
        return current_session()
    except LookupError:
        runner = "trio" if library == "trio" else "curio" if library == "curio" else "asyncio"
        if runner not in _own:
            _own[runner] = Session(runner=runner)
            atexit.register(_own[runner].shutdown)
        return _own[runner]
