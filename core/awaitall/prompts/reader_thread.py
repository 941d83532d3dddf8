"""Wait for the user in a thread, while the thread of the session lets background tasks run."""

from __future__ import annotations

import contextvars
import threading
from typing import TYPE_CHECKING, Any, TypeVar

from awaitall.interrupts import UNRESPONSIVE_AFTER, SigintGuard
from awaitall.polling import readable, socket_pair
from awaitall.system import press_in
from awaitall.threads import get_ident, in_main_thread

if TYPE_CHECKING:
    from collections.abc import Callable
    from socket import socket
    from types import FrameType

    from awaitall import Session

__all__ = ["read_in_thread"]

_T = TypeVar("_T")


def read_in_thread(session: Session, read: Callable[[], _T], end: Callable[[type[BaseException]], bool]) -> _T:
    """Call ``read`` in a thread until it returns; return what it returns.

    Args:
        session: Its tasks go on meanwhile, in the thread that calls this.
        read: Waits for the user. Runs in a copy of the context.
        end: Asks ``read`` to end with an exception, as if the user had pressed a key: KeyboardInterrupt for a SIGINT, EOFError
            when the process is to end. False if it has ended already. Called in a signal handler, too.

    Raises:
        KeyboardInterrupt: one that ``read`` could not be asked to raise. SystemExit: the process is to end. Else what ``read``
            raises.
    """
    reading = _Reading(read, end)
    with SigintGuard(reading.interrupt, reading.terminate, asks_host=False):  # no signal raises anything in here
        reading.run(session)
    value: _T = reading.outcome()
    return value


class _Reading:
    """One call of ``read`` in a thread; arguments as for :func:`read_in_thread`."""

    def __init__(self, read: Callable[[], object], end: Callable[[type[BaseException]], bool]) -> None:
        self._read = read
        self._end = end
        self._value: Any = None
        self._error: BaseException | None = None
        self._late = False
        self._terminated = False
        self._back = threading.Event()

    def interrupt(self, frame: FrameType | None) -> bool:
        """Handle a SIGINT."""
        if not self._terminated and not self._end(KeyboardInterrupt):
            self._late = True
        return True

    def terminate(self, frame: FrameType | None) -> None:
        """Handle a signal that is to end the process."""
        self._terminated = True
        self._end(EOFError)

    def run(self, session: Session) -> None:
        """Start the thread, and let tasks go on until it has ended."""
        receiver, sender = socket_pair()
        main = get_ident() if in_main_thread() else None
        thread = threading.Thread(target=contextvars.copy_context().run, args=(self._run, sender, main), name="awaitall prompt")
        try:
            thread.start()
        except BaseException:
            sender.close()
            receiver.close()
            raise
        while not readable([receiver.fileno()], 0 if session.pumps else None):
            try:
                session.pump([receiver.fileno()])
            except KeyboardInterrupt:
                self.interrupt(None)
        self._back.set()
        thread.join()
        receiver.close()

    def _run(self, sender: socket, main: int | None) -> None:
        try:
            self._value = self._read()
        except BaseException as exc:
            self._error = exc
        finally:
            sender.close()
        while main is not None and isinstance(self._error, KeyboardInterrupt) and not self._back.wait(UNRESPONSIVE_AFTER):
            # A task keeps the other thread from noticing: press the key there, too, as often as it takes.
            press_in(main)

    def outcome(self) -> Any:
        """Return what ``read`` has returned, or raise what there is to be raised."""
        try:
            if self._late:
                raise KeyboardInterrupt
            if self._error is not None:
                raise self._error
            return self._value
        finally:
            self._error = None  # the traceback holds this frame
