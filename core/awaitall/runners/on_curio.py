"""The curio runner: one kernel for the whole session, each input a task of it.

curio 1.6 cannot be imported on Python 3.12 and newer; the fork curio-compat, of the same import name, can.
"""

from __future__ import annotations

import ctypes
import time
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import curio
from curio.io import Socket
from curio.traps import _read_wait

from awaitall.contracts import RunnerTask
from awaitall.polling import socket_pair
from awaitall.runners.loop_runner import ForegroundInput, LoopRunner, PromptWait, SpawnedTask
from awaitall.system import own_descriptor
from awaitall.tasks import frames
from awaitall.threads import get_ident
from awaitall.yields import intercept_yields

if TYPE_CHECKING:
    import contextvars
    import threading
    from collections.abc import Callable, Coroutine, Sequence

    from awaitall import interrupts

__all__ = ["CurioRunner"]

_T = TypeVar("_T")


class CurioRunner(LoopRunner):
    """Run inputs on curio; see :class:`awaitall.Runner` for the contract."""

    name = "curio"
    library = "curio"
    cancelled = curio.TaskCancelled
    features = frozenset({"suspend", "background", "cancel", "pump", "windows"})

    def __init__(self, context: contextvars.Context) -> None:
        super().__init__(context)
        self._open()
        self._task: Any = None
        self._spawned: list[SpawnedTask] = []
        self._handed_over: dict[ForegroundInput, SpawnedTask] = {}
        self._asked: list[Callable[[], Coroutine[Any, Any, Any]]] = []

    def _open(self) -> None:
        self._kernel = curio.Kernel()
        self._receiver, self._sender = socket_pair()
        self._started = False
        self._looks = False
        self._broken = False

    # -- one input ------------------------------------------------------------------------------------------------------

    def _open_again(self) -> None:
        if self._has_broken_down():
            self._abandon_kernel()
            self._spawned.clear()
            self._open()

    def _has_broken_down(self) -> bool:
        return self._broken or self._kernel._shutdown_funcs is None

    def _await(self, foreground: ForegroundInput, guard: interrupts.SigintGuard) -> None:
        self._done = curio.Event()
        drive: Callable[..., Any] = self._drive
        guard.wait(self._sender.fileno())
        while not foreground.done:
            try:
                self.context.run(self._kernel.run, drive, foreground)
            except KeyboardInterrupt:
                drive = self._go_on
                self._let_through()
            except SystemExit:
                drive = self._go_on  # raised by a background task; curio lets these two through
            except Exception as exc:
                self._broken = True
                foreground.end(error=exc)

    async def _drive(self, foreground: ForegroundInput) -> None:
        await self._listens()
        self._task = await curio.spawn(self._run_input, foreground, daemon=True)
        await self._done.wait()

    async def _listens(self) -> None:
        if not self._started:
            self._started = True
            await curio.spawn(self._listen, daemon=True)
        if self.event_source and not self._looks:
            self._looks = True
            await curio.spawn(self._handle_events, daemon=True)

    async def _handle_events(self) -> None:
        while self.event_source:
            await curio.sleep(self.event_source.handle())
        self._looks = False

    def _pump(self, fds: Sequence[int], timeout: float | None, pump: PromptWait, guard: interrupts.SigintGuard) -> None:
        guard.wait(self._sender.fileno())
        self._done = curio.Event()
        deadline = None if timeout is None else time.monotonic() + timeout
        with ExitStack() as stack:
            # The user may watch the same ones, and curio can wait for each but once.
            watched = [stack.enter_context(own_descriptor(fd)) for fd in fds]
            while not pump.done:
                try:
                    self.context.run(self._kernel.run, self._wait, watched, deadline, pump)
                except KeyboardInterrupt:
                    self._let_through()
                except SystemExit:
                    pass  # of a background task
                except Exception as exc:
                    self._broken = True
                    self.report_failure("curio, and every task of it,", exc)
                    return

    async def _wait(self, fds: Sequence[int], deadline: float | None, pump: PromptWait) -> None:
        await self._listens()
        readers = [await curio.spawn(self._watch, fd, daemon=True) for fd in fds]
        if deadline is not None:  # not by a timeout of curio's, which complains in the log when it is late
            readers.append(await curio.spawn(self._end_after, max(0.0, deadline - time.monotonic()), daemon=True))
        await self._done.wait()
        pump.done = True
        for reader in readers:
            await reader.cancel()

    async def _end_after(self, seconds: float) -> None:
        await curio.sleep(seconds)
        await self._done.set()

    async def _watch(self, fd: int) -> None:
        await _read_wait(fd)
        await self._done.set()

    async def _end_pump(self, pump: PromptWait) -> None:
        await self._done.set()

    async def _go_on(self, foreground: ForegroundInput) -> None:
        await self._done.wait()

    async def _run_input(self, foreground: ForegroundInput) -> None:
        if foreground.done:  # by a Ctrl-C that was faster
            await self._done.set()
            return
        foreground.started = True
        value = error = None
        try:
            value = await intercept_yields(foreground.coro, _refusal)
        except BaseException as exc:
            error = exc
        async with curio.disable_cancellation():
            if (await curio.current_task()).cancel_pending:
                foreground.delivered = False  # the Ctrl-C came too late to cancel the input
            foreground.end(value, error)
            if foreground is self._foreground:  # else the prompt was given back before
                await self._done.set()
            if (background := self._handed_over.pop(foreground, None)) is not None:
                self._spawned.remove(background)
                await background.over.set()

    # -- Ctrl-C ---------------------------------------------------------------------------------------------------------

    def _soon(self, function: Callable[[_T], Any], what: _T) -> None:
        self._asked.append(partial(function, what))
        self._notify()

    def ask(self, answer: threading.Event) -> None:
        async def tell() -> None:
            answer.set()

        self._asked.append(tell)
        self._notify()

    def _notify(self) -> None:
        try:
            self._sender.send(b"\0")
        except BlockingIOError:
            pass  # full: it will be read anyway

    async def _listen(self) -> None:
        """Do on the kernel what was asked for outside of it."""
        async with Socket(self._receiver) as receiver:
            while True:
                await receiver.recv(100)
                while self._asked:
                    await self._asked.pop(0)()

    async def _cancel(self, foreground: ForegroundInput) -> None:
        if not foreground.deliver():
            return
        if foreground.started:
            await self._task.cancel(blocking=False)
        else:
            foreground.end(error=KeyboardInterrupt())

    async def _abandon(self, foreground: ForegroundInput) -> None:
        """Return to the prompt though the input does not end: it goes on ending in its task."""
        if foreground.done:
            return
        foreground.end(error=KeyboardInterrupt())
        self._task.name = "an interrupted input"
        await self._done.set()

    # -- Ctrl-Z ---------------------------------------------------------------------------------------------------------

    async def _hand_over(self, foreground: ForegroundInput) -> None:
        """Leave the input to its task."""
        await curio.sleep(0)  # an input that has yet to begin has its turn
        if not self._has_begun(foreground):
            return
        background = SpawnedTask(foreground.coro, None, curio.Event())
        if (handed_over := self._leave(foreground, background)) is None:
            await self._cancel(foreground)
            return
        background.name = self._task.name = handed_over.name
        background.began, background.task, self._task = foreground.began, self._task, None
        self._spawned.append(background)
        self._handed_over[foreground] = background
        self._watchdog.start()
        await self._done.set()

    # -- beside the inputs ----------------------------------------------------------------------------------------------

    def spawn(self, coro: Coroutine[Any, Any, Any], name: str | None = None) -> SpawnedTask:
        background = SpawnedTask(coro, name, curio.Event())
        self._spawned.append(background)
        self._watchdog.start()
        self._asked.append(partial(self._start_background, background))
        self._notify()
        return background

    async def _start_background(self, background: SpawnedTask) -> None:
        if background in self._spawned:  # else it has been cancelled since
            background.task = await curio.spawn(self._run_background, background, daemon=True)
            background.task.name = background.name

    async def _run_background(self, background: SpawnedTask) -> None:
        """Run a background task; an error in it ends nothing but itself."""
        try:
            await intercept_yields(background.coro, _refusal)
        except curio.TaskCancelled:
            raise
        except BaseException as exc:
            self.report_failure(background.name, exc)
        finally:
            self._spawned.remove(background)
            await background.over.set()

    def tasks(self) -> list[RunnerTask]:
        spawned = {background.task: background for background in self._spawned}
        found = []
        for task in self._kernel._tasks.values():
            if (background := spawned.get(task)) is not None:
                found.append(RunnerTask(background, task.name, _state(task), background.coro, background.began))
            elif task is not self._task and not _is_the_kernels(task) and not _is_the_runners(task):
                found.append(RunnerTask(task, task.name, _state(task), task.coro))
        return found + [RunnerTask(each, each.name, "ready", each.coro, each.began) for each in self._spawned if not each.task]

    def children(self) -> dict[object, list[object]]:
        spawned = {background.task: background for background in self._spawned}
        return {
            spawned.get(task, task): [spawned.get(other, other) for other in found]
            for task, found in _awaited(list(self._kernel._tasks.values())).items()
        }

    def cancel(self, handle: Any) -> None:
        task = handle.task if isinstance(handle, SpawnedTask) else handle
        if task is None:
            self._spawned.remove(handle)
            handle.coro.close()
        else:
            self._asked.append(partial(task.cancel, blocking=False))
            self._notify()

    def has_started_tasks(self) -> bool:
        return bool(self._spawned)

    def started_tasks(self) -> list[tuple[str, Any]]:
        return [(background.name, background.coro) for background in list(self._spawned)]

    async def wait(self, handle: Any) -> None:
        await (handle.over if isinstance(handle, SpawnedTask) else handle).wait()

    # -- the end --------------------------------------------------------------------------------------------------------

    def close(self, timeout: float = 5.0) -> list[str]:
        if self._closed or get_ident() != self._thread:
            return []
        self._closed = True
        self._watchdog.stop()
        stuck: list[str] = []
        if not self._has_broken_down() and not curio.meta.curio_running():
            try:
                stuck = self._kernel.run(self._end, timeout)
            except KeyboardInterrupt:  # the user will not wait
                left = [task for task in self._kernel._tasks.values() if not _is_the_kernels(task) and task is not self._task]
                stuck = sorted(task.name for task in left)
            if stuck:
                self._abandon_kernel()
            else:
                self._kernel.run(shutdown=True)
        for background in self._spawned:
            if background.task is None:
                background.coro.close()
        self._receiver.close()
        self._sender.close()
        return stuck

    def _abandon_kernel(self) -> None:
        """Close what can be closed of a kernel that cannot be shut down; the caller tells of it, and curio not once more."""
        for function in self._kernel._shutdown_funcs or ():
            function()
        self._kernel._shutdown_funcs = None
        self._receiver.close()
        self._sender.close()
        # Kept for good: its tasks would complain when they are collected, at the end of the process at the latest.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._kernel))

    async def _end(self, timeout: float) -> list[str]:
        """Cancel every task and wait for them; curio's own shutdown would wait for ever."""
        self._task = me = await curio.current_task()
        tasks = [task for task in self._kernel._tasks.values() if task is not me and not _is_the_kernels(task)]
        for task in tasks:
            task.cancelled = False  # else curio would not cancel an interrupted input, or its cleanup, a second time
            await task.cancel(blocking=False)
        async with curio.ignore_after(timeout):
            for task in tasks:
                await task.wait()
        return sorted(task.name for task in tasks if not task.terminated)


