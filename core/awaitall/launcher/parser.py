"""The command line of ``awaitall``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from awaitall.plugins import plugins

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["COMMANDS", "run"]


def run(arguments: Sequence[str]) -> Any:
    """Run a command, or show help; return what ``sys.exit()`` takes.

    Raises:
        SystemExit: help has been shown, or the arguments are wrong. AwaitallError: in one sentence what is wrong.
    """
    options = vars(_parser().parse_args(arguments))
    return COMMANDS[options.pop("command")][1](**options)


def _parser() -> argparse.ArgumentParser:
    from importlib.metadata import version

    parser = argparse.ArgumentParser(
        "awaitall",
        usage="awaitall [SHELL | COMMAND | FILE | -c CODE | -m MODULE | -] [ARGUMENT ...]",
        description="Top-level await for Python shells and programs. Without arguments, a console opens.",
        epilog=_shells(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("-V", "--version", action="version", version=f"awaitall {version('awaitall')}")
    commands = parser.add_subparsers(title="commands", prog="awaitall", dest="command", metavar="COMMAND", required=True)
    for name, (summary, _) in COMMANDS.items():
        _ARGUMENTS[name](commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}."))
    return parser


def _shells() -> str:
    registry = plugins()
    registry.load()
    rows = [f"  {spec.name:<20}  {spec.summary}" for spec in registry.shells().values()]
    return "\n".join(["shells, started with await, and with arguments of their own:", *rows])


def _edit_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", metavar="SHELL", help="the name of a shell")
    parser.add_argument("-n", "--dry-run", action="store_true", help="show the change, and do not make it")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")


def _doctor_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", dest="as_json", help="for programs")


def _run_arguments(parser: argparse.ArgumentParser) -> None:
    parser.usage = "awaitall run [-i] [-r RUNNER] (FILE | -c CODE | -m MODULE | -) [ARGUMENT ...]"
    parser.add_argument("-i", action="store_true", help="open the console after it")
    parser.add_argument("-r", "--runner", help="what runs what is awaited, such as trio")
    parser.epilog = "The word run may be left out."


def _attach_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pid", metavar="PID", nargs="?", type=int, help="the number of a process; without it, they are listed")


def _no_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing."""


def _enable(shell: str, dry_run: bool, yes: bool) -> int:
    from awaitall.launcher.editing import edit

    return edit(plugins().shell(shell), on=True, dry_run=dry_run, ask=not yes)


def _disable(shell: str, dry_run: bool, yes: bool) -> int:
    from awaitall.launcher.editing import edit

    return edit(plugins().shell(shell), on=False, dry_run=dry_run, ask=not yes)


def _doctor(as_json: bool) -> int:
    from awaitall.launcher.doctor import doctor

    return doctor(as_json)


def _run(**_: object) -> None:
    """Do nothing: a program is run before its arguments are parsed here."""


def _attach(pid: int | None) -> int:
    from awaitall.launcher.attach import attach, list_programs

    return list_programs() if pid is None else attach(pid)


def _plugins() -> None:
    from awaitall.launcher.lists import list_plugins

    list_plugins()


def _runners() -> None:
    from awaitall.launcher.lists import list_runners

    list_runners()


#: Command -> what it does in words, and what runs it with its arguments.
COMMANDS: dict[str, tuple[str, Callable[..., Any]]] = {
    "run": ("run a program whose top level may await", _run),
    "attach": ("open a prompt inside a program that runs already, or list those that there are", _attach),
    "enable": ("make a shell await whenever it is started, by its own configuration", _enable),
    "disable": ("undo that", _disable),
    "doctor": ("tell what is installed, what is wrong, and what to do", _doctor),
    "plugins": ("list the plugins, and what each offers", _plugins),
    "runners": ("list the runners", _runners),
}

_ARGUMENTS = {
    "run": _run_arguments,
    "attach": _attach_arguments,
    "enable": _edit_arguments,
    "disable": _edit_arguments,
    "doctor": _doctor_arguments,
    "plugins": _no_arguments,
    "runners": _no_arguments,
}
