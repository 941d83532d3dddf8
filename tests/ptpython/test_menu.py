"""What ptpython's menu, its status bar and the key F7 show of a session."""

from __future__ import annotations

import pytest

from shells import Ptpython

F7, UP, DOWN, RIGHT, HIDE = "\x1b[18~", "\x1b[A", "\x1b[B", "\x1b[C", "\r"


class WithStatusBar(Ptpython):
    """ptpython with its status bar."""

    quiet = Ptpython.quiet.replace("show_status_bar = False", "show_status_bar = True; repl.title = 'mine '")

    def current_line(self, text):
        return next((line for line in reversed(text.splitlines()) if self.is_prompt(line)), "")

    def wait_for_status(self, pattern):
        """Wait for a pattern in the status bar, which this terminal shows below the prompt."""
        self.terminal.wait_for(lambda text: pattern in text.splitlines()[-1])


@pytest.fixture
def shell(fresh):
    """A shell with two tasks, one of which waits for the other."""
    fresh.run("task = asyncio.create_task(asyncio.sleep(1000))")
    fresh.run("%bg -q asyncio.gather(task)")
    fresh.run("await f(1)")  # both have begun then
    return fresh


class TestMenu:
    shell_class = Ptpython

    def test_f7_shows_the_tasks(self, shell):
        shell.terminal.type(F7)
        shell.terminal.wait_for(r"\[1\] asyncio\.gather\(tas… +waiting.*\n.*\[2\] sleep +waiting.*\n.*all +2")

    def test_a_task_is_cancelled_in_the_menu(self, shell):
        shell.terminal.type(F7)
        shell.terminal.wait_for("all +2")
        shell.terminal.type(RIGHT)
        shell.terminal.wait_for("all +0")  # the other one waits for it
        shell.terminal.type(HIDE)
        assert shell.run("%tasks") == "no tasks"

    def test_all_are_cancelled_in_the_menu(self, shell):
        shell.terminal.type(F7 + DOWN * 2 + RIGHT)
        shell.terminal.wait_for("all +0")

    def test_the_runner_is_chosen_in_the_menu(self, fresh):
        fresh.terminal.type(F7 + UP * 4 + RIGHT)
        fresh.terminal.wait_for("Runner +curio")
        fresh.terminal.type(HIDE)
        assert fresh.command("autoawait") == "autoawait is `On`, and set to use `curio`"

    def test_await_is_switched_off_in_the_menu(self, fresh):
        fresh.terminal.type(F7 + UP * 3 + RIGHT)
        fresh.terminal.wait_for("Top-level await +off")
        fresh.terminal.type(HIDE)
        assert fresh.command("autoawait").startswith("autoawait is `Off`")

    def test_what_is_switched_off_is_gone_from_the_menu(self, shell):
        shell.run("from awaitall_ptpython import disable")
        shell.run("disable(get_ptpython())")
        assert shell.run("[category.title for category in get_ptpython().options]") == "['Input', 'Display', 'Colors']"


class TestStatusBar:
    shell_class = WithStatusBar

    def test_who_does_not_await_sees_nothing(self, fresh):
        assert "F7" not in fresh.terminal.text().splitlines()[-1]

    def test_the_runner_and_the_number_of_tasks_are_shown(self, shell):
        shell.wait_for_status("[F7] asyncio: 2 background tasks  mine")

    def test_a_task_that_has_ended_is_counted_no_more(self, fresh):
        fresh.run("await f(1)")
        fresh.run("%bg asyncio.sleep(0.2)")
        fresh.wait_for_status("asyncio: 0 background tasks")


class Confirming(Ptpython):
    """ptpython as it is by default: it asks before it ends."""

    quiet = Ptpython.quiet.replace("confirm_exit = False", "confirm_exit = True")


class TestExit:
    shell_class = Confirming

    def test_the_question_names_the_tasks(self, shell):
        shell.terminal.key("d")
        shell.terminal.wait_for(r"2 background tasks will be cancelled\. Do you really want to exit\?")

    def test_without_tasks_the_question_is_that_of_ptpython(self, fresh):
        fresh.run("await f(1)")
        fresh.terminal.key("d")
        fresh.terminal.wait_for(r"(?m)^ *Do you really want to exit\?")
