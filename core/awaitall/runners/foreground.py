"""What a task of a running program awaits for a user: Ctrl-C cancels that, and nothing else of the program."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from abc import ABC, abstractmethod
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Any, ClassVar

from awaitall.current_library import current_async_library, is_cancellation
from awaitall.errors import UnsupportedError
from awaitall.interrupts import SigintGuard, may_raise_in, sigint
from awaitall.polling import socket_pair, telling_when_readable
from awaitall.runners.hosted import runs_spawned
from awaitall.runners.keyboard_readers import watched
from awaitall.runners.loop_runner import ForegroundInput, is_unresponsive
from awaitall.system import SIGNALS_WAKE
from awaitall.threads import in_main_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from contextlib import AbstractContextManager
    from types import FrameType, TracebackType
    from typing import Self

__all__ = ["AsyncioForeground", "HostForeground", "OnlySigint", "TrioForeground", "Wakeup", "foreground"]


class OnlySigint(SigintGuard):
    """A guard that leaves SIGTERM and SIGHUP to the program, and does not tell it of SIGINT."""

    handlers: ClassVar[dict[int, Any]] = {int(signal.SIGINT): sigint}

    __slots__ = ()

    def __init__(self, interrupt: Callable[[FrameType | None], bool]) -> None:
        super().__init__(interrupt, asks_host=False)


def _is_of_pdb(handler: object) -> bool:
    """Report whether a handler is what pdb leaves behind after ``continue`` (Lib/pdb.py, 3.11 to 3.15)."""
    return getattr(handler, "__module__", None) == "pdb"


class HostForeground(ABC):
    """The task that has made this, and what it awaits for the user, one thing after the other. For use in that task alone.

    It is a context manager, in which the program hears of no SIGINT; signals come to the main thread alone.

    Args:
        owns_sigint: Whether SIGINT is for this; else it stays with the program.

    Attributes:
        cancelled: What the library raises in a coroutine to cancel it.
        is_over: Whether the program has cancelled the task.
        is_late: Whether a Ctrl-C has come since the last coroutine has ended.
    """

    cancelled: type[BaseException]

    def __init__(self, owns_sigint: bool) -> None:
        self.is_over = False
        self._owns_sigint = owns_sigint
        self._input: ForegroundInput | None = None
        self.is_late = False
        self._guard = self._new_guard()

    def _new_guard(self) -> AbstractContextManager[object]:
        return OnlySigint(self.interrupt) if self._owns_sigint else nullcontext()

    def __enter__(self) -> Self:
        self._found = signal.getsignal(signal.SIGINT)
        self._guard.__enter__()
        return self

    def __exit__(self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self._guard.__exit__(exc_type, exc, tb)
        if self._owns_sigint and in_main_thread() and _is_of_pdb(signal.getsignal(signal.SIGINT)):
            signal.signal(signal.SIGINT, self._found)

    async def run(self, coro: Coroutine[Any, Any, Any], pressed: Callable[[], object] = bool) -> Any:
        """Await a coroutine in this task, and return what it returns.

        Ctrl-C cancels it, once more each time, and comes out as KeyboardInterrupt when its cleanup has run; where code of its
        own runs that does not await, it is raised there. One that has come since the last coroutine is for this one. A task of
        the program is left alone; only in one that the session has started, and that keeps the loop from hearing of a first
        Ctrl-C, a later one is raised.

        Args:
            coro: What is awaited.
            pressed: Called in the signal handler, for each Ctrl-C.

        Raises:
            What the coroutine raises. That the library cancels by may be an affair of the coroutine, unless :attr:`is_over`.
        """
        self._pressed = pressed
        self._input = waiting = ForegroundInput(coro, self.cancelled)
        try:
            with self._new_guard():  # the coroutine before may have set another handler
                if self.is_late:
                    self.is_late = False
                    raise KeyboardInterrupt
                self._begin()
                try:
                    waiting.value = await coro
                except BaseException as exc:
                    waiting.error = exc
                finally:
                    waiting.done = True
                    self.is_over = self._end() and waiting.error is not None and is_cancellation(waiting.error)
            if self.is_over:
                waiting.pressed = None
            return waiting.outcome()
        finally:
            self._input = None
            coro.close()  # in case it has not begun

    def interrupt(self, frame: FrameType | None) -> bool:
        """Do what Ctrl-C does, in a signal handler; False leaves it to the program, if that lets the loop run no more.

        Args:
            frame: The frame that the signal interrupted.

        Raises:
            KeyboardInterrupt: to stop code of what is awaited that does not await.
        """
        waiting = self._input
        if not self._runs():
            return False
        if waiting is None or waiting.done:
            self.is_late = True
            return True
        first = waiting.pressed is None
        if waiting.pressed is None:
            waiting.pressed = time.monotonic()
        self._pressed()
        self.raise_if_interrupted(frame)
        if not first and not waiting.delivered and is_unresponsive(waiting.pressed, frame) and runs_spawned(frame):
            raise KeyboardInterrupt
        self.soon(self._cancel, waiting)
        return True

    @property
    def interrupted(self) -> bool:
        """Whether a Ctrl-C is on its way to what is awaited."""
        waiting = self._input
        return self.is_late if waiting is None else waiting.pressed is not None and not waiting.delivered

    def raise_if_interrupted(self, frame: FrameType | None) -> None:
        """Raise KeyboardInterrupt if a Ctrl-C has struck other code that the coroutine has called, and that is at its end now.

        Args:
            frame: That this returns to; if it is not of the coroutine itself, nothing is raised.
        """
        waiting = self._input
        if waiting is None or waiting.pressed is None or waiting.delivered or waiting.done:
            return
        if may_raise_in(frame, getattr(waiting.coro, "cr_frame", None)):
            waiting.delivered = True
            raise KeyboardInterrupt

    @abstractmethod
    def soon(self, function: Callable[..., object], *arguments: object) -> None:
        """Have the loop call a function; called in a signal handler, and in other threads. Does nothing once it is closed."""

    @abstractmethod
    async def readable(self, fd: int) -> None:
        """Wait until a file descriptor is readable; a plain file always is."""

    def _runs(self) -> bool:
        """Report whether the loop runs."""
        return True

    @abstractmethod
    def _cancel(self, waiting: ForegroundInput) -> None:
        """Cancel what is being awaited; called on the loop, and at any time."""

    def _begin(self) -> None:  # noqa: B027  # there may be nothing to do
        """Prepare for what is awaited next."""

    @abstractmethod
    def _end(self) -> bool:
        """Take back what has been done to the task to cancel what it has awaited; report whether the program has cancelled it."""


class AsyncioForeground(HostForeground):
    """In a task of asyncio."""

    cancelled = asyncio.CancelledError

    def __init__(self, owns_sigint: bool) -> None:
        super().__init__(owns_sigint)
        self._loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        if task is None:
            raise UnsupportedError("A shell is awaited in a task of asyncio, and this is none.")
        self.task: asyncio.Task[Any] = task
        self._sent = 0
        self._requests = task.cancelling()
        self._wakeup = Wakeup(self._loop)

    def __enter__(self) -> Self:
        if self._owns_sigint:
            self._wakeup.open()
        return super().__enter__()

    def __exit__(self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self._wakeup.close()
        super().__exit__(exc_type, exc, tb)

    def soon(self, function: Callable[..., object], *arguments: object) -> None:
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, *arguments)

    async def readable(self, fd: int) -> None:
        event = asyncio.Event()
        with watched(self._loop, fd, event.set):
            await event.wait()

    def _runs(self) -> bool:
        return self._loop.is_running()

    def _cancel(self, waiting: ForegroundInput) -> None:
        if not waiting.done:
            waiting.delivered = True
            self._sent += 1
            self.task.cancel()

    def _begin(self) -> None:
        self._wakeup.take()
        self._loop.call_soon(self._wakeup.take)  # a prompt may listen to signals itself, and begins to at once

    def _end(self) -> bool:
        while self._sent:
            self._sent -= 1
            self.task.uncancel()
        before, self._requests = self._requests, self.task.cancelling()
        return self._requests > before


class Wakeup:
    """Keeps SIGINT from what a program has given to ``loop.add_signal_handler()``, and passes other signals on.

    A loop hears of signals by the bytes that Python writes into the file descriptor of ``signal.set_wakeup_fd()``.
    One is open at a time; it does the work of those that are opened after it.
    """

    _is_open: ClassVar[bool] = False

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._theirs = self._ours = -1

    def open(self) -> None:
        """Begin; off the main thread it does nothing."""
        if in_main_thread() and not Wakeup._is_open:
            receiver, sender = socket_pair()
            try:
                self._loop.add_reader(receiver.fileno(), self._pass_on)
            except NotImplementedError:  # the loop of Windows, which hears of signals from the beginning, and only to wake up
                receiver.close()
                sender.close()
                return
            Wakeup._is_open = True
            self._sockets = receiver, sender
            self._receiver, self._ours = receiver.fileno(), sender.fileno()
            self.take()

    def take(self) -> None:
        """Stand between Python and the loop, if that listens."""
        if self._ours == -1:
            return
        found = signal.set_wakeup_fd(self._ours, warn_on_full_buffer=False)
        if found == -1 and SIGNALS_WAKE:
            signal.set_wakeup_fd(-1)
        elif found != self._ours:
            self._theirs = found

    def _pass_on(self) -> None:
        with suppress(OSError):
            if others := self._sockets[0].recv(4096).replace(bytes([signal.SIGINT]), b""):
                os.write(self._theirs, others)

    def close(self) -> None:
        """Restore what was found, unless somebody has put another one in place meanwhile."""
        if self._ours == -1:
            return
        found = signal.set_wakeup_fd(-1)
        signal.set_wakeup_fd(self._theirs if found == self._ours else found)
        with suppress(RuntimeError):  # the loop is closed
            self._loop.remove_reader(self._receiver)
        self._pass_on()
        for each in self._sockets:
            each.close()
        self._ours = -1
        Wakeup._is_open = False


class TrioForeground(HostForeground):
    """In a task of trio. Private names of trio's tasks that are used here were seen in 0.29 to 0.35."""

    _NAMES = ("_abort_func", "_attempt_abort", "_cancel_status", "_next_send_fn")

    def __init__(self, owns_sigint: bool) -> None:
        import trio

        super().__init__(owns_sigint)
        self.cancelled = trio.Cancelled
        self.task = trio.lowlevel.current_task()
        if missing := [name for name in self._NAMES if not hasattr(self.task, name)]:
            raise UnsupportedError(f"This trio has no Task.{missing[0]}, which Ctrl-C takes: pip install -U awaitall")
        self._token = trio.lowlevel.current_trio_token()
        self._scopes = self.task._cancel_status

    def soon(self, function: Callable[..., object], *arguments: object) -> None:
        with suppress(RuntimeError):
            self._token.run_sync_soon(function, *arguments)

    def _end(self) -> bool:
        return self._scopes.effectively_cancelled

    async def readable(self, fd: int) -> None:
        import trio

        try:
            await trio.lowlevel.wait_readable(fd)
        except OSError:  # of a plain file, or a terminal
            event = trio.Event()
            with telling_when_readable([fd], lambda: self.soon(event.set)):
                await event.wait()

    def _cancel(self, waiting: ForegroundInput) -> None:
        """Raise KeyboardInterrupt where the task waits: no scope is needed for that, and cleanup may wait once more."""

        def interrupt() -> None:
            waiting.delivered = True
            raise KeyboardInterrupt

        if waiting.done:
            return
        if self.task._next_send_fn is not None:  # it is about to run
            self.soon(self._cancel, waiting)
        elif self.task._abort_func is not None:  # else it waits for what cannot be interrupted, as a thread
            self.task._attempt_abort(interrupt)


def foreground(owns_sigint: bool) -> HostForeground:
    """Return what awaits in the task that calls this.

    Args:
        owns_sigint: As for :class:`HostForeground`.

    Raises:
        UnsupportedError: no library runs here that this is known for.
    """
    library = current_async_library()
    if library == "asyncio":
        return AsyncioForeground(owns_sigint)
    if library == "trio":
        return TrioForeground(owns_sigint)
    raise UnsupportedError(f"A shell can be awaited on asyncio, uvloop and trio, and here {library or 'none of them'} runs.")
