"""A bpython that a program opens by ``awaitall_bpython.embed()``."""

from __future__ import annotations

import sys

import pytest

from shells import Bpython

PROGRAM = """
import awaitall_bpython
import bpython.curtsies

theirs = bpython.curtsies.Interp
answer = 41
left = awaitall_bpython.embed({"answer": answer}, ["-i", "-q", "--config", %r], "the banner", runner="trio")
print("left:", left, bpython.curtsies.Interp is theirs)
"""


class Embedded(Bpython):
    def argv(self, *options):
        *_, config = super().argv()
        return [sys.executable, "-c", PROGRAM % config]


class TestEmbed:
    shell_class = Embedded

    @pytest.fixture
    def shell(self, start):
        return start()

    def test_the_banner_is_shown(self, shell):
        assert "the banner" in shell.terminal.text()

    def test_an_await_sees_the_names_of_the_program(self, shell):
        shell.run("import trio")
        assert shell.run("await trio.sleep(0) or answer + 1") == "42"

    def test_the_status_bar_is_shown_until_the_user_leaves(self, shell):
        shell.run("import trio; await trio.sleep(0)")
        shell.terminal.wait_for(r"(?m)^trio: 0 background tasks$")
        assert shell.leave() == 0
        assert "background tasks" not in shell.terminal.text()

    def test_the_program_goes_on_when_the_user_has_left(self, shell):
        shell.submit("exit(5)")
        shell.terminal.wait_for_end()
        assert "left: 5 True" in shell.terminal.text()

    def test_tasks_are_cleaned_up_when_the_user_leaves(self, shell):
        shell.run("from aids import *")
        shell.run("import trio")
        shell.run("async def nap():\n    try:\n        await trio.sleep(1000)\n    finally:\n        print('cleaned up')")
        shell.run("%bg nap()")
        shell.run("await trio.sleep(0)")
        assert shell.leave() == 0
        text = shell.terminal.text()
        assert text.index("cleaned up") < text.index("left: None True")
