"""Line commands: ``%name arguments`` at the prompt, ``name arguments`` where the shell has commands of its own.

One implementation for every shell; plugins offer them by the hook ``awaitall_commands``.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from awaitall.errors import AwaitallError, UnknownRunnerError
from awaitall.hookspecs import CommandSpec, RunnerSpec, hookimpl
from awaitall.plugins import as_spec, plugins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from awaitall.session import Session

__all__ = ["answer", "complete", "run"]


def run(session: Session, line: str, namespace: dict[str, Any]) -> str:
    """Run a command in a session and give the text to show, empty if there is nothing to say.

    Args:
        session: The session of the shell.
        line: The command without its percent sign: ``"autoawait trio"``.
        namespace: Where the names of the user are looked up.

    Raises:
        AwaitallError: in one sentence what is wrong, and what to do.
    """
    name, _, arguments = line.strip().partition(" ")
    return plugins().command(name).run(session, arguments.strip(), namespace) or ""


def answer(session: Session, line: str, namespace: dict[str, Any]) -> str:
    """Run a command as :func:`run` does, and let an error be the text; text ends in a newline."""
    try:
        text = run(session, line, namespace)
    except AwaitallError as exc:
        text = f"awaitall: {exc}"
    except Exception as exc:
        text = f"awaitall: the command {line.split()[0]!r} has failed: {type(exc).__name__}: {exc}"
    return text and f"{text}\n"


def complete(session: Session, line: str) -> list[str]:
    """Give what the last word of an unfinished command may become; never raises."""
    name, space, arguments = line.lstrip().partition(" ")
    commands = plugins().commands()
    if not space:
        return [command for command in sorted(commands) if command.startswith(name)]
    if name not in commands:
        return []
    try:
        words = commands[name].complete(session)
    except Exception:
        return []
    return [word for word in words if word.startswith(arguments.lstrip())]


@hookimpl
def awaitall_commands() -> Iterator[CommandSpec]:
    """Offer the built-in commands."""
    yield CommandSpec(
        "autoawait",
        autoawait,
        "show or switch top-level await: on, off, or the name of a runner or of a function that runs a coroutine",
        lambda session: ["off", "on", *sorted(plugins().runners())],
    )


def autoawait(session: Session, arguments: str, namespace: dict[str, Any]) -> str | None:
    """Show the state, switch await on or off, or use another runner, as IPython's command of the same name does."""
    if not arguments:
        state = "On" if session.autoawait else "Off"
        uses = f"`{session.runner}`" if (host := session.host) is None else f"the running loop of `{host}`"
        return f"autoawait is `{state}`, and set to use {uses}"
    if arguments.lower() in ("on", "true"):
        session.autoawait = True
    elif arguments.lower() in ("off", "false"):
        session.autoawait = False
    else:
        session.use(_runner(arguments, namespace))
        session.autoawait = True
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
        return replace(as_spec(found), name=name)
