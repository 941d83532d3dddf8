"""One SIGINT handler for every runner, in place only while an input is being awaited.

A shell may put back, long after an input, whatever handler it found during it (xonsh's PopenThread does). Since the handler is
this one function, which acts as Python's own when no input runs, a stale one costs nothing: Ctrl-C never goes dead.
"""

from __future__ import annotations

import signal
import sys
import threading

# signal.signal() converts to and from enums, 10 to 25 microseconds a call, more than all the rest of an input (Lib/signal.py).
from _signal import getsignal as _getsignal
from _signal import signal as _setsignal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType

__all__ = [
    "DEAF",
    "FROM_OUTSIDE",
    "DeferredTermination",
    "Guard",
    "Termination",
    "die_on_termination",
    "exit_on_termination",
    "in_framework",
    "only_interrupts",
    "package",
    "raises_here",
    "sigint",
]

_SIGINT = int(signal.SIGINT)
_TERMINATIONS = (int(signal.SIGTERM), int(signal.SIGHUP))

_current: Callable[[FrameType | None], bool] | None = None

#: Seconds that the loop may be deaf after a first Ctrl-C before a second one is raised in whatever keeps it busy.
DEAF = 0.3

#: Packages whose frames must not see a KeyboardInterrupt out of nowhere: their state would be left half changed.
FRAMEWORKS = frozenset({"asyncio", "trio", "anyio", "curio", "uvloop", "awaitall"})

#: What frameworks are built with, and users too: whose code it runs is told by the caller. The standard library is another one.
HELPERS = frozenset({"attr", "outcome", "sortedcontainers"})


class Termination(SystemExit):
    """SIGTERM or SIGHUP, in a shell that ends its tasks first; SystemExit is what the code of a user may raise."""


#: What a signal raises, whatever code happens to run: it is never taken for a fault of that code.
FROM_OUTSIDE = (KeyboardInterrupt, Termination)


def sigint(signum: int, frame: FrameType | None) -> None:
    """Handle SIGINT: hand it to the runner that is awaiting an input, else raise KeyboardInterrupt as Python does."""
    if _current is None or not _current(frame):
        signal.default_int_handler(signum, frame)


class Guard:
    """Send Ctrl-C to ``interrupt`` for as long as the block runs.

    Does nothing off the main thread, and leaves alone a handler that somebody else has set: such a host calls
    ``Session.interrupt`` by itself. SIGTERM and SIGHUP, where they have handlers, interrupt as Ctrl-C does, and are handled
    at the end of the block, when no task can catch what the handler raises.

    Args:
        interrupt: Called in the signal handler, on the main thread, with the frame that was interrupted; gives False if the
            signal is none of its business.
    """

    __slots__ = ("_deferred", "_installed", "_interrupt", "_outer", "_outer_wakeup")

    def __init__(self, interrupt: Callable[[FrameType | None], bool]) -> None:
        self._interrupt = interrupt

    def __enter__(self) -> Guard:
        global _current
        self._deferred = DeferredTermination(self._interrupt) if any(map(callable, map(_getsignal, _TERMINATIONS))) else None
        self._installed = threading.get_ident() == threading.main_thread().ident and (
            (handler := _getsignal(_SIGINT)) is sigint or handler is signal.default_int_handler
        )
        if self._installed:
            # In this order, and in the reverse at the end: a KeyboardInterrupt raised on the way in or out leaves nothing behind.
            _setsignal(_SIGINT, sigint)
            self._outer, _current = _current, self._interrupt
            self._outer_wakeup: int | None = None
        if self._deferred is not None:
            self._deferred.__enter__()
        return self

    def wait(self, fd: int) -> None:
        """Prepare for a loop that may wait, from now on in this block.

        Each signal writes a byte to the file descriptor at once (``signal.set_wakeup_fd``), else one that arrives just before
        the loop waits would be handled only when something else ends the wait.
        """
        if self._installed and self._outer_wakeup is None:
            self._outer_wakeup = signal.set_wakeup_fd(fd, warn_on_full_buffer=False)

    def __exit__(self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        global _current
        if self._installed:
            if self._outer_wakeup is not None:
                signal.set_wakeup_fd(self._outer_wakeup)
            _current = self._outer
            if self._outer is None and _getsignal(_SIGINT) is sigint:
                _setsignal(_SIGINT, signal.default_int_handler)
        if self._deferred is not None:
            self._deferred.__exit__(exc_type, exc, tb)


class DeferredTermination:
    """Hold SIGTERM and SIGHUP back for as long as the block runs, if there are handlers for them: what they raise comes after it.

    Args:
        act: Called in the signal handler, with the frame that was interrupted.

    Attributes:
        signum: The signal that has come, or None.
    """

    def __init__(self, act: Callable[[FrameType | None], object]) -> None:
        self._act = act
        self._handlers: dict[int, Any] = {}
        self.signum: int | None = None

    def __enter__(self) -> DeferredTermination:
        if threading.get_ident() == threading.main_thread().ident:
            for signum in _TERMINATIONS:
                if callable(handler := _getsignal(signum)):
                    self._handlers[signum] = handler
                    _setsignal(signum, self._defer)
        return self

    def _defer(self, signum: int, frame: FrameType | None) -> None:
        self.signum = signum
        self._act(frame)

    def __exit__(self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        for signum, handler in self._handlers.items():
            _setsignal(signum, handler)
        if self.signum is not None:
            self._handlers[self.signum](self.signum, None)


def exit_on_termination() -> None:
    """Have SIGTERM and SIGHUP raise SystemExit, so that a shell can end its tasks first, where they would just kill."""
    if threading.current_thread() is threading.main_thread():
        for signum in _TERMINATIONS:
            if signal.getsignal(signum) is signal.SIG_DFL:
                signal.signal(signum, _exit)


def die_on_termination() -> None:
    """Undo :func:`exit_on_termination`."""
    if threading.current_thread() is threading.main_thread():
        for signum in _TERMINATIONS:
            if signal.getsignal(signum) is _exit:
                signal.signal(signum, signal.SIG_DFL)


def _exit(signum: int, frame: FrameType | None) -> None:
    raise Termination(128 + signum)  # the status that shells give to what a signal has ended


def package(frame: FrameType) -> str:
    """Give the name of the top-level package whose code a frame runs; users may have put anything into ``__name__``."""
    return str(frame.f_globals.get("__name__")).partition(".")[0]


def in_framework(frame: FrameType) -> bool:
    """Tell whether a frame runs the code of a framework: of those above, or of ours, adapters included."""
    name = package(frame)
    return name in FRAMEWORKS or name.startswith("awaitall_")


def raises_here(frame: FrameType | None, root: FrameType | None) -> bool:
    """Tell whether a KeyboardInterrupt may be raised in ``frame``: the input's own code, called from the frame ``root``."""
    caller = frame
    while caller is not None and caller is not root and _helps(package(caller)):
        caller = caller.f_back
    if caller is None or root is None or in_framework(caller):
        return False
    while caller is not None and caller is not root:
        caller = caller.f_back
    return caller is root


def _helps(name: str) -> bool:
    return name in HELPERS or (name in sys.stdlib_module_names and name not in FRAMEWORKS)


def only_interrupts(exc: BaseException, cancelled: type[BaseException]) -> bool:
    """Tell whether an exception, or each leaf of a group, is nothing but the interruption of the input."""
    if isinstance(exc, BaseExceptionGroup):
        return all(only_interrupts(leaf, cancelled) for leaf in exc.exceptions)
    return isinstance(exc, (KeyboardInterrupt, cancelled))
