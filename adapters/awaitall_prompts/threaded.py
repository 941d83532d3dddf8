"""Wait for the user in a thread, while the thread of the session lets background tasks run."""

from __future__ import annotations

import contextvars
import os
import signal
import threading
from typing import TYPE_CHECKING, Any, TypeVar

from awaitall.interrupts import DEAF
from awaitall.readable import readable
from awaitall.threads import get_ident, in_main_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from awaitall import Session

__all__ = ["wait"]

_T = TypeVar("_T")


def wait(session: Session, read: Callable[[], _T], end: Callable[[type[BaseException]], bool]) -> _T:
    """Call ``read`` in a thread until it returns, and give what it gives.

    Args:
        session: Its tasks go on meanwhile, in the thread that calls this.
        read: Waits for the user. Runs in a copy of the context.
        end: Asks ``read`` to end with an exception, as if the user had pressed a key: KeyboardInterrupt for a SIGINT, EOFError
            when the process is to end. False if it has ended already.

    Raises:
        KeyboardInterrupt: one that ``read`` could not be asked to raise. SystemExit: the process is to end. Else what ``read``
            raises.
    """
    receiver, sender = os.pipe()
    value: Any = None
    error: BaseException | None = None

    def run() -> None:
        nonlocal value, error
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        try:
            value = read()
        except BaseException as exc:
            error = exc
        finally:
            os.close(sender)
        while in_main and isinstance(error, KeyboardInterrupt) and not back.wait(DEAF):
            # A task keeps the other thread from noticing: press the key there, too, as often as it takes.
            signal.pthread_kill(waiting, signal.SIGINT)

    waiting = get_ident()
    in_main = in_main_thread()
    back = threading.Event()
    thread = threading.Thread(target=contextvars.copy_context().run, args=(run,), name="awaitall prompt")
    late: BaseException | None = None
    # A Ctrl-C from here on waits until there is somebody to be told of it.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    thread.start()
    while True:
        try:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            session.pump([receiver])
            if readable([receiver], 0 if session.pumps else None):
                break
        except KeyboardInterrupt as exc:
            if not end(KeyboardInterrupt):
                late = exc
        except SystemExit as exc:
            end(EOFError)
            late = exc
    back.set()
    thread.join()
    os.close(receiver)
    try:
        if late is not None:
            raise late
        if error is not None:
            raise error
        return value  # type: ignore[no-any-return]
    finally:
        error = late = None  # the traceback holds this frame
