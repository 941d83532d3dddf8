"""The line commands as xonsh has commands: aliases, with help and completion."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from xonsh.built_ins import XSH

from awaitall_xonsh import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from awaitall import Input, Session

__all__ = ["COMMANDS", "CommandAlias", "answer"]

#: The built-in line commands. They are named here because looking them up imports the plugin machinery.
COMMANDS = ("autoawait",)


class CommandAlias:
    """Runs a line command in the session of the shell, on the main thread."""

    __xonsh_threadable__ = False

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def __call__(self, args: list[str], stdin: Any = None, stdout: Any = None, stderr: Any = None) -> int:
        from awaitall import AwaitallError

        if {"-h", "--help"} & set(args):
            print(_help(self.__name__), file=stdout or sys.stdout)
            return 0
        try:
            session = _session()
            text = session.run_command(" ".join([self.__name__, *args]))
        except AwaitallError as exc:
            print(f"awaitall: {exc}", file=stderr or sys.stderr)
            return 1
        settings.publish(session)
        if text:
            print(text, file=stdout or sys.stdout)
        return 0

    def xonsh_complete(self, command: Any, **_: Any) -> Iterator[str]:
        """Offer the words that the command takes; called by Tab."""
        yield from _session().complete(f"%{self.__name__} {command.prefix}")


def answer(line: str) -> str | Input:
    """Run a line command as it is typed with a percent sign; give the text to show, or the input to run in its place."""
    session = _session()
    answered = session.answer(line)
    settings.publish(session)
    return answered


def _session() -> Session:
    from awaitall_xonsh import running

    session = running.shell().session
    session.namespace = XSH.ctx
    return session


def _help(name: str) -> str:
    from awaitall.plugins import plugins

    words = _session().complete(f"%{name} ")
    lines = [f"usage: {name} [{' | '.join(words)}]", "", plugins().command(name).summary, ""]
    lines += ["environment variables, read by xonsh at its start and whenever they change:"]
    lines += [f"  ${variable} = {settings.get(variable)!r}  {doc}" for variable, (_, doc) in settings.VARIABLES.items()]
    return "\n".join([*lines, "", "In $PROMPT, {autoawait} names the runner and counts the background tasks."])
