"""What the runners with an event loop have in common: the one input that is being run, and who may run it."""

from __future__ import annotations

import threading
import time
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, TypeVar

from awaitall import interrupts
from awaitall.contracts import Runner
from awaitall.current_library import current_async_library
from awaitall.errors import ClosedError, RunningLoopError, WrongThreadError
from awaitall.polling import readable
from awaitall.runners.watchdog import Watchdog
from awaitall.threads import get_ident

if TYPE_CHECKING:
    import contextvars
    from collections.abc import Callable, Coroutine, Sequence
    from types import FrameType

    from awaitall.contracts import HandedOver

__all__ = ["ForegroundInput", "LoopRunner", "PromptWait", "SpawnedTask", "check", "is_unresponsive"]

_T = TypeVar("_T")


class ForegroundInput:
    """The input being run, and how it ended.

    Args:
        coro: The input.
        cancelled: What the loop raises in a coroutine to cancel it.

    Attributes:
        ready: Whether there is a loop that can be told of a Ctrl-C.
        pressed: ``time.monotonic()`` of the first Ctrl-C, or None.
        delivered: Whether that Ctrl-C has reached the input.
        suspended: Whether Ctrl-Z has been pressed.
        began: ``time.monotonic()`` of its start.
        handed_over: What follows the input in the background, or None.
    """

    __slots__ = (
        "began",
        "cancelled",
        "coro",
        "delivered",
        "done",
        "error",
        "handed_over",
        "pressed",
        "ready",
        "started",
        "suspended",
        "value",
    )

    def __init__(self, coro: Coroutine[Any, Any, Any], cancelled: type[BaseException]) -> None:
        self.coro = coro
        self.cancelled = cancelled
        self.ready = False
        self.started = False
        self.done = False
        self.value: Any = None
        self.error: BaseException | None = None
        self.pressed: float | None = None
        self.delivered = False
        self.suspended = False
        self.began = time.monotonic()
        self.handed_over: HandedOver | None = None

    def end(self, value: Any = None, error: BaseException | None = None) -> None:
        """Record the outcome; that of an input which has gone to the background is told, and one comes too late after another."""
        if self.handed_over is not None:
            if error is not None and interrupts.only_interrupts(error, self.cancelled):
                error = error if isinstance(error, self.cancelled) else KeyboardInterrupt()
            self.handed_over.end(value, error)
        elif not self.done:
            self.value, self.error, self.done = value, error, True

    def leave(self, handed_over: HandedOver) -> None:
        """Go to the background: for the prompt the input is over."""
        self.handed_over, self.done = handed_over, True

    def deliver(self) -> bool:
        """Record that a Ctrl-C reaches the input; False if it has ended, or one has reached it before."""
        if self.done or self.delivered:
            return False
        self.delivered = True
        return True

    def outcome(self) -> Any:
        """Return the value, or raise the error; what Ctrl-C did to the input comes out as KeyboardInterrupt."""
        try:
            if self.pressed is not None and not self.delivered:
                raise KeyboardInterrupt  # the input ended by itself first; the key was pressed all the same
            if self.error is None:
                return self.value
            if self.pressed is not None and interrupts.only_interrupts(self.error, self.cancelled):
                if isinstance(self.error, KeyboardInterrupt):
                    raise self.error
                raise KeyboardInterrupt from None
            raise self.error
        finally:
            self.error = None  # the traceback holds this frame


class SpawnedTask:
    """A background task that a runner has been asked to start; its handle.

    Attributes:
        began: ``time.monotonic()`` of its start.
        task: That of the loop, once it runs.
        over: The event of the library that tells of its end.
    """

    __slots__ = ("__weakref__", "began", "coro", "name", "over", "task")

    def __init__(self, coro: Coroutine[Any, Any, Any], name: str | None, over: Any) -> None:
        self.coro = coro
        self.name = name or str(getattr(coro, "__name__", "task"))
        self.began = time.monotonic()
        self.task: Any = None
        self.over = over


