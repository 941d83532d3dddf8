"""The command line of ``awaitall``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from awaitall import __version__
from awaitall.errors import UsageError
from awaitall.plugins import loaded, plugins

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["COMMANDS", "Offers", "make_parser", "run"]


class Offers(NamedTuple):
    """What the arguments may be, for completion alone: what is wrong on a command line has its own words.

    Attributes:
        shells: The shells that await, by their names, with a line on each.
        runners: The names of the runners.
        system_shells: The shells that can complete.
        file: What stands for a file.
    """

    shells: Mapping[str, str] = {}
    runners: Sequence[str] | None = None
    system_shells: Sequence[str] | None = None
    file: object = None


def run(arguments: Sequence[str]) -> Any:
    """Run a command, or show help; return what ``sys.exit()`` takes.

    Raises:
        SystemExit: help has been shown. UsageError: the arguments are wrong. AwaitallError: in one sentence what is wrong.
    """
    found, unknown = make_parser(Offers()).parse_known_args(arguments)
    options = vars(found)
    command = options.pop("command")
    if unknown:
        raise UsageError(f"awaitall {command} takes no {unknown[0]!r}; awaitall {command} --help tells more.")
    return COMMANDS[command][1](**options)


class _Parser(argparse.ArgumentParser):
    """A parser that tells in one line what is wrong with the arguments."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; {self.prog} --help tells more.")


class _MainParser(_Parser):
    """The parser of the whole command line; its help names the shells, for which all plugins are loaded."""

    def format_help(self) -> str:
        self.epilog = _shells()
        return super().format_help()


def make_parser(offers: Offers) -> argparse.ArgumentParser:
    """Return the parser; for completion it takes the shells as commands."""
    parser = _MainParser(
        "awaitall",
        usage="awaitall [-r RUNNER] [--app MODULE:NAME] [SHELL | COMMAND | FILE | -c CODE | -m MODULE | -] [ARGUMENT ...]",
        description="Top-level await for Python shells and programs. Without arguments, a console opens.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("-V", "--version", action="version", version=f"awaitall {__version__}")
    commands = parser.add_subparsers(
        title="commands", prog="awaitall", dest="command", metavar="COMMAND", required=True, parser_class=_Parser
    )
    for name, (summary, _) in COMMANDS.items():
        _ARGUMENTS[name](commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}."), offers)
    if offers.shells:  # else they are taken off before, and have their place in the help of the shells
        parser.add_argument("--app", metavar="MODULE:NAME", help="a web application to start the shell in")
        parser.add_argument("-r", "--runner", choices=offers.runners, help="the event loop")
    for name, summary in offers.shells.items():
        _may_be_file(commands.add_parser(name, help=summary).add_argument("argument", nargs="*"), offers)
    return parser


def _may_be_file(action: Any, offers: Offers) -> None:
    """Have an argument completed as a file; shtab looks for the attribute."""
    action.complete = offers.file


def _shells() -> str:
    rows = [f"  {spec.name:<20}  {spec.summary}" for spec in loaded().shells().values()]
    return "\n".join(
        [
            "shells, which take arguments of their own:",
            *rows,
            "",
            "before the name of a shell:",
            "  --app MODULE:NAME     start the shell in a web application: its lifespan runs, its names are there",
            "  -r, --runner RUNNER   the event loop: awaitall runners lists them",
        ]
    )


def _edit_arguments(parser: argparse.ArgumentParser, offers: Offers) -> None:
    parser.add_argument("shell", metavar="SHELL", choices=list(offers.shells) or None, help="the name of a shell")
    parser.add_argument("-n", "--dry-run", action="store_true", help="show the change only")
    parser.add_argument("-y", "--yes", action="store_true", help="make the change without asking")


def _doctor_arguments(parser: argparse.ArgumentParser, offers: Offers) -> None:
    parser.add_argument("--json", action="store_true", dest="as_json", help="print it as JSON")


def _run_arguments(parser: argparse.ArgumentParser, offers: Offers) -> None:
    parser.usage = "awaitall run [-i] [-r RUNNER] (FILE | -c CODE | -m MODULE | -) [ARGUMENT ...]"
    parser.add_argument("-i", action="store_true", help="open the console after the program")
    parser.add_argument(
        "-r", "--runner", choices=offers.runners, help="the event loop that runs what is awaited: awaitall runners lists them"
    )
    _may_be_file(parser.add_argument("program", metavar="FILE", nargs="*", help="the program, and its arguments"), offers)
    parser.epilog = "The word run may be left out."


def _completion_arguments(parser: argparse.ArgumentParser, offers: Offers) -> None:
    text = "bash, zsh, fish, or another that shtab knows"
    parser.add_argument("system_shell", metavar="SHELL", choices=offers.system_shells, help=text)


def _attach_arguments(parser: argparse.ArgumentParser, offers: Offers) -> None:
    parser.add_argument(
        "pid", metavar="PID", nargs="?", type=_pid, help="the program, by its PID; without one, your programs are listed"
    )


def _pid(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of a process") from None


def _no_arguments(parser: argparse.ArgumentParser, offers: Offers) -> None:
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


def _completion(system_shell: str) -> None:
    from awaitall.launcher.completion import print_completion

    print_completion(system_shell)


#: Command -> what it does in words, and what runs it with its arguments.
COMMANDS: dict[str, tuple[str, Callable[..., Any]]] = {
    "run": ("run a program whose top level may await", _run),
    "attach": ("open a prompt inside a program that runs already, or list your programs", _attach),
    "enable": ("make a shell await whenever it is started, by a line in its configuration", _enable),
    "disable": ("undo what awaitall enable has done", _disable),
    "doctor": ("tell what is installed, what is wrong, and what to do", _doctor),
    "plugins": ("list the plugins, and what each offers", _plugins),
    "runners": ("list the runners", _runners),
    "completion": ("print a script by which bash, zsh or fish completes the command awaitall", _completion),
}

_ARGUMENTS = {
    "run": _run_arguments,
    "attach": _attach_arguments,
    "enable": _edit_arguments,
    "disable": _edit_arguments,
    "doctor": _doctor_arguments,
    "plugins": _no_arguments,
    "runners": _no_arguments,
    "completion": _completion_arguments,
}
