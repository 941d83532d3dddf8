"""Bpython on a real terminal, switched on in both ways."""

from __future__ import annotations

from shell_suite import BriefSuite, EachRunnerSuite, OutputSuite, ShellSuite
from shells import Bpython, BpythonStartup


class TestBpython(ShellSuite):
    shell_class = Bpython
    owns_sigint = True


class TestBpythonWithAStartupFile(BriefSuite):
    shell_class = BpythonStartup

    def way_out(self, source):
        """Plain bpython may give the status 1; the launcher sets it right."""
        return *super().way_out(source), 1


class TestBpythonOnEachRunner(EachRunnerSuite):
    shell_class = Bpython


class TestBpythonOutput(OutputSuite):
    shell_class = Bpython

    #: sys.__stdout__ is the terminal that bpython paints, with and without us; what stands for sys.stdout has no buffer.
    not_in_the_shell = frozenset({"the first stdout", "the first stderr", "bytes"})
