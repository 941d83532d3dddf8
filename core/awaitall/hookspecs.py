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
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    import contextvars
    from collections.abc import Callable, Iterable

    from awaitall.runners import Runner

__all__ = ["RunnerSpec", "awaitall_runners", "hookimpl"]

hookspec = pluggy.HookspecMarker("awaitall")
hookimpl = pluggy.HookimplMarker("awaitall")


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


@hookspec
def awaitall_runners() -> Iterable[RunnerSpec]:  # type: ignore[empty-body]
    """Offer runners.

    Called when a runner is looked up by its name: on the thread of the session, at its first input that awaits, once for
    each look-up. Return or yield specs; None means nothing to offer. A hook that raises costs one line on standard error and
    its own runners; every other plugin is asked all the same. Of two runners with one name the later registered is taken.
    """
