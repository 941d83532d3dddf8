"""Show how background tasks have ended, and wait for one of them."""

from __future__ import annotations

from shutil import get_terminal_size
from traceback import format_exception
from typing import TYPE_CHECKING, Any

from awaitall.commands.numbers import number_of
from awaitall.errors import UnknownTaskError
from awaitall.results import short
from awaitall.tasks import cut, duration
from awaitall.tracebacks import one_line, task_traceback

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from awaitall.base_session import BaseSession
    from awaitall.results import TaskResult

__all__ = ["fg", "result"]


def result(session: BaseSession, arguments: str, namespace: dict[str, Any]) -> str | None:
    """Show the result of a task by its number; without one, list the results that are kept."""
    if arguments:
        return _shown(session, number_of(arguments, "result"))
    found = session.results
    if not found:
        return "no results"
    rows = [(f"[{each.number}] {each.state:<9} {duration(each.seconds):>6}", each.name, _outcome(each)) for each in found]
    start, name = (max(len(row[column]) for row in rows) for column in (0, 1))
    columns = get_terminal_size((200, 24)).columns
    width = min(name, max(20, (columns - start - 4) // 2))
    return "\n".join(cut(f"{start}  {cut(name, width):<{width}}  {outcome}".rstrip(), columns) for start, name, outcome in rows)


def fg(session: BaseSession, arguments: str, namespace: dict[str, Any]) -> Coroutine[Any, Any, str | None]:
    """Wait for a task in the foreground, and show its result; Ctrl-C cancels it, and Ctrl-Z puts it back.

    Without a number it is the task begun last.
    """
    if arguments:
        return _foreground(session, number_of(arguments, "fg"))
    if there := session.tasks():
        return _foreground(session, max(task.number for task in there))
    raise UnknownTaskError("There is no task to wait for.")


async def _foreground(session: BaseSession, number: int) -> str | None:
    if _kept(session, number) is not None:  # it has ended before
        return _shown(session, number)
    if not await session.wait_in_foreground(number):
        return None
    result = _kept(session, number)
    if result is None or result.error is not None:  # an error has been reported
        return None
    return result.line() if result.state == "cancelled" else _shown(session, number)


def _kept(session: BaseSession, number: int) -> TaskResult | None:
    return next((result for result in session.results if result.number == number), None)


def _outcome(result: TaskResult) -> str:
    if result.error is not None:
        return one_line(result.error)
    return (result.reason or "") if result.value is None else short(result.value)


def _shown(session: BaseSession, number: int) -> str | None:
    """Return the value of a task as the prompt shows values, or its error with the user's part of the traceback."""
    try:
        value = session.result(number)
    except BaseException as exc:
        if (result := _kept(session, number)) is None or exc is not result.error:
            raise
        return "".join(format_exception(exc.with_traceback(task_traceback(exc)))).rstrip()
    return None if value is None else repr(value)
