"""Bpython on a real terminal."""

from __future__ import annotations

from shell_suite import ShellSuite
from shells import Bpython


class TestBpython(ShellSuite):
    shell_class = Bpython
