"""``awaitall``: start one of the shells that plugins offer, wire them, and tell what is there.

No shell imports any of this at its own start.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from awaitall.errors import AwaitallError, UnknownShellError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
    if not arguments:
        return _default()([])
    try:
        from awaitall.launcher import parser
    except ImportError as exc:
        return f"awaitall: {exc.name} is missing: pip install awaitall"
    try:
        if arguments[0].startswith("-") or arguments[0] in parser.COMMANDS:
            return parser.run(arguments)
        return _shell(arguments[0])(arguments[1:])
    except AwaitallError as exc:
        return f"awaitall: {exc}"
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # of who reads no further, as head does
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1


def _default() -> Callable[[Sequence[str]], Any]:
    """Return what starts the shell that takes no other package; it is named by the entry points of awaitall itself."""
    from importlib.metadata import distribution

    (entry,) = distribution("awaitall").entry_points.select(group="awaitall.default")
    start: Callable[[Sequence[str]], Any] = entry.load()
    return start


def _shell(name: str) -> Callable[[Sequence[str]], Any]:
    from awaitall.launcher.parser import COMMANDS
    from awaitall.plugin_manager import closest
    from awaitall.plugins import plugins

    registry = plugins()
    try:
        return registry.shell(name).start
    except UnknownShellError:
        shells, commands = sorted(registry.shells()), list(COMMANDS)
        there = f"there are the shells {', '.join(shells)}, and the commands {', '.join(commands)}."
        raise UnknownShellError(
            f"No shell and no command is called {name!r}; {there} {closest(name, shells + commands)}".rstrip()
        ) from None
