"""Is there something to read? What can be waited for: sockets everywhere, and all that is a file where terminals are files."""

from __future__ import annotations

import select
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from awaitall.system import leave_signals_to_others

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from socket import socket

__all__ = ["is_writable", "readable", "socket_pair", "telling_when_readable"]

#: What poll() waits for and tells, where there is one.
_POLLIN, _POLLOUT, _POLLNVAL = (int(getattr(select, name, 0)) for name in ("POLLIN", "POLLOUT", "POLLNVAL"))


def readable(fds: Iterable[int], timeout: float | None = 0) -> list[int]:
    """Return which of the file descriptors are readable, by default right now; wait for one for some seconds, or None.

    What cannot be waited for on this system is readable at once: whoever reads it has to wait there.
    """
    fds = list(fds)
    if not hasattr(select, "poll"):  # Windows
        return _selected(fds, timeout)
    poll = select.poll()
    for fd in fds:
        poll.register(fd, _POLLIN)
    found = poll.poll(None if timeout is None else timeout * 1000)
    if any(events & _POLLNVAL for _, events in found):  # macOS polls no device opened as /dev/tty, which it can select
        return _selected(fds, timeout)
    return [fd for fd, _ in found]


def is_writable(connection: socket, timeout: float) -> bool:
    """Report whether a socket can be written to; wait for that for some seconds."""
    if not hasattr(select, "poll"):
        return bool(select.select((), (connection,), (), timeout)[1])
    poll = select.poll()
    poll.register(connection, _POLLOUT)
    return bool(poll.poll(timeout * 1000))


def _selected(fds: list[int], timeout: float | None) -> list[int]:
    if refused := [fd for fd in fds if _is_refused(fd)]:
        return refused
    if fds:
        return select.select(fds, (), (), timeout)[0]
    time.sleep(timeout or 0)  # Windows does not select from nothing
    return []


def _is_refused(fd: int) -> bool:
    try:
        select.select((fd,), (), (), 0)
    except (OSError, ValueError):  # ValueError: its number is too high
        return True
    return False


def socket_pair() -> tuple[socket, socket]:
    """Return two sockets that never block: what the second one sends makes the first one readable, and so does its end."""
    from socket import socketpair

    receiver, sender = socketpair()
    receiver.setblocking(False)
    sender.setblocking(False)
    return receiver, sender


@contextmanager
def telling_when_readable(fds: Sequence[int], tell: Callable[[], object]) -> Iterator[None]:
    """Return a context manager in which a thread waits for file descriptors, for a loop that cannot.

    Args:
        fds: The file descriptors.
        tell: Called once in the thread when one is readable; a RuntimeError, of a loop that is closed, does not matter.
    """
    receiver, sender = socket_pair()

    def wait() -> None:
        leave_signals_to_others()
        if receiver.fileno() not in readable([*fds, receiver.fileno()], None):
            with suppress(RuntimeError):
                tell()

    thread = threading.Thread(target=wait, name="awaitall descriptors", daemon=True)
    try:
        thread.start()
        yield
    finally:
        sender.close()
        if thread.ident is not None:
            thread.join()
        receiver.close()
