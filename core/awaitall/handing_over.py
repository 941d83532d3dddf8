"""What Ctrl-Z does: the input that is awaited goes to the background, or the task that it waits for goes back there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awaitall.contracts import HandedOver
from awaitall.current_library import is_cancellation

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from awaitall.compiling import Input
    from awaitall.failures import FailureReports
    from awaitall.task_list import TaskList

__all__ = ["HandingOver"]


class HandingOver:
    """What a runner calls to hand over the input that it awaits.

    Args:
        tasks: Where the input goes.
        failures: Told if it fails there.

    Attributes:
        input: The last input that has been awaited, and what it was compiled from; None before the first.
    """

    def __init__(self, tasks: TaskList, failures: FailureReports) -> None:
        self._tasks = tasks
        self._failures = failures
        self.input: tuple[Coroutine[Any, Any, Any], Input] | None = None
        self._put_back: bool | None = None  # while a task is waited for in the foreground; else None

    def __call__(self, handle: object, began: float) -> HandedOver | None:
        """Hand the input over, and tell its number; None to end the wait for another task.

        Args:
            handle: Of the task, as the runner lists it.
            began: ``time.monotonic()`` of its start.
        """
        if self._put_back is not None:
            self._put_back = True
            return None
        assert self.input is not None
        coro, compiled = self.input
        first, *more = (compiled.source or str(getattr(coro, "__name__", "input"))).strip().splitlines()
        task = self._tasks.adopt(handle, coro, f"{first} ..." if more else first, compiled.pieces, began)
        print(f"\n[{task.number}] {task.name}")

        def end(value: object, error: BaseException | None) -> None:
            if self._tasks.results.end(task, value, error):
                assert error is not None
                self._failures(task.name, error)

        return HandedOver(task.name, end)

    async def wait_in_foreground(
        self, task: str, wait: Callable[[], Coroutine[Any, Any, None]], cancel: Callable[[], object]
    ) -> bool:
        """Wait for a task as if it were the input, and return False if Ctrl-Z has put it back.

        Args:
            task: Is printed; empty if there is none.
            wait: Waits for it.
            cancel: Called when Ctrl-C has ended the wait.
        """
        self._put_back = False
        try:
            if task:
                print(task)
            await wait()
        except BaseException as exc:
            if not (isinstance(exc, KeyboardInterrupt) or is_cancellation(exc)):
                raise
            if self._put_back:
                print(f"\n{task}")
                return False
            cancel()
            raise
        finally:
            self._put_back = None
        return True
