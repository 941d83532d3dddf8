"""Have the kernel call Python in the main thread of a program when something arrives at a socket.

A socket can send a signal to its process (O_ASYNC, F_SETSIG of fcntl(2)). Its handler runs between two steps of the program,
whatever that does: it waits in an event loop of any library, or sleeps, or is busy. So nothing has to wait, neither a task nor a
thread, and a program without a loop hears of a prompt as well. SIGURG is the signal, as it is the one that does nothing where it
comes too late, and that nobody uses; Go takes it for the same reason (runtime/signal_unix.go).
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

from awaitall.errors import UnsupportedError
from awaitall.system import SIGURG, fcntl, is_blocked, posix
from awaitall.threads import in_main_thread

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    Answer = Callable[[FrameType | None], object]

__all__ = ["answer", "check", "ignore", "ring"]

#: File descriptor -> what is called when something arrives there; and the process that this is for.
_answers: dict[int, Answer] = {}
_pid = 0
_theirs: Any = signal.SIG_DFL


def check() -> None:
    """Raise UnsupportedError if this is no Linux."""
    if not hasattr(fcntl, "F_SETSIG"):
        raise UnsupportedError("Attaching needs Linux, whose sockets send the signal of one's choice.")


def answer(fd: int, call: Answer) -> None:
    """Call a function when something may have arrived, with the frame that is interrupted for that.

    Args:
        fd: Of a socket.
        call: Called in the main thread, between two steps of whatever that runs, and also without a reason.

    Raises:
        UnsupportedError: the program has another use for SIGURG, or cannot hear of it, or this is no Linux.
    """
    global _pid, _theirs
    check()
    if not in_main_thread():
        raise UnsupportedError("Handlers of signals are set in the main thread, and this is another one.")
    if _pid != os.getpid():
        _answers.clear()  # of the process that has forked this one
        _pid = os.getpid()
    if not _answers:
        found = signal.getsignal(SIGURG)
        if found is not _heard and found not in (signal.SIG_DFL, signal.SIG_IGN):
            raise UnsupportedError("The program handles SIGURG itself, by which it would hear of a prompt.")
        if is_blocked(SIGURG):
            raise UnsupportedError("The program blocks SIGURG, by which it would hear of a prompt.")
        if found is not _heard:
            _theirs = found
        signal.signal(SIGURG, _heard)
    _answers[fd] = call
    fcntl.fcntl(fd, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(fd, fcntl.F_SETSIG, SIGURG)
    fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | posix.O_ASYNC)


def ignore(fd: int) -> None:
    """Call nothing more for a socket, which is open still; the handler is restored with the last one."""
    if _answers.pop(fd, None) is None:
        return
    fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) & ~posix.O_ASYNC)
    if not _answers and in_main_thread() and signal.getsignal(SIGURG) is _heard:
        signal.signal(SIGURG, _theirs)
        if _answers:  # of a prompt that has come between any two steps of this
            signal.signal(SIGURG, _heard)
            _heard(SIGURG, None)


def ring() -> None:
    """Have all be called that wait for something to arrive, in the main thread, as if it had."""
    os.kill(os.getpid(), SIGURG)


def _heard(signum: int, frame: FrameType | None) -> None:
    if _pid == os.getpid():
        for call in list(_answers.values()):
            call(frame)
