"""The console on a real terminal, and with its input from a file."""

from __future__ import annotations

import subprocess
import sys

import pytest

from awaitall.testing.shell_fixtures import without_folders

from shell_suite import SETTINGS, EachRunnerSuite, OutputSuite, ReadlineSuite, SettingsSuite, ShellSuite, StormSuite
from shells import Console, ConsoleOfProgram

#: What is typed, and what the console answers.
REFUSED = {
    "return 5": ["    return 5", "SyntaxError: 'return' outside function"],
    "print('r' + 'an'); yield": ["    print('r' + 'an'); yield", "SyntaxError: 'yield' outside function"],
    "lambda: await f()": ["    lambda: await f()", "SyntaxError: 'await' outside async function"],
    "await f() )": ["    await f() )", "SyntaxError: unmatched ')'"],
    "await f('abc": ["    await f('abc", "SyntaxError: unterminated string literal (detected at line 1)"],
}


class TestConsole(ShellSuite):
    shell_class = Console
    has_colors = False

    @pytest.mark.parametrize("source", REFUSED)
    def test_a_syntax_error_shows_at_once_with_its_caret(self, shell, source):
        file, line, caret, error = shell.run(source).splitlines()
        assert file.startswith('  File "<input-')
        assert [line, error] == REFUSED[source]
        assert caret.strip("^ ") == ""

    def test_a_second_and_a_third_ctrl_c_while_the_first_is_told_end_nothing(self, fresh):
        fresh.run("import sys; write, left = sys.stderr.write, [1, 2, 3]")
        fresh.run(
            "def told(text):\n    if 'Keyb' in text and left:\n        raise KeyboardInterrupt(left.pop())\n"
            "    return write(text)"
        )
        fresh.run("sys.stderr.write = told")
        assert "KeyboardInterrupt" in fresh.run("raise KeyboardInterrupt")
        assert fresh.run("left, await f(5)") == "([], 5)"

    def test_an_open_bracket_waits_for_the_rest(self, shell):
        assert shell.run_line_by_line("await f(\n8)") == "8"

    def test_a_block_waits_for_its_body(self, shell):
        before = shell.continuations(shell.terminal.text())
        assert shell.run("async with cm() as c:\n    print('body', c)") == "body 5\nclosed"
        assert shell.continuations(shell.terminal.text()) == before + 2

    def test_carriage_returns_end_lines(self, fresh):
        fresh.terminal.type("a = 1\rb = await f(2)\ra, b\r")
        fresh.terminal.wait_for(r"(?m)^\(1, 2\)\n>>>$")

    def test_a_form_feed_is_white_space(self, shell):
        shell.terminal.type("\x16\x0cawait f(4)\r")  # Ctrl-V: the next key for itself
        shell.wait_for_prompt()
        assert "await f(4)\n4\n>>>" in shell.terminal.text()

    @pytest.mark.parametrize(
        ("typed", "error"),
        [
            (b"await f('a\xffb')", "surrogates not allowed"),
            (b"(" * 3000 + b")" * 3000, "SyntaxError: too many nested parentheses"),
            (b"-" * 2000 + b"1 if await f() else" + b"-" * 2000, "SyntaxError"),
        ],
        ids=["no UTF-8", "brackets", "signs"],
    )
    def test_bad_input_gets_a_clear_error(self, fresh, typed, error):
        if b"\xff" in typed and "libedit" in (pytest.importorskip("readline").__doc__ or ""):
            pytest.skip("libedit takes no byte that is no text")
        fresh.terminal.type(typed + b"\r")
        assert error in fresh.wait_for_prompt()
        assert fresh.run("await f('alive')") == "'alive'"

    # -- the start ------------------------------------------------------------------------------------------------------

    def test_the_startup_file_may_await(self, start, tmp_path):
        startup = tmp_path / "startup.py"
        startup.write_text("from aids import f\nstarted = await f('up')\n")
        assert start(env={"PYTHONSTARTUP": str(startup)}).run("started") == "'up'"

    def test_an_error_in_the_startup_file_costs_a_traceback(self, start, tmp_path):
        startup = tmp_path / "startup.py"
        startup.write_text("started = 1\n1 / 0\n")
        shell = start(env={"PYTHONSTARTUP": str(startup)})
        assert "ZeroDivisionError" in shell.terminal.text()
        assert shell.run("started") == "1"

    def test_a_startup_file_that_is_not_there_costs_one_line(self, start, tmp_path):
        shell = start(env={"PYTHONSTARTUP": str(tmp_path / "nowhere.py")})
        assert "Could not open PYTHONSTARTUP" in shell.terminal.text()

    # -- errors ---------------------------------------------------------------------------------------------------------

    def test_an_excepthook_of_the_users_is_called(self, fresh):
        fresh.run("import sys; sys.excepthook = lambda kind, exc, tb: print('hooked', kind.__name__, tb.tb_lineno)")
        assert fresh.run("await boom()") == "hooked ValueError 1"

    def test_an_excepthook_that_fails_hides_nothing(self, fresh):
        fresh.run("import sys; sys.excepthook = lambda *a: 1 / 0")
        answer = fresh.run("await boom()")
        assert "ZeroDivisionError" in answer
        assert "ValueError: boom" in answer

    def test_the_last_error_is_kept_for_the_debugger(self, fresh):
        fresh.run("await boom()")
        assert fresh.run("import sys; repr(sys.last_value), sys.last_traceback.tb_lineno") == "(\"ValueError('boom')\", 1)"

    # -- the end --------------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        ("source", "status"),
        [("exit()", 0), ("exit(3)", 3), ("raise SystemExit('words')", 1), ("await f(); raise SystemExit(3)", 3)],
    )
    def test_the_exit_status_is_the_users(self, fresh, source, status):
        fresh.run("task = asyncio.ensure_future(slow()); await f()")
        fresh.submit(source)
        assert fresh.terminal.wait_for_end() == status
        assert "cleaned up" in fresh.terminal.text()

    @pytest.mark.parametrize("source", ["exit()", "\x04"])
    def test_a_task_that_would_not_end_is_named(self, start, source):
        fresh = self.with_grace(start, 0.2)
        fresh.run("task = asyncio.ensure_future(slow(1000)); task.set_name('stubborn'); await f()")
        fresh.terminal.type(source if source == "\x04" else f"{source}\r")
        fresh.terminal.wait_for_end()
        assert "left behind, as they would not end: stubborn" in fresh.terminal.text()

    def test_history_is_kept_for_the_next_session(self, start):
        first = start()
        first.run("'what was' + ' typed'")
        first.leave()
        second = start()
        second.terminal.key("p")
        second.terminal.wait_for(r">>> 'what was' \+ ' typed'")


