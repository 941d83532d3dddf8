"""asyncio in debug mode, as a runner for awaitall."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from awaitall import AwaitallError, Runner, RunnerSpec, RunnerTask, hookimpl
from awaitall.errors import ClosedError, RunningLoopError, WrongThreadError

if TYPE_CHECKING:
    import asyncio
    import contextvars
    from collections.abc import Coroutine, Iterator

__all__ = ["DebugRunner"]


class DebugRunner(Runner):
    """Run each input as a task of its own, on one loop that reports what blocks it for more than 0.1 seconds."""

    name = "asyncio-debug"
    library = "asyncio"
    features = frozenset({"suspend", "background"})

    def __init__(self, context: contextvars.Context) -> None:
        """Make the loop; asyncio is imported here, for those who use it."""
        import asyncio

        super().__init__(context)
        self._runner = asyncio.Runner(debug=True, loop_factory=asyncio.new_event_loop)
        self._thread = threading.get_ident()
        self._spawned: set[asyncio.Task[Any]] = set()
        self._closed = False

    def run(self, coro: Coroutine[Any, Any, Any]) -> Any:
        """Run one input to its end."""
        if refusal := self._refusal():
            coro.close()
            raise refusal
        return self._runner.run(coro, context=self.context)

    def _refusal(self) -> AwaitallError | None:
        if self._closed:
            return ClosedError("This runner is closed.")
        if threading.get_ident() != self._thread:
            return WrongThreadError("Another thread has opened this runner.")
        import asyncio

        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return None
        return RunningLoopError("A loop is running in this thread already.")

    def spawn(self, coro: Coroutine[Any, Any, Any], name: str | None = None) -> asyncio.Task[Any]:
        """Start a background task; its handle is the task itself."""
        name = name or "task"
        task = self._runner.get_loop().create_task(self._contained(coro, name), name=name)
        self._spawned.add(task)
        task.add_done_callback(self._spawned.discard)
        task.add_done_callback(lambda _: coro.close())  # in case it was cancelled before it began
        return task

    def tasks(self) -> list[RunnerTask]:
        """List the tasks that have not ended."""
        import asyncio

        tasks = asyncio.all_tasks(self._runner.get_loop())
        return [RunnerTask(task, task.get_name(), _state(task), task.get_coro()) for task in tasks]

    def cancel(self, handle: asyncio.Task[Any]) -> None:
        """Cancel one."""
        handle.cancel()

    async def _contained(self, coro: Coroutine[Any, Any, Any], name: str) -> None:
        """Report an error, SystemExit too, which asyncio would let end the input that is running."""
        import asyncio

        try:
            await coro
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self.report_failure(name, error)

    def close(self, timeout: float = 5.0) -> list[str]:
        """Cancel the tasks, wait for them, close the loop."""
        if self._closed:
            return []
        self._closed = True
        stuck = self._runner.run(self._end(timeout))
        if stuck:
            self._runner.get_loop().close()  # the runner's own close() would wait for them for ever
        else:
            self._runner.close()
        return stuck

    async def _end(self, timeout: float) -> list[str]:
        import asyncio

        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=timeout)
        return sorted(task.get_name() for task in tasks if not task.done())


def _state(task: asyncio.Task[Any]) -> str:
    return "cancelled" if task.cancelling() else "waiting"


@hookimpl
def awaitall_runners() -> Iterator[RunnerSpec]:
    """Offer one runner."""
    yield RunnerSpec("asyncio-debug", DebugRunner, "asyncio in debug mode")
