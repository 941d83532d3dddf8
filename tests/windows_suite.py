"""What must be true of a shell in a console of Windows; wine is slow, so there is one shell for all of a class."""

from __future__ import annotations

import pytest
from windows_console import PYTHON

from awaitall.testing.shell_fixtures import ShellFixtures


@pytest.mark.skipif(not PYTHON, reason="AWAITALL_WINDOWS_PYTHON names no Python for Windows")
@pytest.mark.timeout(300)
class WindowsSuite(ShellFixtures):
    """Subclass it with the class of a shell."""

    def ctrl_c(self, shell, source):
        """Run what Ctrl-C ends, and press it."""
        text = shell.terminal.text()
        before, begun = text.count("KeyboardInterrupt"), text.count("\nbegun")
        shell.submit(f"print('be' 'gun'); {source}")
        shell.terminal.wait_for(lambda text: text.count("\nbegun") > begun)
        shell.terminal.key("c")
        shell.terminal.wait_for(lambda text: text.count("KeyboardInterrupt") > before)
        shell.wait_for_prompt()

    def test_an_await_has_its_value_while_a_task_prints(self, shell):
        shell.run("task = asyncio.ensure_future(f()); task.add_done_callback(lambda _: print('by' 'task'))")
        assert shell.run("await pause(0.1); await f(7)").splitlines()[-1] == "7"
        assert "bytask" in shell.terminal.text()

    def test_ctrl_c_ends_an_await(self, shell):
        self.ctrl_c(shell, "await pause(1000)")
        assert shell.run("await f(7)") == "7"

    def test_ctrl_c_ends_what_does_not_await(self, shell):
        self.ctrl_c(shell, "exec('while 1: pass')")
        assert shell.run("await f(7)") == "7"

    def test_a_task_prints_above_the_line_that_is_typed(self, shell):
        shell.submit("%bg counting('alpha', 40)")
        shell.terminal.wait_for(r"(?m)^alpha 5$")
        shell.terminal.type("6 * ")
        shell.terminal.wait_for(r"(?m)^alpha 39$")
        self.is_whole(shell, "6 *")
        shell.terminal.type("9")
        self.is_whole(shell, "6 * 9")
        shell.terminal.type("\r")
        shell.terminal.wait_for(r"(?m)^54$")
        shell.wait_until_asked()

    def is_whole(self, shell, line):
        """Wait until the line that is typed stands below what was printed."""
        shell.terminal.wait_for(lambda text: shell.current_line(text) == f"{shell.prompt}{line}")

    def test_commands(self, shell):
        shell.run("%bg slow(0.1)")
        assert "slow" in shell.run("%tasks")
        assert "per loop" in shell.run("%timeit -n 2 -r 2 await f()")
        shell.run("%autoawait trio")
        assert shell.run("import trio; await trio.sleep(0); 1 + 1") == "2"
        shell.run("%autoawait asyncio")
        assert shell.run("await f(7)") == "7"

    def test_z_leaving_waits_for_the_cleanup_of_tasks(self, shell):
        shell.run("%bg slow(0.1)")
        assert self.leave(shell) == 0
        assert "cleaned up" in shell.terminal.text()

    def leave(self, shell):
        """Leave the shell as its user does; return the exit status."""
        return shell.leave()
