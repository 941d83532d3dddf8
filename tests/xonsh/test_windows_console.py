"""xonsh in a console of Windows."""

from __future__ import annotations

from windows_console import InWindowsConsole
from windows_suite import WindowsSuite

from shells import Xonsh


class XonshInWindows(InWindowsConsole, Xonsh):
    """xonsh with the prompt_toolkit shell."""


class TestXonsh(WindowsSuite):
    shell_class = XonshInWindows
