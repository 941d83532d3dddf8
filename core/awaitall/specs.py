"""What plugins offer beside runners: line commands and shells.

Nothing here imports an event loop, pluggy, or a session.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

__all__ = ["CommandSpec", "ShellSpec"]


def _nothing(session: object) -> list[str]:
    return []


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """A line command on offer: ``%name arguments`` at the prompt; in xonsh, an alias of the name.

    Attributes:
        name: One word, lower case.
        run: Called with the :class:`awaitall.Session`, the rest of the line, and the namespace of the user; returns the text to
            show, or None, or an :class:`awaitall.Input` that is evaluated in place of the command. It may be a coroutine
            function, and is then awaited on the loop of the session, or of the program that runs the session. What it raises is
            shown as one line, and of :class:`awaitall.AwaitallError` only the message.
        summary: One line for help.
        complete: Called with the session; returns the words that Tab offers, or a dict of the words with what each stands for.
        usage: What ``%name?`` shows below the summary: how the command is called, with examples; some lines.
    """

    name: str
    run: Callable[[Any, str, dict[str, Any]], Any]
    summary: str = ""
    complete: Callable[[Any], list[str] | dict[str, str]] = _nothing
    usage: str = ""


def _not_wired() -> bool:
    return False


def _no_file() -> None:
    """Return that there is no file that could be edited."""


@dataclass(frozen=True, slots=True)
class ShellSpec:
    """A shell that awaits, on offer.

    Attributes:
        name: What users call it; one word, lower case.
        summary: One line for lists of shells.
        start: Starts the shell, awaiting, with the arguments of a command line; returns what ``sys.exit()`` takes.
        package: The distribution of the shell, as pip knows it; None where awaitall itself is the shell.
        versions: The versions of the package with which this adapter has been seen to work: ``">=3.0.24,<3.1"``.
        is_wired: Reports whether the shell awaits when it is started by its own command. Reads files, and imports no shell.
        wire: What to do to have it await then, in a sentence.
        unwire: What to do to undo that, in a sentence.
        embed: Opens the shell inside a program, awaiting, with the globals and locals that inputs see, a banner or None, and the
            keywords of :class:`awaitall.shells.Settings`; returns when the user leaves. None for a shell that cannot do that.
        requirement: What pip installs for it, where that is more than the package: ``"'awaitall[xonsh]'"``.
        configuration: Returns the path of the file that the shell reads at its start, which ``awaitall enable`` may edit; None
            if there is none. The file need not be there. Imports no shell.
        enabling: The lines for that file by which the shell awaits; none if it awaits without them.
        disabling: The lines for that file by which the shell does not await; none if it takes nothing but to delete the others.
        aembed: As ``embed``, to be awaited in a task of a program, whose loop goes on; :class:`awaitall.prompts.HostedPrompt`
            is made for that.
        hosts: The libraries on whose loop ``aembed`` can be awaited.
        trouble: Returns in a sentence what goes wrong if the shell is started by its own command, and what to do; "" if nothing
            does. Reads files, and imports no shell.
        front: Opens the shell on a :class:`awaitall.Session` that has another program run its inputs, with a banner, and
            returns when the user leaves; all words that Tab offers come from :meth:`awaitall.Session.complete`.
    """

    name: str
    summary: str
    start: Callable[[Sequence[str]], Any]
    package: str | None = None
    versions: str = ""
    is_wired: Callable[[], bool] = _not_wired
    wire: str = ""
    unwire: str = ""
    embed: Callable[[dict[str, Any], Any, str | None, Mapping[str, Any]], Any] | None = None
    requirement: str = ""
    configuration: Callable[[], str | None] = _no_file
    enabling: str = ""
    disabling: str = ""
    aembed: Callable[[dict[str, Any], Any, str | None, Mapping[str, Any]], Awaitable[Any]] | None = None
    hosts: frozenset[str] = frozenset()
    trouble: Callable[[], str] = str
    front: Callable[[Any, str], Any] | None = None

    @property
    def installed(self) -> str | None:
        """The version of the package that is installed; None if there is none, and for a shell without a package."""
        from importlib.metadata import PackageNotFoundError, version

        try:
            return None if self.package is None else version(self.package)
        except PackageNotFoundError:
            return None

    @property
    def missing(self) -> str:
        """That the package is not installed, and what installs it; empty if it is there, and for a shell without a package."""
        if self.package is None or self.installed is not None:
            return ""
        return f"{self.name} is not installed: pip install {self.requirement or self.package}"
