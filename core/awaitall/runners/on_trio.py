"""The trio runner: one guest run for the whole session, on a host of our own.

trio's guest mode lets a host run the scheduler tick by tick. Ours does so only while an input is being awaited; in between, trio
stands still, and its tasks with it. The main task, the *driver*, awaits every input in turn inside one nursery that stays open:
so what is bound to a task (nurseries, cancel scopes) can be entered in one input and left in another.
"""

from __future__ import annotations

import math
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import trio
from trio._core import _run

from awaitall.contracts import RunnerTask
from awaitall.current_library import is_cancellation
from awaitall.errors import UnsupportedError
from awaitall.runners.guest_host import GuestHost
from awaitall.runners.loop_runner import ForegroundInput, LoopRunner, PromptWait, SpawnedTask
from awaitall.threads import get_ident
from awaitall.tracebacks import task_traceback

if TYPE_CHECKING:
    import contextvars
    from collections.abc import Callable, Coroutine, Iterator, Sequence

    from outcome import Outcome

    from awaitall import interrupts

__all__ = ["TrioRunner", "state", "tasks_below"]

_T = TypeVar("_T")


#: Hosts of runs that have not ended. A run that is garbage collected clears what trio remembers, of whichever run it is.
_alive: set[GuestHost] = set()


class TrioRunner(LoopRunner):
    """Run inputs on trio; see :class:`awaitall.Runner` for the contract."""

    name = "trio"
    library = "trio"
    cancelled = trio.Cancelled
    features = frozenset({"suspend", "background", "across", "cancel", "pump", "windows"})

    def __init__(self, context: contextvars.Context) -> None:
        super().__init__(context)
        self._host: GuestHost | None = None
        self._waiting: list[SpawnedTask] = []
        self._spawned: dict[SpawnedTask, trio.CancelScope] = {}
        self._handed_over: dict[trio.lowlevel.Task, SpawnedTask] = {}
        self._nursery: trio.Nursery | None = None

    # -- one input ------------------------------------------------------------------------------------------------------

    def _open_again(self) -> None:
        if self._host is None:
            self._start(GuestHost())
        assert self._host is not None
        self._host.handle_events = self._handle_events if self.event_source else None

    def _handle_events(self) -> float:
        return self.context.run(self.event_source.handle)

    def _await(self, foreground: ForegroundInput, guard: interrupts.SigintGuard) -> None:
        def over() -> bool:
            return foreground.done or self._ended is not None

        while not (foreground.started or foreground.done):  # twice, if trio ends before it has come to the input
            self._open_again()
            assert self._host is not None
            with self._in_place():
                self._wakeup.set()
                self._host.work(over)
                while not over():
                    guard.wait(self._host.wakeup)
                    try:
                        self._host.run(over)
                    except KeyboardInterrupt:
                        if not self._let_through():
                            raise
            error = self._look_at_the_end(guard)
            if error is not None and foreground.started and not foreground.done:
                foreground.end(error=error)

    def _look_at_the_end(self, guard: interrupts.SigintGuard) -> BaseException | None:
        """Report whether trio has ended, as it does when a system task crashes; the next input begins another run."""
        if self._ended is None:
            return None
        guard.wait(-1)
        self._close_host()
        error: BaseException = getattr(self._ended, "error", None) or RuntimeError("the main task has ended")
        if isinstance(error, BaseExceptionGroup):
            self._report_nursery(error)
            print(
                "awaitall: that was in the nursery of the session, so all tasks in there have been cancelled; "
                "the next input that awaits begins a new run of trio",
                file=sys.stderr,
            )
        else:
            self.report_failure("trio, and every task of it,", error)
        return error

    def _pump(self, fds: Sequence[int], timeout: float | None, pump: PromptWait, guard: interrupts.SigintGuard) -> None:
        assert self._host is not None
        guard.wait(self._host.wakeup)
        deadline = math.inf if timeout is None else time.monotonic() + timeout
        with self._in_place():
            self._host.pump(fds, lambda: pump.done or self._ended is not None, deadline)
        self._look_at_the_end(guard)

    def _start(self, host: GuestHost) -> None:
        self._ending = False
        self._ended: Outcome[None] | None = None
        self._wakeup = trio.Event()
        self._over = trio.Event()
        self._driver: trio.lowlevel.Task | None = None
        try:
            with self._in_place({}):
                trio.lowlevel.start_guest_run(
                    self._drive,
                    run_sync_soon_threadsafe=host.call,
                    run_sync_soon_not_threadsafe=host.call_here,
                    done_callback=self._end,
                    host_uses_signal_set_wakeup_fd=True,
                    restrict_keyboard_interrupt_to_checkpoints=True,
                )
                # What its handler of SIGINT would call; trio sets that in place of Python's own only (seen in 0.29 to 0.35).
                self._deliver = _run.GLOBAL_RUN_CONTEXT.runner.deliver_ki
                self._remembered = dict(_run.GLOBAL_RUN_CONTEXT.__dict__)
                self._hooks = sys.get_asyncgen_hooks()
                self._token = trio.lowlevel.current_trio_token()
        except BaseException:
            host.close()
            raise
        _alive.add(host)
        self._host = host

    def _end(self, outcome: Outcome[None]) -> None:
        self._ended = outcome
        self._nursery = None

    async def _drive(self) -> None:
        task = trio.lowlevel.current_task()
        task.context = self.context
        await trio.lowlevel.cancel_shielded_checkpoint()  # what follows runs in that context
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            self.bind_name("nursery", nursery)
            while self._waiting:
                self._start_background(nursery, self._waiting.pop(0))
            nursery.start_soon(self._watch)
            self._driver = task
            await self._await_inputs(task)
            if self._ending:  # else it has ended an input in the background, and stays for the nursery
                nursery.cancel_scope.cancel()

    async def _await_inputs(self, me: trio.lowlevel.Task) -> None:
        while not self._ending and self._driver is me:
            foreground = self._foreground
            if foreground is None or foreground.started or foreground.done:
                await self._sleep()
                continue
            foreground.started = True
            value = error = None
            try:
                value = await foreground.coro
            except BaseException as exc:
                error = exc
            if (foreground.pressed is not None or foreground.delivered) and await _interrupt_is_left():
                foreground.delivered = False
            foreground.end(value, error)
            del foreground, value, error
            if (background := self._handed_over.pop(me, None)) is not None:
                background.over.set()
            # The host stops here, with a turn of trio still to come: going to sleep takes another thread, 50 microseconds.
            await trio.lowlevel.cancel_shielded_checkpoint()

    async def _take_over(self, main: trio.lowlevel.Task) -> None:
        """Await the inputs in place of the driver, which goes on with one in the background.

        What trio interrupts is its main task, so this is that meanwhile. At last the first one has to be it again.
        """
        run = _run.GLOBAL_RUN_CONTEXT.runner
        self._driver = run.main_task = me = trio.lowlevel.current_task()
        me.context = self.context
        try:
            await trio.lowlevel.cancel_shielded_checkpoint()
            await self._await_inputs(me)
        finally:
            if run.main_task is me:
                run.main_task = main
        with trio.CancelScope(shield=True):  # an input may have entered a nursery for later ones
            await self._over.wait()

    async def _watch(self) -> None:
        """Report when all of trio is being cancelled, which may look to an input like the cancelling of a scope of its own."""
        try:
            await trio.sleep_forever()
        finally:
            self._ending = True
            self._over.set()
            self._wakeup.set()  # else the driver would sleep on, and keep the error to itself

    async def _sleep(self) -> None:
        """Wait for the next input; what was meant for an input that is over is forgotten."""
        with trio.CancelScope(shield=True):  # a scope that an input has left open may be cancelled
            try:
                await self._wakeup.wait()
            except KeyboardInterrupt:
                pass
        self._wakeup = trio.Event()

    # -- Ctrl-C ---------------------------------------------------------------------------------------------------------

    def _soon(self, function: Callable[[_T], Any], what: _T) -> None:
        if self._host is not None:  # else trio is being started, and does this then
            self._token.run_sync_soon(function, what)

    def _end_pump(self, pump: PromptWait) -> None:
        pump.done = True

    def _cancel(self, foreground: ForegroundInput) -> None:
        if not foreground.deliver():
            return
        if foreground.started:
            # KeyboardInterrupt at the next checkpoint of the main task, the driver (trio/_core/_run.py)
            self._deliver()
        else:  # the driver still sleeps, or ends the input before
            foreground.end(error=KeyboardInterrupt())

    def _abandon(self, foreground: ForegroundInput, turns: int = 3) -> None:
        """Interrupt the cleanup too, and give the prompt back even if that does not end it; then the next input waits for it."""
        if foreground.done:
            return
        if turns == 3:
            self._deliver()
        if turns:
            self._token.run_sync_soon(self._abandon, foreground, turns - 1)
        else:
            foreground.end(error=KeyboardInterrupt())

    # -- Ctrl-Z ---------------------------------------------------------------------------------------------------------

    def _hand_over(self, foreground: ForegroundInput) -> None:
        """Leave the input to its task, and have another one of the nursery take over."""
        if not self._has_begun(foreground):
            return
        background = SpawnedTask(foreground.coro, None, trio.Event())
        if self._nursery is None or (handed_over := self._leave(foreground, background)) is None:
            self._cancel(foreground)
            return
        background.name = handed_over.name
        background.began, background.task, self._driver = foreground.began, self._driver, None
        self._handed_over[background.task] = background
        self._watchdog.start()
        self._nursery.start_soon(self._take_over, self._nursery.parent_task)

    def _interrupt(self, background: SpawnedTask) -> None:
        """Raise KeyboardInterrupt where an input in the background waits, or will wait next, as trio does it in its main task.

        Around the input there is no scope that could be cancelled: one input may enter what another leaves. A wait that cannot be
        cancelled goes on (the names of the task are those of trio/_core/_run.py, 0.29 to 0.35).
        """
        if (task := background.task) not in self._handed_over:
            return
        if task._abort_func is not None:
            task._attempt_abort(_raise_interrupt)
        elif task._next_send_fn is not None:  # it is about to run
            self._soon(self._interrupt, background)

    # -- beside the inputs ----------------------------------------------------------------------------------------------

    def spawn(self, coro: Coroutine[Any, Any, Any], name: str | None = None) -> SpawnedTask:
        background = SpawnedTask(coro, name, trio.Event())
        self._spawned[background] = trio.CancelScope()
        self._watchdog.start()
        if self._nursery is None:
            self._waiting.append(background)
        else:
            with self._in_place():
                self._start_background(self._nursery, background)
        return background

    @property
    def nursery(self) -> trio.Nursery:
        if self._nursery is None:
            raise UnsupportedError("trio begins with the first input that awaits, for example: await trio.sleep(0)")
        return self._nursery

    def _start_background(self, nursery: trio.Nursery, background: SpawnedTask) -> None:
        nursery.start_soon(self._run_background, background, name=background.name)

    async def _run_background(self, background: SpawnedTask) -> None:
        """Run a background task; an error in it ends nothing but itself."""
        try:
            with self._spawned[background]:
                await background.coro
        except BaseException as exc:
            if is_cancellation(exc):  # a group of them, where the task has a nursery
                raise
            self.report_failure(background.name, exc)
        finally:
            del self._spawned[background]
            background.over.set()

    def tasks(self) -> list[RunnerTask]:
        with self._in_place():
            return [
                *self._running_tasks(),
                *(RunnerTask(each, each.name, "ready", each.coro, each.began) for each in self._waiting),
            ]

    def _running_tasks(self) -> Iterator[RunnerTask]:
        for task in self._all_tasks():
            if (background := self._background_of(task)) is None:
                if getattr(task.coro, "cr_code", None) not in _OWN:
                    yield RunnerTask(task, task.name, state(task), task.coro)
            elif task in self._handed_over:
                yield RunnerTask(background, background.name, state(task), background.coro, background.began)
            else:
                how = "cancelled" if self._spawned[background].cancel_called else state(task)
                yield RunnerTask(background, task.name, how, background.coro, background.began)

    def children(self) -> dict[object, list[object]]:
        return {
            self._background_of(task) or task: [self._background_of(child) or child for child in in_nurseries(task)]
            for task in self._all_tasks()
        }

    def _all_tasks(self) -> Iterator[trio.lowlevel.Task]:
        if self._nursery is not None:
            yield from tasks_below(self._nursery)
            main = self._nursery.parent_task
            if main in self._handed_over:
                yield main
                for nursery in main.child_nurseries:
                    if nursery is not self._nursery:
                        yield from tasks_below(nursery)

    def _background_of(self, task: trio.lowlevel.Task) -> SpawnedTask | None:
        if (handed_over := self._handed_over.get(task)) is not None:
            return handed_over
        frame = task.coro.cr_frame  # which knows it before the task has run
        return frame.f_locals["background"] if frame and frame.f_code is TrioRunner._run_background.__code__ else None

    def cancel(self, handle: Any) -> None:
        if handle in self._waiting:
            self._waiting.remove(handle)
            del self._spawned[handle]
            handle.coro.close()
            return
        if handle in self._handed_over.values():
            self._soon(self._interrupt, handle)
            return
        if handle not in self._spawned:
            raise UnsupportedError("trio cancels scopes and not single tasks: cancel one that is around this task.")
        with self._in_place():
            self._spawned[handle].cancel()

    def has_started_tasks(self) -> bool:
        return bool(self._spawned or self._handed_over)

    def started_tasks(self) -> list[tuple[str, Any]]:
        return [(background.name, background.coro) for background in [*self._spawned, *self._handed_over.values()]]

    async def wait(self, handle: Any) -> None:
        if not isinstance(handle, SpawnedTask):
            raise UnsupportedError("trio waits for nurseries and not for single tasks: leave the nursery of this task.")
        await handle.over.wait()

    @contextmanager
    def _in_place(self, remembered: dict[str, Any] | None = None) -> Iterator[None]:
        """Return a context manager for what runs trio, or is to see it: what trio remembers of the run of a thread is in place.

        Hidden in between, it stands in nobody's way: neither of another session, nor of ``trio.run()`` in an asyncio input. It is
        ``GLOBAL_RUN_CONTEXT`` (trio/_core/_run.py, seen in 0.29 to 0.35) and the hooks for asynchronous generators.
        """
        place = _run.GLOBAL_RUN_CONTEXT.__dict__
        outer, outer_hooks = dict(place), sys.get_asyncgen_hooks()
        place.clear()
        if remembered is None and self._host is not None:
            place.update(self._remembered)
            sys.set_asyncgen_hooks(*self._hooks)
        try:
            yield
        finally:
            place.clear()
            place.update(outer)
            sys.set_asyncgen_hooks(*outer_hooks)

    @contextmanager
    def sync_input(self) -> Iterator[None]:
        """Make ``nursery.start_soon()`` and the like work, and ``trio.run()`` too, which refuses inside a run."""
        if self._host is None:
            yield
            return
        original = _run.setup_runner

        here = True

        def setup_runner(*args: Any, **options: Any) -> Any:
            if here and get_ident() == self._thread:
                _run.GLOBAL_RUN_CONTEXT.__dict__.clear()
            return original(*args, **options)

        _run.setup_runner = setup_runner
        try:
            with self._in_place():
                yield
        finally:
            here = False
            if _run.setup_runner is setup_runner:  # else another thread has put its own on top, and this does nothing from now on
                _run.setup_runner = original

    # -- the end --------------------------------------------------------------------------------------------------------

    def close(self, timeout: float = 5.0) -> list[str]:
        if self._closed or get_ident() != self._thread:
            return []
        self._closed = True
        self._watchdog.stop()
        for background in self._waiting:
            background.coro.close()
        if self._host is None or trio.lowlevel.in_trio_task():
            return []
        try:
            with self._in_place():
                self._ending = True  # before the driver looks; it may run before the task that watches
                self._wakeup.set()
                if self._nursery is not None:
                    self._nursery.cancel_scope.cancel()
                self._host.run(lambda: self._ended is not None, time.monotonic() + timeout)
        except KeyboardInterrupt:
            pass  # the user will not wait
        if self._ended is None:
            return sorted(task.name for task in tasks_below(self._nursery)) if self._nursery else []
        self._close_host()
        if isinstance(error := getattr(self._ended, "error", None), BaseExceptionGroup):
            self._report_nursery(error)
        return []

    def _report_nursery(self, group: BaseExceptionGroup[BaseException]) -> None:
        """Report each task that has failed in the nursery, by the name of its function: trio keeps no other."""
        for error in group.exceptions:
            if not isinstance(error, (KeyboardInterrupt, trio.Cancelled)):
                tb = task_traceback(error)
                self.report_failure("trio" if tb is None else tb.tb_frame.f_code.co_qualname, error)

    def _close_host(self) -> None:
        if self._host is not None:
            self._host.close()
            _alive.discard(self._host)
            self._host = None


async def _interrupt_is_left() -> bool:
    """Report whether a Ctrl-C waits to be raised; it is not raised any more."""
    try:
        with trio.CancelScope(shield=True):
            await trio.lowlevel.checkpoint_if_cancelled()
    except KeyboardInterrupt:
        return True
    return False


#: The coroutines by which the runner works.
_OWN = {method.__code__ for method in (TrioRunner._watch, TrioRunner._take_over)}


def _raise_interrupt() -> NoReturn:
    raise KeyboardInterrupt


def state(task: trio.lowlevel.Task) -> str:
    """Return the one word for how a task is."""
    return "ready" if task._abort_func is None else "waiting"


def in_nurseries(task: trio.lowlevel.Task) -> Iterator[trio.lowlevel.Task]:
    """Yield the tasks in the nurseries of a task."""
    for nursery in task.child_nurseries:
        yield from nursery.child_tasks


def tasks_below(nursery: trio.Nursery) -> Iterator[trio.lowlevel.Task]:
    """Yield the tasks of a nursery, and of those that its tasks have opened."""
    for task in nursery.child_tasks:
        yield task
        for child in task.child_nurseries:
            yield from tasks_below(child)
