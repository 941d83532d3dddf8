"""The screen and the keyboard of the editor of the ``python`` prompt on a console of Windows."""

from __future__ import annotations

import sys
from typing import Any, ClassVar

from _pyrepl import readline as pyrepl
from _pyrepl import windows_console
from _pyrepl.windows_console import WindowsConsole

from awaitall.prompts import ConsoleKeys
from awaitall_console.screen import WaitingScreen

__all__ = ["Screen"]


class Screen(WaitingScreen, WindowsConsole):
    """The screen and the keyboard; attributes as of :class:`WaitingScreen`.

    Raises:
        NotImplementedError: the console carries out no escape sequences.
    """

    known: ClassVar = {
        WindowsConsole: {
            "_read_input": ("self", "block") if sys.version_info < (3, 14) else ("self",),
            "get_event": ("self", "block"),
            "move_cursor": ("self", "x", "y"),
            "prepare": ("self",),
            "restore": ("self",),
            "wait": ("self", "timeout"),
        }
    }
    attributes = "event_queue height input_hook out"
    keys = "insert"

    def __init__(self, keyboard: int, screen: int) -> None:
        super().__init__(keyboard, screen, encoding=pyrepl.ENCODING)
        if self.out is None or not _carries_out_escape_sequences():
            raise NotImplementedError("the console carries out no escape sequences")
        self._console_keys = ConsoleKeys(keyboard)
        self.keyboard = self._console_keys.fileno()

    def write(self, data: bytes) -> None:
        """Write to the console."""
        self.out.write(data)

    def _read_input(self, block: bool = True) -> Any:
        """Return what has come from the console next, or None; nothing is waited for, as tasks would stand still meanwhile."""
        return super()._read_input() if self._console_keys.are_there() else None

    def is_ready(self, timeout: float | None) -> bool:
        events = self.event_queue
        queued = not events.empty() if hasattr(events, "empty") else bool(events)  # 3.13.0 has a deque
        return queued or self._console_keys.are_there(timeout and timeout / 1000)

    def begin_to_wait(self, *, between_hooks: bool) -> None:
        self._console_keys.ask()


def _carries_out_escape_sequences() -> bool:
    """Report whether the console can be switched to what ``_pyrepl`` switches it to, without a look at what comes of it."""
    mode = (
        windows_console.ENABLE_PROCESSED_OUTPUT
        | windows_console.ENABLE_WRAP_AT_EOL_OUTPUT
        | windows_console.ENABLE_VIRTUAL_TERMINAL_PROCESSING
    )
    return bool(windows_console.SetConsoleMode(windows_console.OutHandle, mode))
