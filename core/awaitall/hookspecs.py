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

from typing import TYPE_CHECKING

from pluggy import HookimplMarker, HookspecMarker

if TYPE_CHECKING:
    from collections.abc import Iterable

    from awaitall.contracts import CommandSpec, RunnerSpec

__all__ = ["awaitall_commands", "awaitall_runners", "hookimpl"]

hookspec = HookspecMarker("awaitall")
hookimpl = HookimplMarker("awaitall")


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
