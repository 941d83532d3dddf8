"""What must be true of background tasks while every prompt waits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from awaitall.testing.shell_fixtures import ShellFixtures

if TYPE_CHECKING:
    from awaitall.testing.shell import Shell

__all__ = ["TaskTests"]

#: Name -> an input that begins to read the keyboard on the loop, or to write to the terminal, and does not end that.
KEYBOARD = {
    "add_reader": "loop.add_reader(0, lambda: os.read(0, 100))",
    "connect_read_pipe": "p = await loop.connect_read_pipe(asyncio.Protocol, open(0, 'rb', closefd=False))",
    "connect_write_pipe": "p = await loop.connect_write_pipe(asyncio.Protocol, open(1, 'wb', closefd=False))",
}


class TaskTests(ShellFixtures):
    """Tasks at the prompt, and what users do to the loop that runs them."""

    def test_a_task_made_without_await_goes_on_at_the_prompt(self, fresh: Shell) -> None:
        self.need("pumps")
        fresh.run("t = asyncio.create_task(counting('beta', 5))")
        fresh.terminal.wait_for(r"(?m)^beta 4$")

    def test_the_names_that_a_task_binds_are_there(self, fresh: Shell) -> None:
        self.need("commands", "pumps")
        fresh.run("%bg -q bound = await f(8); print('bo' + 'und')")
        fresh.terminal.wait_for(r"(?m)^bound$")
        assert fresh.run("bound") == "8"

    def test_a_line_tells_what_a_task_has_returned(self, fresh: Shell) -> None:
        self.need("commands", "pumps")
        fresh.run("%bg f(8)")
        fresh.terminal.wait_for(r"(?m)^\[1\] done 0\.\ds → 8$")
        assert fresh.run("%result 1") == "8"

    def test_a_failure_in_the_background_has_the_colors_of_other_errors(self, fresh: Shell) -> None:
        self.need("commands", "pumps")
        fresh.run("%bg boom()")
        fresh.terminal.wait_for(r"(?m)^ValueError: boom$")
        shown = fresh.terminal.raw.rpartition(b"in the background has failed:")[2]
        assert bool(re.search(rb"\x1b\[[0-9;]*mValueError", shown)) == self.has_colors

    def test_a_task_that_asks_for_input_breaks_nothing(self, fresh: Shell) -> None:
        self.need("commands", "pumps", "multiline")
        fresh.run("async def asks():\n    await f()\n    return input()")
        fresh.run("%bg asks()")
        fresh.terminal.wait_for("RuntimeError: A background task cannot read from the keyboard")
        assert fresh.run("await f(5)") == "5"

    @pytest.mark.parametrize("name", KEYBOARD)
    def test_what_reads_the_keyboard_takes_no_key_from_the_prompt(self, fresh: Shell, name: str) -> None:
        self.need("pumps")
        fresh.run("import os; await f(); loop = asyncio.get_running_loop()")
        fresh.run(KEYBOARD[name])
        assert [fresh.run(f"{number} + 1") for number in range(5)] == ["1", "2", "3", "4", "5"]
        assert fresh.run("os.get_blocking(0)") == "True"
        assert fresh.leave() == 0

    def test_a_task_that_nobody_refers_to_is_not_lost(self, fresh: Shell) -> None:
        self.need("pumps")
        fresh.run("import gc; t = asyncio.create_task(counting('gamma', 5)); del t; n = gc.collect()")
        fresh.terminal.wait_for(r"(?m)^gamma 4$")

    def test_the_error_of_a_task_that_is_awaited_is_no_news(self, fresh: Shell) -> None:
        fresh.run("t = asyncio.create_task(boom()); r = await asyncio.gather(t, return_exceptions=True)")
        assert "in the background" not in fresh.run("await pause(0.2)")

    # -- Ctrl-Z ---------------------------------------------------------------------------------------------------------

    def press_ctrl_z(self, shell: Shell, source: str, seen: str) -> str:
        """Press Ctrl-Z when something is seen that an input prints; return what was printed in all."""
        prompts = shell.seen
        shell.submit(source)
        shell.terminal.wait_for(seen)
        shell.terminal.key("z")
        return shell.answer(shell.wait_for_prompt(), prompts)

    def test_ctrl_z_hands_the_await_over_and_the_names_that_it_binds_are_there(self, fresh: Shell) -> None:
        self.need("commands", "pumps", "interrupts")
        fresh.run("gate = asyncio.Event()")
        answer = self.press_ctrl_z(fresh, "bound = await opened(gate, 8)", r"(?m)^waiting$")
        assert "[1] bound = await opened(gate, 8)" in answer.splitlines()
        assert fresh.run("await f(5)") == "5"
        fresh.run("gate.set()")
        fresh.terminal.wait_for(r"(?m)^\[1\] done \d+\.\ds$")
        fresh.wait_until_asked()
        assert fresh.run("bound") == "8"

    def test_the_value_of_what_was_handed_over_is_kept(self, fresh: Shell) -> None:
        self.need("commands", "pumps", "interrupts")
        fresh.run("gate = asyncio.Event()")
        self.press_ctrl_z(fresh, "await opened(gate, 8)", r"(?m)^waiting$")
        fresh.run("gate.set()")
        fresh.terminal.wait_for(r"(?m)^\[1\] done \d+\.\ds → 8$")
        fresh.wait_until_asked()
        assert fresh.run("%result 1") == "8"

    def test_what_was_handed_over_comes_back_with_ctrl_c(self, fresh: Shell) -> None:
        self.need("commands", "pumps", "interrupts")
        self.press_ctrl_z(fresh, "await slow()", r"(?m)^waiting$")
        told = fresh.terminal.text().count("[1] await slow()")
        fresh.submit("%fg 1")
        fresh.terminal.wait_for(lambda text: text.count("[1] await slow()") > told)
        fresh.terminal.key("c")
        fresh.terminal.wait_for(r"(?m)^cleaned up$")
        fresh.terminal.wait_for(r"(?m)^\[1\] cancelled \d+\.\ds, by Ctrl-C$")
        fresh.settle()
        assert fresh.run("%tasks") == "no tasks"

    def test_ctrl_z_puts_a_task_back_that_is_waited_for(self, fresh: Shell) -> None:
        self.need("commands", "pumps", "interrupts")
        fresh.run("gate = asyncio.Event()")
        fresh.run("%bg opened(gate, 8)")
        fresh.terminal.wait_for(r"(?m)^waiting$")
        answer = self.press_ctrl_z(fresh, "%fg 1", r"(?s)%fg 1.*\[1\] opened")
        assert answer.count("[1] opened(gate, 8)") == 2
        fresh.run("gate.set()")
        fresh.terminal.wait_for(r"(?m)^\[1\] done \d+\.\ds → 8$")

    # -- what becomes of the loop ---------------------------------------------------------------------------------------

    def test_a_runner_that_fails_at_the_prompt_costs_a_line_and_no_shell(self, fresh: Shell) -> None:
        self.need("pumps", "multiline")
        fresh.run("import awaitall; await f()")
        fresh.run("def broken(*args):\n    raise OSError('no more')")
        fresh.submit("awaitall.current_session()._runner.pump = broken")
        fresh.terminal.wait_for("awaitall: background tasks are paused at the prompt: OSError: no more")
        fresh.wait_until_asked()
        assert fresh.run("await f(5)") == "5"
        assert fresh.run("1 + 1") == "2"
        assert fresh.terminal.text().count("paused at the prompt") == 1
        assert fresh.leave() == 0

    def test_a_runner_that_fails_once_goes_on(self, fresh: Shell) -> None:
        self.need("commands", "pumps", "multiline")
        fresh.run("import awaitall, os; runner = awaitall.current_session()._runner if await f(True) else None")
        fresh.run(
            "def broken(*args):\n    if not os.path.exists('mended'):\n        raise OSError('no more')\n    del runner.pump"
        )
        fresh.submit("runner.pump = broken")
        fresh.terminal.wait_for("awaitall: background tasks are paused at the prompt: OSError: no more")
        (fresh.home / "mended").touch()
        fresh.terminal.wait_for("awaitall: background tasks go on at the prompt")
        fresh.wait_until_asked()
        fresh.run("%bg -q counting('zeta', 5)")
        fresh.terminal.wait_for(r"(?m)^zeta 4$")

    @pytest.mark.parametrize("handler", ["signal.SIG_IGN", "print", "pdb.Pdb().sigint_handler"])
    def test_tasks_go_on_under_any_handler_of_sigint(self, shell: Shell, handler: str) -> None:
        self.need("commands", "pumps")
        shell.run(f"import pdb, signal; before = signal.signal(signal.SIGINT, {handler})")
        shell.run(f"%bg -q counting('under ' + {handler!r}, 5)")
        shell.terminal.wait_for(rf"(?m)^under {re.escape(handler)} 4$")
        shell.run("theirs = signal.signal(signal.SIGINT, before)")

    def test_tasks_go_on_where_another_thread_runs_the_loop(self, fresh: Shell) -> None:
        self.need("commands", "pumps", "multiline")
        fresh.run("import threading; loop = asyncio.get_running_loop()")
        fresh.run("await f()")
        fresh.run("other = threading.Thread(target=loop.run_forever, name='other', daemon=True)")
        fresh.run("other.start()")
        assert "The thread 'other' runs the event loop of the session." in fresh.run("await f()")
        fresh.run("seen = threading.Event()")
        fresh.run("async def see():\n    seen.set()")
        fresh.run("%bg -q see()")
        assert fresh.run("seen.wait(10)") == "True"
        fresh.run("stopped = loop.call_soon_threadsafe(loop.stop); other.join()")
        assert fresh.run("await f(5)") == "5"
        fresh.run("%bg -q counting('iota', 5)")
        fresh.terminal.wait_for(r"(?m)^iota 4$")
        assert "paused" not in fresh.terminal.text()

    def test_a_task_that_fails_in_an_open_task_group_is_reported_at_once(self, fresh: Shell) -> None:
        self.need("pumps")
        fresh.run("tg = await asyncio.TaskGroup().__aenter__()")
        fresh.submit("t = tg.create_task(boom(), name='child')")
        fresh.terminal.wait_for("Task 'child' in the background has failed:")
        fresh.terminal.wait_for("awaitall: its task group is still open, and cancels the next input that awaits")
        fresh.settle()
        assert "ValueError: boom" in fresh.run("await tg.__aexit__(None, None, None)")

    def test_a_loop_that_the_user_closes_leaves_no_task_behind(self, fresh: Shell) -> None:
        self.need("commands", "pumps")
        fresh.run("t = asyncio.create_task(slow(), name='first'); await f()")
        fresh.submit("asyncio.get_running_loop().close()")
        fresh.terminal.wait_for("awaitall: the event loop was closed, and what ran on it is lost: first")
        fresh.settle()
        assert fresh.run("%tasks") == "no tasks"
        assert fresh.run("await f(5)") == "5"
