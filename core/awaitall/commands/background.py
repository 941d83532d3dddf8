"""Start, list and cancel background tasks."""

from __future__ import annotations

import ast
from collections.abc import Awaitable, Coroutine
from inspect import iscoroutinefunction
from operator import attrgetter
from shutil import get_terminal_size
from traceback import format_exception_only
from typing import TYPE_CHECKING, Any

from awaitall.commands.numbers import number_of
from awaitall.errors import AwaitallError, UnknownTaskError, UnsupportedError, UsageError
from awaitall.hints import drop_hinted, fresh_coroutines
from awaitall.interrupts import FROM_OUTSIDE
from awaitall.tasks import cut, duration, short_path

if TYPE_CHECKING:
    from awaitall.base_session import BaseSession
    from awaitall.tasks import BackgroundTask

__all__ = ["bg", "cancel", "tasks", "where"]


def bg(session: BaseSession, arguments: str, namespace: dict[str, Any]) -> str | None:
    """Run what is typed in the background, and tell the number of the task; ``-q`` tells nothing."""
    quiet, arguments = _option(arguments)
    if not arguments:
        raise UsageError("What is to run in the background? For example: %bg f()")
    first, *more = arguments.splitlines()
    name = f"{first} ..." if more else first
    try:
        number = session.spawn(_background(session, arguments), name=name, announce=not quiet)
    except (AwaitallError, *FROM_OUTSIDE):
        raise
    except BaseException as exc:
        raise UsageError("".join(format_exception_only(exc)).strip()) from exc
    return None if quiet else f"[{number}] {name}"


def _option(arguments: str) -> tuple[bool, str]:
    """Return whether ``-q`` comes first, and the rest."""
    option, _, rest = arguments.partition(" ")
    if not option.startswith("-"):
        return False, arguments
    if option != "-q":
        raise UsageError(f"%bg has no option {option}. The one that it has is -q, which says nothing: %bg -q f()")
    return True, rest.strip()


def _background(session: BaseSession, source: str) -> Coroutine[Any, Any, Any]:
    compiled = session.compile(source)
    if compiled.is_async:
        return compiled.aexecute(session.namespace, session.locals)
    if not compiled.has_value:
        raise UsageError(f"Nothing here awaits, so there is nothing for %bg to run.{_with_await(source)}")
    value = session.run(compiled)
    if isinstance(value, Coroutine):
        return value
    if isinstance(value, Awaitable):
        return _wait_for(value)
    if iscoroutinefunction(value):
        raise UsageError(f"%bg takes a coroutine, and {source} is the function that makes one. Did you mean %bg {source}()?")
    if coros := fresh_coroutines(value):
        drop_hinted(*coros)
        raise UsageError(
            f"%bg takes one coroutine, and this is a {type(value).__name__} of {len(coros)}: a %bg for each, please."
        )
    raise UsageError(f"%bg takes a coroutine, or an input that awaits, and not {type(value).__name__!r}.")


def _with_await(source: str) -> str:
    """Suggest an await for the right side of an assignment, ``x = f()``."""
    match ast.parse(source).body:
        case [ast.Assign(value=ast.Call()) | ast.AnnAssign(value=ast.Call()) as statement]:
            call = ast.get_source_segment(source, statement.value) or ""  # type: ignore[arg-type]
            return f" Did you mean %bg {source.replace(call, f'await {call}', 1)}?"
    return ""


async def _wait_for(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


def tasks(session: BaseSession, arguments: str, namespace: dict[str, Any]) -> str:
    """List the tasks in columns: number, state, age, name, the line of the user's code that waits, and for what.

    With ``-t`` each stands below those that wait for it.
    """
    if arguments not in ("", "-t"):
        raise UsageError(f"%tasks has no option {arguments}. The one that it has is -t, which shows who waits for whom.")
    found = sorted(session.tasks(), key=attrgetter("number"))
    if not found:
        return "no tasks"
    tree = _tree(found) if arguments else [("", task) for task in found]
    places = {where: short_path(where or "") for where in {task.where for task in found}}  # many tasks wait at few lines
    rows = [
        (
            f"[{task.number}] {task.state:<9} {duration(task.age):>6}",
            f"{branch}{task.name}",
            places[task.where],
            _awaited(task),
        )
        for branch, task in tree
    ]
    start, name, where, awaited = (max(map(len, column)) for column in zip(*rows, strict=True))
    columns = get_terminal_size((200, 24)).columns
    room = columns - start - where - 5
    if awaited and room - awaited >= min(name, 20) + 2:
        room -= awaited + 2
    else:
        awaited = 0
    width = min(name, max(20, room))
    return "\n".join(
        f"{start}  {cut(name, width):<{width}}  {place:<{where}}  {what[:awaited]}".rstrip() for start, name, place, what in rows
    )


def _tree(tasks: list[BackgroundTask]) -> list[tuple[str, BackgroundTask]]:
    """Return tasks below those that wait for them, each with the branch that leads to it; what has been shown has no branches."""
    by_number = {task.number: task for task in tasks}
    rows: list[tuple[str, BackgroundTask]] = []
    seen: set[int] = set()

    def grow(task: BackgroundTask, branch: str, below: str) -> None:
        rows.append((branch, task))
        if task.number not in seen:
            seen.add(task.number)
            for child in task.children:
                last = child == task.children[-1]
                grow(by_number[child], below + ("└─ " if last else "├─ "), below + ("   " if last else "│  "))

    awaited = {child for task in tasks for child in task.children}
    for task in sorted(tasks, key=lambda task: task.number in awaited):
        if task.number not in seen:  # of those that wait for each other one is the first
            grow(task, "", "")
    return rows


def _awaited(task: BackgroundTask) -> str:
    """Return what a task waits for: the function that it has called, else other tasks by their numbers."""
    return task.waits_for or " ".join(f"[{number}]" for number in task.children)


def where(session: BaseSession, arguments: str, namespace: dict[str, Any]) -> str:
    """Show where a task waits: its whole stack, with the lines of code, and where it was created."""
    number = number_of(arguments, "where")
    stack = session.stack(number)
    task = next(task for task in session.tasks() if task.number == number)
    age = "" if task.age is None else f" {duration(task.age)}"
    awaited = f" for {awaited}" if task.state == "waiting" and (awaited := _awaited(task)) else ""
    lines = [f"[{number}] {task.name}: {task.state}{age}{awaited}", *map(str.rstrip, stack.format())]
    if task.created is not None:
        lines.append(f"created at {short_path(task.created)}")
    return "\n".join(lines)


def cancel(session: BaseSession, arguments: str, namespace: dict[str, Any]) -> str | None:
    """Cancel tasks by their numbers or names, or all."""
    there = session.tasks()
    words = [arguments] if any(task.name == arguments for task in there) else arguments.replace(",", " ").split()
    if not words:
        raise UsageError("Which tasks? Give their numbers or names, or all: %tasks lists them.")
    if not there and words == ["all"]:
        return "no tasks"
    chosen = {
        word: [task.number for task in there if word in ("all", task.name, str(task.number), f"[{task.number}]")]
        for word in words
    }
    refused: UnsupportedError | None = None
    for number in {number: None for numbers in chosen.values() for number in numbers}:
        try:
            session.cancel(number, by="%cancel")
        except UnsupportedError as exc:
            refused = exc
    if unknown := [word for word, numbers in chosen.items() if not numbers]:
        raise UnknownTaskError(f"No task {', '.join(unknown)}; %tasks lists them.")
    if refused is not None:
        raise refused
    return None
