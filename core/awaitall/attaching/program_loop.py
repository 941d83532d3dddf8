"""The event loop that a program runs, as a signal handler finds it."""

from __future__ import annotations

import sys
from contextvars import Context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

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
    """Return the loop that runs in this thread, also where what calls this has interrupted the loop itself and not a task.

    If none does, a loop of asyncio that runs in another thread is the one of the program.
    """
    return _on_asyncio() or _on_trio() or _on_curio() or _elsewhere()


def _on_asyncio() -> ProgramLoop | None:
    running: Any = getattr(sys.modules.get("asyncio.events"), "_get_running_loop", None)
    loop = running and running()
    if loop is None:
        return None
    return _of_asyncio(loop, "uvloop" if type(loop).__module__.partition(".")[0] == "uvloop" else "asyncio")


def _elsewhere() -> ProgramLoop | None:
    base: Any = getattr(sys.modules.get("asyncio.base_events"), "BaseEventLoop", None)
    for top in sys._current_frames().values() if base else ():
        frame: FrameType | None = top
        while frame is not None and frame.f_code is not base.run_forever.__code__:
            frame = frame.f_back
        if frame is not None:
            return _of_asyncio(frame.f_locals["self"], "asyncio in another thread")
    return None


def _of_asyncio(loop: Any, name: str) -> ProgramLoop:
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
