"""One SIGINT handler for every runner, in place only while an input is being awaited.

A shell may put back, long after an input, whatever handler it found during it (xonsh's PopenThread does). Since the handler is
this one function, which acts as Python's own when no input runs, a stale one costs nothing: Ctrl-C never goes dead.
"""

from __future__ import annotations

import signal
import threading

# signal.signal() converts to and from enums, 10 to 25 microseconds a call, more than all the rest of an input (Lib/signal.py).
from _signal import getsignal as _getsignal  # type: ignore[import-not-found]
from _signal import signal as _setsignal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType

__all__ = ["Guard", "only_interrupts", "package", "raises_here", "sigint"]

_SIGINT = int(signal.SIGINT)

_current: Callable[[FrameType | None], bool] | None = None

#: Packages whose frames must not see a KeyboardInterrupt out of nowhere: their state would be left half changed.
FRAMEWORKS = frozenset({"asyncio", "trio", "anyio", "curio", "uvloop", "awaitall"})

#: What frameworks are built with, and users too: whose code it runs is told by the caller.
HELPERS = frozenset(
    {"_weakrefset", "attr", "collections", "contextlib", "enum", "functools", "outcome", "sortedcontainers", "weakref"}
)


def sigint(signum: int, frame: FrameType | None) -> None:
    """Handle SIGINT: hand it to the runner that is awaiting an input, else raise KeyboardInterrupt as Python does."""
    if _current is None or not _current(frame):
        signal.default_int_handler(signum, frame)


class Guard:
    """Send Ctrl-C to ``interrupt`` for as long as the block runs.

    Does nothing off the main thread, and leaves alone a handler that somebody else has set: such a host calls
    ``Session.interrupt`` by itself.

    Args:
        interrupt: Called in the signal handler, on the main thread, with the frame that was interrupted; gives False if the
            signal is none of its business.
    """

    __slots__ = ("_installed", "_interrupt", "_outer", "_outer_wakeup")

    def __init__(self, interrupt: Callable[[FrameType | None], bool]) -> None:
        self._interrupt = interrupt

    def __enter__(self) -> Guard:
        global _current
        self._installed = threading.get_ident() == threading.main_thread().ident and (
            (handler := _getsignal(_SIGINT)) is sigint or handler is signal.default_int_handler
        )
        if self._installed:
            # In this order, and in the reverse at the end: a KeyboardInterrupt raised on the way in or out leaves nothing behind.
            _setsignal(_SIGINT, sigint)
            self._outer, _current = _current, self._interrupt
            self._outer_wakeup: int | None = None
        return self

    def wake(self, fd: int) -> None:
        """Have each signal write a byte to a file descriptor at once (``signal.set_wakeup_fd``), from now on in this block.

        To be called before the loop may wait: a signal that arrives just before it does would be handled only when something
        else ends the wait.
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


def package(frame: FrameType) -> str:
    """Give the name of the top-level package whose code a frame runs; users may have put anything into ``__name__``."""
    return str(frame.f_globals.get("__name__")).partition(".")[0]


def raises_here(frame: FrameType | None, root: FrameType | None) -> bool:
    """Tell whether a KeyboardInterrupt may be raised in ``frame``: the input's own code, called from the frame ``root``."""
    caller = frame
    while caller is not None and caller is not root and package(caller) in HELPERS:
        caller = caller.f_back
    if caller is None or root is None or package(caller) in FRAMEWORKS:
        return False
    while caller is not None and caller is not root:
        caller = caller.f_back
    return caller is root


def only_interrupts(exc: BaseException, cancelled: type[BaseException]) -> bool:
    """Tell whether an exception, or each leaf of a group, is nothing but the interruption of the input."""
    if isinstance(exc, BaseExceptionGroup):
        return all(only_interrupts(leaf, cancelled) for leaf in exc.exceptions)
    return isinstance(exc, (KeyboardInterrupt, cancelled))
