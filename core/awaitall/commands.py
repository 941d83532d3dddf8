"""Line commands: ``%name arguments`` at the prompt, ``name arguments`` where the shell has commands of its own.

One implementation for every shell; plugins offer them by the hook ``awaitall_commands``.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Awaitable, Coroutine
from contextlib import contextmanager
from dataclasses import replace
from inspect import iscoroutinefunction
from operator import attrgetter
from shutil import get_terminal_size
from traceback import format_exception_only
from typing import TYPE_CHECKING, Any

from awaitall.contracts import CommandSpec, RunnerSpec
from awaitall.errors import AwaitallError, UnknownRunnerError, UnknownTaskError, UnsupportedError, UsageError
from awaitall.hints import drop_hinted, fresh_coroutines
from awaitall.hookspecs import hookimpl
from awaitall.interrupts import FROM_OUTSIDE
from awaitall.plugins import plugins, resolve_runner
from awaitall.tracebacks import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from awaitall.base_session import BaseSession

__all__ = ["aanswer", "answer", "arun", "complete", "run"]


def run(session: BaseSession, line: str) -> str:
    """Run a command in a session and return the text to show, empty if there is nothing to say.

    Args:
        session: The session of the shell.
        line: The command without its percent sign: ``"autoawait trio"``.

    Raises:
        AwaitallError: in one sentence what is wrong, and what to do. KeyboardInterrupt, SystemExit: a signal, and nothing else.
    """
    with _blamed(line, BaseException):
        text = _begun(session, line)
        return str((session.run_coroutine(text) if isinstance(text, Coroutine) else text) or "")


async def arun(session: BaseSession, line: str) -> str:
    """As :func:`run`, on the loop that is running already, in the task that awaits this."""
    with _blamed(line, Exception, SystemExit):  # the others may be a cancellation
        text = _begun(session, line)
        return str((await text if isinstance(text, Coroutine) else text) or "")


def _begun(session: BaseSession, line: str) -> str | Coroutine[Any, Any, str | None] | None:
    name, _, arguments = line.strip().partition(" ")
    return plugins().command(name).run(session, arguments.strip(), session.names)


@contextmanager
def _blamed(line: str, *errors: type[BaseException]) -> Iterator[None]:
    """Turn such errors of the command that runs in this block into one sentence."""
    try:
        yield
    except (AwaitallError, *FROM_OUTSIDE):
        raise
    except errors as exc:
        raise AwaitallError(f"the command {line.split()[0]!r} has failed: {one_line(exc)}") from exc


def answer(session: BaseSession, line: str) -> str:
    """Run a command as :func:`run` does, and let an error or a Ctrl-C be the text; text ends in a newline."""
    with _told() as told:
        told.append(run(session, line))
    return _ended(told)


async def aanswer(session: BaseSession, line: str) -> str:
    """As :func:`answer`, on the loop that is running already, in the task that awaits this."""
    with _told() as told:
        told.append(await arun(session, line))
    return _ended(told)


@contextmanager
def _told() -> Iterator[list[str]]:
    told: list[str] = []
    try:
        yield told
    except AwaitallError as exc:
        told.append(f"awaitall: {exc}")
    except KeyboardInterrupt:
        told.append("KeyboardInterrupt")


def _ended(told: list[str]) -> str:
    return f"{told[0]}\n" if told[0] else ""


def complete(session: BaseSession, line: str) -> list[str]:
    """Return what the last word of an unfinished command may become; nothing if its plugin fails."""
    name, space, arguments = line.lstrip().partition(" ")
    try:
        commands = plugins().commands()
        words = list(commands[name].complete(session)) if space else sorted(commands)
        return [word for word in words if word.startswith(arguments.lstrip() if space else name)]
    except FROM_OUTSIDE:
        raise
    except BaseException:
        return []


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


def autoawait(session: BaseSession, arguments: str, namespace: dict[str, Any]) -> str | None:
    """Show the state, switch await on or off, or use another runner, as IPython's command of the same name does."""
    if not arguments:
        state = "On" if session.autoawait else "Off"
        uses = f"`{session.runner}`" if (host := session.host) is None else f"the running loop of `{host}`"
        return f"autoawait is `{state}`, and set to use {uses}"
    if arguments.lower() in ("on", "true"):
        session.autoawait = True
    elif arguments.lower() in ("off", "false"):
        session.autoawait = False
    elif arguments in ("inside", "outside"):
        session.outside = arguments == "outside"
    elif arguments in ("explicit", "implicit"):
        session.implicit = arguments == "implicit"
    else:
        session.use(_runner(arguments, namespace))
        session.autoawait = True
    return None


def bg(session: BaseSession, arguments: str, namespace: dict[str, Any]) -> str:
    """Run what is typed in the background, and tell the number of the task."""
    if not arguments:
        raise UsageError("What is to run in the background? For example: %bg f()")
    first, *more = arguments.splitlines()
    name = f"{first} ..." if more else first
    try:
        number = session.spawn(_background(session, arguments), name=name)
    except (AwaitallError, *FROM_OUTSIDE):
        raise
    except BaseException as exc:
        raise UsageError("".join(format_exception_only(exc)).strip()) from exc
    return f"[{number}] {name}"


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
    """List the tasks in columns: number, state, age, name, and the line of the user's code where it waits."""
    found = sorted(session.tasks(), key=attrgetter("number"))
    if not found:
        return "no tasks"
    rows = [(f"[{task.number}] {task.state:<9} {_age(task.age):>6}", task.name, _short(task.where or "")) for task in found]
    start, name, where = (max(map(len, column)) for column in zip(*rows, strict=True))
    room = max(20, get_terminal_size((200, 24)).columns - start - where - 5)
    width = min(name, room)
    return "\n".join(f"{start}  {_cut(name, width):<{width}}  {where}".rstrip() for start, name, where in rows)


def _short(path: str) -> str:
    """Shorten a path to what comes below an import directory, the current one included, else to ``~`` and the rest."""
    home = os.path.expanduser("~")
    shorter = [f"~{path[len(home) :]}"] if path.startswith(home + os.sep) else []
    folders = [folder.rstrip(os.sep) + os.sep for folder in map(str, sys.path) if folder]
    if os.path.isdir(os.curdir):  # it may have been deleted
        folders.append(os.getcwd() + os.sep)
    shorter += [path.removeprefix(folder) for folder in folders]
    return min(path, *shorter, key=len)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 3]}..."


def _age(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    minutes = int(seconds // 60)
    return f"{seconds:.1f}s" if minutes == 0 else f"{minutes}m" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02}m"


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
            session.cancel(number)
        except UnsupportedError as exc:
            refused = exc
    if unknown := [word for word, numbers in chosen.items() if not numbers]:
        raise UnknownTaskError(f"No task {', '.join(unknown)}; %tasks lists them.")
    if refused is not None:
        raise refused
    return None


def _runner(name: str, namespace: dict[str, Any]) -> RunnerSpec:
    """Find a runner by its name, or any callable by its name or dotted path."""
    try:
        return plugins().runner(name)
    except UnknownRunnerError:
        first, *rest = name.split(".")
        found = namespace.get(first, sys.modules.get(first))
        for attribute in rest:
            found = getattr(found, attribute, None)
        if not callable(found):
            raise
        return replace(resolve_runner(found), name=name)
