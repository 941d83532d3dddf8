"""ptpython on a real terminal."""

from __future__ import annotations

import re
import sys

import pytest
from ptpython.repl import PythonRepl

from awaitall.testing.shell_inputs import FORMS
from awaitall_ptpython import disable, enable
from awaitall_ptpython.repl import missing_names

from shell_suite import SETTINGS, EachRunnerSuite, EditingSuite, OutputSuite, SettingsSuite, ShellSuite, StormSuite
from shells import Ptpython

#: Pasted text, and what ptpython shows below it.
REFUSED = {
    "a null byte": (b"await f('a\x00b')", "null bytes"),
    "no UTF-8": (b"await f('a\xffb')", "surrogates not allowed"),
    "await in a lambda": (b"lambda: await f()", "'await' outside async function"),
    "return": (b"return 5", "'return' outside function"),
    "brackets": (b"await f(" + b"(" * 3000 + b")" * 3000 + b")", "too many nested parentheses"),
}


class TestPtpython(ShellSuite):
    shell_class = Ptpython

    # -- what is typed --------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("name", REFUSED)
    def test_what_is_refused_stays_to_be_mended(self, shell, name):
        typed, error = REFUSED[name]
        shell.terminal.type(b"\x1b[200~" + typed + b"\x1b[201~\r")
        shell.terminal.wait_for(rf"Syntax Error: .*{error}")
        shell.terminal.key("c")
        shell.wait_for_prompt()
        assert shell.run("await f('alive')") == "'alive'"

    def test_an_open_bracket_waits_for_the_rest(self, shell):
        before = len(shell.prompts(shell.terminal.text()))
        shell.terminal.type("await f(\r")
        shell.terminal.wait_for(r"(?m)^>>> await f\(\n\.\.\.")
        shell.terminal.type("8)\r\r")
        assert shell.answer(shell.wait_for_prompt(), before) == "8"

    def test_an_async_block_waits_for_its_body(self, shell):
        before = len(shell.prompts(shell.terminal.text()))
        shell.terminal.type("async with cm() as c:\r")
        shell.terminal.wait_for(r"as c:\n\.\.\.")
        shell.terminal.type("print('body', c)\r\r")
        assert shell.answer(shell.wait_for_prompt(), before) == "body 5\nclosed"

    def test_carriage_returns_end_lines(self, shell):
        shell.terminal.type("\x1b[200~a = 1\rb = await f(2)\ra, b\x1b[201~\x1b\r")
        assert shell.wait_for_prompt().endswith("\n(1, 2)\n\n>>>")

    def test_a_command_for_the_system(self, shell):
        assert shell.run("!echo a b") == "a b"

    def test_results_are_numbered(self, fresh):
        fresh.run("await f(5)")
        assert fresh.run("_, len([name for name in globals() if name[1:].isdigit()])") == "(5, 1)"

    def test_a_second_ctrl_c_while_the_first_is_told_ends_nothing(self, fresh):
        fresh.run("def again(exc):\n    del repl._handle_keyboard_interrupt\n    raise KeyboardInterrupt")
        fresh.run("repl = get_ptpython(); repl._handle_keyboard_interrupt = again")
        assert "KeyboardInterrupt" in fresh.run("raise KeyboardInterrupt")
        assert fresh.run("await f(5)") == "5"

    # -- on and off -----------------------------------------------------------------------------------------------------

    def test_off_and_on_again(self, fresh):
        fresh.run("from awaitall_ptpython import disable, enable")
        fresh.run("task = asyncio.ensure_future(slow()); await f()")
        assert "cleaned up" in fresh.run("disable(get_ptpython())")
        assert fresh.run("type(get_ptpython()).__name__") == "'PythonRepl'"
        fresh.run("enable(get_ptpython())")
        assert fresh.run("await f(2)") == "2"

    def test_twice_is_as_good_as_once(self, fresh):
        fresh.run("before = type(get_ptpython()).__mro__")
        fresh.run("from awaitall_ptpython import enable; enable(get_ptpython())")
        assert fresh.run("type(get_ptpython()).__mro__ == before, await f(1)") == "(True, 1)"

    # -- the end --------------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        ("source", "status"),
        [("exit()", 0), ("import sys; sys.exit(3)", 3), ("await f(); raise SystemExit(3)", 3)],
    )
    def test_the_exit_status_is_the_users(self, fresh, source, status):
        fresh.run("task = asyncio.ensure_future(slow()); await f()")
        fresh.submit(source)
        assert fresh.terminal.wait_for_end() == status
        assert "cleaned up" in fresh.terminal.text()


class Embedded(Ptpython):
    """ptpython opened by a program."""

    program = """
from ptpython import embed

def main():
    answer = 42
    embed(globals(), locals(), configure=configure)
    print("the program goes on")

main()
"""

    def argv(self, *options):
        path = self.home / "program.py"
        path.write_text(self.config + self.quiet + self.program)
        return [sys.executable, str(path)]


class TestEmbedded:
    shell_class = Embedded

    def test_it_awaits_with_the_names_of_the_program(self, fresh):
        assert fresh.run("await f(answer)") == "42"

    def test_a_background_task_binds_names_where_inputs_do(self, fresh):
        fresh.run("%bg -q bound = await f(answer); print('bo' + 'und')")
        fresh.terminal.wait_for(r"(?m)^bound$")
        assert fresh.run("bound") == "42"

    def test_the_program_goes_on(self, fresh):
        fresh.run("await f()")
        assert fresh.leave() == 0
        assert "the program goes on" in fresh.terminal.text()


