"""What a prompt and a program say to each other, over a Unix socket between two processes of one user."""

from __future__ import annotations

import json
import os
import socket
import stat
import struct
import tempfile
from collections import deque
from threading import Lock
from typing import Any

from awaitall.errors import UnsupportedError
from awaitall.polling import is_writable
from awaitall.system import posix

__all__ = ["PROTOCOL", "Channel", "folder", "has_other_end_of_user", "socket_of", "unix_socket"]

#: What both sides have to speak. It is raised when a message changes its meaning.
PROTOCOL = 1

#: For how long a side is waited for that reads nothing, in seconds.
PATIENCE = 1.0


class Channel:
    """One end of a connection. A message is a list of what JSON has, and stands in a line of its own.

    Args:
        connection: A connected socket, which is closed with this.
    """

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._connection = connection
        self._unsent: deque[bytes] = deque()
        self._sending = Lock()
        self._begun = b""
        self._messages: deque[list[Any]] = deque()

    def fileno(self) -> int:
        """Return the file descriptor; -1 once it is closed."""
        return self._connection.fileno()

    def send(self, *message: Any) -> None:
        """Send a message; in any thread, and in a signal handler that has interrupted this.

        Raises:
            OSError: the other side is gone, or has read nothing for a second.
        """
        self._unsent.append(json.dumps(message).encode() + b"\n")
        while self._unsent and self._sending.acquire(blocking=False):  # else who has it sends this, too
            try:
                while self._unsent:
                    self._send_whole(self._unsent.popleft())
            finally:
                self._sending.release()

    def _send_whole(self, text: bytes) -> None:
        while text:
            try:
                text = text[self._connection.send(text) :]
            except BlockingIOError:
                if not is_writable(self._connection, PATIENCE):
                    raise TimeoutError("nothing is read at the other end") from None

    def receive(self) -> list[list[Any]]:
        """Return the messages that are there, perhaps none.

        Raises:
            EOFError: the other side is gone, and there are no more. ValueError: this is no message.
        """
        gone = False
        try:
            while data := self._connection.recv(65536):
                self._begun += data
            gone = True
        except BlockingIOError:
            pass
        except OSError:
            gone = True
        whole, newline, rest = self._begun.rpartition(b"\n")
        if newline:
            self._begun = rest
            self._messages.extend(json.loads(line) for line in whole.split(b"\n"))
        messages = [*self._messages]
        self._messages.clear()
        if gone and not messages:
            raise EOFError
        return messages

    def end(self) -> None:
        """End the connection for both sides, also where a process that was forked has the socket, too."""
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the other side was faster

    def close(self) -> None:
        """End the connection, and close the socket."""
        self.end()
        self._connection.close()


def has_other_end_of_user(connection: socket.socket, pid: int | None = None) -> bool:
    """Report whether the process at the other end is one of the same user; the kernel tells that (SO_PEERCRED, unix(7)).

    Args:
        connection: A connected Unix socket.
        pid: The number that the process has to have, if any.

    Raises:
        UnsupportedError: this system does not tell it.
    """
    if not hasattr(socket, "SO_PEERCRED"):
        raise UnsupportedError("Attaching needs Linux, whose sockets tell who is at the other end.")
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    peer, user, _ = struct.unpack("3i", credentials)
    return user == posix.geteuid() and (pid is None or peer == pid)


def unix_socket() -> socket.socket:
    """Return a new socket.

    Raises:
        UnsupportedError: this system has none of this kind.
    """
    if not hasattr(socket, "AF_UNIX"):
        raise UnsupportedError("Attaching needs Linux, and Unix sockets there.")
    return socket.socket(socket.AF_UNIX)


def folder() -> str:
    """Return the folder for sockets of programs that serve, which only the user can enter; it is made if there is none.

    Raises:
        UnsupportedError: something else has its name, or others can enter it.
    """
    runtime = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    path = os.path.join(runtime, f"awaitall-{posix.geteuid()}")
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        pass
    found = os.lstat(path)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != posix.geteuid() or found.st_mode & 0o077:
        raise UnsupportedError(f"{path} is to be a folder that only you can enter, and is not: remove it.")
    return path


def socket_of(pid: int) -> str:
    """Return the path of the socket of a program that serves."""
    return os.path.join(folder(), f"{pid}.socket")
