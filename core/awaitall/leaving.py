"""Report what a shell waits for while it ends."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from awaitall.system import leave_signals_to_others
from awaitall.threads import can_start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["telling_what_is_left"]

#: Seconds that tasks may take for their cleanup before the user is told.
SILENCE = 1.0


@contextmanager
def telling_what_is_left(names: Callable[[], list[str]]) -> Iterator[None]:
    """Print once what is still running, if the block takes long.

    A thread does that: cleanup that never awaits keeps every loop from it.

    Args:
        names: Called in that thread; returns what the tasks that have not ended are called.
    """
    if not can_start():
        yield
        return
    over = threading.Event()

    def tell() -> None:
        leave_signals_to_others(signal.SIGINT)  # Ctrl-C is to wake the thread that waits
        if over.wait(SILENCE):
            return
        try:
            left = ", ".join(names())
        except RuntimeError:  # they have changed meanwhile
            left = ""
        print(f"awaitall: waiting for {left or 'background tasks'} to end; Ctrl-C leaves now", file=sys.stderr)

    thread = threading.Thread(target=tell, name="awaitall end", daemon=True)
    try:
        thread.start()
    except RuntimeError:  # an interpreter that is ending starts no threads, since 3.12
        yield
        return
    try:
        yield
    finally:
        over.set()
        thread.join()
