"""A line that the user edits while the loop of a program goes on, in a task of that program: what ``input()`` is else.

Readline has an interface for programs with a loop of their own, which Python's module ``readline`` does not offer: its
``rl_callback_...`` functions, here called through ctypes (GNU readline 4.0 to 8.3, libedit). They share everything with the
module: history, completer, key bindings. Where there are none, the terminal edits the line by itself.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from awaitall.polling import readable
from awaitall.prompts.above import Above
from awaitall.prompts.line_thread import PendingLine, is_read_in_thread
from awaitall.prompts.readline_line import hidden_line, readline_library

if TYPE_CHECKING:
    from awaitall.runners.foreground import HostForeground

__all__ = ["read_line"]

_KEYBOARD = 0

_Take = ctypes.CFUNCTYPE(None, ctypes.c_void_p)

#: What is called, where a readline has it, to leave a line that is not complete; CPython does the same (Modules/readline.c).
_LEAVE = ("rl_free_line_state", "rl_callback_sigcleanup", "rl_cleanup_after_signal", "rl_callback_handler_remove")


async def read_line(prompt: str, host: HostForeground) -> str:
    """Read a line from the keyboard as ``input(prompt)`` does, and let the loop go on.

    What tasks and threads print meanwhile appears above the line. If this is cancelled, the terminal is what it was before.

    Args:
        prompt: What stands before the line.
        host: In whose task this is awaited.

    Raises:
        EOFError: there is no more to read.
    """
    if sys.stdin is None or sys.stdin.closed:
        raise EOFError
    if is_read_in_thread():
        return await _unwaited(prompt, host)
    try:
        fd = sys.stdin.fileno()
    except (OSError, ValueError):  # somebody's own object
        return await _unedited(prompt, None, host)
    library = readline_library() if fd == _KEYBOARD and _are_terminals() else None
    if library is None or not hasattr(library, "rl_callback_handler_install"):
        return await _unedited(prompt, fd, host)
    return await _Edited(library, prompt, host).read()


def _are_terminals() -> bool:
    return sys.stdout is not None and sys.stdin.isatty() and sys.stdout.isatty()


class _Edited:
    """A line that readline edits; arguments as for :func:`read_line`. All of it is on the thread of the loop."""

    def __init__(self, library: Any, prompt: str, host: HostForeground) -> None:
        self._library = library
        self._prompt = prompt.encode(sys.stdout.encoding, "replace")
        self._host = host
        self._above = Above(lambda: host.soon(self._above.show), hidden_line)
        self._take = _Take(self._took)
        self._lines: list[bytes | None] = []

    async def read(self) -> str:
        keyboard = os.dup(_KEYBOARD)  # the program may watch the other one
        size = _size()
        self._above.begin()
        atexit.register(self._leave)  # for a loop that has stopped, and with it this
        self._library.rl_callback_handler_install(self._prompt, self._take)
        try:
            while not self._lines:
                with self._above.while_tasks_run():
                    await self._host.readable(keyboard)
                if size != (size := _size()) and hasattr(self._library, "rl_resize_terminal"):
                    self._library.rl_resize_terminal()
                self._library.rl_callback_read_char()
        finally:
            if not self._lines:
                self._leave()
            self._above.end(below=not self._lines)
            atexit.unregister(self._leave)
            os.close(keyboard)
        return self._line()

    def _took(self, pointer: int | None) -> None:
        self._library.rl_callback_handler_remove()
        self._lines.append(None if pointer is None else ctypes.string_at(pointer))
        ctypes.CDLL(None).free(ctypes.c_void_p(pointer))

    def _leave(self) -> None:
        for name in _LEAVE:
            if hasattr(self._library, name):
                getattr(self._library, name)()

    def _line(self) -> str:
        (line,) = self._lines
        if line is None:
            raise EOFError
        text = line.decode(sys.stdin.encoding, "surrogateescape")
        _remember(text)
        return text


def _size() -> os.terminal_size | None:
    with suppress(OSError):
        return os.get_terminal_size(_KEYBOARD)
    return None


def _remember(line: str) -> None:
    """Add a line to the history as ``input()`` does: no empty one, and none twice in a row."""
    readline: Any
    import readline

    last = readline.get_current_history_length()
    if line and not (last and readline.get_history_item(last) == line):
        readline.add_history(line)


async def _unwaited(prompt: str, host: HostForeground) -> str:
    """Read a line of a terminal that is no file."""
    sys.stdout.write(prompt)
    sys.stdout.flush()
    while True:
        try:
            line = PendingLine.next()
            await host.readable(line.fileno())
        except BaseException:
            PendingLine.give_up()
            raise
        if not line.is_lost():
            return line.take()


async def _unedited(prompt: str, fd: int | None, host: HostForeground) -> str:
    """Read a line that nobody edits, or the terminal; of anything else not a byte more, as the program may read the rest."""
    if sys.stdout is not None:
        sys.stdout.write(prompt)
        sys.stdout.flush()
    if fd is None:
        line = sys.stdin.readline()
    else:
        data = b""
        room = 65536 if os.isatty(fd) else 1
        while not data.endswith(b"\n"):
            if not (data and readable([fd])):
                await host.readable(fd)
            if not (read := os.read(fd, room)):
                break
            data += read
        line = data.decode(sys.stdin.encoding, "surrogateescape")
    if not line:
        raise EOFError
    return line.removesuffix("\n")
