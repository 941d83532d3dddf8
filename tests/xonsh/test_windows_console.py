"""xonsh in a console of Windows."""

from __future__ import annotations

from shells import Xonsh
from windows_console import OnWindows, needs_windows

from awaitall.testing.shell_ctrl_c import CtrlCTests
from awaitall.testing.shell_end import EndTests
from awaitall.testing.shell_output import OutputTests
from awaitall.testing.shell_tasks import TaskTests

pytestmark = needs_windows


class XonshOnWindows(OnWindows, Xonsh):
    """xonsh with the prompt_toolkit shell, its default."""


class TestCtrlC(CtrlCTests):
    interrupted = ""
    shell_class = XonshOnWindows


class TestOutput(OutputTests):
    shell_class = XonshOnWindows


class TestTasks(TaskTests):
    shell_class = XonshOnWindows


class TestEnd(EndTests):
    shell_class = XonshOnWindows
