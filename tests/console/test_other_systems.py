"""The console on a terminal that is no file, as on Windows: a thread reads its lines."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from awaitall import Session
from awaitall_console import app

from shell_suite import ReadlineSuite
from shells import Console

PROGRAM = """
import bare_system
bare_system.take_away()
import awaitall_console
awaitall_console.main([])
"""


class BareConsole(Console):
    """The console where there is only what is everywhere."""

    def argv(self, *options):
        return [sys.executable, "-c", PROGRAM, *options]


class TestBareConsole:
    shell_class = BareConsole

    def test_it_awaits(self, fresh):
        assert fresh.run("await f(5)") == "5"

    def test_tasks_go_on_at_the_prompt(self, fresh):
        fresh.run("async def says():\n    await asyncio.sleep(0.01)\n    print('said')")
        fresh.terminal.type("await f(); task = asyncio.create_task(says())\r")
        fresh.terminal.wait_for(">>> said")

    def test_ctrl_c_gives_another_prompt(self, fresh):
        fresh.run("await f()")
        fresh.terminal.keep_output()  # else Linux empties the terminal, by which a read that waits may lose the next line
        fresh.terminal.type("\x03")
        fresh.terminal.wait_for("KeyboardInterrupt")
        fresh.wait_for_prompt()
        assert fresh.run("await f(6)") == "6"

    def test_the_end_of_the_file_leaves(self, fresh):
        fresh.run("await f()")
        assert fresh.leave() == 0


#: Takes from readline what libedit does not have.
LESS = """
from awaitall.prompts import readline_line
class Library:
    def __init__(self, library):
        self.library = library
    def __getattr__(self, name):
        if name == "rl_clear_visible_line":
            raise AttributeError(name)
        return getattr(self.library, name)
theirs = readline_line.readline_library
readline_line.readline_library = lambda: theirs() and Library(theirs())
import awaitall_console
awaitall_console.main([])
"""


class LessConsole(Console):
    """The console on a readline that cannot take its line off the screen."""

    def argv(self, *options):
        return [sys.executable, "-c", LESS, *options]


class TestLessConsole(ReadlineSuite):
    shell_class = LessConsole


def test_libedit_is_told_of_tab_in_its_own_words(monkeypatch, tmp_path):
    readline = pytest.importorskip("readline")
    told = []
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(readline, "__doc__", "Importing this module enables command line editing using libedit readline.")
    for name in ("set_completer", "read_history_file"):
        monkeypatch.setattr(readline, name, bool)
    monkeypatch.setattr(readline, "parse_and_bind", told.append)
    monkeypatch.setattr(app, "_has_terminal", lambda: True)
    monkeypatch.setattr(app.atexit, "register", lambda *args: None)
    with Session() as session:
        app._edit_lines(SimpleNamespace(session=session), None)
    assert told == ["bind ^I rl_complete"]
