"""xonsh on a real terminal, with each of its three shells."""

from __future__ import annotations

import re

import pytest

from shell_suite import BriefSuite, EachRunnerSuite, EditingSuite, OutputSuite, ReadlineSuite, ShellSuite
from shells import Xonsh, XonshDumb, XonshReadline

PLAIN = {"XONTRIBS_AUTOLOAD_DISABLED": "1"}

#: Name -> the inputs, one after the other, and what the last of them prints.
COMMANDS = {
    "a command": (["echo a b"], "a b"),
    "a pipe": (["echo a b | tr a-z A-Z"], "A B"),
    "captured": (["$(echo hi)"], "'hi'"),
    "hidden": (["![echo hi]"], "hi"),
    "a Python value": (["echo @(1 + 1)"], "2"),
    "a macro": (["echo! x   y"], "x   y"),
    "and": (["echo a && echo b"], "a\nb"),
    "or": (["false || echo b"], "b"),
    "an environment variable": (["$GREETING = 'hi'", "echo $GREETING"], "hi"),
    "an alias": (["aliases['hey'] = 'echo hey'", "hey you"], "hey you"),
    "a macro that only names await": (["echo! await f(1)"], "await f(1)"),
    "a word that begins with await": (["aliases['awaits'] = 'echo awaits'", "awaits f"], "awaits f"),
    "a value in a command": (["echo @(await f(1))"], "1"),
    "a value in a pipe": (["echo @(await f('abc')) | tr a-z A-Z"], "ABC"),
    "a value for an environment variable": (["$AWAITED = await f('x')", "echo $AWAITED"], "x"),
    "a command in an awaited call": (["await f($(echo hi))"], "'hi'"),
    "a command in an awaiting block": (["async with cm() as c:\n    echo body @(c)"], "body 5\nclosed"),
    "await, then a command": (["await f(1) && echo hi"], "hi"),
    "await, or else a command": (["await f(0) || echo hi"], "hi"),
    "a command, then await": (["echo hi && await f(3)"], "hi\n3"),
    "await and a command in a row": (["await f(1); echo hi"], "1\nhi"),
    "a function with commands": (["async def g():\n    return $(echo in g)", "await g()"], "'in g'"),
    "a swapped variable": (["with ${...}.swap(SWAPPED='1'): await f($SWAPPED)"], "'1'"),
}

#: What plain xonsh takes for commands, and we too.
CALLS_OF_AWAIT = ["await", "await --help", "await foo bar", "await /", "await foo bar && echo hi", "![await foo]"]

#: Names that nobody knows: in Python, a NameError; nothing else of the input runs.
UNKNOWN_NAMES = [
    "await nope",
    "await nope.x",
    "(await nope)",
    "await nope -a",
    "await nope && echo dropped",
    "await nope && echo dropped or echo dropped",
    "await nope || echo dropped",
    "not await nope",
    "print(nope) and await f(1)",
    "await f(1) and print(nope)",
    "[i async for i in nope]",
    "echo @(await nope)",
]

REFUSED = {
    "return 5": "SyntaxError: 'return' outside function",
    "lambda: await f()": "SyntaxError: 'await' outside async function",
    "await f() )": "SyntaxError",
    "x = await f(); return 5": "SyntaxError: 'return' outside function",
}

#: Name -> an expression for source that a terminal would not let a person type, and what the answer to it ends with.
BAD_SOURCES = {
    "null byte": ("'await f(1)' + chr(0)", "SyntaxError:"),
    "lone surrogate": ("'await f(\"' + chr(0xd800) + '\")'", "surrogates not allowed"),
    "carriage return": ("'await f(1)' + chr(13) + ')'", "SyntaxError:"),
    "form feed": ("chr(12) + 'await f(1)'", "1"),
    "nesting": ("'await f(' + '(' * 10000 + ')' * 10000 + ')'", "()"),
    "a long line": ("'await f(len(\"' + 'x' * 10**6 + '\"))'", "1000000"),
}


