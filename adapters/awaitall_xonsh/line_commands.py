"""The line commands as xonsh has commands: aliases, with help and completion."""

from __future__ import annotations

import os
import sys
from shutil import which
from typing import TYPE_CHECKING, Any

from xonsh.built_ins import XSH
from xonsh.completers.completer import add_one_completer
from xonsh.completers.tools import RichCompletion, contextual_command_completer, contextual_completer

from awaitall_xonsh import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xonsh.built_ins import XonshSession
    from xonsh.parsers.completion_context import CommandContext, CompletionContext

    from awaitall import Session

__all__ = ["COMMANDS", "CommandAlias", "add_aliases", "answer", "remove_aliases"]

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
            session = _session()
            text = session.run_command(" ".join([self.__name__, *args]))
        except AwaitallError as exc:
            print(f"awaitall: {exc}", file=stderr or sys.stderr)
            return 1
        settings.publish(session)
        if text:
            print(text, file=stdout or sys.stdout)
        return 0

    def xonsh_complete(self, command: Any, **_: Any) -> Iterator[RichCompletion]:
        """Offer the words that the command takes; called by Tab."""
        yield from _completions(f"%{self.__name__} {command.prefix}")


def add_aliases(xsh: XonshSession) -> None:
    """Make the commands aliases, but for those whose names are taken by another alias or by a program."""
    path = os.pathsep.join(map(str, xsh.env.get("PATH", ())))
    for name in COMMANDS:
        if name not in xsh.aliases and which(name, path=path) is None:
            xsh.aliases[name] = CommandAlias(name)
    add_one_completer("awaitall", complete, "start")
    add_one_completer("awaitall_awaited", complete_awaited, "start")


def remove_aliases(xsh: XonshSession) -> None:
    """Undo :func:`add_aliases`; an alias that has been redefined stays."""
    for name in COMMANDS:
        if name in xsh.aliases and isinstance(xsh.aliases[name], CommandAlias):
            del xsh.aliases[name]
    xsh.completers.pop("awaitall", None)
    xsh.completers.pop("awaitall_awaited", None)


@contextual_command_completer  # type: ignore[untyped-decorator]
def complete(command: CommandContext) -> set[RichCompletion] | None:
    """Offer commands with their percent sign, and their arguments; called by Tab."""
    words = [argument.value for argument in command.args[: command.arg_index]]
    text = " ".join([*words, command.prefix])
    if not text.startswith("%"):
        return None
    return set(_completions(text, "" if words else "%"))


@contextual_completer  # type: ignore[untyped-decorator]
def complete_awaited(context: CompletionContext) -> tuple[set[RichCompletion], int] | None:
    """Offer the attributes of what is awaited in a line of Python; called by Tab."""
    if context.python is None or "await" not in context.python.prefix or context.python.prefix.startswith("%"):
        return None
    text = context.python.prefix
    return set(_completions(text)), len(text) - text.rfind(".") - 1


def _completions(text: str, sign: str = "") -> Iterator[RichCompletion]:
    for word, meaning in _session().complete(text).items():
        yield RichCompletion(f"{sign}{word}", description=meaning, append_space=text.startswith("%"))


def answer(line: str) -> str:
    """Run a line command as it is typed with a percent sign, and give the text to show."""
    session = _session()
    text = session.command(line)
    settings.publish(session)
    return text


def _session() -> Session:
    from awaitall_xonsh import running

    session = running.shell().session
    session.namespace = XSH.ctx
    return session


def _help(name: str) -> str:
    lines = [_session().run_command(f"help {name}").replace(f"%{name}", name)]
    if name == "autoawait":
        lines += ["", "environment variables, read by xonsh at its start and whenever they change:"]
        lines += [f"  ${variable} = {settings.get(variable)!r}  {doc}" for variable, (_, doc) in settings.VARIABLES.items()]
        lines += ["", "In $PROMPT, {autoawait} names the runner and counts the background tasks."]
    return "\n".join([*lines, "", "%help lists all commands."])
