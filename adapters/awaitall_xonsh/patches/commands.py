"""Commands that are not awaited: background tasks go on while xonsh waits for them, and end before ``exec``."""

from __future__ import annotations

import sys
from functools import wraps
from shutil import which
from typing import TYPE_CHECKING, Any

from awaitall_xonsh import settings

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "end_session_before_exec",
    "run_tasks_before_wait",
    "run_tasks_in_sleep",
    "run_tasks_in_waitpid",
    "show_output_after_wait",
]


class _StandIn:
    """What a name for a module stands for in a module of xonsh: that module, but for one function."""

    def __init__(self, module: Any, function: Callable[..., Any]) -> None:
        self._module = module
        setattr(self, function.__name__, function)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


def run_tasks_in_sleep(time: Any) -> Any:
    """Replace ``time.sleep()``: tasks run meanwhile."""

    def sleep(seconds: float) -> None:
        if settings.session() is None:
            time.sleep(seconds)
        else:
            from awaitall_xonsh import waiting

            waiting.sleep(seconds)

    return _StandIn(time, sleep)


def run_tasks_in_waitpid(os: Any) -> Any:
    """Replace ``os.waitpid()``: tasks run meanwhile."""

    def waitpid(pid: int, options: int) -> tuple[int, int]:
        if hasattr(os, "waitid") or settings.session() is None:
            status: tuple[int, int] = os.waitpid(pid, options)
            return status
        from awaitall_xonsh import waiting

        return waiting.waitpid(pid, options)

    return _StandIn(os, waitpid)


def end_session_before_exec(os: Any) -> Any:
    """Replace ``os.execvpe()``: the session ends before."""

    def execvpe(file: str, args: Any, env: Any) -> None:
        if (end := settings.imported("running", "end")) and which(file, path=env.get("PATH")):
            end()
            for stream in (sys.stdout, sys.__stdout__):  # what their cleanup has printed
                stream.flush()  # type: ignore[union-attr]
        os.execvpe(file, args, env)

    return _StandIn(os, execvpe)


def run_tasks_before_wait(closer: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap the last thing that xonsh does before it waits for the last process of a pipeline by a call of the system."""

    @wraps(closer)
    def ours(*args: Any, **options: Any) -> Any:
        made = closer(*args, **options)
        if settings.session() is not None:
            from awaitall_xonsh import waiting

            waiting.until_changed(made.pipeline.proc)
        return made

    return ours


def show_output_after_wait(close_proc: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap what xonsh does when a pipeline has ended, or has been stopped."""

    @wraps(close_proc)
    def ours(pipeline: Any) -> None:
        close_proc(pipeline)
        if show_output := settings.imported("waiting", "show_output"):
            show_output()

    return ours
