"""Observe each step of a coroutine, on whatever loop it runs."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

__all__ = ["driven_by", "intercept_yields"]


@types.coroutine
def intercept_yields(coro: Coroutine[Any, Any, Any], look: Callable[[Any], BaseException | None]) -> Generator[Any, Any, Any]:
    """Run a coroutine, and call ``look`` with what it waits for each time it does.

    Args:
        coro: What to run; await the result of this in its place.
        look: Called before control goes to the loop. An exception that it gives is raised in the coroutine instead.
    """
    resume: Callable[[Any], Any] = coro.send
    value: Any = None
    while True:
        try:
            awaited = resume(value)
        except StopIteration as stop:
            return stop.value
        if refusal := look(awaited):
            resume, value = coro.throw, refusal
            continue
        try:
            resume, value = coro.send, (yield awaited)
        except BaseException as exc:  # GeneratorExit too: the coroutine ends by it as it would by close()
            exc.__traceback__ = exc.__traceback__ and exc.__traceback__.tb_next  # without this frame
            resume, value = coro.throw, exc


def driven_by(frame: types.FrameType) -> Any:
    """Return the coroutine that :func:`intercept_yields` runs in a frame; None if the frame is another one's."""
    return frame.f_locals["coro"] if frame.f_code is intercept_yields.__code__ else None
