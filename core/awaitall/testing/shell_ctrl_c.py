"""What Ctrl-C must do at every prompt; the shell is kept, so that what comes next must work, too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from awaitall.testing.shell_fixtures import ShellFixtures, without_folders

if TYPE_CHECKING:
    from awaitall.testing.shell import Shell

__all__ = ["CtrlCTests"]


class CtrlCTests(ShellFixtures):
    """Ctrl-C, in inputs and at the prompt, while a task ticks in the background."""

    #: What the shell says to a Ctrl-C.
    interrupted = "KeyboardInterrupt"

    def press(self, shell: Shell, source: str, *seen: str) -> str:
        """Press Ctrl-C each time the next of these lines is seen; return what was printed in all."""
        prompts = shell.seen
        counts = [_count(line, shell.terminal.text()) for line in seen]
        shell.submit(source)
        for line, count in zip(seen, counts, strict=True):
            _wait_for_one_more(shell, line, count)
            shell.terminal.key("c")
        answer = shell.answer(shell.wait_for_prompt(), prompts)
        assert "awaitall/" not in without_folders(answer)
        assert "awaitall_" not in answer
        return answer

    def test_the_await_is_cancelled_and_its_cleanup_runs(self, ticking: Shell) -> None:
        self.need("interrupts")
        text = self.press(ticking, "await slow()", "waiting")
        assert text.index("cancelled") < text.index("cleaned up")
        assert self.interrupted in text

    def test_a_coroutine_that_never_awaits_is_stopped(self, ticking: Shell) -> None:
        self.need("interrupts")
        assert self.interrupted in self.press(ticking, "await busy()", "spinning")

    def test_a_sync_input_is_stopped(self, ticking: Shell) -> None:
        self.need("interrupts")
        assert self.interrupted in self.press(ticking, "spin()", "spinning")

    def test_what_is_timed_is_cancelled_and_its_cleanup_runs(self, ticking: Shell) -> None:
        self.need("commands", "interrupts")
        text = self.press(ticking, "%timeit await slow()", "waiting")
        assert text.index("cancelled") < text.index("cleaned up")
        assert self.interrupted in text

    def test_what_is_timed_without_await_is_stopped(self, ticking: Shell) -> None:
        self.need("commands", "interrupts")
        assert self.interrupted in self.press(ticking, "%timeit spin()", "spinning")

    def test_the_children_of_a_group_end_and_it_is_no_group_that_is_shown(self, ticking: Shell) -> None:
        self.need("interrupts")
        text = self.press(ticking, "await children()", "waiting")
        assert text.count("child ended") == 2
        assert self.interrupted in text
        assert "ExceptionGroup" not in text

    def test_a_busy_task_in_the_background_is_waited_for_and_lives_on(self, ticking: Shell) -> None:
        self.need("interrupts")
        text = self.press(ticking, "await hogged()", "hogging")
        assert "let go" in text
        assert self.interrupted in text
        assert "lives on" in text + ticking.run("await ticks()")

    def test_a_second_one_gives_the_prompt_back_from_a_cleanup_that_hangs(self, ticking: Shell) -> None:
        self.need("interrupts")
        assert "cleaned up" not in self.press(ticking, "await slow(cleanup=1000)", "waiting", "cancelled")

    def test_the_prompt_comes_back_from_a_thread_that_does_not_return(self, ticking: Shell) -> None:
        self.need("interrupts")
        ticking.run("gate = threading.Event()")
        ticking.submit("await waiting_for_a_thread(gate)")
        ticking.terminal.wait_for(r"(?m)^waiting for the thread$")
        _press_until_the_prompt_is_back(ticking)
        ticking.run("gate.set()")

    # -- the prompt -----------------------------------------------------------------------------------------------------

    def test_tasks_go_on_while_a_line_is_typed_and_leave_it_whole(self, ticking: Shell) -> None:
        self.need("commands", "pumps", "edits")
        ticking.run("%bg -q counting('alpha', 15)")
        ticking.terminal.type("6 * 9")
        ticking.terminal.wait_for(r"(?m)^alpha 3$")
        ticking.terminal.key("b")
        ticking.terminal.wait_for(r"(?m)^alpha 8$")
        ticking.terminal.type("1")
        ticking.terminal.wait_for(r"(?m)^alpha 14$")
        ticking.terminal.wait_for(r"(?m)6 \* 19$")
        ticking.terminal.type("\r")
        ticking.terminal.wait_for(r"(?m)^114$")
        ticking.wait_for_prompt()

    def test_ctrl_c_at_the_prompt_gives_up_the_line_and_no_task(self, ticking: Shell) -> None:
        self.need("interrupts")
        ticking.terminal.type("await f(")
        ticking.terminal.wait_for(r"(?m)await f\($")
        ticking.terminal.key("c")
        ticking.wait_for_prompt()

    def test_a_task_that_fails_is_reported_at_once_and_once(self, ticking: Shell) -> None:
        self.need("commands", "pumps")
        before = ticking.terminal.text().count("ValueError: boom")
        ticking.run("%bg boom()")
        text = ticking.terminal.wait_for(lambda text: text.count("ValueError: boom") > before)
        ticking.run("await ticks()")
        text = ticking.terminal.text()
        assert text.count("ValueError: boom") == before + 1
        assert "Task 'boom()' in the background has failed:" in text
        assert "awaitall/" not in without_folders(text)

    def test_an_exit_in_a_task_ends_nothing(self, ticking: Shell) -> None:
        self.need("commands", "pumps")
        ticking.run("%bg leaves()")
        ticking.terminal.wait_for(r"(?m)^SystemExit: 3$")

    def test_a_busy_task_cannot_keep_the_prompt(self, ticking: Shell) -> None:
        self.need("commands", "pumps", "interrupts")
        begun = ticking.home / f"begun-{ticking.seen}"
        ticking.submit(f"%bg busy({str(begun)!r})")
        ticking.terminal.wait_for(lambda _: begun.exists())
        ticking.terminal.key("c")
        ticking.terminal.wait_for(r"busy\(.*\).* in the background has failed")
        ticking.settle()

    def test_tasks_are_listed_and_cancelled_by_their_numbers(self, ticking: Shell) -> None:
        self.need("commands", "pumps")
        begun, cancelled = (_count(line, ticking.terminal.text()) for line in ("waiting", "cancelled"))
        number = ticking.run("%bg slow()").split("]")[0].removeprefix("[")
        _wait_for_one_more(ticking, "waiting", begun)
        shown = ticking.run("%tasks")
        assert re.search(rf"(?m)^\[{number}\] waiting +\d.*s  slow\(\) +.*aids.py:\d+  \w+\.sleep\(1000\)$", shown)
        ticking.run(f"%cancel {number}")
        _wait_for_one_more(ticking, "cancelled", cancelled)
        _wait_until_gone(ticking, "slow()")

    def test_ctrl_c_cancels_the_task_that_is_waited_for(self, ticking: Shell) -> None:
        self.need("commands", "pumps")
        number = ticking.run("%bg slow()").split("]")[0].removeprefix("[")
        told = _count(rf"\[{number}\] slow\(\)", ticking.terminal.text())
        ticking.submit(f"%fg {number}")
        _wait_for_one_more(ticking, rf"\[{number}\] slow\(\)", told)
        ticking.terminal.key("c")
        ticking.terminal.wait_for(rf"(?m)^(\^C)?\[{number}\] cancelled")
        ticking.settle()
        _wait_until_gone(ticking, "slow()")


def _count(line: str, text: str) -> int:
    """Count the lines that say this; a terminal may echo Ctrl-C before it."""
    return len(re.findall(rf"(?m)^(\^C)?{line}$", text))


def _wait_for_one_more(shell: Shell, line: str, count: int) -> None:
    shell.terminal.wait_for(lambda text: _count(line, text) > count)


def _wait_until_gone(shell: Shell, name: str) -> None:
    """Wait until a task is no longer listed; the loop runs between two looks, as a prompt may hold it up while one types."""
    for _ in range(20):
        shell.run("await pause(0.01)")
        if name not in shell.run("%tasks"):
            return
    raise AssertionError(f"{name} has not ended")


def _press_until_the_prompt_is_back(shell: Shell) -> None:
    """Press Ctrl-C, again if nothing comes of it: trio waits for a thread until the second one."""
    for _ in range(40):
        shell.terminal.key("c")
        try:
            shell.wait_for_prompt(timeout=0.5)
            return
        except AssertionError:
            continue
    raise AssertionError("no prompt after 40 Ctrl-C")
