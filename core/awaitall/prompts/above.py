"""Show what is written while a prompt waits above the line that the user edits, whatever edits it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from awaitall.prompts.held import HeldStreams
from awaitall.threads import get_ident

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

__all__ = ["Above"]


class Above:
    """Shows above the line what tasks and threads write. Only the thread that reads the keyboard may touch the line.

    What that thread writes while no task runs passes: the prompt itself, a list of completions.

    Args:
        wake: Called in another thread that has written something, to have that thread call :meth:`show` soon.
        hidden: Returns a context manager in which the line is off the screen, and the cursor at the place where it was.
    """

    def __init__(self, wake: Callable[[], object], hidden: Callable[[], AbstractContextManager[object]]) -> None:
        self._wake = wake
        self._hidden = hidden
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
        if self._streams:
            with self._hidden():
                self._streams.show()
