"""The screen and the keyboard of the editor of the ``python`` prompt where a terminal is a file."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from _pyrepl import readline as pyrepl
from _pyrepl.console import Event
from _pyrepl.unix_console import UnixConsole

from awaitall.prompts import TerminalError, termios
from awaitall_console.screen import WaitingScreen

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["Screen"]

_ESCAPE = 0x1B

_SIGCONT, _SIGWINCH = (signal.Signals[name] for name in ("SIGCONT", "SIGWINCH"))


class Screen(WaitingScreen, UnixConsole):
    """The screen and the keyboard; attributes as of :class:`WaitingScreen`."""

    known: ClassVar = {
        UnixConsole: {
            "get_event": ("self", "block"),
            "move_cursor": ("self", "x", "y"),
            "prepare": ("self",),
            "push_char": ("self", "char"),
            "restore": ("self",),
            "wait": ("self", "timeout"),
        }
    }
    attributes = "event_queue height input_fd input_hook output_fd"
    keys = "buf compiled_keymap empty flush_buf get insert keymap"

    def __init__(self, keyboard: int, screen: int) -> None:
        self._before: Any = None
        on_continue = signal.getsignal(_SIGCONT)
        try:
            super().__init__(keyboard, screen, encoding=pyrepl.ENCODING)
        finally:  # since 3.14 it sets one for good
            signal.signal(_SIGCONT, on_continue or signal.SIG_DFL)
        self.keyboard = self.input_fd

    def write(self, data: bytes) -> None:
        """Write to the terminal."""
        os.write(self.output_fd, data)

    def prepare(self) -> None:
        """Take the terminal over, also where that has been done, and the cursor is at the beginning of an empty line."""
        if self._before is None:
            handlers = {signum: signal.getsignal(signum) or signal.SIG_DFL for signum in (_SIGWINCH, _SIGCONT)}
            self._before = termios.tcgetattr(self.input_fd), handlers
            signal.signal(_SIGCONT, self._go_on)
        super().prepare()
        self._process_output()
        resized = signal.getsignal(_SIGWINCH)

        def resize(signum: int, frame: FrameType | None) -> None:
            resized(signum, frame)  # type: ignore[operator,misc]
            self.reader.prompt.notice()

        if callable(resized):
            signal.signal(_SIGWINCH, resize)

    def restore(self) -> None:
        """Restore the terminal."""
        if self._before is None:
            return
        (settings, handlers), self._before = self._before, None
        try:
            super().restore()
        finally:
            for signum, handler in handlers.items():
                signal.signal(signum, handler)
            with suppress(TerminalError):  # the terminal is gone
                termios.tcsetattr(self.input_fd, termios.TCSADRAIN, settings)

    def _go_on(self, signum: int, frame: FrameType | None) -> None:
        self.continued = True
        self.reader.prompt.notice()

    def _process_output(self) -> None:
        """Have a newline begin a line at its left end: tasks expect that, and processes of theirs."""
        mode = termios.tcgetattr(self.input_fd)
        mode[1] |= termios.OPOST
        termios.tcsetattr(self.input_fd, termios.TCSANOW, mode)

    def get_event(self, block: bool = True) -> Any:
        """Return what is to be done next, or None; of half a key nothing is waited for, as tasks would stand still meanwhile."""
        keys = self.event_queue
        while keys.empty():
            if not block and not self.is_ready(0):
                return None
            byte = os.read(self.input_fd, 1)
            if not byte:
                raise EOFError
            if keys.buf and keys.buf[0] != _ESCAPE and not 0x80 <= byte[0] < 0xC0:  # what has come before is no text
                keys.insert(Event("key", "\N{REPLACEMENT CHARACTER}", bytes(keys.flush_buf())))
            self.push_char(byte)
        return keys.get()

    def is_ready(self, timeout: float | None) -> bool:
        return bool(UnixConsole.wait(self, timeout))

    def begin_to_wait(self, *, between_hooks: bool) -> None:
        if between_hooks:
            self._process_output()
