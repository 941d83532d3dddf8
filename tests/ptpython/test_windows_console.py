"""ptpython in a console of Windows."""

from __future__ import annotations

from windows_console import InWindowsConsole
from windows_suite import WindowsSuite

from shells import Ptpython


class PtpythonInWindows(InWindowsConsole, Ptpython):
    """ptpython."""


class TestPtpython(WindowsSuite):
    shell_class = PtpythonInWindows
