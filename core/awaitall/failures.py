"""Report to the user, once, that a background task has failed."""

from __future__ import annotations

import sys
import traceback
import weakref
from typing import TYPE_CHECKING

from awaitall import hooks
from awaitall.tracebacks import task_traceback

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FailureReports"]


class FailureReports:
    """The reports of one session.

    Args:
        session: What plugins are told that the task belongs to; it is not kept alive.

    Attributes:
        show: Shows the text as the shell shows errors; None for standard error.
        format: Returns the lines of a traceback, each with its end.
    """

    def __init__(self, session: object) -> None:
        self._session = weakref.ref(session)
        self.show: Callable[[str], object] | None = None
        self.format: Callable[[BaseException], list[str]] = traceback.format_exception

    def __call__(self, name: str, error: BaseException) -> None:
        """Show that the task of a name has failed, with the user's own frames only."""
        lines = self.format(error.with_traceback(task_traceback(error)))
        text = f"Task {name!r} in the background has failed:\n{''.join(lines)}"
        try:
            (self.show or _print)(text)
        except Exception:  # a style that is broken hides no error
            _print(text)
        hooks.background_error(self._session(), name, error)


def _print(text: str) -> None:
    print(text, end="", file=sys.stderr)
