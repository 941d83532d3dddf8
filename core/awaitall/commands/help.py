"""Show which commands there are, and how each is used."""

from __future__ import annotations

from inspect import cleandoc
from typing import TYPE_CHECKING, Any

from awaitall.plugins import plugins

if TYPE_CHECKING:
    from awaitall.base_session import BaseSession

__all__ = ["show_help"]


def show_help(session: BaseSession, arguments: str, namespace: dict[str, Any]) -> str:
    """Return a line for each command, or all that is known of one."""
    if name := arguments.removeprefix("%"):
        command = plugins().command(name)
        return f"%{command.name}: {command.summary}\n\n{_usage(command.name, cleandoc(command.usage))}"
    commands = sorted(plugins().commands().values(), key=lambda command: command.name)
    width = max(len(command.name) for command in commands)
    lines = [f"%{command.name:<{width}}  {command.summary}".rstrip() for command in commands]
    return "\n".join([*lines, "", "%name? tells more of a command."])


def _usage(name: str, usage: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in (usage or f"%{name}").splitlines())
