"""A session runs one input after the other."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import subprocess
import sys
import traceback
from importlib.metadata import version

import pytest

import awaitall
from awaitall.errors import ClosedError, RunningLoopError, UnknownRunnerError
from awaitall.tracebacks import user_traceback


@pytest.fixture
def session():
    with awaitall.Session() as session:
        session.run("import asyncio, contextvars")
        yield session


def frames(exc):
    return [frame.name for frame in traceback.extract_tb(user_traceback(exc))]


def test_an_input_gives_the_value_of_its_last_expression(session):
    assert session.run("x = 1\nx + 1") == 2


def test_an_awaiting_input_gives_the_value_of_its_last_expression(session):
    assert session.run("x = await asyncio.sleep(0, 1)\nx + 1") == 2


def test_names_of_one_input_are_there_in_the_next(session):
    session.run("x = await asyncio.sleep(0, 1)")
    assert session.run("x") == 1


def test_the_namespace_is_the_one_given():
    namespace = {"x": 1}
    awaitall.Session(namespace).run("y = x")
    assert namespace["y"] == 1


def test_without_one_the_namespace_is_that_of_a_main_module():
    assert awaitall.Session().run("__name__") == "__main__"


def test_another_namespace_may_be_given_for_one_input(session):
    assert session.run("x", {"x": 5}) == 5


def test_a_syntax_error_comes_before_any_effect(session):
    with pytest.raises(SyntaxError):
        session.run("x = 1\nlambda: await f()")
    assert "x" not in session.namespace


def test_await_can_be_switched_off(session):
    session.autoawait = False
    with pytest.raises(SyntaxError):
        session.run("await asyncio.sleep(0)")


def test_await_can_be_switched_on_again(session):
    session.autoawait = False
    session.autoawait = True
    assert session.run("await asyncio.sleep(0, 1)") == 1


@pytest.mark.parametrize(
    "source", ["next(iter([]))", "await asyncio.sleep(0); next(iter([]))", "x = 1\nawait asyncio.sleep(next(iter([])))"]
)
def test_stop_iteration_comes_out_as_it_is(session, source):
    with pytest.raises(StopIteration):
        session.run(source)


def test_stop_iteration_out_of_a_coroutine_is_pythons_runtime_error(session):
    session.run("async def f(): next(iter([]))")
    with pytest.raises(RuntimeError, match="coroutine raised StopIteration"):
        session.run("await f()")


@pytest.mark.parametrize("source", ["1 / 0", "x = 1\n1 / 0", "await asyncio.sleep(0); 1 / 0", "await asyncio.sleep(0)\n1 / 0"])
def test_a_traceback_starts_at_the_users_line(session, source):
    with pytest.raises(ZeroDivisionError) as caught:
        session.run(source)
    assert frames(caught.value) == ["<module>"]


def test_a_traceback_of_stop_iteration_starts_at_the_users_line(session):
    with pytest.raises(StopIteration) as caught:
        session.run("await asyncio.sleep(0); next(iter([]))")
    assert frames(caught.value) == ["<module>"]


def test_a_syntax_error_has_no_traceback(session):
    with pytest.raises(SyntaxError) as caught:
        session.run("return")
    assert user_traceback(caught.value) is None


@pytest.mark.parametrize("setter", ["var.set(1)", "await asyncio.sleep(0); var.set(1)"])
@pytest.mark.parametrize("getter", ["var.get(0)", "await asyncio.sleep(0); var.get(0)"])
def test_a_context_variable_set_in_one_input_is_there_in_the_next(session, setter, getter):
    session.run("var = contextvars.ContextVar('var')")
    session.run(setter)
    assert session.run(getter) == 1


def test_a_token_can_be_reset_in_a_later_input(session):
    session.run("var = contextvars.ContextVar('var', default=0)")
    session.run("token = var.set(1)")
    session.run("await asyncio.sleep(0); var.reset(token)")
    assert session.run("var.get()") == 0


def test_the_context_of_the_caller_is_left_alone(session):
    var = contextvars.ContextVar("var", default=0)
    session.run("var.set(1)", {"var": var})
    assert var.get() == 0


def test_an_input_may_run_another_one(session):
    session.namespace["session"] = session
    assert session.run("session.run('1 + 1')") == 2


def test_inside_a_running_loop_the_error_names_the_way_out(session):
    async def host():
        session.run("await asyncio.sleep(0)")

    with pytest.raises(RunningLoopError, match=r"await session\.arun"):
        asyncio.run(host())


def test_inside_a_running_loop_an_input_can_be_awaited(session):
    async def host():
        return await session.arun("await asyncio.sleep(0, asyncio.get_running_loop())") is asyncio.get_running_loop()

    assert asyncio.run(host())


def test_inside_a_running_loop_no_other_runner_can_be_used(session):
    async def host():
        session.use("trio")

    with pytest.raises(RunningLoopError, match="asyncio is running in this thread already"):
        asyncio.run(host())
    assert session.runner == "asyncio"


def test_after_a_refusal_the_session_goes_on(session):
    test_inside_a_running_loop_the_error_names_the_way_out(session)
    assert session.run("await asyncio.sleep(0, 1)") == 1


def test_after_a_refusal_nothing_is_left_over():
    program = """