class PromptWait:
    """The prompt, which waits while the loop runs.

    Attributes:
        done: Whether it is over.
        ready: As for an input.
        pressed: As for an input.
    """

    __slots__ = ("done", "pressed", "ready")

    def __init__(self) -> None:
        self.done = False
        self.ready = False
        self.pressed: float | None = None


class LoopRunner(Runner):
    """A runner with an event loop: one input after the other in the foreground, and what Ctrl-C does to it.

    Attributes:
        cancelled: What the loop raises in a coroutine to cancel it.
    """

    cancelled: type[BaseException]

    def __init__(self, context: contextvars.Context) -> None:
        super().__init__(context)
        self._thread = get_ident()
        self._foreground: ForegroundInput | None = None
        self._pumping: PromptWait | None = None
        self._closed = False
        self._watchdog = Watchdog(self)

    def run(self, coro: Coroutine[Any, Any, Any]) -> Any:
        foreground = ForegroundInput(coro, self.cancelled)
        try:
            check(self._closed, self._thread)
            self._foreground = foreground
            suspend = None if self.hand_over is None else self.suspend
            with interrupts.SigintGuard(self.interrupt, suspend=suspend) as guard:
                self._open_again()
                foreground.ready = True
                if foreground.pressed is None:
                    if foreground.suspended:
                        self._soon(self._hand_over, foreground)
                    with self._watchdog:
                        self._await(foreground, guard)
        finally:
            self._foreground = None
            foreground.done = True
            if not foreground.started:
                coro.close()
        return foreground.outcome()

    @abstractmethod
    def _open_again(self) -> None:
        """Open another loop, if an input has closed the one that there was."""

    @abstractmethod
    def _await(self, foreground: ForegroundInput, guard: interrupts.SigintGuard) -> None:
        """Run the loop until the input is done."""

    def pump(self, fds: Sequence[int], timeout: float | None = None) -> None:
        check(self._closed, self._thread)
        if readable(fds):  # as a plain file always is; not every loop can wait for one
            fds, timeout = (), 0.0  # type-ahead does not starve the tasks
        self._pumping = pump = PromptWait()
        try:
            with interrupts.SigintGuard(self.interrupt) as guard:
                self._open_again()
                pump.ready = True
                if pump.pressed is None:
                    with self._watchdog:
                        self._pump(fds, timeout, pump, guard)
        finally:
            self._pumping = None
        if pump.pressed is not None:
            raise KeyboardInterrupt

    @abstractmethod
    def _pump(self, fds: Sequence[int], timeout: float | None, pump: PromptWait, guard: interrupts.SigintGuard) -> None:
        """Run the loop until one of the file descriptors is readable, the time is over, or the pump is done."""

    def _interrupt_pump(self, pump: PromptWait, frame: FrameType | None) -> bool:
        if pump.pressed is None:
            pump.pressed = time.monotonic()
            if pump.ready:
                self._soon(self._end_pump, pump)
        elif is_unresponsive(pump.pressed, frame):
            raise KeyboardInterrupt  # in a background task that never awaits
        return True

    @abstractmethod
    def _end_pump(self, pump: PromptWait) -> Any:
        """End the pumping; called on the loop."""

    def interrupt(self, frame: FrameType | None = None) -> bool:
        foreground = self._foreground
        if foreground is None:
            return self._pumping is not None and self._interrupt_pump(self._pumping, frame)
        first = foreground.pressed is None
        if foreground.pressed is None:
            foreground.pressed = time.monotonic()
        if foreground.done or not foreground.ready:
            return True
        _raise_in(foreground, frame)
        if first:
            self._soon(self._cancel, foreground)
        elif foreground.delivered:
            self._soon(self._abandon, foreground)
        elif is_unresponsive(foreground.pressed, frame):
            raise KeyboardInterrupt  # a background task that never awaits keeps the loop from everything
        return True

    def _let_through(self) -> bool:
        """Take a KeyboardInterrupt that the loop has let through for a Ctrl-C, if somebody's handler may have raised it.

        Else, on asyncio and curio, a background task has raised it, and is told of as one that has failed.
        """
        return interrupts.is_replaced() and self.interrupt()

    def suspend(self, frame: FrameType | None = None) -> bool:
        """Do what Ctrl-Z does, in a signal handler: hand the input over to the background as soon as it waits.

        Args:
            frame: The frame that the signal interrupted.
        """
        foreground = self._foreground
        if foreground is None:
            return False
        if not foreground.suspended:
            foreground.suspended = True
            if foreground.ready:
                self._soon(self._hand_over, foreground)
        return True

    @property
    def interrupted(self) -> bool:
        foreground = self._foreground
        return foreground is not None and foreground.pressed is not None and not foreground.delivered

    def raise_if_interrupted(self, frame: FrameType | None) -> None:
        if self._foreground is not None and self.interrupted:
            _raise_in(self._foreground, frame)

    @abstractmethod
    def _soon(self, function: Callable[[_T], Any], what: _T) -> None:
        """Schedule a method on the loop; called in the signal handler, and in other threads."""

    @property
    def runs_input(self) -> bool:
        """Whether an input is being awaited."""
        return self._foreground is not None

    @abstractmethod
    def has_started_tasks(self) -> bool:
        """Return whether :meth:`started_tasks` has any, without a look at each; called in another thread, once a second."""

    @abstractmethod
    def started_tasks(self) -> list[tuple[str, Any]]:
        """Return the names and the coroutines of the tasks that this runner has seen begin; called in another thread."""

    def ask(self, answer: threading.Event) -> None:
        """Have the loop set an event; called in another thread."""
        self._soon(threading.Event.set, answer)

    @abstractmethod
    def _cancel(self, foreground: ForegroundInput) -> Any:
        """Cancel the input; mark it as delivered. One that has not started ends with KeyboardInterrupt."""

    @abstractmethod
    def _hand_over(self, foreground: ForegroundInput) -> Any:
        """Return to the prompt, and let the input go on as a background task; cancel it if the session wants that."""

    def _has_begun(self, foreground: ForegroundInput) -> bool:
        """Report whether the input can be handed over; before it has begun, :meth:`_hand_over` is called once more."""
        if foreground.done:
            return False
        if not foreground.started:
            self._soon(self._hand_over, foreground)
        return foreground.started

    def _leave(self, foreground: ForegroundInput, handle: Any) -> HandedOver | None:
        """Ask the session to follow the input in the background; None if it is to be cancelled, or has ended."""
        assert self.hand_over is not None
        handed_over = self.hand_over(handle, foreground.began)
        if handed_over is not None:
            foreground.leave(handed_over)
        return handed_over

    @abstractmethod
    def _abandon(self, foreground: ForegroundInput) -> Any:
        """Return to the prompt though the input does not end."""


