"""ptpython in a console of Windows."""

from __future__ import annotations

from wine_terminal import OnWindows, WindowsSuite, needs_windows

from awaitall.testing.shell_output import OutputTests

from shells import Ptpython

pytestmark = needs_windows


class PtpythonOnWindows(OnWindows, Ptpython):
    """ptpython on the keys of Windows."""


class TestPtpython(WindowsSuite):
    shell_class = PtpythonOnWindows


class TestOutput(OutputTests):
    shell_class = PtpythonOnWindows