import asyncio, awaitall
async def host():
    try:
        awaitall.Session().run("await f()")
    except awaitall.AwaitallError:
        print("refused")
asyncio.run(host())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("refused\n", "")


def test_a_closed_session_refuses_inputs(session):
    session.close()
    with pytest.raises(ClosedError):
        session.run("1")


def test_closing_twice_is_fine(session):
    session.run("await asyncio.sleep(0)")
    session.close()
    assert session.close() == []


def test_a_wrong_runner_name_suggests_the_closest():
    with pytest.raises(UnknownRunnerError, match="Did you mean 'asyncio'"):
        awaitall.Session(runner="asynco").run("await f()")


def test_a_wrong_runner_name_leaves_sync_inputs_working():
    assert awaitall.Session(runner="asynco").run("1 + 1") == 2


def test_a_runner_spec_may_be_given():
    opened = []

    class Immediate(awaitall.Runner):
        name = "immediate"

        def __init__(self, context):
            self.context = context
            opened.append(self)

        def run(self, coro):
            try:
                coro.send(None)
            except StopIteration as done:
                return done.value

        def interrupt(self, frame=None):
            return False

        def close(self, timeout=5.0):
            return []

    session = awaitall.Session(runner=awaitall.RunnerSpec("immediate", Immediate))
    session.run("async def f(): return 1")
    assert session.run("await f()") == 1
    assert opened[0].context is session.context


def test_shutdown_names_what_would_not_end(session, capsys, monkeypatch):
    monkeypatch.setattr(session, "close", lambda: ["one", "two"])
    session.shutdown()
    assert capsys.readouterr().err == "awaitall: left behind, as they would not end: one, two\n"


def test_sync_inputs_import_no_event_loop_no_plugins_and_no_terminal():
    unwanted = {"asyncio", "pluggy", "importlib.metadata", "termios"}
    program = f"import awaitall, sys; awaitall.Session().run('x = 1\\nx'); print(sorted({unwanted} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_importing_the_package_imports_none_of_its_modules():
    program = "import sys, awaitall; print([name for name in sys.modules if name.startswith('awaitall.')])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_every_public_name_is_there():
    assert all(getattr(awaitall, name) for name in awaitall.__all__)


def test_the_version_is_that_of_the_distribution():
    assert awaitall.__version__ == version("awaitall")


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nothing"):
        getattr(awaitall, "nothing")  # noqa: B009


@pytest.mark.parametrize("source", ["session.run('await nothing()')", "await nothing(); session.run('await nothing()')"])
def test_an_await_inside_an_input_is_refused(session, source):
    session.namespace |= {"session": session, "asyncio": asyncio, "nothing": lambda: asyncio.sleep(0)}
    with pytest.raises(RunningLoopError, match=r"await session\.arun"):
        session.run(source)
    assert session.run("await asyncio.sleep(0, 5)") == 5


@pytest.mark.parametrize("source", ["session.close()", "await asyncio.sleep(0); session.close()"])
def test_an_input_may_close_its_session(session, source):
    ended = []

    async def background():
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append(True)

    session.namespace |= {"session": session, "asyncio": asyncio, "background": background}
    session.run("task = asyncio.ensure_future(background()); await asyncio.sleep(0)")
    session.run(source)
    assert ended == [True]
    with pytest.raises(ClosedError):
        session.run("1")


