"""The conformance suite for shells."""

from __future__ import annotations

from awaitall.testing.shell_ctrl_c import CtrlCTests
from awaitall.testing.shell_end import EndTests
from awaitall.testing.shell_inputs import InputTests
from awaitall.testing.shell_output import OutputTests
from awaitall.testing.shell_tasks import TaskTests

__all__ = ["ShellSuite"]


class ShellSuite(InputTests, TaskTests, OutputTests, CtrlCTests, EndTests):
    """What must be true at the prompt of every shell that awaits by awaitall; the shell runs on a real terminal.

    Subclass :class:`Shell` to tell how to start yours, and this class in your tests. What your shell is unable to do is an
    attribute that you set to False, and the tests of it are skipped::

        # test_fish.py
        import sys
        from awaitall.testing import Shell, ShellSuite

        class Fish(Shell):
            prompt = "fish> "
            more = "..... "

            def argv(self, *options):
                return [sys.executable, "-m", "fish", *options]

        class TestFish(ShellSuite):
            shell_class = Fish
            has_colors = False
            history = False

    A shell that has Python inputs of one line only has ``more = None``, and its suite ``multiline = False``.

    Attributes:
        shell_class: The class of the shell.
        has_colors: Whether errors are shown in colours.
        multiline: Whether an input may have several lines.
        commands: Whether ``%name`` is a line command.
        pumps: Whether tasks go on while the prompt waits.
        interrupts: Whether Ctrl-C cancels what is awaited, and gives up the line at the prompt.
        ends: Whether the shell ends its tasks when it is left, as :meth:`awaitall.Session.shutdown` does.
        signals: Whether it does so at SIGTERM and SIGHUP too, by :attr:`awaitall.Session.exit_on_termination`.
        edits: Whether the shell edits the line itself, and shows it anew below what tasks write.
        hints: Whether a coroutine that is shown gets a hint.
        history: Whether a line is there again the next time, with the key up.
        interrupted: What the shell says to a Ctrl-C.
        unlike_the_shell: Names in ``awaitall.testing.shell_inputs.FORMS`` that this shell does not have in sync inputs either.
        not_in_the_shell: Names in ``awaitall.testing.shell_output.WRITERS`` that lead past the screen of this shell.
    """
