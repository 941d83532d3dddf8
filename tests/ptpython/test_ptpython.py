"""Ptpython on a real terminal."""

from __future__ import annotations

from shell_suite import ShellSuite
from shells import Ptpython


class TestPtpython(ShellSuite):
    shell_class = Ptpython
