"""The commands that are always there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awaitall.commands.autoawait import autoawait
from awaitall.commands.background import bg, cancel, tasks
from awaitall.contracts import CommandSpec
from awaitall.hookspecs import hookimpl
from awaitall.plugins import plugins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from awaitall.base_session import BaseSession
    from awaitall.compiling import Input

__all__ = ["awaitall_commands"]


@hookimpl
def awaitall_commands() -> Iterator[CommandSpec]:
    """Offer the built-in commands."""
    yield CommandSpec(
        "autoawait",
        autoawait,
        "show or switch top-level await: on, off, or the name of a runner or of a function that runs a coroutine; "
        "inside or outside: whether inputs without await see its loop; implicit or explicit: whether a coroutine as the value of "
        "an input is awaited",
        lambda session: ["explicit", "implicit", "inside", "off", "on", "outside", *sorted(plugins().runners())],
    )
    yield CommandSpec("bg", bg, "run a coroutine in the background, f(), or an input that awaits")
    yield CommandSpec("tasks", tasks, "list the background tasks, and where each waits")
    yield CommandSpec(
        "cancel",
        cancel,
        "cancel background tasks by their numbers or names, or all",
        lambda session: ["all", *(str(task.number) for task in session.tasks())],
    )
    yield CommandSpec("time", _time, "run a statement, with await or without, and tell how long it takes")
    yield CommandSpec(
        "timeit",
        _timeit,
        "time a statement, with await or without, that is run again and again; "
        "-n N loops each of -r R times, -p P digits, -o returns the result, -q prints nothing, -t wall clock, -c processor time",
        lambda session: ["-c", "-n", "-o", "-p", "-q", "-r", "-t"],
    )
    yield CommandSpec(
        "prun",
        _prun,
        "run a statement, with await or without, and tell where the time goes; "
        "-s KEY sorts, -l LIMIT shows less, -T FILE and -D FILE save, -r returns the statistics, -q prints nothing",
        lambda session: ["-D", "-T", "-l", "-q", "-r", "-s"],
    )


# The modules of these are imported when they are used.


def _time(session: BaseSession, arguments: str, namespace: dict[str, Any]) -> Input:
    from awaitall.commands.timing import time

    return time(session, arguments)


def _timeit(session: BaseSession, arguments: str, namespace: dict[str, Any]) -> Input:
    from awaitall.commands.timing import timeit

    return timeit(session, arguments)


def _prun(session: BaseSession, arguments: str, namespace: dict[str, Any]) -> Input:
    from awaitall.commands.profiling import prun

    return prun(session, arguments)