class Habits:
    """What is otherwise in xonsh than in other shells; the other base."""

    unlike_the_shell = frozenset({"future import stays"})

    def way_out(self, source):
        typed, status = super().way_out(source)
        return typed.replace("exit()", "raise SystemExit"), status  # the command exit asks about tasks

    def status_after(self, signum):
        return signum


class Inputs(Habits, ShellSuite):
    """What depends on the shell that reads the inputs."""

    # -- commands -------------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("name", COMMANDS)
    def test_commands_stay_commands(self, shell, name):
        inputs, expected = COMMANDS[name]
        for source in inputs:
            answer = shell.run(source)
        assert answer == expected

    @pytest.mark.parametrize("source", CALLS_OF_AWAIT)
    def test_what_python_could_not_be_is_a_command(self, shell, source):
        assert "command not found: 'await'" in shell.run(source)

    @pytest.mark.parametrize("source", UNKNOWN_NAMES)
    def test_an_unknown_name_is_a_name_error(self, shell, source):
        answer = shell.run(source)
        assert "NameError: name 'nope' is not defined" in answer
        assert "not found" not in answer
        assert "\ndropped" not in f"\n{answer}"

    def test_an_alias_named_await_is_a_command(self, fresh):
        fresh.run("aliases['await'] = 'echo the alias'")
        assert fresh.run("await foo") == "the alias foo"
        assert fresh.run("await foo bar") == "the alias foo bar"
        assert fresh.run("await f(2)") == "2"

    def test_a_program_named_await_is_a_command(self, start, tmp_path):
        program = tmp_path / "bin" / "await"
        program.parent.mkdir()
        program.write_text("#!/bin/sh\necho the program $@\n")
        program.chmod(0o755)
        shell = start()
        shell.run(f"from aids import *; $PATH.insert(0, {str(program.parent)!r})")
        assert shell.run("await foo") == "the program foo"
        assert shell.run("await f(2)") == "2"

    def test_a_command_is_timed(self, shell):
        assert re.search(r"Wall time: \S+ ms", shell.run("%time x = $(echo hi)"))
        assert shell.run("x") == "'hi'"

    @pytest.mark.parametrize("source", ["$(echo hi)", "await $(echo hi)"])
    def test_a_command_is_timed_in_loops(self, shell, source):
        assert shell.run(f"%timeit -n 2 -r 1 {source}").endswith("of 1 run, 2 loops each)")

    # -- completeness ---------------------------------------------------------------------------------------------------

    def test_an_async_block_waits_for_its_lines(self, shell):
        before = len(shell.prompts(shell.terminal.text()))
        shell.type_lines("async with cm() as c:\nprint('body', c)")
        assert shell.answer(shell.wait_for_prompt(), before) == "body 5\nclosed"

    def test_an_open_bracket_waits_to_be_closed(self, shell):
        before = len(shell.prompts(shell.terminal.text()))
        shell.type_lines("await f(\n7)")
        assert shell.answer(shell.wait_for_prompt(), before) == "7"

    def test_half_a_string_waits_and_ctrl_c_ends_it(self, shell):
        shell.type_lines("await f('''abc", more=True)
        shell.terminal.key("c")
        shell.wait_for_prompt()
        assert shell.run("await f('alive')") == "'alive'"

    @pytest.mark.parametrize("source", REFUSED)
    def test_a_syntax_error_is_shown_after_a_blank_line_as_plain_xonsh_does(self, shell, source):
        before = len(shell.prompts(shell.terminal.text()))
        shell.type_lines(source)
        answer = shell.answer(shell.wait_for_prompt(), before)
        assert REFUSED[source] in answer
        assert source in answer
        assert "SystemError" not in answer
        assert "During handling" not in answer

    @pytest.mark.parametrize("name", BAD_SOURCES)
    def test_bad_source_gets_a_clear_answer(self, shell, name):
        source, end = BAD_SOURCES[name]
        shell.run("prompt = __xonsh__.shell.shell")
        shell.run("enter = lambda line: (prompt.default(line), prompt.need_more_lines and prompt.emptyline()) and None")
        assert shell.run(f"enter({source} + chr(10))").splitlines()[-1].endswith(end)
        assert shell.run("await f('alive')") == "'alive'"

    # -- context --------------------------------------------------------------------------------------------------------

    def test_a_context_variable_goes_from_input_to_input(self, shell):
        shell.run("import contextvars; v = contextvars.ContextVar('v'); t = v.set('sync')")
        assert shell.run("await f(v.get())") == "'sync'"
        shell.run("await f(v.set('async'))")
        assert shell.run("v.get()") == "'async'"

    def test_a_context_variable_that_is_reset_stays_so(self, shell):
        shell.run("import contextvars; w = contextvars.ContextVar('w'); t = w.set('sync')")
        shell.run("await f()")
        shell.run("w.reset(t)")
        assert shell.run("await f(w.get('unset'))") == "'unset'"
        assert shell.run("w.get('unset')") == "'unset'"
        shell.run("t = w.set('sync') if await f(True) else None")
        assert shell.run("w.get('unset')") == "'sync'"
        shell.run("await f(w.reset(t))")
        assert shell.run("w.get('unset')") == "'unset'"

    @pytest.mark.parametrize("source", ["t = u.set(5)", "t = u.set(await f(5))"])
    def test_a_context_variable_that_is_set_in_what_is_timed_stays_so(self, shell, source):
        shell.run("import contextvars; u = contextvars.ContextVar('u')")
        shell.run(f"%time {source}")
        assert shell.run("(u.get(), await f(u.get()))") == "(5, 5)"

    def test_the_decimal_context_is_one(self, shell):
        shell.run("import decimal; decimal.getcontext().prec = 5")
        assert shell.run("await f(decimal.getcontext().prec)") == "5"
        shell.run("decimal.getcontext().prec = await f(7)")
        assert shell.run("decimal.getcontext().prec") == "7"