class EmbeddedInALoop(Embedded):
    """ptpython opened by a coroutine of a program, which goes on beside it."""

    program = """
import asyncio
from ptpython import embed

async def main():
    loop = asyncio.get_running_loop()
    ticked = asyncio.Event()
    asked = asyncio.Event()

    async def clock():
        await asked.wait()
        ticked.set()

    task = asyncio.create_task(clock())
    await embed(globals() | locals(), configure=configure, return_asyncio_coroutine=True)
    print("the program goes on")

asyncio.run(main())
"""


class TestEmbeddedInALoop:
    shell_class = EmbeddedInALoop

    @pytest.mark.parametrize("name", FORMS)
    def test_every_form_of_await_works_as_typed(self, shell, name):
        inputs, expected = FORMS[name]
        for source in inputs:
            answer = shell.run(source)
        assert answer == expected

    def test_inputs_run_on_the_loop_of_the_program(self, fresh):
        assert fresh.run("asyncio.get_running_loop() is await f(loop)") == "True"

    def test_tasks_are_those_of_the_program(self, fresh):
        assert re.search(r"(?m)^\[\d\] waiting +- +clock +", fresh.run("%tasks"))
        fresh.run("%bg -q mine = await f(5); print('mi' + 'ne')")
        fresh.terminal.wait_for(r"(?m)^mine$")
        assert fresh.run("%cancel clock") == ""
        assert fresh.run("await f(), task.cancelled()") == "(None, True)"
        assert "clock" not in fresh.run("%tasks")

    def test_output_appears_above_the_line_being_typed(self, fresh):
        fresh.run("%bg counting('alpha')")
        fresh.terminal.type("6 * 9")
        fresh.terminal.wait_for(r"(?m)^alpha 9$")
        fresh.terminal.wait_for(r">>> 6 \* 9$")

    def test_no_other_runner_can_be_used_there(self, fresh):
        assert "asyncio is running in this thread already" in fresh.command("autoawait trio")
        assert fresh.command("autoawait") == "autoawait is `On`, and set to use the running loop of `asyncio`"

    def test_tasks_of_the_program_go_on_during_an_await(self, fresh):
        fresh.run("asked.set()")
        assert fresh.run("await ticked.wait()") == "True"

    def test_an_error_is_shown_from_the_users_line(self, fresh):
        answer = fresh.run("await boom()")
        assert "ValueError: boom" in answer
        assert answer.count("File ") == 2

    def test_the_program_goes_on(self, fresh):
        fresh.run("await f()")
        assert fresh.leave() == 0
        assert "the program goes on" in fresh.terminal.text()


class Unknown(Ptpython):
    """A ptpython to come, that has renamed something."""

    config = """\
from ptpython.repl import PythonRepl
del PythonRepl._handle_exception
from awaitall_ptpython import configure as awaitall
"""


class TestUnknown:
    shell_class = Unknown

    def test_it_costs_one_line_and_ptpython_works(self, start):
        shell = start()
        assert shell.terminal.text().count("awaitall") == 1
        assert (
            "awaitall: this ptpython has no _handle_exception, and 3.0.24 or newer is needed, so await stays off"
            in shell.terminal.text()
        )
        assert shell.run("1 + 1") == "2"


class Shouting(PythonRepl):
    """A REPL of somebody's own, as some programs have one."""

    def eval(self, line):
        return super().eval(line.lower())


@pytest.fixture
def shouting():
    names = {}
    repl = Shouting(get_globals=lambda: names)
    yield repl
    disable(repl)
    assert type(repl) is Shouting


def test_a_class_of_somebodys_own_evaluates_first_and_awaits(shouting):
    enable(shouting)
    shouting.eval("IMPORT ASYNCIO")
    assert shouting.eval("AWAIT ASYNCIO.SLEEP(0, 5)") == 5


def test_an_eval_that_was_replaced_on_the_instance_costs_one_line(shouting, capsys):
    shouting.eval = lambda line: "theirs"
    enable(shouting)
    assert "awaitall: eval of this ptpython has been replaced, so await stays off" in capsys.readouterr().err
    assert shouting.eval("await f()") == "theirs"


def test_an_adapter_that_fails_while_it_wires_costs_one_line(shouting, capsys, monkeypatch):
    from awaitall_ptpython.repl import AwaitRepl

    def fails(*args):
        raise RuntimeError("nobody knows")

    monkeypatch.setattr(AwaitRepl, "swap_in", fails)
    enable(shouting)
    assert capsys.readouterr().err == (
        "awaitall: this ptpython is not known (nobody knows), so await stays off: pip install -U awaitall\n"
    )
    assert type(shouting).__name__ == "Shouting"


def test_an_eval_that_is_replaced_later_may_call_the_one_that_awaits(shouting):
    enable(shouting)
    before = shouting.eval
    shouting.eval = lambda line: before(line.replace("?", "await "))
    shouting.eval("import asyncio")
    assert shouting.eval("?asyncio.sleep(0, 5)") == 5


def test_this_ptpython_has_the_private_names_that_the_adapter_uses():
    assert missing_names(PythonRepl()) == []


class TestPtpythonOnEachRunner(EachRunnerSuite):
    shell_class = Ptpython


class TestPtpythonEditing(EditingSuite):
    shell_class = Ptpython
    vi_mode = "get_ptpython().vi_mode = True"
    end_of_block = "\x1b\r"


class Settings(Ptpython):
    config = f"from awaitall_ptpython import enable\n\ndef awaitall(repl):\n    enable(repl)\n    enable(repl, {SETTINGS})\n"


class TestSettings(SettingsSuite):
    shell_class = Settings


class TestPtpythonOutput(OutputSuite):
    shell_class = Ptpython


class TestPtpythonStorm(StormSuite):
    shell_class = Ptpython
