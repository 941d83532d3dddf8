"""Background tasks at the prompt: they go on while it waits; if they cannot, the user is told, and they try again."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol

from awaitall.errors import ElsewhereError
from awaitall.polling import readable
from awaitall.stdin_guard import UnreadableStdin

if TYPE_CHECKING:
    from collections.abc import Sequence

    class _Pumps(Protocol):
        def pump(self, fds: Sequence[int], timeout: float | None = None) -> None: ...


__all__ = ["Pauses"]

#: Seconds between two tries to go on, at first and at most.
FIRST, LONGEST = 0.1, 5.0


class Pauses:
    """The times during which a loop cannot run at the prompt.

    Attributes:
        last: Whether one lasts.
    """

    def __init__(self) -> None:
        self.last = False
        self._told = False
        self._delay = FIRST

    def pump(self, runner: _Pumps, fds: Sequence[int], timeout: float | None) -> None:
        """Run the tasks of a runner until a file descriptor is readable; if they cannot, wait, and try again later."""
        stdin = sys.stdin
        sys.stdin = UnreadableStdin(stdin)
        try:
            if self.last:
                runner.pump(fds, 0.0)
                self.end()
            runner.pump(fds, timeout)
        except Exception as exc:
            self.begin(exc)
            self.wait(fds, timeout)
        finally:
            sys.stdin = stdin

    def begin(self, exc: Exception) -> None:
        """Record that the loop cannot run, and report it once; tasks that another thread runs are not paused."""
        self.last = True
        if not isinstance(exc, ElsewhereError):
            self.tell(f"{type(exc).__name__}: {exc}")

    def tell(self, reason: str) -> None:
        """Report that tasks are paused, unless the user knows already."""
        if not self._told:
            self.last = self._told = True
            print(f"awaitall: background tasks are paused at the prompt: {reason}", file=sys.stderr)

    def wait(self, fds: Sequence[int], timeout: float | None) -> None:
        """Wait as long as it takes to try again; until there is a key, or for longer each time."""
        delay = self._delay if timeout is None else min(self._delay, timeout)
        self._delay = FIRST if readable(fds, delay) else min(2 * self._delay, LONGEST)

    def end(self) -> None:
        """Record that the loop runs again, and report it if the user knows of the pause."""
        if self._told:
            print("awaitall: background tasks go on at the prompt", file=sys.stderr)
        self.last = self._told = False
        self._delay = FIRST
