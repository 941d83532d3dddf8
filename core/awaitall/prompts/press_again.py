"""One Ctrl-C at the prompt is enough, even where a background task never awaits."""

from __future__ import annotations

import signal
from _thread import allocate_lock, start_new_thread

from awaitall.interrupts import UNRESPONSIVE_AFTER
from awaitall.threads import get_ident

__all__ = ["PressAgain"]


class PressAgain:
    """Send SIGINT to this thread, the main thread, again and again until :meth:`end`.

    For the handler of a prompt, which makes one at the first SIGINT that comes while ``Session.pump`` runs, and calls
    :meth:`awaitall.Session.interrupt` for that one and for those that follow. It ends it when ``pump`` has returned.

    It takes no lock that the interrupted code may hold, as those of the module ``threading``.
    """

    def __init__(self) -> None:
        self._thread = get_ident()
        self._over, self._ended = allocate_lock(), allocate_lock()
        self._over.acquire()
        self._ended.acquire()
        start_new_thread(self._run, ())

    def _run(self) -> None:
        while not self._over.acquire(timeout=UNRESPONSIVE_AFTER):
            signal.pthread_kill(self._thread, signal.SIGINT)
        self._ended.release()

    def end(self) -> None:
        """Send no more; what has been sent has been handled when this returns."""
        self._over.release()
        self._ended.acquire()
