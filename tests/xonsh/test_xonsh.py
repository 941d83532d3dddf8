"""xonsh on a real terminal, with each of its three shells."""

from __future__ import annotations

from shell_suite import ShellSuite
from shells import Xonsh, XonshDumb, XonshReadline


class TestXonsh(ShellSuite):
    shell_class = Xonsh
    unlike_the_shell = frozenset({"future import stays"})


class TestXonshReadline(TestXonsh):
    shell_class = XonshReadline


class TestXonshDumb(TestXonsh):
    shell_class = XonshDumb
