"""The console with the editor of the ``python`` prompt, on a real terminal."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys

import pytest

from shell_suite import EachRunnerSuite, EditingSuite, OutputSuite, ReadlineSuite, ShellSuite, StormSuite
from shells import Console, EditedConsole

pytestmark = pytest.mark.skipif(sys.version_info < (3, 13), reason="there is no such editor")


class TestEditor(ShellSuite):
    shell_class = EditedConsole

    # -- inputs ---------------------------------------------------------------------------------------------------------

    def test_the_last_value_of_an_input_of_several_statements_is_shown(self, shell):
        shell.paste("1 + 1\nawait f(3)\nx = 4\nx")
        shell.terminal.type("\r\r")
        shell.terminal.wait_for(r"(?m)^\.\.\.\n4\n>>>$")
        shell.wait_until_asked()

    def test_an_input_of_several_lines_comes_back_whole_from_the_history(self, fresh):
        fresh.run("for i in range(2):\n    print('it' + 'em', await f(i))")
        fresh.terminal.key("p")
        fresh.terminal.wait_for(r"(?m)^\.\.\.     print\('it' \+ 'em', await f\(i\)\)\n\.\.\.$")
        fresh.terminal.type("\r\r")
        fresh.terminal.wait_for(lambda text: text.count("\nitem 1\n") == 2)

    def test_a_value_is_evaluated_once_by_a_command(self, shell):
        shell.run("times = []")
        shell.run("%time times.append(await f(1))")
        assert shell.run("times") == "[1]"

    @pytest.mark.parametrize("word", ["exit", "quit"])
    def test_a_word_leaves_without_brackets(self, fresh, word):
        fresh.run("task = asyncio.ensure_future(slow()); await f()")
        fresh.terminal.type(f"{word}\r")
        assert fresh.terminal.wait_for_end() == 0
        assert "cleaned up" in fresh.terminal.text()

    def test_a_word_that_is_a_name_of_the_users_is_the_name(self, fresh):
        fresh.run("exit = 'mine'")
        assert fresh.run("exit") == "'mine'"

    def test_a_word_clears_the_screen(self, fresh):
        fresh.run("'be' + 'fore'")
        fresh.terminal.type("clear\r")
        fresh.terminal.wait_for(lambda _: fresh.terminal.screen.display[0].strip() == ">>>")
        fresh.terminal.type("6 * 9\r")
        fresh.terminal.wait_for(r"(?m)^54$")

    def test_errors_have_colors(self, fresh):
        fresh.run("await boom()")
        assert re.search(rb"\x1b\[[0-9;]*mValueError", fresh.terminal.raw)

    @pytest.mark.parametrize("off", [{"NO_COLOR": "1"}, {"PYTHON_COLORS": "0"}])
    def test_who_wants_no_colors_gets_none(self, start, off):
        shell = start(env=off)
        shell.run("1 / 0")
        assert not re.search(rb"\x1b\[[1-9][0-9;]*m", shell.terminal.raw)

    def test_what_python_knows_is_completed(self, shell):
        shell.run("import collections")
        shell.terminal.type("collections.OrderedD\t")
        shell.terminal.wait_for(r"collections\.OrderedDict")
        shell.terminal.key("c")
        shell.settle()

    def test_a_property_that_hangs_when_it_is_completed_ends_at_ctrl_c(self, fresh):
        fresh.run("import time")
        fresh.run(
            "class Slow:\n    def __dir__(self):\n        print('ask' + 'ed')\n        while True:\n            time.sleep(0.01)"
        )
        fresh.run("slow_one = Slow()")
        fresh.terminal.type("slow_one.\t")
        fresh.terminal.wait_for("asked")
        fresh.terminal.key("c")
        fresh.settle()
        assert fresh.run("await f(5)") == "5"

    def test_a_ctrl_c_that_strikes_our_code_ends_that_of_the_user_which_has_called_it(self, fresh):
        fresh.run("import signal, time")
        fresh.run("ours = {'__name__': 'awaitall', 'press': signal.raise_signal}; exec('def call(): press(2)', ours)")
        fresh.run(
            "class Slow:\n    def __dir__(self):\n        ours['call']()\n        while True:\n            time.sleep(0.01)"
        )
        fresh.run("slow_one = Slow()")
        fresh.terminal.type("slow_one.\t")
        fresh.wait_for_prompt()
        assert fresh.run("await f(5)") == "5"

    def test_tasks_go_on_beside_half_a_key_and_ctrl_c_forgets_it(self, fresh):
        fresh.run("%bg -q counting('gamma')")
        fresh.terminal.type("9 \x1b")
        fresh.terminal.wait_for(r"(?m)^gamma 19$")
        fresh.terminal.key("c")
        fresh.terminal.wait_for("KeyboardInterrupt")
        fresh.terminal.type("bbb = 5\rbbb * 11\r")
        fresh.terminal.wait_for(r"(?m)^55$")

    def test_bytes_that_are_no_text_are_shown_as_such(self, fresh):
        fresh.terminal.type(b"len('\xffa\xe9\x1bOCb')\r")
        fresh.terminal.wait_for(r"(?m)^4$")
        fresh.settle()
        assert fresh.run("await f('alive')") == "'alive'"

    def test_an_editor_that_fails_costs_a_line(self, fresh):
        fresh.run("import _pyrepl.reader")
        fresh.submit("_pyrepl.reader.Reader.refresh = lambda self: [].pop()")
        fresh.terminal.wait_for("awaitall: inputs are read line by line from now on: IndexError: pop from empty list")
        fresh.settle()
        assert fresh.run("await f(5)") == "5"

    # -- the terminal ---------------------------------------------------------------------------------------------------

    def test_the_shell_is_stopped_and_gone_on_with_by_the_keyboard(self, fresh):
        fresh.run("%bg -q counting('alpha')")
        fresh.terminal.type("6 * 9")
        fresh.terminal.wait_for(r"(?m)^alpha 5$")
        fresh.terminal.child.kill(signal.SIGSTOP)
        fresh.terminal.child.kill(signal.SIGCONT)
        last = fresh.terminal.text().count("\nalpha")
        fresh.terminal.wait_for(lambda text: text.count("\nalpha") > last + 10)
        fresh.terminal.wait_for(r"(?m)^>>> 6 \* 9$")
        fresh.terminal.type("\r")
        fresh.terminal.wait_for(r"(?m)^54$")

    def test_a_process_of_a_task_writes_its_lines_from_the_left_end(self, fresh):
        fresh.run(
            "async def prints():\n    process = await asyncio.create_subprocess_exec('printf', 'le' + 'ft 1\\\\nleft 2\\\\n')\n"
            "    await process.wait()\n    print('ov' + 'er')"
        )
        fresh.submit("%bg -q prints()")
        fresh.terminal.wait_for(r"(?m)^over$")
        assert b"left 1\r\nleft 2\r\n" in fresh.terminal.raw

    def test_the_output_of_a_task_stands_above_an_input_of_several_lines(self, fresh):
        fresh.run("%bg -q counting('beta', 40)")
        fresh.paste("if True:\n    print('bo' + 'dy')\n\n")
        fresh.terminal.wait_for(r"(?m)^beta 39\n>>> if True:\n\.\.\.     print\('bo' \+ 'dy'\)")
        fresh.terminal.type("\r\r")
        fresh.terminal.wait_for(r"(?m)^body$")

    def test_the_output_of_a_task_stands_above_an_input_that_is_higher_than_the_screen(self, fresh):
        fresh.run("%bg -q counting('beta', 40)")
        source = "if True:\n" + "\n".join(f"    x{number} = {number}" for number in range(60))
        fresh.paste(source)
        fresh.terminal.wait_for(lambda text: "x59 = 59" in fresh.terminal.screen.display[-1] or "x59 = 59" in text)
        fresh.terminal.type("\r\r")
        fresh.settle()
        assert "59" in fresh.run("x59").splitlines()  # a task may print beside it

    def test_the_window_of_another_library_is_served_while_tasks_go_on(self, fresh):
        fresh.run("import ctypes; calls = []")
        fresh.run("hook = ctypes.CFUNCTYPE(ctypes.c_int)(lambda: calls.append(1) or 0)")
        fresh.run("place = ctypes.c_void_p.in_dll(ctypes.pythonapi, 'PyOS_InputHook')")
        fresh.run("%bg -q counting('kappa', 100)")
        fresh.run("place.value = ctypes.cast(hook, ctypes.c_void_p).value")
        fresh.terminal.wait_for(r"(?m)^kappa 99$")
        assert int(fresh.run("place.value = None; len(calls)").split()[-1]) > 3

    def test_the_terminal_is_given_back(self, fresh):
        fresh.run("await f()")
        fresh.leave()
        assert fresh.terminal.is_sane()


@pytest.mark.parametrize("env", [{"PYTHON_BASIC_REPL": "1"}, {"TERM": "dumb"}])
def test_where_the_python_prompt_does_without_the_editor_so_does_the_console(tmp_path, env):
    shell = EditedConsole(tmp_path, env)
    assert shell.run("6 * 9") == "54"
    assert b"\x1b[?2004h\x1b[?1h" not in shell.terminal.raw
    shell.close()


@pytest.mark.parametrize(("before", "after"), [(Console, EditedConsole), (EditedConsole, Console)])
def test_the_history_is_that_of_both_prompts(tmp_path, before, after):
    shell = before(tmp_path)
    shell.run("'a' + ' line'")
    shell.leave()
    shell = after(tmp_path)
    shell.terminal.key("p")
    shell.terminal.wait_for(r"(?m)^>>> 'a' \+ ' line'$")
    shell.close()


class ConsoleOnAnotherEditor(EditedConsole):
    """A program that opens a console where the editor of the standard library is not the one that is known."""

    change = ""

    def argv(self, *options):
        return [sys.executable, "-c", f"{self.change}\nimport awaitall_console; awaitall_console.interact()"]


@pytest.mark.parametrize(
    "change",
    [
        "import sys; sys.modules['_pyrepl'] = None",
        "import _pyrepl.readline; del _pyrepl.readline.ReadlineAlikeReader",
        "import _pyrepl.unix_console; del _pyrepl.unix_console.UnixConsole",
        "import _pyrepl.unix_console; _pyrepl.unix_console.UnixConsole.wait = lambda self, seconds: True",
        "import _pyrepl.reader; del _pyrepl.reader.Reader.refresh",
    ],
)
def test_where_the_editor_is_another_one_the_console_goes_on_without(tmp_path, change):
    shell = type("Changed", (ConsoleOnAnotherEditor,), {"change": change})(tmp_path)
    assert shell.run("6 * 9") == "54"
    assert b"\x1b[?2004h\x1b[?1h" not in shell.terminal.raw
    shell.close()


def test_a_program_that_opens_a_console_gets_the_editor(tmp_path):
    shell = ConsoleOnAnotherEditor(tmp_path)
    shell.run("import asyncio")
    assert shell.run("await asyncio.sleep(0, 5)") == "5"
    assert b"\x1b[?2004h\x1b[?1h" in shell.terminal.raw
    assert shell.leave() == 0


def test_the_editor_is_the_one_that_is_known():
    """Fails where Python has changed its editor: then ``awaitall_console.editor`` is to be changed, too."""
    keyboard, terminal = os.openpty()
    script = "from awaitall import Session; from awaitall_console.editor import Editor; Editor(Session())"
    run = subprocess.run(
        [sys.executable, "-c", script],
        stdin=terminal,
        stdout=terminal,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TERM": "xterm"},
        check=False,
        timeout=60,
    )
    os.close(terminal)
    os.close(keyboard)
    assert (run.returncode, run.stderr) == (0, "")


SCREEN_OF_WINDOWS = """
import sys, types
sys.modules.setdefault("msvcrt", types.ModuleType("msvcrt"))  # which 3.13 imports
from _pyrepl import windows_console
from awaitall_console.editor import _arguments
from awaitall_console.windows_screen import Screen, _carries_out_escape_sequences
for kind, methods in Screen.known.items():
    for name, arguments in methods.items():
        assert _arguments(getattr(kind, name, None)) == arguments, name
