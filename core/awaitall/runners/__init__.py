"""What a runner is, and the runners that awaitall brings along, offered through the same hook as a stranger's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from awaitall.hookspecs import RunnerSpec, hookimpl

if TYPE_CHECKING:
    import contextvars
    from collections.abc import Coroutine, Iterator
    from types import FrameType

__all__ = ["Runner"]


class Runner(Protocol):
    """Runs the inputs of one session, one at a time, all on the thread that opened it.

    Attributes:
        name: The name of the spec it was opened from.
        context: The context that every input runs in.
    """

    name: str
    context: contextvars.Context

    def run(self, coro: Coroutine[Any, Any, Any], /) -> Any:
        """Run one input to its end and return its value, or raise what it raised.

        Ctrl-C cancels the input, lets its cleanup run, and comes out as KeyboardInterrupt. A second Ctrl-C during a cleanup
        that does not end gives the caller the KeyboardInterrupt at once, and the input goes on ending in the background.

        Raises:
            ClosedError, WrongThreadError, RunningLoopError: the coroutine has been closed unrun.
        """

    def interrupt(self, frame: FrameType | None = None, /) -> bool:
        """Do what Ctrl-C does, for a host that owns SIGINT; False if no input is running.

        Safe to call in a signal handler. May raise KeyboardInterrupt, to stop code of the input that does not await.

        Args:
            frame: The frame that the signal interrupted, as a signal handler gets it.
        """

    def close(self, timeout: float = 5.0) -> list[str]:
        """Cancel what still runs, wait for its cleanup for at most ``timeout`` seconds, and shut the loop down.

        Returns:
            The names of the tasks that would not end in time. Never raises for them. A second call does nothing.
        """


@hookimpl
def awaitall_runners() -> Iterator[RunnerSpec]:
    """Offer the built-in runners; a loop is imported when its runner is opened."""
    yield RunnerSpec("asyncio", _open_asyncio, "one persistent asyncio loop, every input in the same task")


def _open_asyncio(context: contextvars.Context) -> Runner:
    from awaitall.runners.on_asyncio import AsyncioRunner

    return AsyncioRunner(context)
