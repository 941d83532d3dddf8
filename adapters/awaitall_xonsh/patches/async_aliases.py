"""Aliases that are async functions: they are awaited, and Ctrl-C ends them."""

from __future__ import annotations

from functools import wraps
from inspect import iscoroutine
from typing import TYPE_CHECKING, Any

from awaitall.shells import self_running
from awaitall_xonsh import settings

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["await_alias", "interrupt_pipeline", "interrupt_threads"]

#: The status that xonsh has for an alias that Ctrl-C has ended.
_INTERRUPTED = 130


def await_alias(run_with_partial_args: Callable[..., Any]) -> Callable[..., Any]:
    """Await what an alias returns if that is a coroutine; return the status that xonsh has for Ctrl-C if it comes in a thread."""

    @wraps(run_with_partial_args)
    def ours(*args: Any, **options: Any) -> Any:
        try:
            with self_running.owning_keyboard():  # in a thread, while tasks run on the main thread
                result = run_with_partial_args(*args, **options)
            if iscoroutine(result):
                from awaitall_xonsh import running

                result = running.run_alias(result)
        except KeyboardInterrupt:
            if self_running.in_main_thread():
                raise
            return _INTERRUPTED
        return result

    return ours


def interrupt_threads(signal_int: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a handler of SIGINT: it interrupts what awaits in a thread, too."""

    @wraps(signal_int)
    def ours(*args: Any, **options: Any) -> Any:
        if (interrupting := settings.imported("sigint", "interrupting_foreground")) is None:
            return signal_int(*args, **options)
        with interrupting():
            return signal_int(*args, **options)

    return ours


def interrupt_pipeline(method: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a check of a pipeline: Ctrl-C reaches its aliases that await in threads, after its processes have ended, too."""

    @wraps(method)
    def ours(pipeline: Any) -> Any:
        _interrupt_aliases(pipeline)
        result = method(pipeline)
        _interrupt_aliases(pipeline)
        return result

    return ours


def _interrupt_aliases(pipeline: Any) -> None:
    if check := settings.imported("sigint", "check_pipeline"):
        check(pipeline)
