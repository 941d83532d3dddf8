"""How background tasks have ended: the line that tells of it, and what is kept by number."""

from __future__ import annotations

import asyncio
import gc
import re
from functools import partial

import pytest

from awaitall import Runner, Session
from awaitall.errors import UnknownTaskError
from awaitall.results import MANY

from libraries import library_of

AIDS = """
import asyncio

async def f(value=None):
    await asyncio.sleep(0)
    return value

async def fails():
    await asyncio.sleep(0)
    raise ValueError("in the background")

async def sleeper():
    await asyncio.sleep(1000)

async def done():
    while len(asyncio.all_tasks()) > 1:
        await asyncio.sleep(0)
    await asyncio.sleep(0)  # what is to be called when the last one is done

class Unprintable:
    def __repr__(self):
        raise ValueError
"""


@pytest.fixture
def session():
    with Session() as session:
        session.run(AIDS)
        yield session


@pytest.fixture(params=["asyncio", "uvloop", "trio", "curio"])
def on_each(request):
    """A session on each runner, with a wait of the library."""
    library = library_of(request.param)
    with Session({"library": asyncio if request.param == "uvloop" else library}, runner=request.param) as session:
        session.run("import signal\nasync def f(value=None):\n    await library.sleep(0)\n    return value")
        session.run("async def sleeper():\n    await library.sleep(1000)")
        session.run("async def press():\n    [await f() for _ in range(10)]\n    signal.raise_signal(signal.SIGINT)")
        yield session


def ended(session, *lines):
    """Run line commands, and wait for the tasks that they start or cancel."""
    for line in lines:
        session.command(line)
    session.run("await done()")


def test_a_line_tells_what_a_task_has_returned(on_each, capsys):
    on_each.command("bg f(7)")
    while on_each.tasks():
        on_each.run("await f()")
    assert on_each.result(1) == 7
    assert re.fullmatch(r"\[1\] done 0\.\ds → 7\n", capsys.readouterr().err)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("bg f()", r"\[1\] done 0\.\ds\n"),
        ("bg x = await f(7)", r"\[1\] done 0\.\ds\n"),
        ("bg f('two\\nlines')", r"\[1\] done 0\.\ds → 'two\\nlines'\n"),
        ("bg f(Unprintable())", r"\[1\] done 0\.\ds → <Unprintable instance at 0x\w+>\n"),
        ("bg -q f(7)", ""),
    ],
)
def test_the_line_that_tells_how_a_task_has_ended(session, capsys, line, told):
    ended(session, line)
    assert re.fullmatch(told, capsys.readouterr().err)


