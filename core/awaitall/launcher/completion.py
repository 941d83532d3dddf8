"""``awaitall completion``: a script by which a shell of the system completes the arguments of ``awaitall``.

The script knows the shells and runners of the plugins that are installed when it is made; shtab makes it.
"""

from __future__ import annotations

from awaitall.errors import AwaitallError, UsageError
from awaitall.launcher.parser import Offers, make_parser
from awaitall.plugin_manager import closest
from awaitall.plugins import loaded

__all__ = ["print_completion"]


#: shtab's function, and files where that finds nothing: ``awaitall FILE`` runs one.
_FILES_IN_BASH = "complete -o bashdefault -o default -F _shtab_awaitall awaitall"


class _MissingError(AwaitallError):
    """The package that makes the scripts is not installed."""


def print_completion(system_shell: str) -> None:
    """Print the script for bash, zsh, or whatever shtab knows.

    Raises:
        UsageError: shtab does not know the shell. AwaitallError: it is not installed.
    """
    try:
        import shtab
    except ImportError as exc:
        raise _MissingError(f"Completion takes shtab, and {exc.name} is missing: pip install 'awaitall[completion]'") from exc
    known = list(shtab.SUPPORTED_SHELLS)
    if system_shell not in known:
        there = f"No completion for {system_shell!r}; there is one for {', '.join(known)}."
        raise UsageError(f"{there} {closest(system_shell, known)}".rstrip())
    registry = loaded()
    offers = Offers(
        shells={name: spec.summary for name, spec in sorted(registry.shells().items())},
        runners=sorted(registry.runners()),
        system_shells=known,
        file=shtab.FILE,
    )
    print(shtab.complete(make_parser(offers), system_shell))
    if system_shell == "bash":
        print(_FILES_IN_BASH)
