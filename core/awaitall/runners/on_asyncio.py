"""The asyncio runner: one loop and one task for the whole session.

The loop is there from the first input that awaits until the session closes; it runs only while an input is being awaited. One
task, the *driver*, awaits every input in turn. So whatever is bound to a task or to its context (``asyncio.timeout``, task
groups, anyio's cancel scopes, context variables) can be entered in one input and left in another.
"""

from __future__ import annotations

import asyncio
import queue
import sys
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, nullcontext, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from awaitall.contracts import RunnerTask
from awaitall.errors import ElsewhereError, HeldError
from awaitall.runners.asyncio_awaits import awaited_tasks
from awaitall.runners.keyboard_readers import KeyboardReaders, watched
from awaitall.runners.loop_runner import ForegroundInput, LoopRunner, PromptWait
from awaitall.runners.visible_loop import VisibleLoop
from awaitall.system import wakeup_kept
from awaitall.tasks import HIDDEN, caller, task_name
from awaitall.threads import get_ident

if TYPE_CHECKING:
    import contextvars
    from collections.abc import Callable, Coroutine, Mapping, Sequence
    from contextlib import AbstractContextManager

    from awaitall import interrupts

__all__ = ["AsyncioRunner", "described", "silence"]

_T = TypeVar("_T")

#: Seconds that an input has to ask for the error of a task that has failed meanwhile, before the user is told.
REPORT_DELAY = 0.1


