"""Undo, reload and await: bpython runs the history once more, with a new interpreter or, after ``-i file``, the same one."""

from __future__ import annotations

import pytest

from shell_suite import SETTINGS, SettingsSuite
from shells import Bpython, BpythonStartup

LIVES = """\
import asyncio
log = []
async def life():
    log.append("begun")
    try:
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(0)
        log.append("ended")

async def hold():
    log.append("hold")
    if len(log) > 1:
        open("held", "w").close()
        await asyncio.Event().wait()
"""

F6 = "\x1b[17~"


class Rewinding:
    @pytest.fixture
    def shell(self, start, tmp_path):
        (tmp_path / "lives.py").write_text(LIVES)
        shell = start(*self.options(tmp_path))
        shell.run("import asyncio, builtins, lives; from aids import *")
        return shell

    def options(self, home):
        return []

    def test_names_are_bound_anew(self, shell):
        shell.run("n = await f(1)")
        shell.run("n = await f(2)")
        shell.undo("n = await f(2)")
        assert shell.run("n, await f(3)") == "(1, 3)"

    def test_tasks_end_before_they_begin_again(self, shell):
        shell.run("task = asyncio.ensure_future(lives.life()); await f()")
        shell.run("40 + 2")
        shell.undo("40 + 2")
        assert shell.run("lives.log") == "['begun', 'ended', 'begun']"

    def test_undo_of_the_line_that_began_a_task_ends_it(self, shell):
        shell.run("task = asyncio.ensure_future(lives.life()); await f()")
        shell.undo("lives.life()")
        assert shell.run("lives.log") == "['begun', 'ended']"

    def test_reload_keeps_the_adapter(self, shell):
        shell.run("import awaitall_bpython.interp as ours")
        shell.run("builtins.loaded = {*getattr(builtins, 'loaded', ()), ours}")
        shell.run("await f(1)")
        shell.rewind(F6, lambda text: "Reloaded at" in text)
        assert shell.run("len(loaded), await f(2)") == "(1, 2)"

    def test_ctrl_c_ends_an_await_that_is_run_once_more(self, shell, tmp_path):
        shell.run("await lives.hold()")
        shell.run("40 + 2")
        shell.terminal.key("r")
        shell.terminal.wait_for(lambda _: (tmp_path / "held").exists())
        shell.terminal.key("c")
        shell.rewind("", lambda text: "40 + 2" not in text)
        assert shell.run("await f('alive')") == "'alive'"


class TestUndo(Rewinding):
    shell_class = Bpython

    def test_a_task_that_would_not_end_is_named(self, shell):
        shell.run("import awaitall; await f(); awaitall.current_session().grace = 0.2")
        shell.run("await f(); task = asyncio.create_task(slow(1000), name='stubborn'); await f()")
        shell.terminal.key("r")
        shell.terminal.wait_for("left behind, as they would not end: stubborn")


class TestUndoWithAStartupFile(Rewinding):
    shell_class = BpythonStartup


class TestUndoAfterAFile(Rewinding):
    """bpython cannot make a new interpreter here, since the file ran in the one there is."""

    shell_class = Bpython

    def options(self, home):
        (home / "file.py").write_text("given = 5\n")
        return ["-i", str(home / "file.py")]


class Settings(BpythonStartup):
    settings = SETTINGS


class LauncherSettings(Settings):
    module = "awaitall_bpython"


class TestSettings(SettingsSuite):
    shell_class = Settings

    def go_on(self, shell):
        shell.run("40 + 2")
        shell.undo("40 + 2")
        assert shell.command("autoawait") == "autoawait is `On`, and set to use `uvloop`"
        assert shell.run("asyncio.sleep(0, 5)") == "5"


class TestLauncherSettings(TestSettings):
    shell_class = LauncherSettings
