"""bpython with the libraries that people have."""

from __future__ import annotations

from real_suite import RealSuite
from shells import Bpython


class TestBpythonReal(RealSuite):
    shell_class = Bpython