class AsyncioRunner(LoopRunner):
    """Run inputs on asyncio; see :class:`awaitall.Runner` for the contract.

    Args:
        context: What every input runs in.
        loop_factory: Makes the event loop; asyncio's own where omitted.
        name: What it is called.
    """

    library = "asyncio"
    cancelled = asyncio.CancelledError
    features = frozenset({"suspend", "background", "across", "cancel", "pump", "windows"})

    def __init__(
        self,
        context: contextvars.Context,
        loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
        name: str = "asyncio",
    ) -> None:
        self.name = name
        super().__init__(context)
        self._loop_factory = loop_factory or asyncio.new_event_loop
        # Of all tasks, when and where; asyncio itself would lose one that nobody refers to.
        self._began: dict[asyncio.Task[Any], tuple[float, str | None]] = {}
        self._spawned: set[asyncio.Task[Any]] = set()
        self._open()

    def _open(self) -> None:
        with wakeup_kept():  # the loop of Windows takes the file descriptor that signals wake, for good
            self._loop = self._loop_factory()
        # Not by a task factory: that is the user's to set.
        self._loop.create_task = self._create_task  # type: ignore[method-assign]
        # Up to 3.12 asyncio's own shutdown of its executor waits without a limit for a thread that does not return.
        self._executor = ThreadPoolExecutor(thread_name_prefix="asyncio")
        self._loop.set_default_executor(self._executor)
        # A session that nobody closes: without this, 3.12 ends with a complaint of the loop's own finalizer.
        self._finalizer = weakref.finalize(self, _close, self._loop)
        # The loop's own end of its self-pipe (Lib/asyncio/selector_events.py 3.11 to 3.15), which add_signal_handler() uses too;
        # a loop without one, like uvloop's, looks after signals by itself.
        own = getattr(self._loop, "_csock", None)
        self._signal_fd = -1 if own is None else own.fileno()
        self._seen = VisibleLoop(self._loop)
        self._keyboard = KeyboardReaders(self._loop)
        self._driver: asyncio.Task[None] | None = None
        self._over: asyncio.Future[None] | None = None
        self._look: asyncio.Handle | None = None  # at the event source

    def _open_again(self) -> None:
        """Open another loop, if the user has closed the one that there was."""
        if self._loop.is_closed():
            self._forget_tasks()
            self._executor.shutdown(wait=False, cancel_futures=True)
            self._open()

    def _forget_tasks(self) -> None:
        """Report the tasks that are lost with a loop that the user has closed."""
        lost = [task for task in self._began if task is not self._driver and not task.done()]
        for task in self._began:
            silence(task)
        for task in lost:
            with suppress(Exception):  # it would wait in its cleanup, for a loop that is gone
                task.get_coro().close()
        self._began.clear()
        self._spawned.clear()
        if lost:
            names = ", ".join(sorted(_name(task) for task in lost))
            print(f"awaitall: the event loop was closed, and what ran on it is lost: {names}", file=sys.stderr)

    def _check_free(self) -> None:
        """Refuse to run the loop while something else does; the loop itself tells in which thread."""
        if not self._loop.is_running():
            return
        answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._loop.call_soon_threadsafe(lambda: answers.put(threading.current_thread().name))
        try:
            name = answers.get(timeout=REPORT_DELAY)
        except queue.Empty:
            raise HeldError(
                "Something else runs the event loop of the session and does not let it go on, as a greenlet of Playwright's sync "
                "API does. End that first: playwright.stop()."
            ) from None
        raise ElsewhereError(
            f"The thread {name!r} runs the event loop of the session. Await it there: "
            "asyncio.run_coroutine_threadsafe(f(), loop).result(). Or end that first: loop.call_soon_threadsafe(loop.stop)."
        )

    def _start_driver(self) -> None:
        self._wakeup = self._loop.create_future()
        self._cancellations = 0  # asked for between the inputs
        self._driver = self._own_task(self._drive())
        silence(self._driver)  # of a session that nobody closes, only the user's own tasks are worth a word

    # -- one input ------------------------------------------------------------------------------------------------------

    def _await(self, foreground: ForegroundInput, guard: interrupts.SigintGuard) -> None:
        self._check_free()
        guard.wait(self._signal_fd)
        self._wake()
        while not foreground.done:
            self._turn()

    def _pump(self, fds: Sequence[int], timeout: float | None, pump: PromptWait, guard: interrupts.SigintGuard) -> None:
        self._check_free()
        guard.wait(self._signal_fd)
        loop = self._loop
        with ExitStack() as stack:
            stack.enter_context(self._keyboard.suspended())
            for fd in fds:
                stack.enter_context(watched(loop, fd, partial(self._end_pump, pump), self._keyboard.add))
            if timeout is not None:
                stack.callback(loop.call_later(timeout, self._end_pump, pump).cancel)
            while not pump.done and not loop.is_closed():
                self._turn()

    def _end_pump(self, pump: PromptWait) -> None:
        pump.done = True
        self._stop()

    def _turn(self) -> None:
        """Run the loop until something stops it: the end of the input, or a task that meddles."""
        if self.event_source:
            self._look = self._loop.call_soon(self._handle_events)
        try:
            if hasattr(self._loop, "_nest_patched"):
                self._turn_nested()
            else:
                self._loop.run_forever()
        except KeyboardInterrupt:
            self._let_through()
        except SystemExit:
            pass  # raised by a background task; Task.__step lets these two through to run_forever (Lib/asyncio/tasks.py)
        finally:
            if self._look is not None:
                self._look.cancel()
                self._look = None

    def _handle_events(self) -> None:
        self._look = self._loop.call_later(self.context.run(self.event_source.handle), self._handle_events)

    def _turn_nested(self) -> None:
        """Run a loop that tasks may run inside itself, by nest_asyncio 1.6 or nest_asyncio2 1.7: a stop would end those runs."""
        self._over = self._loop.create_future()
        try:
            self._loop.run_until_complete(self._over)
        except RuntimeError:  # somebody has stopped it, and the mark of that stays until the end of this:
            self._loop.run_forever()
        finally:
            self._over = None

    def _stop(self) -> None:
        if self._over is None:
            self._loop.stop()
        elif not self._over.done():
            self._over.set_result(None)

    def _wake(self) -> None:
        if self._driver is None:
            self._start_driver()
        elif not self._wakeup.done():
            self._wakeup.set_result(None)

    async def _drive(self) -> None:
        me = asyncio.current_task()
        assert me is not None
        while self._driver is me:
            foreground = self._foreground
            if foreground is None or foreground.done:
                await self._sleep()
                continue
            foreground.started = True
            if self._cancellations:
                self._cancellations = 0
                me.cancel()
                me.uncancel()  # it is but one and the same
            try:
                foreground.end(await foreground.coro)
            except BaseException as exc:
                if self._loop.is_closed():
                    raise  # the GeneratorExit of a driver that is being thrown away
                foreground.end(error=exc)
            if self._driver is me:
                self._stop()
        del foreground

    async def _sleep(self) -> None:
        """Wait for the next input.

        A cancellation that was meant for an input that is over is forgotten. One that comes while there is none is that of a
        scope which an input has left open, like ``asyncio.timeout()``: it is for the next input.
        """
        task = asyncio.current_task()
        assert task is not None
        if (left := task.cancelling() - self._cancellations) > 0:
            for _ in range(left):
                task.uncancel()
            try:
                await asyncio.sleep(0)
            except asyncio.CancelledError:
                pass
            return
        self._wakeup = self._loop.create_future()
        # Whoever cancels or waits for all the tasks that there are, between two inputs, means the tasks of the user.
        asyncio.tasks._unregister_task(task)
        try:
            await self._wakeup
        except asyncio.CancelledError:
            self._cancellations = task.cancelling()
        finally:
            asyncio.tasks._register_task(task)

    # -- Ctrl-C ---------------------------------------------------------------------------------------------------------

    def _soon(self, function: Callable[[_T], Any], what: _T) -> None:
        self._loop.call_soon_threadsafe(function, what)

    def _cancel(self, foreground: ForegroundInput) -> None:
        if not foreground.deliver():
            return
        if foreground.started:
            self._driver.cancel()  # type: ignore[union-attr]
        else:  # the driver still sleeps, where a cancellation is nobody's
            foreground.end(error=KeyboardInterrupt())
            self._stop()

    def _abandon(self, foreground: ForegroundInput) -> None:
        """Return to the prompt though the input does not end: it goes on ending in its task, and a new driver takes over."""
        if foreground.done:
            return
        assert self._driver is not None
        self._driver.set_name("an interrupted input")
        self._know(self._driver)
        foreground.end(error=KeyboardInterrupt())
        self._start_driver()
        self._stop()

    # -- Ctrl-Z ---------------------------------------------------------------------------------------------------------

    def _hand_over(self, foreground: ForegroundInput) -> None:
        """Leave the input to its task, and have a new driver take over."""
        if not self._has_begun(foreground):
            return
        assert self._driver is not None
        if (handed_over := self._leave(foreground, self._driver)) is None:
            self._cancel(foreground)
            return
        self._driver.set_name(handed_over.name)
        self._know(self._driver, began=foreground.began)
        self._start_driver()
        self._stop()

    # -- beside the inputs ----------------------------------------------------------------------------------------------

    def _own_task(self, coro: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
        """Start a task of the runner's own, whatever the user's task factory is: an eager one would run it right here."""
        return asyncio.Task(coro, loop=self._loop, name=HIDDEN, context=self.context)

    def _create_task(self, coro: Any, **options: Any) -> asyncio.Task[Any]:
        """Start a task as the loop does, and know the task from now on."""
        return self._know(type(self._loop).create_task(self._loop, coro, **options), caller(sys._getframe(1)))

    def _know(self, task: asyncio.Task[_T], created: str | None = None, began: float | None = None) -> asyncio.Task[_T]:
        self._began[task] = began or time.monotonic(), created
        self._watchdog.start()
        task.add_done_callback(self._reap)
        return task

    def _reap(self, task: asyncio.Task[Any]) -> None:
        self._began.pop(task, None)
        if task in self._spawned:
            self._spawned.discard(task)
            self._tell(task)
        elif _is_unretrieved(task):
            # Somebody may be about to ask: whoever waits for it right now, or in the input that is being run.
            cancellations = None if self._foreground or self._driver is None else self._driver.cancelling()
            self._loop.call_later(REPORT_DELAY if self._foreground else 0, self._tell, task, cancellations)

    def _tell(self, task: asyncio.Task[Any], cancellations: int | None = None) -> None:
        """Report the error of a task, if nobody has asked for it.

        Args:
            task: It has failed.
            cancellations: Those of the driver before, if no input was being awaited: a task group that an input has left open
                takes the error, adds one, and would keep both from the user until the next input.
        """
        if _is_unretrieved(task) and (error := task.exception()):
            self.report_failure(_name(task), error)
        elif cancellations is not None and self._driver is not None and self._driver.cancelling() > cancellations:
            self.report_failure(_name(task), task.exception())  # type: ignore[arg-type]
            print("awaitall: its task group is still open, and cancels the next input that awaits", file=sys.stderr)

    def spawn(self, coro: Coroutine[Any, Any, Any], name: str | None = None) -> asyncio.Task[Any]:
        self._open_again()
        task = self._loop.create_task(coro, name=name or getattr(coro, "__name__", None))
        self._spawned.add(task)
        if self._loop.is_running():
            self._loop.call_soon_threadsafe(_nothing)  # another thread runs it, and waits
        return task

    def tasks(self) -> list[RunnerTask]:
        self._open_again()
        return described(self._users_tasks(), self._began)

    def _users_tasks(self) -> list[asyncio.Task[Any]]:
        others = asyncio.all_tasks(self._loop) - self._began.keys()  # made by asyncio.Task() itself
        return [task for task in (*self._began, *others) if not task.done() and task.get_name() != HIDDEN]

    def children(self) -> dict[asyncio.Task[Any], list[asyncio.Task[Any]]]:
        return awaited_tasks(self._users_tasks())

    def cancel(self, handle: asyncio.Task[Any]) -> None:
        self._loop.call_soon_threadsafe(handle.cancel)

    def has_started_tasks(self) -> bool:
        return bool(self._began)

    def started_tasks(self) -> list[tuple[str, Any]]:
        return [(_name(task), getattr(task, "_coro", None)) for task in list(self._began)]

    async def wait(self, handle: asyncio.Task[Any]) -> None:
        await asyncio.wait([handle])

    def sync_input(self) -> AbstractContextManager[None]:
        """Return a context manager that shows the loop: ``asyncio.create_task()`` works in it, and so does ``asyncio.run()``."""
        if self._seen.active or asyncio._get_running_loop() is not None:
            return nullcontext()
        self._open_again()
        return self._seen

    # -- the end --------------------------------------------------------------------------------------------------------

    def close(self, timeout: float = 5.0) -> list[str]:
        if self._closed or get_ident() != self._thread:
            return []
        self._closed = True
        self._watchdog.stop()
        stuck: list[str] = []
        try:
            if self._loop.is_closed():
                self._forget_tasks()
            elif asyncio._get_running_loop() is None:
                if self._loop.is_running():
                    self._stop_elsewhere(time.monotonic() + timeout)
                stuck = self._left() if self._loop.is_running() else self._run_end(timeout)
        finally:
            self._executor.shutdown(wait=False, cancel_futures=True)
            if not self._loop.is_running():
                self._finalizer()
        return stuck

    def _stop_elsewhere(self, deadline: float) -> None:
        """Ask another thread that runs the loop to stop it; nothing can be done about a greenlet."""
        try:
            self._check_free()
        except ElsewhereError:
            self._loop.call_soon_threadsafe(self._loop.stop)
            while self._loop.is_running() and time.monotonic() < deadline:
                time.sleep(0.001)  # nothing else tells
        except HeldError:
            pass

    def _left(self) -> list[str]:
        """Return the names of the tasks that will not end; asyncio does not complain of them once more."""
        left = asyncio.all_tasks(self._loop)
        for task in left:
            silence(task)
        return sorted(_name(task) for task in left if task.get_name() != HIDDEN)

    def _run_end(self, timeout: float) -> list[str]:
        """Run the loop until the end, or until a Ctrl-C says not to wait for it."""
        end = self._own_task(self._end(timeout))
        try:
            while not end.done():
                try:
                    self._loop.run_forever()
                except SystemExit:
                    pass  # of a background task
        except KeyboardInterrupt:
            return self._left()
        return end.result()

    async def _end(self, timeout: float) -> list[str]:
        """Cancel every task, bounded in time, then close the asynchronous generators."""
        self._loop.call_soon(self._loop.stop)
        deadline = self._loop.time() + timeout
        driver, self._driver = self._driver, asyncio.current_task()
        tasks = asyncio.all_tasks() - {self._driver} | ({driver} if driver else set())
        for task in tasks:
            task.cancel()
        pending = (await asyncio.wait(tasks, timeout=timeout))[1] if tasks else set()
        generators = self._own_task(self._loop.shutdown_asyncgens())
        # Not by asyncio.timeout(): a generator that will not end holds up its own cancellation.
        pending |= (await asyncio.wait({generators}, timeout=max(0.0, deadline - self._loop.time())))[1]
        for task in tasks - pending:
            self._tell(task)
        for task in pending:
            silence(task)  # the caller tells about them
        self._loop.stop()
        return sorted(_name(task) for task in pending - {driver, generators})


def _is_unretrieved(task: asyncio.Task[Any]) -> bool:
    """Report whether a task has failed and nobody has asked for its error (Lib/asyncio/futures.py 3.11 to 3.15)."""
    return bool(getattr(task, "_log_traceback", False))


def _nothing() -> None:
    """Wake the loop up."""


def _close(loop: asyncio.AbstractEventLoop) -> None:
    """Close a loop, unless the process ends in the middle of a callback."""
    if not loop.is_running():
        with wakeup_kept():
            loop.close()


def _name(task: asyncio.Task[Any]) -> str:
    # Not get_coro(): on 3.12.1 that crashes for an eager task that has ended (Modules/_asynciomodule.c).
    return task_name(task.get_name(), getattr(task, "_coro", None))


def described(tasks: list[asyncio.Task[Any]], began: Mapping[asyncio.Task[Any], tuple[float, str | None]]) -> list[RunnerTask]:
    """Return tasks as the contract has them.

    Args:
        tasks: Those that have not ended.
        began: When each has begun, and the line of the user's code that has started it, as far as known.
    """
    return [
        RunnerTask(task, task.get_name(), state(task), task.get_coro(), at, created)
        for task in tasks
        for at, created in [began.get(task, (None, None))]
    ]


def state(task: asyncio.Task[Any]) -> str:
    """Return the one word for how a task is."""
    if task.cancelling():
        return "cancelled"
    return "waiting" if getattr(task, "_fut_waiter", None) else "ready"


def silence(task: asyncio.Task[Any]) -> None:
    """Allow a pending task to be collected without a word of asyncio's (Lib/asyncio/tasks.py 3.11 to 3.15)."""
    task._log_destroy_pending = False  # type: ignore[attr-defined]
