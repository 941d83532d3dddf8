"""The adapter kit does what an adapter for any shell needs."""

from __future__ import annotations

import asyncio
import code
import subprocess
import sys

import pytest

import awaitall
from awaitall import Session, shells
from awaitall.shells import CommandCompiler, add_settings, new_session, replace_class, restore_class, say_off


class Shell:
    """Stands for a shell that has no hook where one is needed."""

    def __init__(self):
        self.state = "kept"

    def answer(self):
        return "the shell's"


class Ours(Shell):
    def answer(self):
        return f"ours over {super().answer()}"


class Theirs(Shell):
    def answer(self):
        return f"theirs over {super().answer()}"


class Plain:
    def answer(self):
        return f"ours over {super().answer()}"


@pytest.mark.parametrize("ours", [Ours, Plain])
def test_a_live_object_gets_methods_in_front_of_its_own(ours):
    shell = Shell()
    replace_class(shell, ours)
    assert shell.answer() == "ours over the shell's"
    assert shell.state == "kept"


def test_to_replace_a_class_twice_is_as_good_as_once():
    shell = Shell()
    replace_class(shell, Plain)
    replace_class(shell, Plain)
    assert shell.answer() == "ours over the shell's"


def test_other_objects_of_the_class_are_what_they_were():
    replace_class(Shell(), Plain)
    assert Shell().answer() == "the shell's"


def test_the_class_comes_back():
    shell = Shell()
    replace_class(shell, Plain)
    assert restore_class(shell, Plain)
    assert type(shell) is Shell


def test_to_restore_what_has_not_been_replaced_does_nothing():
    shell = Shell()
    assert restore_class(shell, Plain)
    assert type(shell) is Shell


def test_a_class_of_somebody_elses_stays_in_front():
    shell = Theirs()
    replace_class(shell, Ours, base=Shell)
    assert shell.answer() == "theirs over ours over the shell's"
    assert restore_class(shell, Ours)
    assert type(shell) is Theirs


def test_a_class_that_somebody_has_put_on_top_stays_there():
    shell = Shell()
    replace_class(shell, Ours)
    shell.__class__ = type("Top", (type(shell),), {"answer": lambda self: "top"})
    assert not restore_class(shell, Ours)
    assert shell.answer() == "top"


def test_a_session_for_a_shell_ends_its_tasks_before_a_signal_ends_the_process():
    with new_session() as session:
        assert session.exit_on_termination


def test_a_session_for_a_shell_begins_with_its_settings():
    with new_session(settings=add_settings({}, {"runner": "sync", "outside": True})) as session:
        assert (session.runner, session.outside) == ("sync", True)


def test_settings_are_added_to_those_there_are():
    assert add_settings({"outside": True}, {"implicit": True}) == {"outside": True, "implicit": True}


def test_settings_that_are_added_are_applied_to_the_session_there_is():
    with new_session() as session:
        add_settings({}, {"implicit": True}, session)
        assert session.implicit


def test_a_setting_that_is_wrong_costs_one_line(capsys):
    assert add_settings({}, {"implict": True}) == {}
    assert capsys.readouterr().err == (
        "awaitall: implict=True is left out: No setting is called 'implict'; "
        "there are: autoawait, banner, display, grace, hints, implicit, outside, plugins, runner. Did you mean 'implicit'?\n"
    )


def test_a_plugin_that_is_not_installed_costs_one_line(capsys):
    assert add_settings({}, {"plugins": ["no-such-plugin"]}) == {}
    assert capsys.readouterr().err == (
        "awaitall: plugins=['no-such-plugin'] is left out: No plugin is called 'no-such-plugin'. Is it installed?\n"
    )


