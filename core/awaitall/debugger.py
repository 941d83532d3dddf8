"""``breakpoint()`` that awaits: pdb, at whose prompt an input may await, also in the middle of a coroutine."""

from __future__ import annotations

import atexit
import pdb
import sys
from contextlib import ExitStack
from functools import partial
from traceback import walk_tb
from typing import TYPE_CHECKING, Any

from awaitall.current_library import current_async_library
from awaitall.detect import INVALID_SOURCE, command_line, completeness
from awaitall.prompts.input_hook import tasks_during_input
from awaitall.runners.afterwards import has_run, wait_afterwards
from awaitall.runners.inside import without_sigint
from awaitall.session import Session, current_session
from awaitall.threads import get_ident, in_main_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextvars import Context
    from types import FrameType

    from awaitall.runners.inside import Wait

__all__ = ["Debugger", "breakpoint"]

_MORE = "...   "  # as pdb has it

#: Runner and thread -> the session for all breakpoints there.
_own: dict[tuple[str, int], _Session] = {}


def breakpoint(*, header: str | None = None) -> None:  # noqa: A001  # as users call it
    """Open pdb at the line that calls this; its prompt takes inputs that await. For ``PYTHONBREAKPOINT=awaitall.breakpoint``.

    They are awaited on the loop that runs in this thread, if it is one of asyncio, so that they work on the objects of the
    program; the function that calls this need not be a coroutine. Other tasks run on meanwhile. Between the inputs the world
    stands still, as at every breakpoint.

    Args:
        header: Printed first.
    """
    try:
        frame = sys._getframe(1)
    except ValueError:  # as from atexit
        print("awaitall: no code of Python's has called breakpoint(), so there is nothing to look at", file=sys.stderr)
        return
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
        self._waiting = ExitStack()

    def interaction(self, frame: Any, traceback: Any = None) -> None:
        """Open the prompt; after an error that is alone in its group, as trio raises them, where the error is from.

        Python hands over the exception since 3.13, the traceback before: ``sys.last_value`` may be its exception then.
        """
        self._outside = []
        last = getattr(sys, "last_value", None)
        if traceback is not None and traceback is getattr(last, "__traceback__", None):
            traceback = last
        while isinstance(traceback, BaseExceptionGroup) and len(traceback.exceptions) == 1:
            self._outside += [frame for frame, _ in walk_tb(traceback.__traceback__)]
            (traceback,) = traceback.exceptions
        if sys.version_info < (3, 13) and isinstance(traceback, BaseException):
            traceback = traceback.__traceback__
        if not in_main_thread():
            self._tell("this is not the main thread, so Ctrl-C does not come here")
        with without_sigint():  # else asyncio.run() would take a Ctrl-C at the prompt for one of its own
            while True:
                try:
                    return super().interaction(frame, traceback)
                except KeyboardInterrupt:  # while pdb tells of another one, which would end the program
                    pass

    # -- the prompt waits; the loop of the program goes on, if the user wants that --------------------------------------------

    def cmdloop(self, intro: Any = None) -> None:
        try:
            super().cmdloop(intro)
        except BaseException:
            self._waiting.__exit__(*sys.exc_info())
            raise

    def preloop(self) -> None:
        super().preloop()
        self._wait()

    def precmd(self, line: str) -> str:
        self._waiting.close()
        return super().precmd(line)

    def postcmd(self, stop: bool, line: str) -> bool:
        stop = super().postcmd(stop, line)
        if not stop:
            self._wait()
        return stop

    def _wait(self) -> None:
        self._waiting.enter_context(tasks_during_input(self._session()))

    # -- inputs that await, and line commands -----------------------------------------------------------------------------

    def default(self, line: str) -> None:
        source = self._whole(line.removeprefix("!").strip())
        if source is None:
            return
        session = self._session()
        if command_line(source) is None and not _awaits(session, source):
            super().default(source)
            return
        frame = self.curframe
        assert frame is not None
        # Up to 3.12 the mapping is made anew, and what was bound is lost, each time that the frame is asked (PEP 667).
        names = frame.f_locals if sys.version_info >= (3, 13) else self.curframe_locals
        try:
            outcome = session.evaluate(source, frame.f_globals, names)
            self.stdout.write(outcome.text)
            value = outcome.unwrap()
            if outcome.has_value:
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

    def _session(self) -> _Session:
        """Return the session that awaits what is typed now, where the frames of the prompt have been run."""
        frames = [*self._outside, *(frame for frame, _ in self.stack)]
        session = _session(has_run(frames))
        session.frames, session.tell = frames, self._tell
        return session

    def _tell(self, fact: str) -> None:
        """Print a fact once."""
        if fact not in self._told:
            self._told.add(fact)
            self.message(f"awaitall: {fact}")


def _awaits(session: Session, source: str) -> bool:
    try:
        return session.compile(source).is_async
    except INVALID_SOURCE:
        return False


class _Session(Session):
    """The session of the debugger.

    Attributes:
        frames: Those of the prompt, the outermost first.
        tell: Prints a fact, once.
    """

    frames: Sequence[FrameType] = ()
    tell: Callable[[str], object]

    def __init__(self, runner: str) -> None:
        super().__init__(runner=runner)
        self.nests = True
        self.hints = False
        self.inside_a_loop = (
            "For await to work here, the task needs a portal before it comes here: "
            "await greenback.ensure_portal() (pip install greenback)."
        )

    def _way_inside(self, context: Context | None = None) -> Wait | None:
        """Return what waits for a coroutine on the loop that runs in this thread or has run the frames; None without one."""
        if current_async_library() is not None:
            return super()._way_inside()  # in the context of the program
        if (library := _library_of_input()) is not None:
            return self._wait_inside(library)
        if (wait := wait_afterwards(self.frames)) is not None:
            return partial(self._wait_for_user, wait=wait)
        if library := has_run(self.frames):
            self.tell(f"the loop that {library} ran is closed; inputs are awaited on another one")
        return None


def _library_of_input() -> str | None:
    """Return the runner of a session of which an input without await has come here; its loop stands still meanwhile."""
    try:
        session = current_session()
    except LookupError:
        return None
    return session.runner if session._inside and not isinstance(session, _Session) else None


def _session(library: str | None) -> _Session:
    """Return the session for all breakpoints in this thread.

    Args:
        library: What has run the frames of the prompt; it chooses the runner of the session.
    """
    runner = library or "asyncio"
    key = runner, get_ident()
    if key not in _own:
        _own[key] = _Session(runner)
        if in_main_thread():
            atexit.register(_own[key].shutdown)
    return _own[key]
