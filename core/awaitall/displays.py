"""What an input shows by ``sys.displayhook`` while it runs: changed by plugins, and awaited where the user wants that."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from awaitall import hooks
from awaitall.hints import is_fresh_coroutine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from awaitall.results import FollowedTask

__all__ = ["awaiting_coroutines", "changed_by_plugins", "kept_for"]


@contextmanager
def changed_by_plugins(session: object) -> Iterator[None]:
    """Return a context manager in which plugins change the values that an input shows."""
    show = sys.displayhook
    sys.displayhook = lambda value: show(hooks.display(session, value))
    try:
        yield
    finally:
        sys.displayhook = show


@contextmanager
def kept_for(tasks: Mapping[int, FollowedTask]) -> Iterator[None]:
    """Return a context manager in which what inputs in the background show is kept for their results, and not shown.

    Args:
        tasks: The inputs, by the ``id()`` of their code.
    """
    show = sys.displayhook

    def keep(value: object) -> None:
        task = tasks.get(id(sys._getframe(1).f_code))
        if task is None:
            show(value)
        elif value is not None:
            task.shown = value

    sys.displayhook = keep
    try:
        yield
    finally:
        if sys.displayhook is keep:  # else the user has set another one
            sys.displayhook = show


@contextmanager
def awaiting_coroutines(wait_for: Callable[[Any], Any]) -> Iterator[None]:
    """Await the coroutines that the input in this block shows, once it has ended, and show what they return."""
    show = sys.displayhook
    coros = []

    def collect(value: object) -> None:
        if is_fresh_coroutine(value):
            coros.append(value)
        else:
            show(value)

    sys.displayhook = collect
    try:
        yield
    finally:
        sys.displayhook = show
    for coro in coros:
        show(wait_for(coro))
