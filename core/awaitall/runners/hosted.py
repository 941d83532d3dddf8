"""The tasks of a program inside whose loop a session awaits: listed, started and cancelled there, on its own loop."""

from __future__ import annotations

import asyncio
import contextvars
import time
from typing import TYPE_CHECKING, Any

from awaitall.contracts import RunnerTask
from awaitall.current_library import is_cancellation
from awaitall.errors import UnsupportedError
from awaitall.runners.loop_runner import SpawnedTask
from awaitall.tasks import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import FrameType

    import trio

    Coro = Coroutine[Any, Any, Any]

__all__ = ["AsyncioHost", "TrioHost", "forget_quietly", "hosted", "runs_spawned"]


class AsyncioHost:
    """The running asyncio loop of a program; all methods are called on it, and mean what they mean on a runner."""

    def __init__(self, report: Callable[[str, BaseException], object]) -> None:
        self._report = report
        self._spawned: dict[asyncio.Task[Any], float] = {}  # and when each has begun

    def spawn(self, coro: Coro, name: str | None = None) -> asyncio.Task[Any]:
        """Start a task; one that fails is reported, and ends nothing else."""
        task = asyncio.get_running_loop().create_task(self._run(coro), name=name or getattr(coro, "__name__", None))
        self._spawned[task] = time.monotonic()
        task.add_done_callback(self._spawned.pop)
        task.add_done_callback(lambda _: coro.close())  # in case it has been cancelled before it began
        return task

    async def _run(self, coro: Coro) -> None:
        try:
            await coro
        except asyncio.CancelledError:
            raise
        except GeneratorExit:
            pass  # the loop has been dropped
        except BaseException as exc:  # a SystemExit would end the program
            task = asyncio.current_task()
            self._report(task.get_name() if task else "", exc)

    def tasks(self) -> list[RunnerTask]:
        """List the tasks of the program, but for the one that the prompt is in, and those of ours that run other prompts."""
        from awaitall.runners.on_asyncio import described

        began = {task: (at, None) for task, at in self._spawned.items()}
        theirs = [task for task in asyncio.all_tasks() if task is not asyncio.current_task() and task.get_name() != HIDDEN]
        return described(sorted(theirs, key=_age), began)

    def children(self) -> dict[asyncio.Task[Any], list[asyncio.Task[Any]]]:
        """Return which tasks each waits for."""
        from awaitall.runners.asyncio_awaits import awaited_tasks

        return awaited_tasks(asyncio.all_tasks())

    def cancel(self, handle: Any) -> None:
        """Cancel a task."""
        handle.cancel()

    def cancel_spawned(self) -> None:
        """Cancel all that :meth:`spawn` has started."""
        for task in self._spawned:
            task.cancel()

    async def wait(self, handle: Any) -> None:
        """Wait for a task."""
        await asyncio.wait([handle])


def _age(task: asyncio.Task[Any]) -> tuple[int, str]:
    """Return what sorts tasks by their age, as far as asyncio has named them: ``Task-9`` comes before ``Task-10``."""
    return len(task.get_name()), task.get_name()


class TrioHost:
    """The trio that runs a program, as :class:`AsyncioHost`."""

    def __init__(self, report: Callable[[str, BaseException], object]) -> None:
        self._report = report
        self._scopes: dict[SpawnedTask, trio.CancelScope] = {}

    def spawn(self, coro: Coro, name: str | None = None) -> SpawnedTask:
        """Start a system task of trio's, in a copy of this context; one that fails is reported, and ends nothing else."""
        import trio

        background = SpawnedTask(coro, name, trio.Event())
        self._scopes[background] = trio.CancelScope()
        background.task = trio.lowlevel.spawn_system_task(
            self._run, background, name=background.name, context=contextvars.copy_context()
        )
        return background

    async def _run(self, background: SpawnedTask) -> None:

        try:
            with self._scopes[background]:
                await background.coro
        except BaseException as exc:
            if is_cancellation(exc):  # a group of them, where the task has a nursery
                raise
            if not isinstance(exc, GeneratorExit):  # else trio has been dropped
                self._report(background.name, exc)
        finally:
            del self._scopes[background]
            background.over.set()

    def tasks(self) -> list[RunnerTask]:
        """List the tasks of the program, but for the one that the prompt is in and those of trio itself."""
        import trio

        from awaitall.runners.on_trio import state

        spawned = {background.task: background for background in self._scopes}
        return [
            RunnerTask(
                spawned.get(task, task),
                task.name,
                state(task),
                getattr(spawned.get(task), "coro", task.coro),
                getattr(spawned.get(task), "began", None),
            )
            for task in _everything()
            if task is not trio.lowlevel.current_task() and not task.name.startswith("<")  # as trio's own are called
        ]

    def children(self) -> dict[object, list[object]]:
        """Return which tasks are in the nurseries of each."""
        from awaitall.runners.on_trio import in_nurseries

        spawned = {background.task: background for background in self._scopes}
        return {spawned.get(task, task): [*in_nurseries(task)] for task in _everything()}

    def cancel(self, handle: Any) -> None:
        """Cancel a task that :meth:`spawn` has started."""
        if handle not in self._scopes:
            raise UnsupportedError("trio cancels scopes and not single tasks: cancel one that is around this task.")
        self._scopes[handle].cancel()

    def cancel_spawned(self) -> None:
        """Cancel all that :meth:`spawn` has started."""
        for scope in self._scopes.values():
            scope.cancel()

    async def wait(self, handle: Any) -> None:
        """Wait for a task that :meth:`spawn` has started."""
        if not isinstance(handle, SpawnedTask):
            raise UnsupportedError("trio waits for nurseries and not for single tasks: leave the nursery of this task.")
        await handle.over.wait()


def runs_spawned(frame: FrameType | None) -> bool:
    """Report whether a frame runs what the session has started with :meth:`AsyncioHost.spawn` or :meth:`TrioHost.spawn`."""
    while frame is not None and frame.f_code not in (AsyncioHost._run.__code__, TrioHost._run.__code__):
        frame = frame.f_back
    return frame is not None


def forget_quietly(handle: object) -> None:
    """Have asyncio say nothing of a task of ours that is left where a program drops its loop without an end of the tasks."""
    from awaitall.runners.on_asyncio import silence

    if isinstance(handle, asyncio.Task):
        silence(handle)


def _everything() -> list[trio.lowlevel.Task]:
    """Return all tasks of the trio that runs."""
    import trio

    from awaitall.runners.on_trio import tasks_below

    root = trio.lowlevel.current_root_task()
    assert root is not None
    return [task for nursery in root.child_nurseries for task in tasks_below(nursery)]


def hosted(library: str, report: Callable[[str, BaseException], object]) -> AsyncioHost | TrioHost:
    """Return what works on the tasks of a running library.

    Args:
        library: Its name.
        report: Called with the name of a task that has failed, and its error.

    Raises:
        UnsupportedError: its tasks can only be worked on by code that awaits.
    """
    if library == "asyncio":
        return AsyncioHost(report)
    if library == "trio":
        return TrioHost(report)
    raise UnsupportedError(f"The tasks are those of the program that {library} runs: await what {library} has for them.")
