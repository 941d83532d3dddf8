"""Start a user's traceback at the user's line."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from awaitall.compiling import Input
from awaitall.errors import AwaitallError
from awaitall.interrupts import in_framework, top_level_package

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, TracebackType

    from awaitall.contracts import Runner

__all__ = [
    "calls_user_code",
    "note_library",
    "one_line",
    "raise_from_user",
    "stop_iteration",
    "task_traceback",
    "user_traceback",
]

_Function = TypeVar("_Function", bound="Callable[..., Any]")

_LIBRARIES = ("asyncio", "curio", "trio")


def raise_from_user(exc: BaseException) -> NoReturn:
    """Raise again what user code has raised; for :func:`user_traceback` what is below this call is the user's."""
    raise exc


#: Whatever stands above one of these calls (adapter, session, runner, event loop) is plumbing; what it calls is the user's.
_USER_CODE_CALLERS = {Input.execute.__code__, Input.aexecute.__code__, raise_from_user.__code__}


def calls_user_code(function: _Function) -> _Function:
    """Declare, as a decorator, that what a function calls is the user's, for :func:`user_traceback`."""
    _USER_CODE_CALLERS.add(function.__code__)
    return function


def user_traceback(exc: BaseException) -> TracebackType | None:
    """Return the part of an exception's traceback that belongs to the user's input, or None if the input had not begun.

    Args:
        exc: What ``Session.run`` raised; ``exc.with_traceback(user_traceback(exc))`` is what a shell shows.
    """
    tb = exc.__traceback__
    while tb is not None and not _is_boundary(tb):
        tb = tb.tb_next
    tb = _skip_boundary(tb)
    for other in _chain(exc):
        if isinstance(other, (AwaitallError, KeyboardInterrupt)):
            _cut_ours(tb if other is exc else other.__traceback__)
    if tb is None and isinstance(exc, AwaitallError):
        _cut_plumbing(exc)
    return tb


def _cut_plumbing(exc: AwaitallError) -> None:
    """Cut the chain of an error of ours down to what the code of others has raised, such as the factory of a plugin's runner."""
    cause = exc.__cause__
    exc.__cause__ = exc.__context__ = None
    if cause is not None and (tb := task_traceback(cause)) is not None:
        exc.__cause__ = cause.with_traceback(tb)


def task_traceback(exc: BaseException) -> TracebackType | None:
    """Return the traceback of what a background task has raised, without the frames of those that ran the task."""
    tb = exc.__traceback__
    while tb is not None and in_framework(tb.tb_frame):
        tb = tb.tb_next
    for other in _chain(exc):
        if isinstance(other, KeyboardInterrupt):
            _cut_ours(tb if other is exc else other.__traceback__)
    return tb


def _chain(exc: BaseException) -> list[BaseException]:
    """Return an exception and all that are shown with it: causes, contexts, and the members of groups."""
    found = [exc]
    for other in found:
        members = other.exceptions if isinstance(other, BaseExceptionGroup) else ()
        for linked in (other.__cause__, other.__context__, *members):
            if linked is not None and not any(linked is known for known in found):
                found.append(linked)  # to go on with it
    return found


def _is_boundary(tb: TracebackType) -> bool:
    return tb.tb_frame.f_code in _USER_CODE_CALLERS


def _skip_boundary(tb: TracebackType | None) -> TracebackType | None:
    while tb is not None and _is_boundary(tb):
        tb = tb.tb_next
    return tb


def _cut_ours(tb: TracebackType | None) -> None:
    """End the traceback of what is raised here where the user's code ends: a Ctrl-C without the signal handler that raised it."""
    while tb is not None and tb.tb_next is not None:
        if top_level_package(tb.tb_next.tb_frame).startswith("awaitall"):
            tb.tb_next = None
        tb = tb.tb_next


def stop_iteration(exc: Exception, pieces: tuple[CodeType, ...]) -> StopIteration | None:
    """Return the StopIteration that an input itself raised and that its coroutine turned into ``exc`` (PEP 479), if so.

    A RuntimeError of that kind out of a coroutine that the input merely awaited is left alone: there it is Python's answer.
    """
    cause = exc.__cause__
    if not isinstance(cause, StopIteration):
        return None
    start = _skip_boundary(cause.__traceback__)
    return cause if start is not None and start.tb_frame.f_code in pieces else None


def note_library(exc: Exception, runner: Runner) -> None:
    """Add the library to an error that comes from awaiting something of a library that the runner does not run."""
    tb = exc.__traceback__
    while tb is not None and tb.tb_next is not None:
        tb = tb.tb_next
    library = "" if tb is None else top_level_package(tb.tb_frame)
    own = getattr(runner, "library", None)
    if own is not None and library in _LIBRARIES and library != own:
        exc.add_note(f"This is a part of {library}, and the input ran on {own}. Switch with %autoawait {library}.")


def one_line(exc: BaseException) -> str:
    """Return the type and the message of an exception in one line, whatever its ``__str__`` does."""
    message = " ".join(str(traceback.TracebackException(type(exc), exc, None)).split())
    return f"{type(exc).__name__}: {message}" if message else type(exc).__name__
