"""The commands that are always there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awaitall.commands.autoawait import autoawait, words
from awaitall.commands.background import bg, cancel, tasks, where
from awaitall.commands.gui import gui
from awaitall.commands.gui import words as gui_words
from awaitall.commands.help import show_help
from awaitall.commands.results import fg, result
from awaitall.hookspecs import hookimpl
from awaitall.plugins import plugins
from awaitall.specs import CommandSpec

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
        "settings",
        _settings,
        "show the settings, and where each comes from",
        usage="""
            %settings               every setting as the file of settings has it; with the place it comes from behind it
            """,
    )
    yield CommandSpec(
        "bg",
        bg,
        "run a coroutine, or an input that awaits, in the background",
        lambda session: {"-q": "say nothing when it ends"},
        usage="""
            %bg f()                 run a coroutine
            %bg -q f()              say nothing when it ends
            %bg x = await f()       run an input that awaits; it binds names as every input
            %bg async for line in lines():
                print(line)         a block ends at a blank line
            """,
    )
    yield CommandSpec(
        "tasks",
        tasks,
        "list the background tasks, and what each waits for",
        lambda session: {"-t": "below the tasks that wait for them"},
        usage="""
            %tasks                  number, state, age, name, what it waits for, and the line of your code
            %tasks -t               each below the task that waits for it
            """,
    )
    yield CommandSpec(
        "cancel",
        cancel,
        "cancel background tasks by their numbers or names, or all",
        lambda session: {"all": "all tasks", **_tasks(session)},
        usage="""
            %cancel 1 2             cancel tasks by their numbers
            %cancel f()             cancel a task by its name
            %cancel all             cancel all tasks
            """,
    )
    yield CommandSpec(
        "where",
        where,
        "show the stack of a background task, and where it was created",
        _tasks,
        usage="""
            %where 1                show the stack of task 1, with the lines of your code
            """,
    )
    yield CommandSpec(
        "fg",
        fg,
        "wait for a background task in the foreground",
        _tasks,
        usage="""
            %fg 1                   wait for task 1; its value is shown. Ctrl-C cancels it, Ctrl-Z puts it back
            %fg                     wait for the task begun last
            """,
    )
    yield CommandSpec(
        "result",
        result,
        "show what a background task has returned",
        lambda session: [str(result.number) for result in session.results],
        usage="""
            %result 1               show the value of task 1
            %result                 list the results that are kept
            """,
    )
    yield CommandSpec(
        "gui",
        gui,
        "keep the windows of a GUI toolkit alive beside the background tasks",
        gui_words,
        usage="""
            %gui                    show whose windows are kept alive
            %gui tk | qt            prepare for the windows of a toolkit, and keep them alive from now on
            %gui off | on           leave all windows alone; keep those alive that there are
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
    yield CommandSpec(
        "time",
        _time,
        "run an input, and tell how long it takes",
        usage="""
            %time f()               time a call
            %time x = await f()     time an input that awaits; it binds names as every input
            """,
    )
    yield CommandSpec(
        "timeit",
        _timeit,
        "run a statement again and again, and tell how long it takes",
        lambda session: {
            "-c": "by the time of the processor",
            "-n": "how many loops a run has",
            "-o": "the result is the value",
            "-p": "how many digits are shown",
            "-q": "print nothing",
            "-r": "how many runs there are",
            "-t": "by the clock on the wall",
        },
        usage="""
            %timeit await f()       time an await, on the loop that runs already
            %timeit -n 100 -r 5 f() time 5 runs of 100 loops
            %timeit -q -o f()       give the result as the value, and print nothing
            %timeit async with f() as x:
                await x.read()      a block ends at a blank line
            """,
    )
    yield CommandSpec(
        "prun",
        _prun,
        "run an input, and tell where the time goes",
        lambda session: {
            "-D": "the file for the statistics",
            "-T": "the file for the report",
            "-l": "how many lines, what share of them, or which names are shown",
            "-q": "print nothing",
            "-r": "the statistics are the value",
            "-s": "the key that the report is sorted by",
        },
        usage="""
            %prun await f()         profile an input
            %prun -s cumulative -l 10 f()
                                    sort by another key, and show 10 lines
            %prun -q -D file f()    save the statistics for pstats
            """,
    )


def _tasks(session: BaseSession) -> dict[str, str]:
    return {str(task.number): task.name for task in session.tasks()}


# The modules of these are imported when they are used.


def _settings(session: BaseSession, arguments: str, namespace: dict[str, Any]) -> str:
    from awaitall.commands.settings import settings

    return settings(session, arguments, namespace)


def _time(session: BaseSession, arguments: str, namespace: dict[str, Any]) -> Input:
    from awaitall.commands.timing import time

    return time(session, arguments)


def _timeit(session: BaseSession, arguments: str, namespace: dict[str, Any]) -> Input:
    from awaitall.commands.timing import timeit

    return timeit(session, arguments)


def _prun(session: BaseSession, arguments: str, namespace: dict[str, Any]) -> Input:
    from awaitall.commands.profiling import prun

    return prun(session, arguments)