def test_the_line_is_as_wide_as_the_terminal(session, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    ended(session, "bg f('x' * 1000)")
    assert len(capsys.readouterr().err) == 41


def test_a_task_that_is_cancelled_is_told(session, capsys):
    session.command("bg sleeper()")
    session.run("await f()")
    ended(session, "cancel 1")
    assert re.fullmatch(r"\[1\] cancelled 0\.\ds, by %cancel\n", capsys.readouterr().err)


def test_the_message_of_a_cancellation_is_told(session, capsys):
    session.command("bg sleeper()")
    session.run("await f(); [task for task in asyncio.all_tasks() if task.get_name() == 'sleeper()'][0].cancel('no need')")
    session.run("await done()")
    assert re.fullmatch(r"\[1\] cancelled 0\.\ds, no need\n", capsys.readouterr().err)


def test_a_task_that_nobody_has_cancelled_tells_that_it_awaited_one_that_was(session, capsys):
    session.run("other = asyncio.create_task(sleeper())")
    session.command("bg await other")
    session.run("await f(); cancelled = other.cancel()")
    session.run("await done()")
    assert re.fullmatch(r"\[1\] cancelled \d\.\ds, as what it awaited was cancelled\n", capsys.readouterr().err)


def test_of_a_task_that_is_cancelled_together_with_what_it_awaits_nothing_is_told(session, capsys):
    session.run("other = asyncio.create_task(sleeper())")
    session.command("bg await other")
    session.run("await f(); [task for task in asyncio.all_tasks() if task.get_name() == 'await other'][0].cancel()")
    session.run("await done()")
    assert re.fullmatch(r"\[1\] cancelled \d\.\ds\n", capsys.readouterr().err)


def test_why_a_task_was_cancelled_is_kept(session):
    session.command("bg sleeper()")
    session.run("await f()")
    ended(session, "cancel 1")
    assert session.command("result 1") == "awaitall: Task 1 was cancelled, by %cancel, and has no result.\n"
    assert session.command("result").endswith("sleeper()  by %cancel\n")


def test_a_task_that_fails_is_told_once(session, capsys):
    ended(session, "bg fails()")
    told = capsys.readouterr().err
    assert told.count("ValueError: in the background") == 1
    assert "[1]" not in told


def test_what_the_end_of_a_session_cancels_is_not_told(session, capsys):
    session.command("bg sleeper()")
    session.run("await f()")
    session.close()
    assert capsys.readouterr().err == ""


def test_bg_can_be_quiet(session):
    assert session.command("bg -q f(7)") == ""
    session.run("await done()")
    assert session.command("result 1") == "7\n"


def test_a_task_that_a_program_has_spawned_is_not_announced(session, capsys):
    number = session.spawn(session.run("f(7)"))
    session.run("await done()")
    assert session.result(number) == 7
    assert capsys.readouterr().err == ""


def test_an_eager_task_has_its_number(session):
    if not session.run("hasattr(asyncio, 'eager_task_factory')"):
        pytest.skip("new in Python 3.12")
    session.run("asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)")
    ended(session, "bg f(7)")
    assert session.result(1) == 7


def test_a_result_that_failed_is_raised(session):
    ended(session, "bg fails()")
    with pytest.raises(ValueError, match="in the background"):
        session.result(1)


def test_a_result_that_failed_is_shown_from_the_line_of_the_user(session):
    ended(session, "bg fails()")
    shown = session.command("result [1]").splitlines()
    assert shown[0] == "Traceback (most recent call last):"
    assert re.match(r'  File "<input-\d+>", line 10, in fails', shown[1])
    assert shown[-1] == "ValueError: in the background"


def test_so_many_results_are_kept(session):
    ended(session, *[f"bg f({number})" for number in range(MANY + 1)])
    assert [result.number for result in session.results] == list(range(2, MANY + 2))


def test_the_results_are_listed(session):
    ended(session, "bg f(7)", "bg fails()", "bg f()")
    shown = re.sub(r"\d\.\ds", "0.0s", session.command("result"))
    assert shown == (
        "[1] done        0.0s  f(7)     7\n"
        "[2] failed      0.0s  fails()  ValueError: in the background\n"
        "[3] done        0.0s  f()\n"
    )


def test_a_row_of_results_fits_the_terminal(session, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    ended(session, f"bg f({'x' * 100!r})")
    assert len(session.command("result")) == 61


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("result", "no results\n"),
        ("result 9", "awaitall: No result of a task 9; %result lists those that are kept.\n"),
        ("result x", "awaitall: %result takes the number of one task, for example: %result 1\n"),
        ("result ²", "awaitall: %result takes the number of one task, for example: %result 1\n"),
        ("result 1 2", "awaitall: %result takes the number of one task, for example: %result 1\n"),
        ("bg -q", "awaitall: What is to run in the background? For example: %bg f()\n"),
        ("bg -x f()", "awaitall: %bg has no option -x. The one that it has is -q, which says nothing: %bg -q f()\n"),
    ],
)
def test_what_cannot_be_done_is_said(session, line, answer):
    assert session.command(line) == answer


def test_a_task_that_has_not_ended_has_no_result(session):
    session.command("bg sleeper()")
    assert session.command("result 1") == "awaitall: Task 1 has not ended; %fg 1 waits for it.\n"


def test_a_task_that_was_cancelled_has_no_result(session):
    session.command("bg sleeper()")
    session.run("await f()")
    ended(session, "cancel 1")
    with pytest.raises(UnknownTaskError, match="was cancelled"):
        session.result(1)


def test_a_task_that_is_forgotten_unrun_is_closed():
    coro = Session().run("async def f(): pass\nf()")
    session = Session()
    session.spawn(coro)
    session.close()
    del session
    gc.collect()
    with pytest.raises(RuntimeError, match="cannot reuse"):
        coro.send(None)


def test_the_numbers_are_completed(session):
    ended(session, "bg f()")
    assert list(session.complete("%result ")) == ["1"]


