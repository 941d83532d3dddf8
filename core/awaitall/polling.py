"""Is there something to read?"""

from __future__ import annotations

import select
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["readable"]


def readable(fds: Iterable[int], timeout: float | None = 0) -> bool:
    """Report whether one of the file descriptors is readable, by default right now; wait for that for some seconds, or None."""
    poll = select.poll()
    for fd in fds:
        poll.register(fd, select.POLLIN)
    return bool(poll.poll(None if timeout is None else timeout * 1000))
