"""cmd2 with awaitall does what every shell with awaitall does, and its commands stay what they were."""

from __future__ import annotations

import sys

from awaitall.testing import Shell, ShellSuite


class Cmd2(Shell):
    """An application without commands of its own, on a real terminal."""

    prompt = "(Cmd) "
    more = "> "

    def argv(self, *options):
        return [sys.executable, "-m", "awaitall", "cmd2", *options]


class TestCmd2(ShellSuite):
    shell_class = Cmd2
    has_colors = False
    history = False  # cmd2 keeps it where an application asks for that

    def test_a_command_of_cmd2_is_one(self, fresh):
        assert "run_pyscript" in fresh.run("help")

    def test_a_comparison_with_the_name_of_a_command_is_python(self, fresh):
        fresh.run("edits = 5")
        assert fresh.run("edits") == "5"

    def test_quit_ends_the_application(self, fresh):
        fresh.submit("quit")
        assert fresh.terminal.wait_for_end() == 0
