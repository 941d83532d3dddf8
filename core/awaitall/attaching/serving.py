"""``awaitall.serve()``: let ``awaitall attach`` into a program that is prepared for it by this one line."""

from __future__ import annotations

import atexit
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from awaitall.attaching import doorbell
from awaitall.attaching.channel import Channel, folder, has_other_end_of_user, socket_of, unix_socket
from awaitall.attaching.conversation import Conversation

if TYPE_CHECKING:
    import socket
    from types import FrameType

__all__ = ["attach", "serve"]


def serve(namespace: dict[str, Any] | None = None) -> None:
    """Admit prompts of the same user to this program: ``awaitall attach PID``. Needs Linux, and is called in the main thread.

    The program goes on as ever, on asyncio, uvloop or trio, before or after its loop begins, and also without one. It listens
    at a Unix socket in a folder that only the user can enter, and at no network. Nothing runs until somebody attaches. The
    variable ``AWAITALL_SERVE=0`` in the environment has this do nothing; another call does nothing, too.

    Args:
        namespace: The names that inputs see, and where they bind names; those of ``__main__`` where omitted.

    Raises:
        UnsupportedError: this is no Linux, or another thread, the program uses SIGURG, or the folder is not the user's alone.
    """
    if os.environ.get("AWAITALL_SERVE") != "0" and not (_listener and _listener[0].is_of_this_process):
        _listener[:] = [_Listener(namespace)]


#: The one that listens.
_listener: list[_Listener] = []


class _Listener:
    """Accepts prompts."""

    def __init__(self, namespace: dict[str, Any] | None) -> None:
        self._namespace = namespace
        self._pid = os.getpid()
        doorbell.check()
        self._path = socket_of(self._pid)
        _delete_what_is_left()
        self._socket = unix_socket()
        try:
            self._socket.bind(self._path)
            os.chmod(self._path, 0o600)
            self._socket.listen()
            self._socket.setblocking(False)
            doorbell.answer(self._socket.fileno(), self._rung)
        except BaseException:
            self._socket.close()
            with suppress(FileNotFoundError):
                os.unlink(self._path)
            raise
        atexit.register(self._unlink)

    @property
    def is_of_this_process(self) -> bool:
        """Whether this has been made here, and not in a process that has forked this one."""
        return self._pid == os.getpid()

    def _unlink(self) -> None:
        if self.is_of_this_process:
            self._socket.close()
            with suppress(OSError):
                os.unlink(self._path)

    def _rung(self, frame: FrameType | None) -> None:
        with suppress(OSError):  # as there is nobody more
            while True:
                attach(self._socket.accept()[0], self._namespace)


def _delete_what_is_left() -> None:
    """Delete the sockets of processes that were killed, also of one that had the number of this."""
    place = folder()
    for name in os.listdir(place):
        pid = name.removesuffix(".socket")
        if pid == str(os.getpid()) or not os.path.exists(f"/proc/{pid}"):
            with suppress(OSError):
                os.unlink(os.path.join(place, name))


def attach(connection: socket.socket, namespace: dict[str, Any] | None = None) -> None:
    """Admit a prompt; called in the main thread, between two steps of the program. Nothing is raised.

    Args:
        connection: A Unix socket that is connected to the prompt.
        namespace: As for :func:`serve`.
    """
    try:
        if not has_other_end_of_user(connection):
            connection.close()
            return
        Conversation(connection, vars(sys.modules["__main__"]) if namespace is None else namespace)
    except Exception as exc:
        channel = Channel(connection)
        with suppress(OSError):
            channel.send("refused", f"{exc}")
        channel.close()