def test_plugins_that_the_settings_name_are_loaded():
    program = (
        "from awaitall.shells import add_settings; add_settings({}, {'plugins': 'console'}); "
        "from awaitall.plugins import plugins; print(sorted(plugins().shells()))"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "['console']\n"


def test_what_a_shell_says_inside_a_loop_comes_before_what_all_say():
    with new_session(inside_a_loop="Press F2.") as session:
        assert session.inside_a_loop.startswith("Press F2. Or: Open a shell that awaits by: ")


def test_a_shell_that_does_not_fit_costs_one_line(capsys):
    say_off("this shell is too old")
    assert capsys.readouterr().err == "awaitall: this shell is too old, so await stays off: pip install -U awaitall\n"


def test_the_page_is_short():
    assert len(shells.__all__) == 17
    assert all(getattr(shells, name) is not None for name in shells.__all__)


def test_importing_the_page_imports_nothing_else():
    program = "import sys, awaitall.shells; print(sorted(name for name in sys.modules if name.startswith('awaitall')))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "['awaitall', 'awaitall.shells']\n"


# -- evaluate ------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def session():
    with new_session() as session:
        session.run("import asyncio")
        yield session


def test_the_value_of_an_input_is_in_its_outcome(session):
    outcome = session.evaluate("await asyncio.sleep(0, 5)")
    assert (outcome.value, outcome.has_value, outcome.error, outcome.text) == (5, True, None, "")


def test_a_statement_has_no_value(session):
    assert not session.evaluate("x = 5").has_value


@pytest.mark.parametrize("source", ["1 / 0", "await asyncio.sleep(0); 1 / 0"])
def test_the_error_of_an_input_begins_at_the_users_line(session, source):
    error = session.evaluate(source).error
    assert error.__traceback__.tb_frame.f_code.co_filename.startswith("<input-")


def test_an_outcome_that_is_unwrapped_raises_the_error(session):
    outcome = session.evaluate("1 / 0")
    with pytest.raises(ZeroDivisionError) as caught:
        outcome.unwrap()
    tb = shells.user_traceback(caught.value)
    assert tb.tb_frame.f_code.co_filename.startswith("<input-")


def test_the_end_of_the_shell_comes_out(session):
    with pytest.raises(SystemExit) as caught:
        session.evaluate("raise SystemExit(3)")
    assert caught.value.code == 3


def test_a_line_command_has_text_to_show(session):
    assert session.evaluate("%tasks").text == "no tasks\n"


def test_a_line_command_runs_in_the_namespace_that_is_given(session):
    session.evaluate("%bg f(", {"f": 5})
    assert session.namespace == {"f": 5}


def test_a_forgotten_coroutine_gets_a_hint(session, capsys):
    outcome = session.evaluate("asyncio.sleep(0)")
    assert "nothing of this coroutine has run" in capsys.readouterr().err
    outcome.value.close()


def test_a_forgotten_coroutine_that_the_display_hook_has_shown_gets_a_hint(session, capsys):
    session.evaluate_lines("asyncio.sleep(0)")
    assert "nothing of this coroutine has run" in capsys.readouterr().err
    import builtins

    builtins._.close()


def test_lines_show_the_value_of_each_expression(session, capsys):
    session.evaluate_lines("for i in range(2): i + 70\n")
    assert capsys.readouterr().out == "70\n71\n"


@pytest.mark.parametrize("lines", ["async with x:", "for i in y:\n    i", "f(", "%bg async with x:"])
def test_lines_that_are_not_complete_are_not_run(session, lines):
    assert session.evaluate_lines(lines) is None


@pytest.mark.parametrize("lines", ["x = = 1", "lambda: await f()", "'\ud800'", "x = '" + "9" * 10, "-" * 200_000 + "1"])
def test_lines_that_are_not_python_are_an_error(session, lines):
    outcome = session.evaluate_lines(lines)
    assert isinstance(outcome.error, (SyntaxError, ValueError))


def test_a_future_import_stays_in_force_whichever_way_an_input_is_typed(session):
    session.evaluate_lines("from __future__ import annotations")
    session.evaluate("def f(x: unknown): pass")
    assert session.run("f.__annotations__") == {"x": "unknown"}


def test_inside_a_loop_of_a_host_inputs_are_awaited(session):
    assert asyncio.run(session.aevaluate("await asyncio.sleep(0, 5)")).value == 5


def test_a_cancelled_task_of_a_host_stays_cancelled(session):
    async def main():
        task = asyncio.create_task(session.aevaluate("await asyncio.sleep(100)"))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(main())


def test_a_coroutine_is_run_to_its_end(session):
    async def five():
        await asyncio.sleep(0)
        return 5

    assert session.run_coroutine(five()) == 5


def test_a_coroutine_that_cannot_be_run_is_closed(session):
    async def never():
        """Is closed without being run."""

    session.close()
    with pytest.raises(awaitall.errors.ClosedError):
        session.run_coroutine(never())


def test_what_a_coroutine_raises_comes_out(session):
    async def fails():
        raise StopAsyncIteration(5)

    with pytest.raises(StopAsyncIteration):
        session.run_coroutine(fails())


def test_a_function_may_be_the_runner_from_the_beginning():
    with awaitall.Session(runner=asyncio.run) as session:
        assert session.run("import asyncio; await asyncio.sleep(0, 5)") == 5


def test_the_asyncio_runner_takes_a_loop_of_ones_own():
    class Loop(asyncio.SelectorEventLoop):
        """Is told from others by its class."""

    spec = awaitall.RunnerSpec("mine", lambda context: awaitall.AsyncioRunner(context, Loop, "mine"))
    with awaitall.Session(runner=spec) as session:
        assert type(session.run("import asyncio; await asyncio.sleep(0, asyncio.get_running_loop())")) is Loop


# -- compile -------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def compiles(monkeypatch):
    """Count the calls of ``compile()`` that awaitall makes."""
    import builtins

    calls = []
    real = compile

    def counted(*args, **options):
        calls.append(args)
        return real(*args, **options)

    for module in ("awaitall.compiling", "awaitall.detect", "codeop"):
        monkeypatch.setattr(sys.modules.get(module) or builtins, "compile", counted, raising=False)
    return calls


@pytest.mark.parametrize("lines", ["await f()", "x = await f()", "1 + 1", "for i in x: await i\n"])
def test_lines_are_compiled_once(session, compiles, lines):
    session.compiler.compile_lines(lines)
    assert len(compiles) == 1


@pytest.mark.parametrize("source", ["await f()", "1 + 1"])
def test_an_expression_is_compiled_once(session, compiles, source):
    session.compile(source)
    assert len(compiles) == 1


def test_a_console_of_the_standard_library_awaits_by_two_lines(session, capsys):
    console = code.InteractiveConsole(session.namespace)
    console.compile = CommandCompiler(session.compiler)
    console.runcode = lambda compiled: session.evaluate(compiled)
    assert console.push("async def f():")
    assert console.push("    return 70")
    assert not console.push("")
    assert not console.push("await f()")
    assert capsys.readouterr().out == "70\n"


# -- line commands ---------------------------------------------------------------------------------------------------------------


async def greet(session, arguments, namespace):
    await asyncio.sleep(0)
    return f"hello, {arguments}"


async def break_down(session, arguments, namespace):
    await asyncio.sleep(0)
    raise ZeroDivisionError("oh")


@pytest.fixture
def commands():
    from awaitall.plugins import plugins

    class Plugin:
        @awaitall.hookimpl
        def awaitall_commands(self):
            yield awaitall.CommandSpec("greet", greet)
            yield awaitall.CommandSpec("break_down", break_down)

    plugins().manager.register(plugin := Plugin(), "commands under test")
    yield
    plugins().manager.unregister(plugin)


def test_a_command_may_be_a_coroutine_function(commands, session):
    assert session.command("greet you") == "hello, you\n"


def test_a_command_that_awaits_works_inside_the_loop_of_a_host(commands, session):
    assert asyncio.run(session.aevaluate("%greet you")).text == "hello, you\n"


def test_a_command_that_awaits_and_fails_costs_a_line(commands, session):
    assert session.command("break_down") == "awaitall: the command 'break_down' has failed: ZeroDivisionError: oh\n"


def test_a_cancelled_command_stays_cancelled(commands, session):
    async def main():
        task = asyncio.create_task(session.aevaluate("%greet you"))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(main())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("%auto", ["autoawait"]),
        ("%autoawait im", ["implicit"]),
        ("%nothing", []),
        ("auto", []),
        ("%cancel a", ["all"]),
        ("%tasks -", ["-t"]),
    ],
)
def test_line_commands_are_completed(session, text, words):
    assert list(session.complete(text)) == words


