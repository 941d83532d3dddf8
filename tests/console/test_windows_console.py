"""The console in a console of Windows, where a thread reads lines."""

from __future__ import annotations

import sys

from wine_terminal import OnWindows, WindowsSuite, WindowsTerminal, needs_windows

from shells import Console

pytestmark = needs_windows


class ConsoleOnWindows(OnWindows, Console):
    """The console where the terminal edits the line."""

    terminal_class = WindowsTerminal

    def start_leaving(self):
        """Press Ctrl-Z and Enter, which end the input there."""
        self.terminal.type("\x1a\r")


class Embedded(ConsoleOnWindows):
    """A program that opens the console on its names."""

    program = "def main():\n    inside = 8\n    awaitall.embed('console')\nmain()"

    def argv(self, *options):
        path = self.home / "program.py"
        path.write_text(f"import awaitall\n{self.program}\nprint('the program', 'goes on')\n")
        return [sys.executable, str(path)]


class EmbeddedInTask(Embedded):
    """A program that does so in a task of its loop."""

    program = "import asyncio\nasync def main():\n    inside = 8\n    await awaitall.aembed('console')\nasyncio.run(main())"


class TestConsole(WindowsSuite):
    shell_class = ConsoleOnWindows
    edits = False
    pumps = False  # what tasks print stands where the cursor is: there is no prompt to be seen below it

    def test_ctrl_c_at_the_prompt_gives_up_the_line_and_no_task(self, ticking):
        """Wine goes on with the line that Ctrl-C gives up; that of Windows ends."""
        ticking.terminal.key("c")
        ticking.wait_for_prompt()

    def test_tasks_go_on_while_a_line_is_typed_that_is_taken_whole(self, fresh):
        fresh.submit("t = asyncio.create_task(counting('alpha'))")
        fresh.terminal.wait_for("alpha 3")
        fresh.terminal.type("'be' +")
        fresh.terminal.wait_for("alpha 30")
        fresh.terminal.type("'ta'\r")
        fresh.terminal.wait_for("'beta'")
        fresh.start_leaving()
        assert fresh.terminal.wait_for_end() == 0


class TestEmbedded:
    shell_class = Embedded

    def test_names_of_the_program_are_there_and_it_goes_on_after_the_shell(self, fresh):
        assert fresh.run("await f(inside)") == "8"
        assert fresh.leave() == 0
        assert "the program goes on" in fresh.terminal.text()

    def test_ctrl_c_cancels_the_await_and_not_the_program(self, fresh):
        fresh.submit("await slow()")
        fresh.terminal.wait_for(r"(?m)^waiting$")
        fresh.terminal.key("c")
        assert "KeyboardInterrupt" in fresh.wait_for_prompt()
        assert fresh.leave() == 0
        assert "the program goes on" in fresh.terminal.text()


class TestEmbeddedInTask(TestEmbedded):
    shell_class = EmbeddedInTask
