"""Windows live beside the tasks at this prompt."""

from __future__ import annotations

from shells import Console
from window_suite import WindowSuite


class TestConsoleWindows(WindowSuite):
    shell_class = Console
