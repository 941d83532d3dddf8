"""ptpython in a console of Windows."""

from __future__ import annotations

from windows_console import OnWindows, needs_windows

from awaitall.testing.shell_ctrl_c import CtrlCTests
from awaitall.testing.shell_end import EndTests
from awaitall.testing.shell_output import OutputTests
from awaitall.testing.shell_tasks import TaskTests

from shells import Ptpython

pytestmark = needs_windows


class PtpythonOnWindows(OnWindows, Ptpython):
    """ptpython, which finds its settings by the path that Windows gives them."""


class TestCtrlC(CtrlCTests):
    shell_class = PtpythonOnWindows


class TestOutput(OutputTests):
    shell_class = PtpythonOnWindows


class TestTasks(TaskTests):
    shell_class = PtpythonOnWindows


class TestEnd(EndTests):
    shell_class = PtpythonOnWindows
