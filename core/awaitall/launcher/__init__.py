"""``awaitall``: start one of the shells that plugins offer, run a program, wire the shells, and tell what is there.

No shell imports any of this at its own start.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from awaitall.errors import AwaitallError, OpenError, UnknownShellError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from awaitall.programs import CommandLine

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> Any:
    """Do what the command line says, or open the shell that takes no other package; return what ``sys.exit()`` takes.

    Args:
        arguments: ``["xonsh", "--no-rc"]`` starts a shell with arguments of its own, ``["doctor"]`` is a command of this module.
            Those of the process where omitted.
    """
    if arguments is None:
        arguments = sys.argv[1:]
        if not sys.flags.safe_path:
            del sys.path[0]  # the folder of this command, or for ``python -m`` the current one; what is started adds its own
    try:
        start = _chosen(list(arguments))
    except UsageError as exc:
        return _refuse(exc)
    except AwaitallError as exc:
        return f"awaitall: {exc}"
    except ModuleNotFoundError as exc:
        if exc.name != "pluggy":
            raise
        return f"awaitall: {OpenError.for_import('This command', 'pluggy', exc)}"
    return start()


def _chosen(arguments: list[str]) -> Callable[[], Any]:
    """Return what does what the command line says. What that raises is the user's."""
    if not arguments:
        return partial(_default(), [])
    first, *rest = arguments
    asks = _is_help(rest[0] if first == "run" and rest else first)
    if first == "run" and not rest:
        raise UsageError("Run what? awaitall run --help tells more.")
    if not asks and (first == "run" or first.startswith("-") or _is_path(first)):
        return _program(rest if first == "run" else arguments, may_be_shell=first != "run")
    from awaitall.launcher import parser

    if asks or first in parser.COMMANDS:
        return partial(_command, parser.run, arguments)
    return partial(_shell(first), rest)


def _is_help(argument: str) -> bool:
    return argument in ("-h", "--help", "-V", "--version")


def _is_path(argument: str) -> bool:
    return os.sep in argument or argument.endswith((".py", ".pyc", ".pyw", ".pyz", ".zip"))


def _program(arguments: list[str], *, may_be_shell: bool = False) -> Callable[[], Any]:
    from awaitall.programs import command_line_of

    line = command_line_of(arguments)
    if line.app is not None:
        return _web_shell(line)
    if may_be_shell and line.runner is not None and not line.interactive and line.program and not _is_path(line.program[0]):
        with suppress(UnknownShellError):
            return _shell_on(line.runner, *line.program)
    if line.program == ["-"] and sys.stdin is not None and sys.stdin.isatty():
        return partial(_default(), arguments[:-1])  # who types a program at a terminal wants a prompt, as with ``python -``
    if line.interactive or not line.program:
        return partial(_default(), arguments)
    from awaitall.settings import Settings, settled
    from awaitall.shells.running import run_program

    settings = Settings() if line.runner is None else Settings(runner=settled("runner", line.runner))  # type: ignore[typeddict-item]
    return partial(run_program, line.program, settings, "--runner")


def _shell_on(runner: str, name: str, *arguments: str) -> Callable[[], Any]:
    """Return what starts a shell which begins with a runner, unless its own configuration names another."""
    from awaitall.plugins import plugins
    from awaitall.settings import SETTINGS, settled

    start = plugins().shell(name).start
    settled("runner", runner)
    os.environ[SETTINGS["runner"].variable] = runner
    return partial(start, list(arguments))


def _web_shell(line: CommandLine) -> Callable[[], Any]:
    from awaitall.launcher.web_shell import start_with_app

    assert line.app is not None
    if line.runner is not None:
        from awaitall.settings import settled

        settled("runner", line.runner)
    start, arguments = _default(), line.program[1:]
    if line.program:
        from awaitall.plugins import plugins

        spec = plugins().shell(line.program[0])
        if spec.missing:
            raise OpenError(spec.missing)
        start = spec.start
    return partial(start_with_app, line.app, line.runner, partial(start, arguments))


def _command(run: Callable[[list[str]], Any], arguments: list[str]) -> Any:
    try:
        status = run(arguments)
        print(end="", flush=True)  # so that a closed pipe is noticed here
        return status
    except UsageError as exc:
        return _refuse(exc)
    except AwaitallError as exc:
        return f"awaitall: {exc}"
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # of who reads no further, as head does
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1


def _refuse(exc: UsageError) -> int:
    """Print what is wrong with the arguments; return the status that is usual for that."""
    print(f"awaitall: {exc}", file=sys.stderr)
    return 2


def _default() -> Callable[[Sequence[str]], Any]:
    """Return what starts the shell that takes no other package; it is named by the entry points of awaitall itself."""
    from importlib.metadata import distribution

    (entry,) = distribution("awaitall").entry_points.select(group="awaitall.default")
    start: Callable[[Sequence[str]], Any] = entry.load()
    return start


def _shell(name: str) -> Callable[[Sequence[str]], Any]:
    """Return what starts the shell of a name, or, as the last guess, what runs the file of the name."""
    from awaitall.launcher.parser import COMMANDS
    from awaitall.plugin_manager import closest
    from awaitall.plugins import plugins

    registry = plugins()
    try:
        return registry.shell(name).start
    except UnknownShellError:
        if os.path.exists(name):
            return lambda arguments: _program([name, *arguments])()
        shells, commands = sorted(registry.shells()), list(COMMANDS)
        there = f"there are the shells {', '.join(shells)}, and the commands {', '.join(commands)}."
        raise UnknownShellError(
            f"No shell, command or file is called {name!r}; {there} {closest(name, shells + commands)}".rstrip()
        ) from None
