"""The commands that are always there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awaitall.commands.autoawait import autoawait, words
from awaitall.commands.background import bg, cancel, tasks
from awaitall.commands.help import show_help
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
        "show or switch top-level await, and choose what runs it",
        words,
        usage="""
            %autoawait              show the state
            %autoawait on | off     switch top-level await
            %autoawait trio         run inputs by another runner, or by any function that runs a coroutine
            %autoawait inside | outside
                                    whether inputs without await see the loop as running
            %autoawait explicit | implicit
                                    whether a coroutine as the value of an input is awaited, too
            """,
    )
    yield CommandSpec(
        "bg",
        bg,
        "run a coroutine, or an input that awaits, in the background",
        usage="""
            %bg f()                 run a coroutine
            %bg x = await f()       run an input that awaits; it binds names as every input
            %bg async for line in lines():
                print(line)         a block ends at a blank line
            """,
    )
    yield CommandSpec(
        "tasks",
        tasks,
        "list the background tasks, and where each waits",
        usage="""
            %tasks                  number, state, age, name, and the line of your code where it waits
            """,
    )
    yield CommandSpec(
        "cancel",
        cancel,
        "cancel background tasks by their numbers or names, or all",
        lambda session: {"all": "all tasks", **{str(task.number): task.name for task in session.tasks()}},
        usage="""
            %cancel 1 2             cancel tasks by their numbers
            %cancel f()             cancel a task by its name
            %cancel all             cancel all tasks
            """,
    )
    yield CommandSpec(
        "help",
        show_help,
        "list the commands, or tell more of one",
        lambda session: {name: command.summary for name, command in sorted(plugins().commands().items())},
        usage="""
            %help, %, %?            list the commands
            %help bg, %bg?, %bg --help
                                    tell more of a command
            """,
    )
