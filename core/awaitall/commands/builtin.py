"""The commands that are always there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awaitall.commands.autoawait import autoawait
from awaitall.commands.background import bg, cancel, tasks, where
from awaitall.commands.results import fg, result
from awaitall.contracts import CommandSpec
from awaitall.hookspecs import hookimpl
from awaitall.plugins import plugins

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    yield CommandSpec("bg", bg, "run a coroutine in the background, f(), or an input that awaits; -q: without a word")
    yield CommandSpec("tasks", tasks, "list the background tasks, and where each waits; -t: below those that wait for them")
    yield CommandSpec(
        "cancel",
        cancel,
        "cancel background tasks by their numbers or names, or all",
        lambda session: ["all", *(str(task.number) for task in session.tasks())],
    )
    yield CommandSpec(
        "where",
        where,
        "show the stack of a background task, by its number, and where it was created",
        lambda session: [str(task.number) for task in session.tasks()],
    )
    yield CommandSpec(
        "fg",
        fg,
        "wait for a background task in the foreground, by its number; without one, for the task begun last",
        lambda session: [str(task.number) for task in session.tasks()],
    )
    yield CommandSpec(
        "result",
        result,
        "show what a background task has returned, by its number; without one, list the results that are kept",
        lambda session: [str(result.number) for result in session.results],
    )
