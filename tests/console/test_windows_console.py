"""The console in a console of Windows, which edits its lines."""

from __future__ import annotations

from windows_console import InWindowsConsole
from windows_suite import WindowsSuite

from shells import Console


class ConsoleInWindows(InWindowsConsole, Console):
    """``python -m awaitall``."""


class TestConsole(WindowsSuite):
    shell_class = ConsoleInWindows

    def is_whole(self, shell, line):
        """Do nothing: the console of Windows has the line, and what is printed appears where the cursor is."""

    def leave(self, shell):
        shell.terminal.type("\x1a\r")
        return shell.terminal.wait_for_end()
