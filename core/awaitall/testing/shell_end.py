"""What must be true of the end of every shell: its tasks end before it does, and it is told which would not."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from awaitall.system import TERMINATIONS
from awaitall.testing.shell_fixtures import IMPORTS, ShellFixtures

if TYPE_CHECKING:
    from awaitall.testing.shell import Shell
    from awaitall.testing.shell_fixtures import StartShell

__all__ = ["EndTests"]


class EndTests(ShellFixtures):
    """Ctrl-D, exit and signals."""

    def way_out(self, source: str) -> tuple[str, *tuple[int, ...]]:
        """Return what is typed to leave the shell so, and what the status of the process may be."""
        return source, {"exit()": 0, "raise SystemExit(3)": 3}[source]

    def begin(self, shell: Shell, coroutine: str) -> None:
        """Start a task in the background, and wait until it says that it waits."""
        shell.run(f"%bg {coroutine}")
        shell.run("await pause()")
        shell.terminal.wait_for(r"(?m)^waiting$")

    @pytest.mark.parametrize("source", ["exit()", "raise SystemExit(3)"])
    def test_an_input_that_ends_the_shell_ends_its_tasks(self, fresh: Shell, source: str) -> None:
        self.need("commands", "ends")
        self.begin(fresh, "slow()")
        typed, *statuses = self.way_out(source)
        fresh.submit(typed)
        assert fresh.terminal.wait_for_end() in statuses
        assert "cleaned up" in fresh.terminal.text()

    @pytest.mark.parametrize("signum", [signal.Signals(signum) for signum in TERMINATIONS])
    def test_a_signal_that_ends_the_shell_ends_its_tasks(self, fresh: Shell, signum: int) -> None:
        self.need("commands", "signals")
        self.begin(fresh, "slow()")
        fresh.terminal.type("half a line")
        fresh.terminal.wait_for("half a line")
        fresh.terminal.child.kill(signum)
        assert fresh.terminal.wait_for_end() == self.status_after(signum)
        assert fresh.terminal.is_sane()
        text = fresh.terminal.text()
        assert "cleaned up" in text
        assert "Traceback" not in text

    def test_a_terminal_that_is_closed_ends_the_shell_and_its_tasks(self, fresh: Shell) -> None:
        self.need("commands", "signals")
        fresh.run(f"%bg -q marks_its_end({str(fresh.home / 'cleaned up')!r})")
        fresh.run("await pause()")
        fresh.terminal.type("half a line")
        fresh.terminal.wait_for("half a line")
        fresh.terminal.hang_up()
        fresh.terminal.child.wait()
        assert (fresh.home / "cleaned up").exists()

    def status_after(self, signum: int) -> int:
        """Return the status of a process that has ended by a signal and been able to clean up."""
        return 128 + signum

    def test_leaving_gives_the_terminal_back_as_it_was(self, fresh: Shell) -> None:
        self.need("commands", "edits", "pumps")
        fresh.run("%bg counting('delta')")
        fresh.terminal.wait_for(r"(?m)^delta 5$")
        assert not fresh.terminal.is_sane()
        assert fresh.leave() == 0
        assert fresh.terminal.is_sane()

    def test_a_line_typed_beside_a_task_is_in_the_history_of_the_next_time(self, fresh: Shell, start: StartShell) -> None:
        self.need("commands", "history")
        fresh.run("%bg counting('epsilon')")
        fresh.run("7 * 191")
        assert fresh.leave() == 0
        again = start()
        for _ in range(10):  # xonsh loads it in a thread, and may have put "EOF" on top of it
            again.terminal.arrow("A")
            try:
                again.terminal.wait_for(r"(?m)7 \* 191$", timeout=1)
                return
            except AssertionError:
                continue
        raise AssertionError("not in the history")

    def with_grace(self, start: StartShell, seconds: float) -> Shell:
        """Start a shell that waits so long for its tasks when it ends."""
        shell = start(env={"AWAITALL_GRACE": str(seconds)})
        shell.run(IMPORTS)
        return shell

    def test_leaving_names_the_task_that_does_not_end(self, start: StartShell) -> None:
        self.need("commands", "ends")
        shell = self.with_grace(start, 0.2)
        self.begin(shell, "slow(cleanup=1000)")
        assert shell.leave() == 0
        assert "awaitall: left behind, as they would not end: slow(cleanup=1000)" in shell.terminal.text()

    def test_leaving_tells_what_it_waits_for_and_ctrl_c_leaves_at_once(self, start: StartShell) -> None:
        self.need("commands", "ends", "interrupts")
        self.check_impatience(self.with_grace(start, 1000))

    def check_impatience(self, shell: Shell) -> None:
        """Press Ctrl-D while a task would not end, and then Ctrl-C."""
        self.begin(shell, "slow(cleanup=1000)")
        shell.start_leaving()
        shell.terminal.wait_for(r"awaitall: waiting for slow\(cleanup=1000\) to end; Ctrl-C leaves now")
        shell.terminal.key("c")
        assert shell.terminal.wait_for_end() == 0
        text = shell.terminal.text()
        assert "awaitall: left behind, as they would not end: slow(cleanup=1000)" in text
        assert "Exception" not in text
        assert shell.terminal.is_sane()

    def test_leaving_ends_what_is_still_running(self, fresh: Shell) -> None:
        self.need("ends")
        fresh.run("task = asyncio.ensure_future(slow()); await f()")
        assert fresh.leave() == 0
        text = fresh.terminal.text()
        assert "cleaned up" in text
        assert "Task was destroyed" not in text
