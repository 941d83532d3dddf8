"""Show the state of top-level await, and switch it."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from awaitall.errors import UnknownRunnerError, UsageError
from awaitall.plugins import plugins, resolve_runner

if TYPE_CHECKING:
    from awaitall.base_session import BaseSession
    from awaitall.contracts import RunnerSpec

__all__ = ["autoawait", "words"]


def autoawait(session: BaseSession, arguments: str, namespace: dict[str, Any]) -> str | None:
    """Show the state, switch await on or off, or use another runner, as IPython's command of the same name does."""
    if not arguments:
        state = "On" if session.autoawait else "Off"
        uses = f"`{session.runner}`" if (host := session.host) is None else f"the running loop of `{host}`"
        if host is not None and session.nests:
            uses += ", which stands still at the prompt" if session.stands_still else ", which goes on at the prompt"
        return f"autoawait is `{state}`, and set to use {uses}"
    if arguments.lower() in ("on", "true"):
        session.autoawait = True
    elif arguments.lower() in ("off", "false"):
        session.autoawait = False
    elif arguments in ("inside", "outside"):
        session.outside = arguments == "outside"
    elif arguments in ("still", "running"):
        if session.host is None or not session.nests:
            raise UsageError(f"%autoawait {arguments} is for a prompt that holds up the loop of a program; this one does not.")
        session.stands_still = arguments == "still"
    elif arguments in ("explicit", "implicit"):
        session.implicit = arguments == "implicit"
    else:
        session.use(_runner(arguments, namespace))
        session.autoawait = True
    return None


def words(session: BaseSession) -> dict[str, str]:
    """Return what the command takes."""
    switches = {
        "explicit": "coroutines are values like others",
        "implicit": "a coroutine as the value of an input is awaited",
        "inside": "inputs without await see the loop as running",
        "off": "await is a SyntaxError",
        "on": "await works",
        "outside": "inputs without await see no loop",
        "running": "inside the loop of a program: that goes on at the prompt",
        "still": "inside the loop of a program: that stands still between the inputs",
    }
    return switches | dict.fromkeys(sorted(plugins().runners()), "a runner")


def _runner(name: str, namespace: dict[str, Any]) -> RunnerSpec:
    """Find a runner by its name, or what can be one by a name of the user's or a dotted path."""
    try:
        return plugins().runner(name)
    except UnknownRunnerError:
        first, *rest = name.split(".")
        found = namespace.get(first, sys.modules.get(first))
        for attribute in rest:
            found = getattr(found, attribute, None)
        return replace(resolve_runner(found), name=name) if callable(found) else resolve_runner(name)