# -- in the foreground ------------------------------------------------------------------------------------------------------


def test_fg_waits_for_a_task_and_shows_its_value(on_each, capsys):
    on_each.command("bg f(7)")
    assert on_each.command("fg 1") == "7\n"
    assert capsys.readouterr().err == ""


def test_fg_shows_the_value_of_a_task_that_has_ended(on_each):
    on_each.command("bg f(7)")
    on_each.command("fg 1")
    assert on_each.command("fg 1") == "7\n"


def test_fg_waits_for_the_task_begun_last(on_each):
    on_each.command("bg sleeper()")
    on_each.command("bg f(7)")
    assert on_each.command("fg") == "7\n"


def test_ctrl_c_cancels_the_task_that_fg_waits_for(on_each, capsys):
    on_each.command("bg sleeper()")
    on_each.command("bg -q press()")
    assert on_each.command("fg 1") == "KeyboardInterrupt\n"
    while on_each.tasks():
        on_each.run("await f()")
    assert re.fullmatch(r"\[1\] cancelled 0\.\ds, by Ctrl-C\n", capsys.readouterr().err)


def test_fg_has_a_word_for_a_task_that_is_cancelled(on_each):
    on_each.command("bg sleeper()")
    on_each.run("import awaitall\nasync def cancels():\n    [await f() for _ in range(10)]\n    session.cancel(1)")
    on_each.namespace["session"] = on_each
    on_each.command("bg -q cancels()")
    assert re.fullmatch(r"\[1\] cancelled 0\.\ds, by Session\.cancel\(\)\n", on_each.command("fg 1"))


def test_an_unknown_number_costs_none(on_each):
    assert on_each.command("fg 9") == "awaitall: No task 9; %tasks lists them.\n"
    assert on_each.command("bg f(7)") == "[1] f(7)\n"


def test_fg_leaves_the_error_to_the_report(session, capsys):
    session.command("bg fails()")
    assert session.command("fg 1") == ""
    assert capsys.readouterr().err.count("ValueError: in the background") == 1


def test_fg_waits_for_a_task_that_the_user_has_made(session):
    session.run("log = []\nasync def logs():\n    await f()\n    log.append('done')\nt = asyncio.create_task(logs())")
    session.command("fg 1")
    assert session.run("log") == ["done"]


def test_trio_waits_for_no_task_of_a_nursery():
    trio = pytest.importorskip("trio")
    with Session({"trio": trio}, runner="trio") as session:
        session.run("import awaitall; await trio.sleep(0)")
        session.run("awaitall.current_session().nursery.start_soon(trio.sleep, 1000)")
        assert session.command("fg 1").startswith("awaitall: trio waits for nurseries and not for single tasks")


def test_a_runner_that_cannot_wait_says_so(session):
    session.command("bg sleeper()")
    session._runner.wait = partial(Runner.wait, session._runner)
    assert session.command("fg 1") == "awaitall: The runner 'asyncio' cannot wait for a task.\n"
    assert [task.state for task in session.tasks()] == ["waiting"]


@pytest.mark.parametrize("library", ["asyncio", "trio"])
def test_in_the_loop_of_a_host_fg_waits_for_a_task_of_the_host(session, library):
    async def host():
        await session.arun("from aids import pause")
        session.command("bg await pause() or 7")
        assert await session.acommand("fg 1") == "7\n"

    asyncio.run(host()) if library == "asyncio" else pytest.importorskip("trio").run(host)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("fg", "awaitall: There is no task to wait for.\n"),
        ("fg x", "awaitall: %fg takes the number of one task, for example: %fg 1\n"),
    ],
)
def test_what_cannot_be_waited_for_is_said(session, line, answer):
    assert session.command(line) == answer


def test_the_numbers_of_tasks_are_completed(session):
    session.command("bg sleeper()")
    assert list(session.complete("%fg ")) == ["1"]


def test_a_wait_that_is_cancelled_leaves_the_task_alone(session):
    number = session.spawn(session.run("sleeper()"))
    session.namespace["session"] = session
    with pytest.raises(TimeoutError):
        session.run(f"await asyncio.wait_for(session.wait({number}), 0.001)")
    assert [task.state for task in session.tasks()] == ["waiting"]
