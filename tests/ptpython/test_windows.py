"""Windows live beside the tasks at this prompt."""

from __future__ import annotations

from shells import Ptpython
from window_suite import WindowSuite


class TestPtpythonWindows(WindowSuite):
    shell_class = Ptpython
