"""One Ctrl-C at the prompt is enough, even where a background task never awaits."""

from __future__ import annotations

from _thread import allocate_lock, start_new_thread
from typing import TYPE_CHECKING

from awaitall.interrupts import UNRESPONSIVE_AFTER
from awaitall.system import press_in
from awaitall.threads import get_ident

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["PressAgain"]


class PressAgain:
    """A context manager for ``Session.pump``: a SIGINT in it is sent to the main thread again and again, until the block ends.

    The handler of a prompt calls :meth:`press`, and :meth:`awaitall.Session.interrupt`, for each SIGINT. The object may be
    entered again and again; :meth:`begin` and :meth:`end` are for what is no block.

    It takes no lock that the interrupted code may hold, as those of the module ``threading``.

    Attributes:
        repeats: Whether a SIGINT that comes now is taken for a repeated one.
    """

    def __init__(self) -> None:
        self.repeats = False
        self._entered = False
        self._over, self._ended = allocate_lock(), allocate_lock()
        self._over.acquire()
        self._ended.acquire()

    def __enter__(self) -> None:
        self.begin()

    def __exit__(self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.end()

    def begin(self) -> None:
        """Repeat what :meth:`press` is called for from now on."""
        self._entered = True

    def end(self) -> None:
        """Repeat nothing any more; all that has been sent has been handled then."""
        self._entered = False
        if self.repeats:
            self._over.release()
            self._ended.acquire()
            self.repeats = False

    def press(self) -> None:
        """Repeat the SIGINT that is being handled, if the block runs and none is repeated yet."""
        if self._entered and not self.repeats:
            self.repeats = True
            try:
                start_new_thread(self._repeat, (get_ident(),))
            except BaseException:
                self.repeats = False
                raise

    def _repeat(self, thread: int) -> None:
        while not self._over.acquire(timeout=UNRESPONSIVE_AFTER):
            press_in(thread)
        self._ended.release()
