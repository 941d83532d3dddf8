"""One line to a user who has probably meant something else; never more than once for the same thing."""

from __future__ import annotations

import atexit
import builtins
import re
import sys
from inspect import CO_COROUTINE
from itertools import islice
from types import CoroutineType
from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    from types import TracebackType

    Coro = CoroutineType[Any, Any, Any]

__all__ = [
    "drop_hinted",
    "fresh_coroutines",
    "hint_at_coroutine",
    "is_fresh_coroutine",
    "note_coroutine",
    "note_refusal",
]

#: The members of a collection that are looked at.
_MANY = 100

#: Coroutines that a hint has been about. They are kept until nobody else refers to them, and closed then: collected unrun, each
#: would be complained of once more, with whatever line happens to run.
_hinted: list[Coro] = []

#: What CPython and the standard library say of a coroutine that stands where its value is meant.
_ABOUT_A_COROUTINE = r"'coroutine'|\b(?:got|type) coroutine\b"

#: What CPython says of a function after ``await``, up to 3.13 and since.
_ABOUT_A_FUNCTION = r"object (function|method) can't be used in 'await'|'(function|method)' object can't be awaited"


def is_fresh_coroutine(value: object) -> TypeGuard[Coro]:
    """Report whether a value is a coroutine of which nothing has run."""
    return type(value) is CoroutineType and value.cr_frame is not None and not value.cr_running and not value.cr_suspended


def fresh_coroutines(value: object) -> list[Coro]:
    """Return the coroutines of which nothing has run: the value itself, or those in a list, a tuple, a set or a dict."""
    kind = type(value)
    if kind is CoroutineType:
        return [value] if is_fresh_coroutine(value) else []
    if kind is dict:
        value = value.values()  # type: ignore[attr-defined]
    elif kind is not list and kind is not tuple and kind is not set:
        return []
    return [member for member in islice(value, _MANY) if is_fresh_coroutine(member)]  # type: ignore[call-overload]


def hint_at_coroutine(value: object = None) -> None:
    """Print what to do with the value of an input, if it is a coroutine that nobody has awaited, or has such coroutines in it.

    Args:
        value: Where it is left out, what the shell has shown last: ``builtins._``.
    """
    if _hinted:
        _close_dropped()
    if value is None:
        value = builtins.__dict__.get("_")
    if not (fresh := [coro for coro in fresh_coroutines(value) if not _is_hinted(coro)]):
        return
    _hinted.extend(fresh)
    if fresh == [value]:
        text = "nothing of this coroutine has run: await it, or run it in the background by %bg"
    else:
        text = "nothing of these coroutines has run: await each, or all at once, as by asyncio.gather(*_)"
    print(f"awaitall: {text}", file=sys.stderr)


def drop_hinted(*coros: Coro) -> None:
    """Keep Python from complaining of coroutines that the user has been told of; they can still be awaited."""
    _hinted.extend(coro for coro in coros if not _is_hinted(coro))
    _close_dropped()


def _is_hinted(coro: Coro) -> bool:
    return any(coro is other for other in _hinted)


def _close_dropped() -> None:
    for index in reversed(range(len(_hinted))):
        if not is_fresh_coroutine(_hinted[index]):
            del _hinted[index]
        elif _references(_hinted, index) <= _ALONE:
            _hinted.pop(index).close()


def _references(objects: list[Any], index: int) -> int:
    return sys.getrefcount(objects[index])


#: How many references there are to an object that such a list has and nobody else; that differs between versions of CPython.
_ALONE = _references([object()], 0)


@atexit.register
def _close_all() -> None:
    """Close what the names of a shell still refer to when the process ends."""
    for coro in _hinted:
        if is_fresh_coroutine(coro):
            coro.close()


def note_coroutine(exc: BaseException) -> None:
    """Add what to do to an error that comes of a coroutine in place of its value, or of a function that is not called."""
    if not isinstance(exc, (AttributeError, TypeError)):
        return
    text = str(exc)
    if re.search(_ABOUT_A_COROUTINE, text):
        if is_fresh_coroutine(coro := getattr(exc, "obj", None)):
            drop_hinted(coro)
        exc.add_note("A coroutine is not the value that it will give: await it first, as in (await f()).")
    elif re.search(_ABOUT_A_FUNCTION, text):
        exc.add_note("A function is called before it is awaited: await f().")


def note_refusal(exc: BaseException, tb: TracebackType | None) -> None:
    """Name the way out, if an error comes from code that refuses to work where an event loop runs, and no coroutine called it."""
    code = None
    while tb is not None:
        code = tb.tb_frame.f_code
        if code.co_flags & CO_COROUTINE:
            return
        tb = tb.tb_next
    if code is not None and isinstance(exc, Exception) and "get_running_loop" in code.co_names:
        exc.add_note("It does not work where an event loop runs; %autoawait outside hides the loop from inputs without await.")
