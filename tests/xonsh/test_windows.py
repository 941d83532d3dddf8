"""Windows live beside the tasks at the prompts of xonsh."""

from __future__ import annotations

from shells import Xonsh, XonshReadline
from window_suite import WindowSuite


class TestXonshWindows(WindowSuite):
    shell_class = Xonsh


class TestXonshReadlineWindows(WindowSuite):
    shell_class = XonshReadline