class TestXonsh(Inputs):
    shell_class = Xonsh


class TestXonshReadline(Inputs):
    shell_class = XonshReadline

    def test_who_never_awaits_imports_nothing_for_it(self, start):
        shell = start()
        shell.run("x = 1; import sys")
        shell.run("echo hi")
        shell.run("async def f(): pass")
        imported = shell.run(
            "[m for m in ('asyncio', 'concurrent.futures', 'pluggy', 'awaitall.base_session') if m in sys.modules]"
        )
        assert imported == "[]"


class TestXonshDumb(Habits, BriefSuite):
    """xonsh's class for it is that of the readline shell with other colors."""

    shell_class = XonshDumb
    has_colors = False


class OnEachRunner(EachRunnerSuite):
    interrupted = ""

    @pytest.mark.parametrize("process", ["q = !(sleep 1000)", "q = !(true)", "$(true)", "![true]", "q = !(true); q.end()"])
    def test_a_process_does_not_take_ctrl_c_away(self, shell, process):
        # A process owns Ctrl-C until the input waits, so it waits once more before it says so.
        assert "cleaned up" in self.press(shell, f"await pause(); {process}; await pause(); await slow()", "waiting")
        assert "spinning" in self.press(shell, "spin()", "spinning")
        if "sleep" in process:  # else it would be an unfinished job when the shell is left
            shell.run("q.proc.kill(); q.end()")


class TestXonshOnEachRunner(OnEachRunner):
    shell_class = Xonsh


class TestXonshReadlineOnEachRunner(OnEachRunner):
    shell_class = XonshReadline


class TestXonshReadlineWithHandlers(ReadlineSuite):
    shell_class = XonshReadline


class TestXonshEditing(EditingSuite):
    shell_class = Xonsh
    vi_mode = "$VI_MODE = True"
    end_of_block = "\r\r"


