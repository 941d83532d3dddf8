"""One handler for Ctrl-C, one for Ctrl-Z, and one for what ends the process, for every runner and every prompt.

A signal handler that raises may do so between any two steps of the code that puts handlers in place and takes them away. So what
these do depends on the guard that is active alone, they raise nothing in the code of a guard, and one that was left behind
acts as the handler that it stands for. That also serves shells that put back, long after an input, whatever handler they found
during it (xonsh's PopenThread does): Ctrl-C never goes dead.
"""

from __future__ import annotations

import signal
import sys

# signal.signal() converts to and from enums, 10 to 25 microseconds a call, more than all the rest of an input (Lib/signal.py).
from _signal import getsignal as _getsignal
from _signal import signal as _setsignal
from typing import TYPE_CHECKING, Any, ClassVar

from awaitall.system import SIGTSTP, TERMINATIONS
from awaitall.threads import in_main_thread

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType

    _Handler = Callable[[int, FrameType | None], object]

__all__ = [
    "FRAMEWORKS",
    "FROM_OUTSIDE",
    "UNRESPONSIVE_AFTER",
    "DeferredTermination",
    "PromptGuard",
    "PromptHandler",
    "SigintGuard",
    "Termination",
    "exit_on_termination",
    "in_framework",
    "is_framework",
    "is_ours",
    "is_replaced",
    "is_users",
    "may_raise_in",
    "only_interrupts",
    "restore_termination_signals",
    "sigint",
    "top_level_package",
]

_SIGINT = int(signal.SIGINT)

#: Seconds that the loop may be deaf after a first Ctrl-C before a second one is raised in whatever keeps it busy.
UNRESPONSIVE_AFTER = 0.3

#: Packages whose frames must not see a KeyboardInterrupt out of nowhere: their state would be left half changed.
FRAMEWORKS = frozenset({"asyncio", "trio", "anyio", "curio", "uvloop", "awaitall"})

#: What frameworks are built with, and users too: whose code it runs is told by the caller. The standard library is another one.
NEUTRAL_PACKAGES = frozenset({"attr", "outcome", "sortedcontainers"})

#: The guard that was entered last, and is not left yet.
_guard: SigintGuard | None = None

#: Signal -> the handler that ours has taken the place of most recently; of SIGTSTP also ``SIG_DFL`` or ``SIG_IGN``.
_found: dict[int, Any] = {}


class Termination(SystemExit):
    """SIGTERM or SIGHUP, in a shell that ends its tasks first; SystemExit is what the code of a user may raise."""


#: What a signal raises, whatever code happens to run: it is never taken for a fault of that code.
FROM_OUTSIDE = (KeyboardInterrupt, Termination)


def sigint(signum: int, frame: FrameType | None) -> None:
    """Handle SIGINT: hand it to the guard that is active, else raise KeyboardInterrupt as Python does."""
    _hand_over(signum, frame, sigint)


def _hand_over(signum: int, frame: FrameType | None, handler: _Handler) -> None:
    guard = _active()
    if guard is None:
        signal.default_int_handler(signum, frame)
    elif not guard.interrupts(frame, handler):
        _found[signum](signum, frame)


class _HostFirst:
    """Handles SIGINT as :func:`sigint` does, for one guard, which asks the handler that it has found first.

    That handler may go while the guard is active. Its owner then puts back what it had found itself, ``sigint`` or an older one
    of these: so each guard has one of its own, and asks nobody when another one is called (uvicorn does so when it ends).
    """

    def __call__(self, signum: int, frame: FrameType | None) -> None:
        _hand_over(signum, frame, self)


def is_ours(handler: object) -> bool:
    """Report whether a handler is one of this module."""
    return handler is sigint or handler is _terminate or handler is _suspend or isinstance(handler, _HostFirst)


def _terminate(signum: int, frame: FrameType | None) -> None:
    """Handle SIGTERM or SIGHUP: hold it back to the end of the guard, else act as the handler in whose place this one is."""
    guard = _active()
    if guard is None or not guard.terminates(signum, frame):
        _found[signum](signum, frame)