windows_console.SetConsoleMode = lambda handle, mode: mode == 7
assert _carries_out_escape_sequences()
"""


def test_the_screen_of_windows_is_the_one_that_is_known():
    """Fails where Python has changed that: then ``awaitall_console.windows_screen`` is to be changed, too."""
    run = subprocess.run([sys.executable, "-c", SCREEN_OF_WINDOWS], capture_output=True, text=True, check=False, timeout=60)
    assert (run.returncode, run.stderr) == (0, "")


def test_input_that_is_no_terminal_loads_no_editor():
    source = "import sys; '_pyrepl' in sys.modules\n"
    run = subprocess.run([sys.executable, "-m", "awaitall"], input=source, capture_output=True, text=True, check=True, timeout=60)
    assert "False" in run.stdout


class TestEditorOutput(OutputSuite):
    shell_class = EditedConsole


class TestEditorWithHandlers(ReadlineSuite):
    shell_class = EditedConsole
    test_another_librarys_hook_costs_a_line = None  # tasks go on beside it


class TestEditorOnEachRunner(EachRunnerSuite):
    shell_class = EditedConsole


class TestEditing(EditingSuite):
    shell_class = EditedConsole
    end_of_block = "\r\r"
    before_found = r"\)"
    test_vi_mode = None  # there is none

    def test_a_block_of_500_lines_is_pasted(self, busy):
        self.wait_for_lines(busy)
        busy.paste("total = 0\n" + "\n".join(f"total += {number}" for number in range(499)))
        busy.terminal.type("\r\r")
        busy.terminal.wait_for(r"(?m)^>>>$")
        busy.terminal.type("total")
        busy.terminal.wait_for(r"(?m)^>>> total$")
        self.wait_for_answer(busy, sum(range(499)))

    def test_a_menu_of_completions_stays(self, busy):
        busy.terminal.type("asyncio.create_subprocess_\t\t")
        busy.terminal.wait_for("create_subprocess_shell")
        self.wait_for_lines(busy)
        busy.terminal.wait_for("create_subprocess_shell")


class TestEditorStorm(StormSuite):
    shell_class = EditedConsole
