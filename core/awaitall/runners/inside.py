"""Wait for a coroutine in code that does not await, although a loop runs that code: the loop goes on in there.

What is put aside for that is back when the coroutine has ended: the task and the callback that the loop runs.
"""

from __future__ import annotations

import asyncio
import signal

# Between the beginning of signal.signal(), which is Python code, and what it does, a handler might raise.
from _signal import getsignal as _getsignal
from _signal import signal as _setsignal
from contextlib import ExitStack, contextmanager, suppress
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any

from awaitall.current_library import current_async_library, portal
from awaitall.errors import RunningLoopError
from awaitall.outcome import Outcome
from awaitall.polling import readable
from awaitall.runners.foreground import OnlySigint, Wakeup, foreground
from awaitall.runners.keyboard_readers import watched
from awaitall.threads import in_main_thread
from awaitall.tracebacks import user_traceback

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Sequence
    from contextvars import Context
    from types import FrameType

    from awaitall.runners.foreground import HostForeground

    Coro = Coroutine[Any, Any, Any]
    Wait = Callable[[Coro], Any]

__all__ = ["ForUser", "HostLoop", "run_on", "wait_inside", "without_sigint"]


def wait_inside(library: str, context: Context | None = None) -> Wait:
    """Return what waits for a coroutine in the code that calls this, which a library runs.

    Args:
        library: Its name.
        context: In which the coroutine runs, if the library can be told, as :func:`run_on` takes it.

    Raises:
        RunningLoopError: the library cannot be run from inside, and there is no portal of greenback's.
    """
    if (wait_for := portal()) is not None:
        return wait_for
    with suppress(RuntimeError):
        loop = asyncio.get_running_loop()  # or the one that an input without await sees
        if hasattr(loop, "_run_once") or not loop.is_running():
            return partial(run_on, loop, context=context)
        library = type(loop).__module__.partition(".")[0]
    raise RunningLoopError(f"{library} is running in this thread already, and cannot be run from inside.")


@contextmanager
def without_sigint() -> Iterator[None]:
    """Return a context manager in which Ctrl-C is a KeyboardInterrupt, and the program, its loop included, hears of none."""
    theirs = _getsignal(signal.SIGINT) if in_main_thread() else None
    if theirs is None:
        yield
        return
    wakeup = Wakeup(asyncio.get_running_loop()) if current_async_library() == "asyncio" else None
    late: list[int] = []

    def hold(signum: int, frame: FrameType | None) -> None:
        late.append(signum)

    try:
        _setsignal(signal.SIGINT, hold)
        if wakeup is not None:
            wakeup.open()
        _setsignal(signal.SIGINT, signal.default_int_handler)
        yield
        _setsignal(signal.SIGINT, hold)  # or else what has come before is raised here
    finally:
        _setsignal(signal.SIGINT, hold)
        if wakeup is not None:
            wakeup.close()
        _setsignal(signal.SIGINT, theirs)
        if late:
            signal.raise_signal(signal.SIGINT)


class ForUser:
    """What a user awaits in code that does not; Ctrl-C cancels it, and comes to nothing else that runs meanwhile."""

    def __init__(self) -> None:
        self._host: HostForeground | None = None
        self._pressed = False

    def wait(self, coro: Coro, wait: Wait) -> Any:
        """Wait for a coroutine, and return what it returns.

        Args:
            coro: What the user awaits.
            wait: Runs a coroutine to its end, in a task.
        """
        try:
            with OnlySigint(self.interrupt):
                outcome: Outcome = wait(self._await(coro))
            if self._host is not None and self._host.is_late:
                raise KeyboardInterrupt
            return outcome.unwrap()
        finally:
            coro.close()  # in case it has not begun

    async def _await(self, coro: Coro) -> Outcome:
        outcome = Outcome()
        try:
            with foreground(True) as host:
                self._host = host
                if self._pressed:
                    raise KeyboardInterrupt
                outcome.value = await host.run(coro)
        except BaseException as exc:  # what runs the task would take some of them for its own
            outcome.error = exc.with_traceback(user_traceback(exc))
        return outcome

    def interrupt(self, frame: FrameType | None) -> bool:
        """Do what Ctrl-C does, in a signal handler; see :meth:`awaitall.Session.interrupt`."""
        if self._host is not None:
            return self._host.interrupt(frame)
        self._pressed = True
        return True

    @property
    def interrupted(self) -> bool:
        """Whether a Ctrl-C is on its way to what is awaited."""
        return self._pressed if self._host is None else self._host.interrupted

    def raise_if_interrupted(self, frame: FrameType | None) -> None:
        """Raise a Ctrl-C that is on its way, if it may be raised in a frame."""
        if self._host is not None:
            self._host.raise_if_interrupted(frame)


