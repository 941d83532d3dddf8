"""The line commands as xonsh has commands: aliases, with help and completion."""

from __future__ import annotations

import os
import sys
from shutil import which
from typing import TYPE_CHECKING, Any

from awaitall_xonsh import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xonsh.built_ins import XonshSession

    from awaitall import Input, Session

__all__ = ["COMMANDS", "CommandAlias", "add_aliases", "answer", "remove_aliases", "session"]

#: The built-in line commands that may be aliases. They are named here because looking them up imports the plugin machinery.
COMMANDS = ("autoawait", "cancel", "tasks")


class CommandAlias:
    # Runs a line command in the session of the shell, on the main thread.

    __xonsh_threadable__ = False

    def __init__(self, name: str) -> None:
        self.__name__ = name

    @property
    def __doc__(self) -> str:  # type: ignore[override]
        """The help, which xonsh shows for ``autoawait?``."""
        return _help(self.__name__)

    def __call__(self, args: list[str], stdin: Any = None, stdout: Any = None, stderr: Any = None) -> int:
        from awaitall import AwaitallError

        if {"-h", "--help"} & set(args):
            print(_help(self.__name__), file=stdout or sys.stdout)
            return 0
        try:
            of_shell = session()
            text = of_shell.run_command(" ".join([self.__name__, *args]))
        except AwaitallError as exc:
            print(f"awaitall: {exc}", file=stderr or sys.stderr)
            return 1
        settings.publish(of_shell)
        if text:
            print(text, file=stdout or sys.stdout)
        return 0

    def xonsh_complete(self, command: Any, **_: Any) -> Iterator[Any]:
        """Offer the words that the command takes; called by Tab."""
        from awaitall_xonsh.completion import completions

        yield from completions(f"%{self.__name__} {command.prefix}")


def add_aliases(xsh: XonshSession) -> None:
    """Make the commands aliases, but for those whose names are taken by another alias or by a program."""
    path = os.pathsep.join(map(str, xsh.env.get("PATH", ())))
    for name in COMMANDS:
        if name not in xsh.aliases and which(name, path=path) is None:
            xsh.aliases[name] = CommandAlias(name)


def remove_aliases(xsh: XonshSession) -> None:
    """Undo :func:`add_aliases`; an alias that has been redefined stays."""
    for name in COMMANDS:
        if name in xsh.aliases and isinstance(xsh.aliases[name], CommandAlias):
            del xsh.aliases[name]


def answer(line: str) -> str | Input:
    """Run a line command as it is typed with a percent sign; give the text to show, or the input to run in its place."""
    of_shell = session()
    answered = of_shell.answer(line)
    settings.publish(of_shell)
    return answered


def session() -> Session:
    """Return the session of the shell, which begins if it has not, with the names of the prompt."""
    from awaitall_xonsh import running

    return running.shell().session


def _help(name: str) -> str:
    lines = [session().run_command(f"help {name}").replace(f"%{name}", name)]
    if name == "autoawait":
        lines += ["", "environment variables, read by xonsh at its start and whenever they change:"]
        lines += [f"  ${variable} = {settings.get(variable)!r}  {meaning}" for variable, meaning in settings.MEANINGS.items()]
        lines += ["", "In $PROMPT, {autoawait} names the runner and counts the background tasks."]
    return "\n".join([*lines, "", "%help lists all commands."])