def _suspend(signum: int, frame: FrameType | None) -> None:
    """Handle SIGTSTP: hand it to the guard that is active, else act as the handler in whose place this one is."""
    guard = _active()
    if guard is not None and guard.suspends(frame):
        return
    found = _found[signum]
    if callable(found):
        found(signum, frame)
    elif found == signal.SIG_DFL:
        _setsignal(signum, found)
        try:
            signal.raise_signal(signum)  # the process stands still in here
        finally:
            _setsignal(signum, _suspend)


def _active() -> SigintGuard | None:
    """Return the innermost guard that is not over; one that is may still stand there, as a handler has raised meanwhile."""
    guard = _guard
    while guard is not None and guard.over:
        guard = guard.outer
    return guard


def is_replaced() -> bool:
    """Report whether somebody has put another handler of SIGINT in place during a guard; always False off the main thread."""
    handler = _getsignal(_SIGINT)
    return in_main_thread() and callable(handler) and not is_ours(handler) and not isinstance(handler, PromptHandler)


class PromptHandler:
    """The base of handlers of SIGINT that tell the session by themselves, and stay in place: no guard takes their place."""


class SigintGuard:
    """Send Ctrl-C to ``interrupt`` for as long as the block runs, and hold SIGTERM and SIGHUP back to the end of the block.

    Does nothing off the main thread, nor to signals without a handler of Python's. A handler that somebody else has set for
    SIGINT is asked first: if it raises KeyboardInterrupt, that is a Ctrl-C like any other; such a host may also have called
    ``Session.interrupt`` by itself. What the handlers of SIGTERM and SIGHUP raise comes at the end, when no task can catch it.

    Args:
        interrupt: Called in the signal handler, on the main thread, with the frame that was interrupted; returns False if the
            signal is none of its business. Must not raise in the code of a guard, nor where the block would be left half done.
        end: Called likewise when the process is to end; as ``interrupt`` where omitted. What it returns does not matter.
        suspend: Called likewise for SIGTSTP, by which Ctrl-Z arrives. Where omitted, SIGTSTP does what it always does.
        asks_host: Whether a handler of somebody else's is asked at all before ``interrupt``.

    Attributes:
        outer: The guard around this one, or None.
        over: Whether all handlers are back.
        signum: The signal by which the process is to end, or None.
    """

    #: Signal -> the handler of ours that is put in place.
    handlers: ClassVar[dict[int, _Handler]] = {_SIGINT: sigint, **dict.fromkeys(TERMINATIONS, _terminate)}

    __slots__ = (
        "_asks_host",
        "_end",
        "_host",
        "_host_first",
        "_installed",
        "_interrupt",
        "_outer_wakeup",
        "_suspend",
        "_taken",
        "outer",
        "over",
        "signum",
    )

    def __init__(
        self,
        interrupt: Callable[[FrameType | None], bool],
        end: Callable[[FrameType | None], object] | None = None,
        suspend: Callable[[FrameType | None], bool] | None = None,
        *,
        asks_host: bool = True,
    ) -> None:
        self._interrupt = interrupt
        self._end = end or interrupt
        self._suspend = suspend
        self._asks_host = asks_host
        self._host: _Handler | None = None
        self._host_first: _HostFirst | None = None
        self.over = False
        self.signum: int | None = None
        self._taken: list[tuple[int, Any]] = []
        self._outer_wakeup: int | None = None

    def __enter__(self) -> SigintGuard:
        global _guard
        self.outer = _active()
        self._installed = in_main_thread()
        if self._installed:
            try:
                _guard = self  # before any handler of ours is in place, and until none is
                for signum, ours in self.handlers.items():
                    self._take(signum, ours)
                if self._suspend is not None:
                    self._take_suspension()
            except BaseException:  # raised by a handler that was still to be replaced
                _guard = self.outer
                self._give_back()
                raise
        return self

    def _take(self, signum: int, ours: _Handler) -> None:
        handler = _getsignal(signum)
        if not callable(handler) or isinstance(handler, PromptHandler):
            return
        if left_behind := is_ours(handler):
            if signum != _SIGINT or self.outer is not None:
                return
            handler = signal.default_int_handler
        self._taken.append((signum, handler))
        _found[signum] = handler
        if signum == _SIGINT and self._asks_host and handler is not signal.default_int_handler:
            self._host = handler
            ours = self._host_first = _HostFirst()
        if not left_behind:
            _setsignal(signum, ours)

    def _take_suspension(self) -> None:
        handler = None if SIGTSTP is None else _getsignal(SIGTSTP)
        if SIGTSTP is not None and handler is not None and handler is not _suspend:
            self._taken.append((SIGTSTP, handler))
            _found[SIGTSTP] = handler
            _setsignal(SIGTSTP, _suspend)

    def _give_back(self) -> None:
        """Restore all handlers, SIGINT's last. One that is back may raise at any time: then the others come first.

        No loop: the jump back to its beginning, where Python looks for signals, is part of no ``try``.
        """
        try:
            if self._taken:
                signum, handler = self._taken[-1]
                if is_ours(_getsignal(signum)):  # else somebody has put another one in place
                    _setsignal(signum, handler)
                self._taken.pop()
                self._give_back()
            self.over = True
        except BaseException:
            if not self.over:
                self._give_back()
            raise

    def wait(self, fd: int) -> None:
        """Prepare for a loop that may wait, from now on in this block.

        Each signal writes a byte to the file descriptor at once (``signal.set_wakeup_fd``), else one that arrives just before
        the loop waits would be handled only when something else ends the wait. A host that handles SIGINT itself may have such
        a file descriptor of its own, which stays.

        Args:
            fd: -1 where the loop is over.
        """
        if self._installed:
            before = signal.set_wakeup_fd(fd, warn_on_full_buffer=False)
            if self._outer_wakeup is None:
                self._outer_wakeup = before
            if self._outer_wakeup != -1 and self._host is not None:
                signal.set_wakeup_fd(self._outer_wakeup)

    def interrupts(self, frame: FrameType | None, handler: _Handler) -> bool:
        """Do what a SIGINT that this handler of ours has got is to do in this block; False if it is none of its business."""
        if self._host is None or handler is not self._host_first:
            return self._press(frame)
        try:
            self._host(_SIGINT, frame)
            return True
        except KeyboardInterrupt as exc:
            pressed = exc
        # Outside of the handler, as an exception raised in there would show this one as its context.
        try:
            if _comes_from_a_session(pressed) or not self._press(frame):
                raise pressed
        finally:
            del pressed  # its traceback holds this frame
        return True

    def _press(self, frame: FrameType | None) -> bool:
        """Ask the prompt that lets this block run, if there is one, before ``interrupt``; the prompt tells the session."""
        return (isinstance(self.outer, PromptGuard) and self.outer._interrupt(frame)) or self._interrupt(frame)

    def terminates(self, signum: int, frame: FrameType | None) -> bool:
        """Do what a SIGTERM or SIGHUP is to do in this block; False if it is none of its business."""
        self.signum = signum
        self._end(frame)
        return True

    def suspends(self, frame: FrameType | None) -> bool:
        """Do what a SIGTSTP is to do in this block; False if it is none of its business."""
        return self._suspend is not None and self._suspend(frame)

    def __exit__(self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        global _guard
        if self._installed:
            try:
                if self._outer_wakeup is not None:
                    signal.set_wakeup_fd(self._outer_wakeup)
                self._give_back()
            finally:
                _guard = self.outer
                if self.signum is not None:
                    _terminate(self.signum, None)


class PromptGuard(SigintGuard):
    """A guard around a prompt, and around code of others that comes before and after it, which is interrupted as without us.

    The guards of the loops that the prompt lets run ask this one first.

    Args:
        interrupt, end: As for :class:`SigintGuard`, but False is what both return while the prompt does not wait.

    Attributes:
        pressed: Whether a SIGINT has struck our own code, and is to be told to the prompt. At the end of the block it is raised.
    """

    __slots__ = ("pressed",)

    def __init__(self, interrupt: Callable[[FrameType | None], bool], end: Callable[[FrameType | None], bool]) -> None:
        super().__init__(interrupt, end, asks_host=False)
        self.pressed = False

    def interrupts(self, frame: FrameType | None, handler: _Handler) -> bool:
        if super().interrupts(frame, handler):
            return True
        self.pressed = not is_users(frame)
        return self.pressed

    def terminates(self, signum: int, frame: FrameType | None) -> bool:
        self.signum = signum
        if self._end(frame) or not is_users(frame):
            return True
        self.signum = None
        return False

    def __exit__(self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        super().__exit__(exc_type, exc, tb)
        if self.pressed and exc is None:
            sigint(_SIGINT, None)


class DeferredTermination(SigintGuard):
    """A guard that leaves Ctrl-C alone.

    Args:
        act: Called in the signal handler, with the frame that was interrupted, when the process is to end.
    """

    handlers: ClassVar[dict[int, _Handler]] = dict.fromkeys(TERMINATIONS, _terminate)

    __slots__ = ()

    def __init__(self, act: Callable[[FrameType | None], object]) -> None:
        super().__init__(lambda frame: False, act)


def exit_on_termination() -> None:
    """Make SIGTERM and SIGHUP raise SystemExit, so that a shell can end its tasks first, where they would just kill."""
    if in_main_thread():
        for signum in TERMINATIONS:
            if signal.getsignal(signum) is signal.SIG_DFL:
                _found[signum] = _exit
                signal.signal(signum, _terminate)


def restore_termination_signals() -> None:
    """Undo :func:`exit_on_termination`."""
    if in_main_thread():
        for signum in TERMINATIONS:
            if signal.getsignal(signum) is _terminate:
                signal.signal(signum, signal.SIG_DFL)


def _exit(signum: int, frame: FrameType | None) -> None:
    raise Termination(128 + signum)  # the status that shells give to what a signal has ended


def top_level_package(frame: FrameType) -> str:
    """Return the name of the top-level package whose code a frame runs; users may have put anything into ``__name__``."""
    return str(frame.f_globals.get("__name__")).partition(".")[0]


def in_framework(frame: FrameType) -> bool:
    """Report whether a frame runs the code of a framework: of those above, or of ours, adapters included."""
    return is_framework(top_level_package(frame))


def is_framework(package: str) -> bool:
    """Report whether a top-level package is a framework."""
    return package in FRAMEWORKS or package.startswith("awaitall_")


def is_users(frame: FrameType | None) -> bool:
    """Report whether a frame runs the user's code, where a KeyboardInterrupt leaves no framework half changed.

    The standard library and the like do what their caller wants, so the caller decides.
    """
    while frame is not None and _is_neutral(top_level_package(frame)):
        frame = frame.f_back
    return frame is not None and not in_framework(frame)


def may_raise_in(frame: FrameType | None, root: FrameType | None) -> bool:
    """Report whether a KeyboardInterrupt may be raised in ``frame``: the input's own code, called from the frame ``root``."""
    if root is None or not is_users(frame):
        return False
    while frame is not None and frame is not root:
        frame = frame.f_back
    return frame is root


def _is_neutral(name: str) -> bool:
    return name in NEUTRAL_PACKAGES or (name in sys.stdlib_module_names and name not in FRAMEWORKS)


def _comes_from_a_session(exc: KeyboardInterrupt) -> bool:
    """Report whether the handler that has raised this had it from ``Session.interrupt``."""
    tb = exc.__traceback__
    while tb is not None and tb.tb_frame.f_globals.get("__name__") != "awaitall.loop_session":
        tb = tb.tb_next
    return tb is not None


def only_interrupts(exc: BaseException, cancelled: type[BaseException]) -> bool:
    """Report whether an exception, or each leaf of a group, is nothing but the interruption of the input."""
    if isinstance(exc, BaseExceptionGroup):
        return all(only_interrupts(leaf, cancelled) for leaf in exc.exceptions)
    return isinstance(exc, (KeyboardInterrupt, cancelled))
