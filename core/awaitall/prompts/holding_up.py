"""Ctrl-C at a prompt that holds up the loop of a program."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from awaitall.current_library import current_async_library

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

__all__ = ["own_interrupts"]


def own_interrupts() -> AbstractContextManager[None]:
    """Return a context manager for all the time that a shell is open in code that a loop runs: the program hears of no Ctrl-C.

    Where no loop runs, Ctrl-C stays what the program has made of it.
    """
    if current_async_library() is None:
        return nullcontext()
    from awaitall.runners.inside import without_sigint

    return without_sigint()
