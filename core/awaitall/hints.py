"""One line to a user who has probably meant something else; never more than once for the same thing."""

from __future__ import annotations

import builtins
import sys
import weakref
from types import CoroutineType
from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["hint_at_coroutine", "is_fresh_coroutine", "note_refusal"]

_hinted: weakref.ref[Any] | None = None


def is_fresh_coroutine(value: object) -> TypeGuard[CoroutineType[Any, Any, Any]]:
    """Tell whether a value is a coroutine of which nothing has run."""
    return type(value) is CoroutineType and value.cr_frame is not None and not value.cr_running and not value.cr_suspended


def hint_at_coroutine(value: object = None) -> None:
    """Say what to do with the value of an input, if it is a coroutine that nobody has awaited.

    Args:
        value: Where it is left out, what the shell has shown last: ``builtins._``.
    """
    global _hinted
    if value is None:
        value = builtins.__dict__.get("_")
    if is_fresh_coroutine(value) and (_hinted is None or _hinted() is not value):
        _hinted = weakref.ref(value)
        print("awaitall: nothing of this coroutine has run: await it, or run it in the background by %bg", file=sys.stderr)


def note_refusal(exc: BaseException, tb: TracebackType | None) -> None:
    """Tell of the way out, if an error comes from code that refuses to work where an event loop runs."""
    while tb is not None and tb.tb_next is not None:
        tb = tb.tb_next
    if tb is not None and isinstance(exc, Exception) and "get_running_loop" in tb.tb_frame.f_code.co_names:
        exc.add_note("It does not work where an event loop runs; %autoawait outside hides the loop from inputs without await.")