@pytest.mark.parametrize("name", [None, 5])
def test_a_namespace_may_have_any_name(name):
    with awaitall.Session({"__name__": name}) as session:
        session.run("def f(): g()\ndef g(): raise KeyboardInterrupt")
        with pytest.raises(KeyboardInterrupt) as caught:
            session.run("f()")
        assert user_traceback(caught.value) is not None


@pytest.mark.parametrize("source", ["awaitall.current_session()", "await asyncio.sleep(0, awaitall.current_session())"])
def test_an_input_knows_its_session(session, source):
    session.run("import asyncio, awaitall")
    assert session.run(source) is session


def test_elsewhere_there_is_no_current_session():
    with pytest.raises(LookupError, match="No session"):
        contextvars.Context().run(awaitall.current_session)


def test_a_session_that_is_gone_is_nobodys_current_one():
    session = awaitall.Session()
    context = session.context
    del session
    gc.collect()
    with pytest.raises(LookupError, match="No session"):
        context.run(awaitall.current_session)


@pytest.mark.parametrize("source", ["f(5)", "await f(1)\nf(5)"])
def test_a_coroutine_as_the_value_of_an_input_is_awaited_on_request(source):
    with awaitall.Session() as session:
        session.implicit = True
        session.run("async def f(value): return value")
        assert session.run(source) == 5


def test_a_coroutine_as_the_value_of_an_input_is_awaited_on_the_loop_of_a_host():
    async def host():
        session = awaitall.Session()
        session.implicit = True
        await session.arun("async def f(value): return value")
        return await session.arun("await f(1)\nf(5)")

    assert asyncio.run(host()) == 5


# -- the loop of another session ------------------------------------------------------------------------------------------


@pytest.fixture
def lender():
    with awaitall.Session() as session:
        session.run("import asyncio; var = __import__('contextvars').ContextVar('var'); var.set(1)")
        yield session


def borrowing(lender):
    session = awaitall.Session(lender.namespace)
    session.borrow_loop(lender)
    return session


def test_a_borrowed_loop_is_that_of_the_lender(lender):
    with borrowing(lender) as session:
        loop = session.run("await asyncio.sleep(0, asyncio.get_running_loop())")
        assert session.is_open
    assert lender.run("await asyncio.sleep(0, asyncio.get_running_loop())") is loop


def test_inputs_on_a_borrowed_loop_share_the_context_of_the_lender(lender):
    with borrowing(lender) as session:
        session.run("await asyncio.sleep(0); var.set(var.get() + 1)")
    assert lender.run("var.get()") == 2


def test_of_the_tasks_on_a_borrowed_loop_those_end_that_the_borrower_has_started(lender):
    lender.run("theirs = asyncio.create_task(asyncio.sleep(1000))")
    with borrowing(lender) as session:
        session.spawn(session.run("asyncio.sleep(1000)"))
        session.run("ours = asyncio.all_tasks() - {theirs}")
        session.run("await asyncio.sleep(0)")
    lender.run("await asyncio.wait(ours)")
    assert lender.run("[task.cancelled() for task in ours], theirs.done()") == ([True], False)


def test_the_tasks_that_were_there_before_a_loop_was_borrowed_do_not_end_with_the_borrower(lender):
    lender.spawn(lender.run("asyncio.sleep(1000)"), name="theirs")
    with borrowing(lender) as session:
        session.spawn(session.run("asyncio.sleep(1000)"), name="ours")
        assert [task.name for task in session.tasks_at_end()] == ["ours"]
        assert {task.name for task in session.tasks()} == {"ours", "theirs"}


def test_a_failure_on_a_borrowed_loop_is_shown_by_the_borrower_and_later_by_the_lender(lender):
    shown = []
    lender.show_failure = lambda text: shown.append("lender")
    lender.run("async def fail(): 1 / 0")
    with borrowing(lender) as session:
        session.show_failure = lambda text: shown.append("borrower")
        session.spawn(session.run("fail()"))
        session.run("await asyncio.sleep(0.001)")
    lender.spawn(lender.run("fail()"))
    lender.run("await asyncio.sleep(0.001)")
    assert shown == ["borrower", "lender"]


def test_a_session_lends_its_loop_until_the_borrower_is_closed(lender):
    session = borrowing(lender)
    assert lender.lends
    session.close()
    assert not lender.lends
