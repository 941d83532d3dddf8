"""xonsh on a real terminal, with each of its three shells."""

from __future__ import annotations

from shell_suite import ShellSuite
from shells import Xonsh, XonshDumb, XonshReadline


class TestXonsh(ShellSuite):
    shell_class = Xonsh


class TestXonshReadline(ShellSuite):
    shell_class = XonshReadline


class TestXonshDumb(ShellSuite):
    shell_class = XonshDumb
