"""xonsh with the libraries that people have."""

from __future__ import annotations

from real_suite import RealSuite
from shells import Xonsh, XonshReadline


class TestXonshReal(RealSuite):
    shell_class = Xonsh


class TestXonshReadlineReal(RealSuite):
    shell_class = XonshReadline