def _raise_in(foreground: ForegroundInput, frame: FrameType | None) -> None:
    """Raise a Ctrl-C right here, if ``frame`` runs code of the input itself."""
    if interrupts.may_raise_in(frame, getattr(foreground.coro, "cr_frame", None)):
        foreground.delivered = True
        raise KeyboardInterrupt


def is_unresponsive(pressed: float, frame: FrameType | None) -> bool:
    """Report whether the loop has had time enough to hear a first Ctrl-C, and a task that can be stopped keeps it from that."""
    return time.monotonic() - pressed > interrupts.UNRESPONSIVE_AFTER and interrupts.is_users(frame)


def check(closed: bool, thread: int) -> None:
    """Refuse an input that a runner cannot run here and now.

    Args:
        closed: Whether the runner is closed.
        thread: The identifier of the thread that opened it.
    """
    if closed:
        raise ClosedError("This runner is closed; open another one to run the input.")
    if get_ident() != thread:
        raise WrongThreadError(
            "Inputs run on the thread that opened the runner, and this is another one. "
            "Use asyncio.run_coroutine_threadsafe() with the loop of the session, or trio.from_thread.run()."
        )
    if library := current_async_library():
        raise RunningLoopError(f"{library} is running in this thread already, so the input cannot be run to its end here.")
