"""The status bar of bpython, and its keys for help and for the background tasks."""

from __future__ import annotations

import sys

import pytest

from shells import Bpython, BpythonStartup

F1, F2, F4 = "\x1bOP", "\x1bOQ", "\x1bOS"


def last_line(shell, pattern):
    """Wait until the last line, which is the status bar if there is any, is this."""
    shell.terminal.wait_for(lambda text: text.splitlines()[-1] == pattern)


class Paging:
    """Prints what a pager would show, and waits for Enter."""

    def environment(self):
        pager = self.home / "pager"
        pager.write_text('#!/bin/sh\nclear\ncat "$1"\necho "the end"\nread line\n')
        pager.chmod(0o755)
        return {**super().environment(), "PAGER": str(pager)}


class PagingBpython(Paging, Bpython):
    pass


class PagingBpythonStartup(Paging, BpythonStartup):
    pass


class Status:
    def test_who_does_not_await_sees_nothing(self, fresh):
        fresh.run("1 + 1")
        last_line(fresh, ">>>")  # once the welcome of bpython is gone

    def test_the_runner_and_the_number_of_tasks_are_shown(self, fresh):
        fresh.run("await f(1)")
        last_line(fresh, "asyncio: 0 background tasks")
        fresh.run("task = asyncio.create_task(slow())")
        last_line(fresh, "asyncio: 1 background task")

    def test_a_task_that_ends_without_a_word_is_counted_no_more(self, fresh):
        fresh.run("await f(1); task = asyncio.create_task(asyncio.sleep(0.1))")
        last_line(fresh, "asyncio: 0 background tasks")

    def test_another_runner_is_named(self, fresh):
        fresh.run("await f(1)")
        fresh.run("%autoawait trio")
        last_line(fresh, "trio: 0 background tasks")

    def test_what_bpython_says_comes_first(self, fresh):
        fresh.run("await f(1)")
        last_line(fresh, "asyncio: 0 background tasks")
        fresh.terminal.key("g")
        last_line(fresh, "Nothing to redo.")
        last_line(fresh, "asyncio: 0 background tasks")

    def test_the_bar_is_gone_after_the_end(self, fresh):
        fresh.run("await f(1)")
        last_line(fresh, "asyncio: 0 background tasks")
        fresh.leave()
        assert "background task" not in fresh.terminal.text()


class TestStatus(Status):
    shell_class = Bpython


class TestStatusWithAStartupFile(Status):
    shell_class = BpythonStartup


#: There Enter at a terminal of ``tty.setcbreak()`` is another key (Doc/library/tty.rst), which no question of bpython knows.
ENTER_IS_UNKNOWN = (3, 12) <= sys.version_info < (3, 12, 2)


class TestTasksKey:
    shell_class = Bpython

    @pytest.fixture
    def asked(self, fresh):
        """A shell with a task and a half-typed line, after F4."""
        fresh.run("task = asyncio.create_task(slow())")
        fresh.run("await f(1)")
        fresh.terminal.type("abc")
        fresh.terminal.type(F4)
        fresh.terminal.wait_for(r"(?m)^\[1\] waiting .*slow.*\n>>> abc\nCancel which tasks\?")
        return fresh

    @pytest.mark.skipif(ENTER_IS_UNKNOWN, reason="bpython does not know Enter here")
    def test_f4_shows_the_tasks_and_cancels_them(self, asked):
        asked.terminal.type("1")
        asked.terminal.wait_for(r"\[none\] 1$")
        asked.terminal.type("\r")
        asked.terminal.wait_for(r"(?m)^cancelled\ncleaned up\n>>> abc\nasyncio: 0 background tasks$")

    @pytest.mark.skipif(ENTER_IS_UNKNOWN, reason="bpython does not know Enter here")
    def test_enter_leaves_them_alone(self, asked):
        asked.terminal.type("\r")
        last_line(asked, "asyncio: 1 background task")

    def test_escape_and_ctrl_c_leave_them_alone(self, asked):
        asked.terminal.key("c")
        last_line(asked, "asyncio: 1 background task")

    @pytest.mark.skipif(ENTER_IS_UNKNOWN, reason="bpython does not know Enter here")
    def test_a_number_that_is_gone_costs_one_line(self, asked):
        asked.terminal.type("7")
        asked.terminal.wait_for(r"\[none\] 7$")
        asked.terminal.type("\r")
        last_line(asked, "No task 7; %tasks lists them.")

    def test_without_tasks_there_is_nothing_to_ask(self, fresh):
        fresh.terminal.type(F4)
        last_line(fresh, "no background tasks")


class OnAnotherKey(Bpython):
    def argv(self, *options):
        arguments = super().argv(*options)
        with (self.home / "bpython.ini").open("a") as file:
            file.write("[keyboard]\nredo = F4\n")
        return arguments


class TestTakenKey:
    shell_class = OnAnotherKey

    def test_a_key_that_the_user_has_given_away_is_left_alone(self, fresh):
        fresh.terminal.type(F4)
        last_line(fresh, "Nothing to redo.")


class Help:
    def test_f1_tells_of_await_and_lists_the_commands(self, fresh):
        fresh.terminal.type(F1)
        text = fresh.terminal.wait_for("the end")
        assert "await, async for and async with" in text
        assert "%tasks " in text
        assert "background tasks : F4" in text

    def test_f2_shows_how_a_command_is_used(self, fresh):
        fresh.terminal.type("%cancel 1")
        fresh.wait_for_echo("%cancel 1")
        fresh.terminal.type(F2)
        fresh.terminal.wait_for(r"%cancel all +cancel all tasks\s*the end")

    def test_f2_on_a_command_that_is_none_costs_one_line(self, fresh):
        fresh.terminal.type("%cancle")
        fresh.wait_for_echo("%cancle")
        fresh.terminal.type(F2)
        fresh.terminal.wait_for("No command is called 'cancle'; .* Did you mean 'cancel'?")

    def test_f2_shows_the_source_of_a_function(self, fresh):
        fresh.run("async def g():\n    return 'g'")
        fresh.terminal.type("g")
        fresh.wait_for_echo("g")
        fresh.terminal.type(F2)
        fresh.terminal.wait_for(r"async.* def.* g\(\):\s+return.*'g'\s*the end")


class TestHelp(Help):
    shell_class = PagingBpython


class TestHelpWithAStartupFile(Help):
    shell_class = PagingBpythonStartup