def _is_the_kernels(task: Any) -> bool:
    """Report whether it is the task of the kernel itself (curio/kernel.py, 1.6 and curio-compat 1.6.7)."""
    return bool(task.coro.__name__ == "_kernel_task")


#: The coroutines by which the runner works.
_OWN = {
    method.__code__
    for method in (
        CurioRunner._drive,
        CurioRunner._go_on,
        CurioRunner._wait,
        CurioRunner._watch,
        CurioRunner._end_after,
        CurioRunner._listen,
        CurioRunner._handle_events,
    )
}


def _is_the_runners(task: Any) -> bool:
    return getattr(task.coro, "cr_code", None) in _OWN


def _awaited(tasks: list[Any]) -> dict[Any, set[Any]]:
    """Return for tasks those that they join, by themselves or as task groups (curio/task.py, 1.6 and curio-compat 1.6.7)."""
    found: dict[Any, set[Any]] = {}
    members: dict[Any, set[Any]] = {}
    for task in tasks:
        for joining in task.joining._tasks:
            found.setdefault(joining, set()).add(task)
        if task.taskgroup is not None:
            members.setdefault(task.taskgroup, set()).add(task)
    for task in tasks if members else ():
        for frame in frames(task.coro):
            if isinstance(group := frame.f_locals.get("self"), curio.TaskGroup):
                found.setdefault(task, set()).update(members.get(group, ()))
    return found


def _state(task: Any) -> str:
    if task.cancelled:
        return "cancelled"
    return "ready" if task.state == "READY" else "waiting"


def _refusal(awaited: object) -> TypeError | None:
    """Refuse what only another library could make sense of: curio's kernel would break down over it."""
    return None if isinstance(awaited, tuple) else TypeError(f"curio cannot wait for {awaited!r}")
