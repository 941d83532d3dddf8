"""The line commands as xonsh has commands: aliases, with help and completion."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["COMMANDS", "CommandAlias"]

#: The built-in line commands. They are named here because looking them up imports the plugin machinery.
COMMANDS = ("autoawait",)


class CommandAlias:
    """Runs a line command in the session of the prompt, on the main thread."""

    __xonsh_threadable__ = False

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def __call__(self, args: list[str], stdin: Any = None, stdout: Any = None, stderr: Any = None) -> int:
        from xonsh.built_ins import XSH

        from awaitall import AwaitallError, commands
        from awaitall.plugins import plugins
        from awaitall_xonsh import running

        if {"-h", "--help"} & set(args):
            print(f"{self.__name__}: {plugins().command(self.__name__).summary}", file=stdout or sys.stdout)
            return 0
        try:
            text = commands.run(running.prompt().session, " ".join([self.__name__, *args]), XSH.ctx)
        except AwaitallError as exc:
            print(f"awaitall: {exc}", file=stderr or sys.stderr)
            return 1
        if text:
            print(text, file=stdout or sys.stdout)
        return 0

    def xonsh_complete(self, command: Any, **_: Any) -> Iterator[str]:
        """Offer the words that the command takes; called by Tab."""
        from awaitall import commands
        from awaitall_xonsh import running

        yield from commands.complete(running.prompt().session, f"{self.__name__} {command.prefix}")
