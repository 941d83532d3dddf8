"""The console on a terminal that is no file, as on Windows: a thread reads its lines."""

from __future__ import annotations

import sys

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
        fresh.terminal.type("\x03")
        fresh.terminal.wait_for("KeyboardInterrupt")
        fresh.wait_for_prompt()
        assert fresh.run("await f(6)") == "6"

    def test_the_end_of_the_file_leaves(self, fresh):
        fresh.run("await f()")
        assert fresh.leave() == 0
