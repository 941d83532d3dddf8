"""The event loop that a program runs, as a signal handler finds it."""

from __future__ import annotations

import sys
from contextvars import Context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ProgramLoop", "running_loop"]


@dataclass(frozen=True, slots=True)
class ProgramLoop:
    """A loop that runs.

    Attributes:
        library: Whose loop it is, as :func:`awaitall.current_async_library` has it.
        name: What users call it: the library, or ``"uvloop"``.
        handle: The loop, or what the library has in its place.
        soon: Has the loop call a function with arguments, in a context of no task; RuntimeError if the loop is over. None where
            a prompt cannot await on the loop.
    """

    library: str
    name: str
    handle: object
    soon: Callable[..., object] | None


def running_loop() -> ProgramLoop | None:
    """Return the loop that runs in this thread, also where what calls this has interrupted the loop itself and not a task."""
    return _on_asyncio() or _on_trio() or _on_curio()


def _on_asyncio() -> ProgramLoop | None:
    running: Any = getattr(sys.modules.get("asyncio.events"), "_get_running_loop", None)
    loop = running and running()
    if loop is None:
        return None
    name = "uvloop" if type(loop).__module__.partition(".")[0] == "uvloop" else "asyncio"

    def soon(function: Callable[..., object], *arguments: object) -> None:
        loop.call_soon_threadsafe(function, *arguments, context=Context())

    return ProgramLoop("asyncio", name, loop, soon)


def _on_trio() -> ProgramLoop | None:
    token_of: Any = getattr(sys.modules.get("trio.lowlevel"), "current_trio_token", None)
    try:
        token = token_of and token_of()
    except RuntimeError:  # trio does not run
        return None
    return None if token is None else ProgramLoop("trio", "trio", token, token.run_sync_soon)


def _on_curio() -> ProgramLoop | None:
    runs: Any = getattr(sys.modules.get("curio.meta"), "curio_running", None)
    return ProgramLoop("curio", "curio", None, None) if runs and runs() else None
