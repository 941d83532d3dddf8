"""What the operating system has, and what takes its place where a system has less.

Other modules ask no system for its name, and look for nothing that is not everywhere: they take it from here. Everywhere there
are sockets, threads and SIGINT. Only where there is ``termios``, a terminal is a file, and can be waited for as a socket can.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from errno import EBADF
from importlib import import_module
from typing import TYPE_CHECKING, Any

from awaitall.threads import in_main_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# The module os, for those who take from it what not every system has: they have asked, or are not reached where it is not.
# Type checkers cannot be asked so; they know what a system has by its name alone.
if TYPE_CHECKING and sys.platform == "win32":
    posix: Any
else:
    import os as posix

__all__ = [
    "SIGKILL",
    "SIGNALS_WAKE",
    "SIGTSTP",
    "SIGURG",
    "TERMINATIONS",
    "TerminalError",
    "before_fork",
    "blocking_kept",
    "fcntl",
    "gives_signals",
    "is_blocked",
    "is_terminal_given",
    "lacking",
    "leave_signals_to_others",
    "own_descriptor",
    "posix",
    "press_in",
    "pwd",
    "resource",
    "termios",
    "wakeup_kept",
    "woken_by_signals",
]

#: Modules of Python's, each None where the system lacks it; imported when they are asked for.
fcntl: Any
pwd: Any
resource: Any
termios: Any

#: What is raised where there is no terminal.
TerminalError: type[Exception]


def __getattr__(name: str) -> Any:
    found: Any
    if name in ("fcntl", "pwd", "resource", "termios"):
        try:
            found = import_module(name)
        except ImportError:
            found = None
    elif name == "TerminalError":
        termios = __getattr__("termios")
        found = OSError if termios is None else termios.error
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found
    return found


#: The signals that end a process; Windows sends SIGBREAK for Ctrl-Break, and when the window of the console is closed.
TERMINATIONS = tuple(int(getattr(signal, name)) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name))

#: The signal by which Ctrl-Z arrives, or None.
SIGTSTP: int | None = int(signal.SIGTSTP) if hasattr(signal, "SIGTSTP") else None

#: The signal that ends a process, whatever that does; on Windows SIGTERM does so, too.
SIGKILL = int(getattr(signal, "SIGKILL", signal.SIGTERM))

#: The signal that a socket sends for what is urgent; 0, which is none, where sockets send none.
SIGURG = int(getattr(signal, "SIGURG", 0))

#: Whether a signal wakes the main thread, whatever it waits for; where it does not, a file descriptor does.
SIGNALS_WAKE = hasattr(signal, "siginterrupt")


#: Module -> names of it without which nothing can be awaited.
_NEEDED = {
    "select": ("select",),
    "signal": ("SIGINT", "default_int_handler", "raise_signal", "set_wakeup_fd"),
    "_socket": ("socket",),
    "_thread": ("allocate_lock", "start_new_thread"),
}


def lacking() -> str | None:
    """Return the first name that this system lacks though nothing can be awaited without it; None if it has all."""
    for module, names in _NEEDED.items():
        try:
            found = import_module(module)
        except ImportError:
            return module
        for name in names:
            if not hasattr(found, name):
                return f"{module}.{name}"
    return None


def press_in(thread: int) -> None:
    """Send SIGINT to the main thread from another one, and wake it where it waits.

    Args:
        thread: The identifier of the main thread.
    """
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(thread, signal.SIGINT)
    else:  # a signal is not for a thread, and wakes the main thread whoever raises it
        signal.raise_signal(signal.SIGINT)


_SIG_BLOCK = int(getattr(signal, "SIG_BLOCK", 0))


def leave_signals_to_others(*signums: int) -> None:
    """Have the system wake another thread than this one by signals, by these or by any; where threads get none, do nothing."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(_SIG_BLOCK, signums or signal.valid_signals())


def is_blocked(signum: int) -> bool:
    """Report whether a signal waits until this thread lets it through."""
    return hasattr(signal, "pthread_sigmask") and signum in signal.pthread_sigmask(_SIG_BLOCK, ())


def before_fork(function: Callable[[], object]) -> None:
    """Call a function before each ``os.fork()``, where there is one."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=function)


def gives_signals(fd: int) -> bool:
    """Report whether a file is the terminal from which the process gets its signals, and not, say, a connection."""
    if not hasattr(os, "tcgetpgrp"):
        return os.isatty(fd)
    try:
        os.tcgetpgrp(fd)
    except OSError:
        return False
    return True


def is_terminal_given(fd: int) -> bool:
    """Report whether a terminal belongs to another process group than that of this process; where there are none, it does not."""
    try:
        return hasattr(os, "tcgetpgrp") and posix.tcgetpgrp(fd) != posix.getpgrp()
    except OSError:
        return False


@contextmanager
def blocking_kept(fd: int, during: bool | None = None) -> Iterator[None]:
    """Restore at the end of the block whether a file blocks: for everybody who has it open, and for other streams, too.

    Does nothing where a file always blocks; on Windows, pipes alone do not, and Python knows of that since 3.12.

    Args:
        fd: The file descriptor.
        during: Whether it blocks in the block; as it is where omitted.
    """
    if (blocking := _blocks(fd)) is None:
        yield
        return
    if during is not None:
        posix.set_blocking(fd, during)
    try:
        yield
    finally:
        posix.set_blocking(fd, blocking)


def _blocks(fd: int) -> bool | None:
    """Report whether a file blocks; None where that cannot be told: on Windows, since Python 3.12 of all but pipes."""
    try:
        return bool(posix.get_blocking(fd))
    except (AttributeError, OSError):
        return None


@contextmanager
def wakeup_kept() -> Iterator[None]:
    """Restore at the end of the block the file descriptor that signals write to."""
    if not in_main_thread():
        yield
        return
    before = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(before)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)


@contextmanager
def woken_by_signals(fd: int) -> Iterator[None]:
    """Return a context manager in which signals write to a socket, for which the main thread waits, if nothing else wakes it."""
    if SIGNALS_WAKE or not in_main_thread():
        yield
        return
    before = signal.set_wakeup_fd(fd, warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)


@contextmanager
def own_descriptor(fd: int) -> Iterator[int]:
    """Return a context manager with another file descriptor of the same file, or with this one, where it is no file."""
    try:
        own = os.dup(fd)
    except OSError as exc:
        if exc.errno != EBADF:
            raise
        yield fd  # of a socket, where those are no files
        return
    try:
        yield own
    finally:
        os.close(own)
