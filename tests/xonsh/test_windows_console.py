"""xonsh in a console of Windows."""

from __future__ import annotations

from wine_terminal import OnWindows, WindowsSuite, needs_windows

from awaitall.testing.shell_output import OutputTests

from shells import Xonsh

pytestmark = needs_windows


class XonshOnWindows(OnWindows, Xonsh):
    """xonsh with the prompt_toolkit shell, its default."""


class TestXonsh(WindowsSuite):
    shell_class = XonshOnWindows
    interrupted = ""
    test_what_a_task_writes_stands_above_the_line_that_is_typed = (
        OutputTests.test_what_a_task_writes_stands_above_the_line_that_is_typed
    )
