"""Inputs and scripts: what does not await sees the loop, tracebacks begin at the user's line, and bytecode is stored apart."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

import awaitall  # what takes a moment to load is loaded when it is first used
from awaitall.shells import self_running
from awaitall_xonsh import settings
from awaitall_xonsh.execer import COMMAND, SHIM, entered, is_on

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from awaitall import Session

__all__ = ["CACHE", "cut_tracebacks", "run_inputs", "store_apart"]

#: Goes into the names of the files that xonsh's bytecode is stored in, as that differs from what xonsh makes without us. Another
#: number whenever the calls that it contains mean something else.
CACHE = "awaitall-1"


def run_inputs(run_compiled_code: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap what runs typed inputs: those without await see the session, and tracebacks begin at the user's line."""
    run_text = cut_tracebacks(run_compiled_code)

    @wraps(run_compiled_code)
    def run(code: Any, namespace: dict[str, Any], *args: Any, **options: Any) -> Any:
        if code is None or code.co_filename == COMMAND:
            return run_text(code, namespace, *args, **options)
        awaits = code.co_name == SHIM
        try:
            settings.know_packages()
            compiled, hints = awaitall.Input((code,), source=entered()), settings.get(settings.HINTS)
            with self_running.observed(
                compiled, namespace or {}, settings.session, _session, awaits=awaits, hints=hints
            ) as outcome:
                result = (run_text if awaits else run_compiled_code)(code, namespace, *args, **options)
                outcome.error = result[1]
            if settings.session() is None and self_running.toolkit_is_imported():
                _session()  # which keeps its windows alive at the prompt
        except BaseException as exc:  # of a coroutine that is awaited implicitly; out of here it would end the shell
            return _exc_info(exc)
        return result

    return run


def _session() -> Session:
    from awaitall_xonsh import running

    return running.shell().session


def cut_tracebacks(run_compiled_code: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap what runs code: the tracebacks of what awaits begin at the user's line."""

    @wraps(run_compiled_code)
    def run(code: Any, *args: Any, **options: Any) -> Any:
        result = run_compiled_code(code, *args, **options)
        if code is None or code.co_name != SHIM or result[1] is None:
            return result
        return _exc_info(result[1])

    return run


def _exc_info(exc: BaseException) -> tuple[type[BaseException], BaseException, TracebackType | None]:
    """Return what xonsh knows an error by, as ``sys.exc_info()``."""
    from awaitall.shells import user_traceback

    tb = user_traceback(exc)
    return type(exc), exc.with_traceback(tb), tb


def store_apart(get_cache_filename: Callable[..., str]) -> Callable[..., str]:
    """Store bytecode apart from that of a xonsh without us: both may meet the same script."""

    @wraps(get_cache_filename)
    def ours(*args: Any, **options: Any) -> str:
        name = get_cache_filename(*args, **options)
        return f"{name}.{CACHE}" if is_on() else name

    return ours