def run_on(loop: Any, coro: Coro, context: Context | None = None) -> Any:
    """Run a coroutine to its end in a task on a loop of asyncio, which may be running the code that calls this.

    ``_run_once``, ``_ready`` and ``_stopping`` were seen in 3.11 to 3.15 (Lib/asyncio/base_events.py).

    Args:
        loop: The loop; a running one is one of asyncio's own.
        coro: What is run.
        context: In which it runs, and which nobody has entered; where omitted, that of the caller, who sees what is set there.
    """
    own = copy_context() if context is None else context
    try:
        if loop.is_running():
            with _put_aside(loop) as turn:
                task = loop.create_task(coro, context=own)
                _run_to_end(task, turn)
        else:
            task = loop.create_task(coro, context=own)
            _run_to_end(task, partial(loop.run_until_complete, task))
        return task.result()
    finally:
        if context is None:
            _take_over(own)


def _run_to_end(task: asyncio.Task[Any], turn: Callable[[], object]) -> None:
    """Run a loop until a task has ended; where another task ends the program meanwhile, this one is cancelled before."""
    try:
        while not task.done():
            turn()
    except BaseException:
        task.cancel()
        with suppress(asyncio.CancelledError):
            _run_to_end(task, turn)
        raise


def _take_over(context: Context) -> None:
    """Set the variables that have been set in a copy of the current context, which cannot be entered twice."""
    current = copy_context()
    for variable, value in context.items():
        if current.get(variable, _nothing) is not value:
            variable.set(value)


@contextmanager
def _put_aside(loop: Any) -> Iterator[Callable[[], None]]:
    """Return a context manager in which the task and the callback that a loop runs are put aside; it gives one turn of the loop.

    A loop that is to stop does so afterwards; until then it waits as ever.
    """
    outer = asyncio.current_task(loop)
    ready = len(loop._ready)
    stops = False

    def turn() -> None:
        nonlocal stops
        try:
            loop._run_once()
        finally:
            stops, loop._stopping = stops or loop._stopping, False

    if outer is not None:
        asyncio.tasks._leave_task(loop, outer)
    try:
        yield turn
    finally:
        loop._stopping = stops or loop._stopping
        # The callback is one of a number that the loop has counted before: it takes as many.
        while len(loop._ready) < ready:
            loop._ready.append(asyncio.Handle(_nothing, (), loop))
        if outer is not None:
            asyncio.tasks._enter_task(loop, outer)


def _nothing() -> None:
    """Stand for a callback that has run already."""


class HostLoop:
    """The loop of asyncio that runs the code of this thread, for a prompt that lets it go on; see :meth:`awaitall.Session.pump`.

    Args:
        library: The name of the library that runs.
    """

    def __init__(self, library: str) -> None:
        self._library = library

    def pump(self, fds: Sequence[int], timeout: float | None = None) -> None:
        """Run it until one of the file descriptors is readable; as the method of a runner.

        Raises:
            RunningLoopError: this library cannot be run from inside.
        """
        if self._library != "asyncio":
            raise RunningLoopError(f"{self._library} cannot be run from inside")
        ForUser().wait(_readable(fds, 0.0 if readable(fds) else timeout), wait_inside(self._library))


async def _readable(fds: Sequence[int], timeout: float | None) -> None:
    loop = asyncio.get_running_loop()
    woken = asyncio.Event()
    with ExitStack() as stack:
        for fd in fds:
            stack.enter_context(watched(loop, fd, woken.set))
        with suppress(TimeoutError):
            await asyncio.wait_for(woken.wait(), timeout)
