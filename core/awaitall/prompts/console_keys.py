"""The keys of a console of Windows, which is no file that can be waited for together with sockets: a thread does, and tells.

``WaitForSingleObject`` is taken from ``_winapi``, which is private; seen in 3.11 to 3.15, where asyncio and subprocess use it.
"""

from __future__ import annotations

from _thread import start_new_thread
from contextlib import suppress
from importlib import import_module
from typing import Any

from awaitall.polling import socket_pair

__all__ = ["ConsoleKeys"]

_SIGNALLED = 0
_INFINITE = 0xFFFFFFFF


class ConsoleKeys:
    """Tells whether there is something to read from a console: keys that are pressed or let go, and what else comes with them.

    Nothing is read here. The thread that waits ends with the next key, whoever reads that.

    Args:
        fd: The file descriptor of the console.

    Raises:
        ImportError: this is not Windows. OSError: there is no such file.
    """

    def __init__(self, fd: int) -> None:
        msvcrt: Any = import_module("msvcrt")
        self._wait_for: Any = import_module("_winapi").WaitForSingleObject
        self._handle: int = msvcrt.get_osfhandle(fd)
        self._receiver, self._sender = socket_pair()
        self._awaited = False

    def fileno(self) -> int:
        """Return a file descriptor that is readable when keys that have been asked for are there."""
        return self._receiver.fileno()

    def are_there(self, timeout: float | None = 0) -> bool:
        """Report whether there is something to read; wait for it for some seconds, or None.

        Raises:
            OSError: the console is gone.
        """
        wait = _INFINITE if timeout is None else int(timeout * 1000)
        return bool(self._wait_for(self._handle, wait) == _SIGNALLED)

    def ask(self) -> None:
        """Have the file descriptor become readable when there is something to read, or the console is gone; it is not before."""
        with suppress(BlockingIOError):
            self._receiver.recv(1024)
        if not self._awaited:
            self._awaited = True
            try:
                start_new_thread(self._tell, ())
            except BaseException:
                self._awaited = False
                raise

    def _tell(self) -> None:
        with suppress(OSError):
            self.are_there(None)
        self._awaited = False
        with suppress(OSError):  # full, or closed: the prompt is over
            self._sender.send(b"\0")