class TestStatus:
    def test_it_is_empty_until_an_input_awaits_or_a_task_runs(self):
        with Session({}) as session:
            session.run("import asyncio")
            assert shells.status_of(session) == ""
            session.run("task = asyncio.ensure_future(asyncio.sleep(1000))")
            assert shells.status_of(session) == "asyncio: 1 background task"
            session.run("task.cancel()\nawait asyncio.sleep(0)")
            assert shells.status_of(session) == "asyncio: 0 background tasks"

    def test_a_runner_without_tasks_has_none(self):
        with Session({}, runner="sync") as session:
            session.run("async def f(): pass\nawait f()")
            assert session.count_tasks() == 0

    def test_a_runner_that_fails_has_none(self, monkeypatch):
        with Session({}) as session:
            session.run("import asyncio; await asyncio.sleep(0)")
            monkeypatch.setattr(session._runner, "tasks", None)
            assert shells.status_of(session) == "asyncio: 0 background tasks"
            assert session.tasks_at_end() == []


def test_the_tasks_at_the_end_are_those_of_all_runners():
    with Session({}) as session:
        session.run("import asyncio\nasync def nap(): await asyncio.sleep(1000)\ntask = asyncio.ensure_future(nap())")
        session.use("trio")
        session.spawn(_forever(), name="another")
        session.run("import trio\nawait trio.sleep(0)")
        assert sorted(task.name for task in session.tasks_at_end()) == ["another", "nap"]
    assert session.tasks_at_end() == []


async def _forever():
    import trio

    await trio.sleep_forever()
