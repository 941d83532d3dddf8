"""ptpython with the libraries that people have."""

from __future__ import annotations

from real_suite import RealSuite
from shells import Ptpython


class TestPtpythonReal(RealSuite):
    shell_class = Ptpython
