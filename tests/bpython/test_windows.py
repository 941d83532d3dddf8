"""Windows live beside the tasks at this prompt."""

from __future__ import annotations

from shells import Bpython
from window_suite import WindowSuite


class TestBpythonWindows(WindowSuite):
    shell_class = Bpython
