"""Runners without an event loop of their own: one that needs none, and one for any function that runs a coroutine."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from awaitall.contracts import Runner
from awaitall.errors import SuspendedError
from awaitall.runners.loop_runner import check
from awaitall.threads import get_ident

if TYPE_CHECKING:
    import contextvars
    from collections.abc import Callable, Coroutine

__all__ = ["FunctionRunner", "SyncRunner"]


class SyncRunner(Runner):
    """Run coroutines that await and yet never wait for anything; see :class:`awaitall.Runner` for the contract.

    One that does wait gets a SuspendedError at the line that awaits, so its ``finally`` runs and the traceback shows the line.
    """

    name = "sync"
    features: frozenset[str] = frozenset()

    def __init__(self, context: contextvars.Context) -> None:
        super().__init__(context)
        self._thread = get_ident()
        self._closed = False

    def run(self, coro: Coroutine[Any, Any, Any]) -> Any:
        try:
            check(self._closed, self._thread)
        except BaseException:
            coro.close()
            raise
        try:
            self.context.run(coro.send, None)
            self.context.run(coro.throw, _suspended())
            self.context.run(coro.close)  # it has caught the error and waits again
        except StopIteration as stop:
            return stop.value
        raise _suspended()

    def close(self, timeout: float = 5.0) -> list[str]:
        self._closed = True
        return []


def _suspended() -> SuspendedError:
    return SuspendedError(
        "This waits for something, which takes an event loop, and the runner 'sync' has none. "
        "Use another one, for example 'asyncio'."
    )


class FunctionRunner(Runner):
    """Run inputs by a function ``f(coro) -> result``, IPython's ``loop_runner`` convention; see :class:`awaitall.Runner`.

    The function brings its own loop, Ctrl-C and context, and what it starts ends as it pleases.

    Args:
        context: What the function is called in; ``asyncio.run`` and its like run the input in a copy.
        function: For example ``asyncio.run``.
    """

    features: frozenset[str] = frozenset({"suspend"})

    def __init__(self, context: contextvars.Context, function: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
        self.name = getattr(function, "__name__", repr(function))
        super().__init__(context)
        self.function = function
        self._thread = get_ident()
        self._closed = False

    def run(self, coro: Coroutine[Any, Any, Any]) -> Any:
        try:
            check(self._closed, self._thread)
            return self.context.run(self.function, coro)
        except KeyboardInterrupt as exc:
            exc.__cause__ = exc.__context__ = None  # without what the loop below made of it
            raise
        finally:
            with suppress(RuntimeError, ValueError):  # it will not end, or still runs elsewhere
                coro.close()  # in case the function has not run it

    def close(self, timeout: float = 5.0) -> list[str]:
        self._closed = True
        return []
