"""Wait for the user in a thread, while the thread of the session lets background tasks run."""

from __future__ import annotations

import contextvars
import os
import select
import threading
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from awaitall import Session

__all__ = ["wait"]

_T = TypeVar("_T")


def wait(session: Session, read: Callable[[], _T], interrupt: Callable[[], bool]) -> _T:
    """Call ``read`` in a thread until it returns, and give what it gives.

    Args:
        session: Its tasks go on meanwhile, in the thread that calls this.
        read: Waits for the user. Runs in a copy of the context.
        interrupt: Asks ``read`` to end with a KeyboardInterrupt, for a SIGINT that is no key; False if it has ended already.

    Raises:
        KeyboardInterrupt: one that ``read`` could not be asked to raise. Else what ``read`` raises.
    """
    receiver, sender = os.pipe()
    value: Any = None
    error: BaseException | None = None

    def run() -> None:
        nonlocal value, error
        try:
            value = read()
        except BaseException as exc:
            error = exc
        finally:
            os.close(sender)

    thread = threading.Thread(target=contextvars.copy_context().run, args=(run,), name="awaitall prompt")
    thread.start()
    late = False
    while True:
        try:
            session.pump([receiver])
            if select.select([receiver], [], [], 0 if session.pumps else None)[0]:
                thread.join()
                break
        except KeyboardInterrupt:
            late = not interrupt()
    os.close(receiver)
    try:
        if error is not None:
            raise error
        if late:
            raise KeyboardInterrupt
        return value  # type: ignore[no-any-return]
    finally:
        error = None  # the traceback holds this frame