def run(text):
    done = subprocess.run([sys.executable, "-m", "awaitall"], input=text, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def test_input_may_come_from_a_file():
    status, out, _ = run("import asyncio\nawait asyncio.sleep(0, 6) * 7\n")
    assert (status, out.replace(">>> ", "").split()) == (0, ["42"])


def test_an_error_in_a_file_does_not_end_it():
    _, out, err = run("1 / 0\nprint('after')\n")
    assert "ZeroDivisionError" in err
    assert "after" in out


def test_null_bytes_in_a_file_are_an_error_of_their_line():
    _, out, err = run("x = 1\0\nprint('after')\n")
    assert "null bytes" in err
    assert "after" in out


def test_a_line_of_a_megabyte_is_run():
    status, out, _ = run(f"import asyncio\nlen(await asyncio.sleep(0, '{'x' * 2**20}'))\n")
    assert (status, out.replace(">>> ", "").split()) == (0, [str(2**20)])


def test_half_a_block_at_the_end_of_a_file_is_no_error_of_ours():
    status, _, err = run("async with x:\n")
    assert status == 0
    assert "awaitall/" not in without_folders(err)


class TestConsoleWithHandlers(ReadlineSuite):
    shell_class = Console


class TestConsoleOnEachRunner(EachRunnerSuite):
    shell_class = Console


class Settings(ConsoleOfProgram):
    settings = SETTINGS


class TestSettings(SettingsSuite):
    shell_class = Settings


class TestConsoleOutput(OutputSuite):
    shell_class = Console


#: What is typed, and what the console goes on with as the ``python`` prompt does.
ODD = {
    "stdout is None": "import sys; sys.stdout = None\n1 + 1\nsys.stderr.write('goes on')",
    "stderr is None": "import sys; sys.stderr = None\n1 / 0\nprint('goes on')",
    "a prompt that has no text": "import sys; sys.ps1 = type('', (), {'__str__': lambda self: 1 / 0})()\nprint('goes on')",
    "an interrupted excepthook": "import sys, signal; sys.excepthook = signal.default_int_handler\n1 / 0\nprint('goes on')",
    "no excepthook": "import sys; del sys.excepthook\n1 / 0\nprint('goes on')",
}


@pytest.mark.parametrize("source", ODD.values(), ids=ODD)
def test_the_console_goes_on_where_python_does(source):
    argv = [sys.executable, "-m", "awaitall"]
    run = subprocess.run(argv, input=source + "\n", capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode == 0, run.stderr
    assert "goes on" in run.stdout + run.stderr


def test_an_excepthook_that_exits_ends_the_console():
    source = "import sys; sys.excepthook = lambda *_: sys.exit(3)\n1 / 0\n"
    argv = [sys.executable, "-m", "awaitall"]
    assert subprocess.run(argv, input=source, capture_output=True, text=True, check=False, timeout=60).returncode == 3


def test_a_console_without_standard_input_ends_at_once():
    run = subprocess.run(
        ["sh", "-c", f"'{sys.executable}' -m awaitall <&-"], capture_output=True, text=True, check=False, timeout=60
    )
    assert run.returncode == 0
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(("option", "found"), [("-B", True), ("-P", False), ("-I", False)])
def test_the_current_directory_is_on_the_path_as_python_has_it(option, found):
    argv = [sys.executable, option, "-m", "awaitall"]
    source = "import sys; print('here' if '' in sys.path else 'nowhere')\n"
    run = subprocess.run(argv, input=source, capture_output=True, text=True, check=True, timeout=60)
    assert ("here" if found else "nowhere") in run.stdout.split()


class TestConsoleStorm(StormSuite):
    shell_class = Console
