"""The hooks that plugins implement: the whole plugin interface of awaitall on one page.

A plugin is a module or an object registered under an entry point of group ``awaitall``::

    # pyproject.toml
    [project.entry-points.awaitall]
    quick = "awaitall_quick"

    # awaitall_quick.py
    from awaitall import RunnerSpec, hookimpl

    @hookimpl
    def awaitall_runners():
        yield RunnerSpec("quick", QuickRunner, "a loop that hurries")
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pluggy import HookimplMarker, HookspecMarker

if TYPE_CHECKING:
    import contextvars
    from collections.abc import Callable, Iterable

    from awaitall.runners import Runner
    from awaitall.session import Session

__all__ = ["CommandSpec", "RunnerSpec", "awaitall_commands", "awaitall_runners", "hookimpl"]

hookspec = HookspecMarker("awaitall")
hookimpl = HookimplMarker("awaitall")


@dataclass(frozen=True, slots=True)
class RunnerSpec:
    """A runner on offer.

    Attributes:
        name: What users call it; one word, lower case.
        factory: Opens a runner. Called on the thread that will run the inputs, at the first input that awaits, with the
            context that every input of the session runs in. Import the event loop here and not earlier.
        summary: One line for lists of runners.
    """

    name: str
    factory: Callable[[contextvars.Context], Runner]
    summary: str = ""


def _nothing(session: Session) -> list[str]:
    return []


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """A line command on offer: ``%name arguments`` at the prompt; in xonsh, an alias of the name.

    Attributes:
        name: One word, lower case.
        run: Called with the session, the rest of the line, and the namespace of the user; gives the text to show, or None.
            What it raises is shown as one line, and of :class:`awaitall.AwaitallError` only the message.
        summary: One line for help.
        complete: Called with the session; gives the words that Tab offers.
    """

    name: str
    run: Callable[[Session, str, dict[str, Any]], str | None]
    summary: str = ""
    complete: Callable[[Session], list[str]] = _nothing


@hookspec
def awaitall_commands() -> Iterable[CommandSpec]:  # type: ignore[empty-body]
    """Offer line commands.

    Called once, when a command is first looked up or completed: on the thread of the session. Return or yield specs; None means
    nothing to offer. A hook that raises, whatever it raises, costs one line on standard error and its own commands; a spec that
    cannot be used costs one line and itself. Of two commands with one name the later registered is taken, and a line says so.
    """


@hookspec
def awaitall_runners() -> Iterable[RunnerSpec]:  # type: ignore[empty-body]
    """Offer runners.

    Called once, when a runner is first looked up by its name: on the thread of the session, at its first input that awaits.
    Return or yield specs; None means nothing to offer. A hook that raises, whatever it raises, costs one line on standard error
    and its own runners; a spec that cannot be used costs one line and itself. Of two runners with one name the later registered
    is taken, and a line says so.
    """
