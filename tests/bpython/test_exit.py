"""The end of bpython: tasks end before it does, what they say can be read, and the terminal is as it was."""

from __future__ import annotations

import pytest

from awaitall.testing.shell_fixtures import IMPORTS, without_folders

from shells import Bpython, BpythonStartup


class InAShell:
    """bpython as a person starts it: from a shell that goes on afterwards."""

    def argv(self, *options):
        return ["sh", "-c", '"$@"; echo "status $?"; stty -a', "sh", *super().argv(*options)]


class BpythonInAShell(InAShell, Bpython):
    pass


class BpythonStartupInAShell(InAShell, BpythonStartup):
    pass


class Exit:
    def end(self, shell):
        """Wait for the end; give what stands on the screen below the last prompt."""
        shell.terminal.wait_for_end()
        text = shell.terminal.text()
        assert " echo " in text
        assert " icanon " in text
        assert "destroyed" not in text
        assert "awaitall/" not in without_folders(text)
        return text[text.rindex("\n>>>") + 1 : text.index("\nspeed")].splitlines()

    @pytest.fixture
    def with_task(self, fresh):
        fresh.run("task = asyncio.ensure_future(slow()); await f()")
        return fresh

    def test_ctrl_d_ends_what_still_runs(self, with_task):
        with_task.terminal.key("d")
        assert self.end(with_task)[:3] == [">>>", "cancelled", "cleaned up"]

    @pytest.mark.parametrize("source", ["exit()", "raise SystemExit(3)", "await f(); exit(3)"])
    def test_exit_ends_what_still_runs(self, with_task, source):
        with_task.submit(source)
        assert self.end(with_task)[:3] == [f">>> {source}", "cancelled", "cleaned up"]

    def test_what_a_logger_says_at_the_end_can_be_read(self, fresh):
        fresh.run("import logging; logging.basicConfig(format='log: %(message)s')")
        fresh.run("async def chatty():\n    try:\n        await slow()\n    finally:\n        logging.error('bye')")
        fresh.run("task = asyncio.ensure_future(chatty()); await f()")
        fresh.terminal.key("d")
        assert self.end(fresh)[:4] == [">>>", "cancelled", "cleaned up", "log: bye"]

    def test_a_silent_end_leaves_no_line_behind(self, fresh):
        fresh.run("await f()")
        fresh.terminal.key("d")
        assert self.end(fresh)[0] == ">>>"
        assert self.end_status(fresh) is not None

    def end_status(self, shell):
        """What the shell that started bpython saw; the line stands right below the last prompt if nothing was said."""
        lines = shell.terminal.text().splitlines()
        number = next(number for number, line in enumerate(lines) if line.startswith("status "))
        return int(lines[number].removeprefix("status "))


class TestExit(Exit):
    shell_class = BpythonInAShell

    @pytest.mark.parametrize(
        ("source", "status"),
        {
            "exit()": 0,
            "raise SystemExit": 0,
            "exit(0)": 0,
            "exit(3)": 3,
            "raise SystemExit(3)": 3,
            "await f(); raise SystemExit(3)": 3,
            "raise SystemExit('words')": 1,
            "raise SystemExit((1, 2))": 1,
        }.items(),
    )
    def test_the_exit_status_is_the_users(self, fresh, source, status):
        fresh.submit(source)
        self.end(fresh)
        assert self.end_status(fresh) == status

    def test_a_task_that_would_not_end_is_named(self, start):
        fresh = start(env={"AWAITALL_GRACE": "1.5"})
        fresh.run(IMPORTS)
        fresh.run("await f(); task = asyncio.create_task(slow(1000), name='stubborn'); await f()")
        fresh.terminal.key("d")
        assert self.end(fresh)[:4] == [
            ">>>",
            "cancelled",
            "awaitall: waiting for stubborn to end; Ctrl-C leaves now",
            "awaitall: left behind, as they would not end: stubborn",
        ]


class TestExitWithAStartupFile(Exit):
    shell_class = BpythonStartupInAShell
