"""Console on a real terminal."""

from __future__ import annotations

from shell_suite import ShellSuite
from shells import Console


class TestConsole(ShellSuite):
    shell_class = Console