class TestRunning:
    """What is the same whoever has read the input."""

    shell_class = Xonsh

    # -- Ctrl-C beside subprocesses -------------------------------------------------------------------------------------

    @pytest.mark.parametrize("sleeping", ["say('nap' + 'ping'); time.sleep(1000)", "await nap()"])
    @pytest.mark.parametrize(
        "inputs",
        [
            ["await f()"],
            ["await f(); q = !(sleep 1000)"],
            ["await f(); q = !(true)", "q.end()"],
            ["await f(); q = !(true)", "await f(); q.end()"],
            ["await f()", "q = !(true)", "await f(); q.end()"],
        ],
        ids=" and ".join,
    )
    def test_a_process_does_not_take_ctrl_c_away(self, fresh, inputs, sleeping):
        self.import_nap(fresh)
        for source in inputs:
            fresh.run(source)
        fresh.submit(sleeping)
        fresh.terminal.wait_for(r"(?m)^napping")
        fresh.terminal.key("c")
        fresh.wait_for_prompt()
        assert "default_int_handler" in fresh.run("signal.getsignal(signal.SIGINT)")

    @pytest.mark.parametrize("process", ["q = !(sleep 1000)", "q = !(true)", "q = !(true); q.end()", "$(true)"])
    def test_a_process_of_the_same_input_does_not_take_ctrl_c_away(self, fresh, process):
        self.import_nap(fresh)
        fresh.submit(f"{process}; await nap()")
        fresh.terminal.wait_for(r"(?m)^napping")
        fresh.terminal.key("c")
        fresh.wait_for_prompt()
        assert fresh.run("await f('alive')") == "'alive'"

    def test_a_process_of_an_earlier_input_does_not_take_ctrl_c_away(self, fresh):
        self.import_nap(fresh)
        fresh.run("q = !(sleep 1000)")
        fresh.submit("await nap()")
        fresh.terminal.wait_for(r"(?m)^napping")
        fresh.terminal.key("c")
        fresh.wait_for_prompt()
        assert fresh.run("await f('alive')") == "'alive'"

    def import_nap(self, shell):
        """A coroutine that says so once it waits, and not a moment before: a process owns Ctrl-C until then."""
        shell.run("import signal, time")
        shell.run("async def nap():\n    asyncio.get_running_loop().call_soon(say, 'napping')\n    await slow()")

    def test_a_handler_of_the_users_is_left_alone(self, fresh):
        fresh.run("import signal; h = lambda *a: print('mi' + 'ne')")
        fresh.run("old = signal.signal(signal.SIGINT, h); await f()")
        assert fresh.run("signal.getsignal(signal.SIGINT) is h") == "True"

    def test_ctrl_c_ends_a_command_in_an_awaiting_input(self, shell):
        # xonsh's own handler is not ready for a Ctrl-C in the first moments of a process (AttributeError: _interrupted)
        shell.submit("await f(); x = $(sh -c 'sleep 0.3; echo go-$0 >&2; exec sleep 1000' on)")
        shell.terminal.wait_for(r"(?m)^go-on")
        shell.terminal.key("c")
        shell.wait_for_prompt()
        assert shell.run("await f('alive')") == "'alive'"

    # -- the end --------------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        ("source", "status"), [("exit", 0), ("exit 3", 3), ("raise SystemExit(3)", 3), ("await f(); raise SystemExit(3)", 3)]
    )
    def test_exit_ends_what_is_still_running_and_keeps_its_code(self, fresh, source, status):
        fresh.run("task = asyncio.ensure_future(slow()); await f()")
        fresh.submit(source)
        if source.startswith("exit"):
            fresh.terminal.wait_for("force quit")
            fresh.wait_for_prompt()
            fresh.submit(source)
        assert fresh.terminal.wait_for_end() == status
        assert "cleaned up" in fresh.terminal.text()
        assert "Task was destroyed" not in fresh.terminal.text()

    # -- threads and nesting --------------------------------------------------------------------------------------------

    def test_an_alias_in_a_thread_can_await(self, fresh):
        fresh.run("aliases['t'] = lambda args: execx('print(await f(5))', 'single', globals())")
        assert fresh.run("t") == "5"
        assert fresh.run("await f(6)") == "6"
        assert fresh.run("t") == "5"

    def test_an_await_inside_an_await_says_what_is_wrong(self, shell):
        assert "RunningLoopError" in shell.run("await f(execx('await f()', 'single', globals()))")
        assert shell.run("await f('alive')") == "'alive'"


class TestXonshOutput(OutputSuite):
    shell_class = Xonsh


class TestXonshReadlineOutput(OutputSuite):
    shell_class = XonshReadline
