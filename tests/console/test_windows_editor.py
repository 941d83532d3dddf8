"""The console with the editor of the ``python`` prompt, in a console of Windows."""

from __future__ import annotations

import sys
from contextlib import closing

import on_windows
import pytest
from wine_terminal import OnWindows, WindowsTerminal

from shells import EditedConsole

PROGRAM = f"""
import sys
sys.path.append("Z:" + {str(on_windows.HERE)!r})
import wine
if wine.is_here():
    wine.mend_console()
"""

OPENED = "import awaitall_console; awaitall_console.main(sys.argv[1:])"


def has_editor():
    python = on_windows.command()
    return python and on_windows.run(python, "-c", "import _pyrepl.windows_console").returncode == 0


pytestmark = pytest.mark.skipif(not has_editor(), reason="AWAITALL_WINDOWS_PYTHON names no Python 3.13 or newer")


class WindowsConsole(OnWindows, EditedConsole):
    """The console on Windows."""

    terminal_class = WindowsTerminal
    change = ""

    def argv(self, *options):
        return [sys.executable, "-c", f"{PROGRAM}\n{self.change}\n{OPENED}", *options]


class TestWindowsEditor:
    shell_class = WindowsConsole

    def test_an_input_is_awaited(self, fresh):
        assert fresh.run("await f(5)") == "5"

    def test_a_line_is_edited(self, fresh):
        fresh.terminal.type("6 * 1")
        fresh.terminal.wait_for(r"6 \* 1$")
        fresh.terminal.arrow("D")
        fresh.terminal.type("1")
        fresh.terminal.wait_for(r"6 \* 11$")
        fresh.terminal.type("\r")
        fresh.terminal.wait_for(r"(?m)^66$")

    def test_an_input_of_several_lines_comes_back_whole_from_the_history(self, fresh):
        fresh.run("for i in range(2):\n    print('it' + 'em', await f(i))")
        fresh.terminal.arrow("A")
        fresh.terminal.wait_for(r"(?m)^\.\.\.     print\('it' \+ 'em', await f\(i\)\)$")
        fresh.terminal.type("\r\r")
        fresh.terminal.wait_for(lambda text: text.count("\nitem 1\n") == 2)

    @pytest.mark.parametrize(("typed", "completed"), [("%autoa\t", "%autoawait"), ("asyncio.create_subprocess_e\t", "_exec")])
    def test_tab_completes(self, fresh, typed, completed):
        fresh.run("await f()")
        fresh.terminal.type(typed)
        fresh.terminal.wait_for(rf"(?m){completed}\(?$")

    def test_tasks_go_on_and_print_above_what_is_typed(self, fresh):
        fresh.run("%bg -q counting('alpha', 100)")
        fresh.terminal.type("6 * 9")
        fresh.terminal.wait_for(r"(?m)^alpha 99\n>>> 6 \* 9$")
        fresh.terminal.type("\r")
        fresh.terminal.wait_for(r"(?m)^54$")

    def test_the_output_of_a_task_stands_above_an_input_of_several_lines(self, fresh):
        fresh.run("%bg -q counting('beta', 40)")
        fresh.terminal.type("if True:\rprint('bo' + 'dy')")
        fresh.terminal.wait_for(r"(?m)^beta 39\n>>> if True:\n\.\.\.     print\('bo' \+ 'dy'\)$")
        fresh.terminal.type("\r\r")
        fresh.terminal.wait_for(r"(?m)^body$")

    def test_ctrl_c_cancels_what_is_awaited(self, fresh):
        fresh.terminal.type("await slow()\r")
        fresh.terminal.wait_for(r"(?m)^waiting$")
        fresh.terminal.key("c")
        fresh.terminal.wait_for(r"(?m)^cancelled\ncleaned up\nKeyboardInterrupt\n>>>$")

    @pytest.mark.parametrize("before", ["await f()", "%bg -q counting('gamma')", "6 * 9"])
    def test_ctrl_c_gives_up_what_is_typed(self, start, before):
        shell = start()
        shell.run("from aids import *")
        shell.run(before)
        shell.terminal.type("half a li")
        shell.terminal.wait_for(r"(?m)^>>> half a li$")
        shell.terminal.key("c")
        # Wine may paint a character of the prompt twice.
        shell.terminal.wait_for(r"(?m)^>>>>? half a li\n(gamma \d+\n)*KeyboardInterrupt\n(gamma \d+\n)*>>>$")
        shell.terminal.type("6 * 7\r")
        shell.terminal.wait_for(r"(?m)^42$")

    @pytest.mark.parametrize("typed", ["exit\r", "exit()\r", "\x04", "\x1a\r"])
    def test_who_leaves_ends_the_tasks(self, fresh, typed):
        fresh.run("task = asyncio.ensure_future(slow()); await f()")
        fresh.terminal.type(typed)
        assert fresh.terminal.wait_for_end() == 0
        assert "cleaned up" in fresh.terminal.text()

    @pytest.mark.parametrize("runner", ["trio", "uvloop"])
    def test_tasks_go_on_on_any_runner(self, start, runner):
        library = "asyncio" if runner == "uvloop" else runner
        shell = start("-r", runner)
        shell.run(f"import {library}")
        shell.run(f"async def later():\n    await {library}.sleep(0.1)\n    print('lat' + 'er')")
        shell.run("%bg -q later()")
        shell.terminal.wait_for(r"(?m)^later\n>>>$")
        assert shell.leave() == 0


class LinesInAThread(WindowsConsole):
    def environment(self):
        return {**super().environment(), "PYTHON_BASIC_REPL": "1"}


class ConsoleWithoutSequences(WindowsConsole):
    change = "from _pyrepl import windows_console; windows_console.SetConsoleMode = lambda handle, mode: 0"


class ConsoleWithAnotherEditor(WindowsConsole):
    change = "from _pyrepl import windows_console; del windows_console.WindowsConsole._read_input"


@pytest.mark.parametrize("shell_class", [LinesInAThread, ConsoleWithoutSequences, ConsoleWithAnotherEditor])
def test_where_there_is_no_such_editor_a_thread_reads_the_lines(shell_class, tmp_path):
    with closing(shell_class(tmp_path)) as shell:
        shell.run("import asyncio, threading")
        shell.run("look = lambda: print('seen:', *[each.name for each in threading.enumerate()])")
        shell.terminal.type("await asyncio.sleep(0); _ = asyncio.get_running_loop().call_later(0.1, look)\r")
        shell.terminal.wait_for("seen: MainThread awaitall line")
