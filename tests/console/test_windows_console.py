"""The console in a console of Windows, where a thread reads lines."""

from __future__ import annotations

from wine_terminal import OnWindows, WindowsSuite, WindowsTerminal, needs_windows

from shells import Console

pytestmark = needs_windows


class ConsoleOnWindows(OnWindows, Console):
    """The console where the terminal edits the line."""

    terminal_class = WindowsTerminal

    def start_leaving(self):
        """Press Ctrl-Z and Enter, which end the input there."""
        self.terminal.type("\x1a\r")


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
