"""Show what is written while ``input()`` waits above the line that the user edits, whatever edits it."""

from __future__ import annotations

import ctypes
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from awaitall.prompts.held import HeldStreams
from awaitall.threads import get_ident

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Above", "readline_library"]


class Above:
    """Shows above the line what tasks and threads write. Only the thread that calls ``input()`` may touch the line.

    What that thread writes while no task runs passes: the prompt itself, a list of completions.

    Args:
        wake: Called in another thread that has written something, to have that thread call :meth:`show` soon.
    """

    def __init__(self, wake: Callable[[], object]) -> None:
        self._wake = wake
        self._thread = get_ident()
        self._tasks_run = False
        self._woken = False
        self._streams = HeldStreams(self._tell, lambda: get_ident() == self._thread and not self._tasks_run)
        self.begin, self.end = self._streams.begin, self._streams.end

    @contextmanager
    def while_tasks_run(self) -> Iterator[None]:
        """Return a context manager in which tasks may run and print."""
        self.show()
        self._tasks_run = True
        try:
            yield
        finally:
            self._tasks_run = False

    def _tell(self) -> None:
        if get_ident() == self._thread:
            self.show()
        elif self._streams and not self._woken:
            self._woken = True
            self._wake()

    def show(self) -> None:
        """Show the whole lines that have been written, and the edited line below them."""
        self._woken = False
        if not self._streams:
            return
        library = readline_library()
        if library is not None:
            _clear_line(library)
        try:
            self._streams.show()
        finally:
            if library is not None:
                library.rl_forced_update_display()


def _clear_line(library: Any) -> None:
    if hasattr(library, "rl_clear_visible_line"):  # GNU readline, since 7.0
        library.rl_clear_visible_line()
        ctypes.CDLL(None).fflush(None)
    else:
        sys.__stdout__.write("\r\x1b[K")  # type: ignore[union-attr]


def readline_library() -> Any:
    """Return readline, if that is what edits the line; without it the terminal does, and shows no line a second time."""
    readline = sys.modules.get("readline")
    return readline and ctypes.CDLL(getattr(readline, "__file__", None))
