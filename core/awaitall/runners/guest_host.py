"""A host for trio's guest mode, and nothing else: it runs what trio wants to have run, and sleeps while there is nothing."""

from __future__ import annotations

import math
import time
from collections import deque
from typing import TYPE_CHECKING

from awaitall.polling import readable, socket_pair

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["GuestHost"]


class GuestHost:
    """Runs calls one after the other, on the thread that calls :meth:`run`.

    Attributes:
        wakeup: A file descriptor; a byte written to it wakes the host.
        handle_events: Called between two calls, if there is one; returns in how many seconds to call it again.
    """

    def __init__(self) -> None:
        self._calls: deque[Callable[[], object]] = deque()
        self._receiver, self._sender = socket_pair()
        self.wakeup = self._sender.fileno()
        self.handle_events: Callable[[], float] | None = None
        self._next_look = 0.0

    def call_here(self, function: Callable[[], object]) -> None:
        """Schedule a function; on the thread of the host only."""
        self._calls.append(function)

    def call(self, function: Callable[[], object]) -> None:
        """Schedule a function; safe from any thread."""
        self._calls.append(function)
        try:
            self._sender.send(b"\0")
        except BlockingIOError:
            pass  # full: it will wake up anyway

    def run(self, until: Callable[[], bool], deadline: float = math.inf) -> None:
        """Call what is to be called until ``until()`` or the ``time.monotonic()`` of the deadline, waiting where it must."""
        while True:
            self._look()
            self.work(until, deadline)
            if until() or time.monotonic() >= deadline:
                return
            self._wait(deadline)

    def work(self, until: Callable[[], bool], deadline: float = math.inf) -> None:
        """As :meth:`run`, but return when there is nothing left to be called."""
        while self._calls and not until():
            self._calls.popleft()()
            self._look()
            if time.monotonic() > deadline:
                return

    def pump(self, fds: Sequence[int], until: Callable[[], bool], deadline: float = math.inf) -> None:
        """As :meth:`run`, but return as soon as one of the file descriptors is readable, too, however much there is to do."""
        while not until() and time.monotonic() < deadline:
            if any(fd in fds for fd in self._wait(0 if self._calls else deadline, fds)):
                return
            for _ in range(len(self._calls)):
                self._calls.popleft()()
            self._look()

    def _look(self) -> None:
        """Handle events, if it is time to."""
        if self.handle_events is not None and time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + self.handle_events()

    def _wait(self, deadline: float, fds: Sequence[int] = ()) -> list[int]:
        """Wait until something is readable, or there may be events to handle; give the file descriptors."""
        if self.handle_events is not None:
            deadline = min(deadline, self._next_look)
        left = max(0.0, deadline - time.monotonic())
        ready = readable([*fds, self._receiver.fileno()], None if left == math.inf else left)
        if self._receiver.fileno() in ready:
            try:
                while self._receiver.recv(4096):
                    pass
            except BlockingIOError:
                pass
        return ready

    def close(self) -> None:
        """Forget what was to be called."""
        self._calls.clear()
        self._receiver.close()
        self._sender.close()
