"""The tasks of a session: their numbers, where they wait, and the line commands for them."""

from __future__ import annotations

import asyncio
import gc
import re

import pytest

from awaitall import Session
from awaitall.errors import UnknownTaskError
from awaitall.tasks import BackgroundTask, frames, where

from libraries import library_of

AIDS = """
import asyncio

async def sleeper():
    await asyncio.sleep(1000)

async def fails():
    await asyncio.sleep(0)
    raise ValueError("in the background")

class Awaitable:
    def __await__(self):
        return asyncio.sleep(1000).__await__()
"""


@pytest.fixture
def session():
    with Session() as session:
        session.run(AIDS)
        yield session


def test_there_are_none_before_the_first_await():
    assert Session().tasks() == []


def test_a_number_is_never_given_twice(session):
    first = session.spawn(session.run("sleeper()"))
    session.cancel(first)
    session.run("await asyncio.sleep(0.001)")
    assert session.spawn(session.run("sleeper()")) == first + 1


def test_every_task_is_listed_however_it_was_started(session):
    session.spawn(session.run("sleeper()"), name="spawned")
    session.run("t = asyncio.create_task(sleeper(), name='created'); await asyncio.sleep(0)")
    assert [(task.name, task.state) for task in session.tasks()] == [("spawned", "waiting"), ("created", "waiting")]


def test_a_task_is_told_by_the_users_line_that_waits(session):
    session.spawn(session.run("sleeper()"))
    session.run("await asyncio.sleep(0)")
    assert re.fullmatch(r"<input-\d+>:5", session.tasks()[0].where)


def test_a_task_cannot_read_the_keyboard_while_the_prompt_does(session, capfd):
    session.run("async def asks():\n    return input('name? ')")
    session.command("bg asks()")
    told = ""
    while not told:
        session.pump([], 0.001)
        told = capfd.readouterr().err
    assert "RuntimeError: A background task cannot read from the keyboard" in told


def test_a_task_gets_older(session):
    session.spawn(session.run("sleeper()"))
    young = session.tasks()[0].age
    assert young >= 0
    while session.tasks()[0].age == young:  # the clock of Windows has long ticks
        pass
    assert session.tasks()[0].age > young


def test_a_task_that_is_ending_says_so(session):
    session.run("async def tough():\n    try:\n        await sleeper()\n    finally:\n        await sleeper()")
    number = session.spawn(session.run("tough()"))
    session.run("await asyncio.sleep(0)")
    session.cancel(number)
    session.run("await asyncio.sleep(0.001)")
    assert session.tasks()[0].state == "cancelled"


def test_an_unknown_number_is_refused(session):
    with pytest.raises(UnknownTaskError, match="%tasks"):
        session.cancel(99)


@pytest.mark.parametrize("library", ["asyncio", "trio"])
def test_in_the_loop_of_a_host_tasks_are_those_of_the_host(session, library, capsys):
    async def host():
        await session.arun("from aids import pause, raises")
        assert session.command("tasks") == "no tasks\n"
        assert session.command("bg bound = await pause(0.001) or 7") == "[1] bound = await pause(0.001) or 7\n"
        session.command("bg pause(1000)")
        session.command("bg await pause() or raises(SystemExit(3))")
        assert len(session.tasks()) == 3
        session.command("cancel pause(1000)")
        while session.tasks():
            await session.arun("await pause(0.001)")

    asyncio.run(host()) if library == "asyncio" else pytest.importorskip("trio").run(host)
    assert session.namespace["bound"] == 7
    assert "SystemExit: 3" in capsys.readouterr().err


def test_in_the_loop_of_a_host_the_hosts_own_tasks_are_listed_and_cancelled(session):
    async def program():
        await asyncio.sleep(1000)

    async def host():
        task = asyncio.create_task(program())
        await asyncio.sleep(0)
        assert [(each.name, each.state) for each in session.tasks()] == [("program", "waiting")]
        assert session.command("cancel program") == ""
        await asyncio.wait([task])
        assert task.cancelled()

    asyncio.run(host())


def test_trio_as_a_host_lists_its_own_tasks_and_cancels_none(session):
    trio = pytest.importorskip("trio")

    async def host():
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep, 1000, name="program")
            await trio.sleep(0)
            assert [task.name for task in session.tasks()] == ["program"]
            assert session.command("cancel program").startswith("awaitall: trio cancels scopes and not single tasks")
            nursery.cancel_scope.cancel()

    trio.run(host)


def test_what_curio_runs_for_a_program_is_left_to_it(session):
    curio = pytest.importorskip("curio")

    async def host():
        assert session.command("tasks").startswith("awaitall: The tasks are those of the program that curio runs")

    curio.run(host)


def test_a_task_that_asyncio_only_counts_is_called_as_its_coroutine(session):
    session.run("t = asyncio.create_task(sleeper()); await asyncio.sleep(0)")
    assert [task.name for task in session.tasks()] == ["sleeper"]


def test_a_task_that_nobody_refers_to_is_kept(session):
    session.run("log = []\nasync def keeps():\n    await asyncio.sleep(0.001)\n    log.append('done')")
    session.run("asyncio.create_task(keeps()); None")
    gc.collect()
    session.run("while not log:\n    await asyncio.sleep(0.001)")


def test_a_task_that_the_user_made_and_that_fails_is_reported_once(session, capfd):
    session.run("t = asyncio.create_task(fails(), name='mine')")
    session.run("while not t.done():\n    await asyncio.sleep(0.01)")
    told = ""
    while "in the background" not in told:
        session.run("await asyncio.sleep(0.01)")
        told += capfd.readouterr().err
    assert told.startswith("Task 'mine' in the background has failed:\nTraceback (most recent call last):\n  File \"<input-")
    session.run("del t")
    gc.collect()
    session.close()
    assert capfd.readouterr().err == ""


def test_a_shell_shows_failures_in_its_own_way(capfd):
    shown = []
    with Session() as session:
        session.show_failure = shown.append
        session.run(AIDS)
        session.command("bg fails()")
        session.run("await asyncio.sleep(0.001)")
    assert shown[0].startswith("Task 'fails()' in the background has failed:\nTraceback")
    assert capfd.readouterr().err == ""


def test_a_shell_that_cannot_show_a_failure_hides_none(capfd):
    with Session() as session:
        session.show_failure = lambda text: 1 / 0
        session.run(AIDS)
        session.command("bg fails()")
        session.run("await asyncio.sleep(0.001)")
    assert "Task 'fails()' in the background has failed:" in capfd.readouterr().err


@pytest.mark.parametrize("asked", ["await t", "await asyncio.gather(t)", "(await asyncio.wait([t])) and t.result()"])
def test_an_error_that_the_user_gets_is_not_reported(session, capfd, asked):
    with pytest.raises(ValueError, match="in the background"):
        session.run(f"t = asyncio.create_task(fails())\n{asked}")
    session.run("await asyncio.sleep(0.2)")
    assert capfd.readouterr().err == ""


def test_the_error_of_a_cleanup_at_the_end_is_reported(session, capfd):
    session.run("async def bad():\n    try:\n        await sleeper()\n    finally:\n        raise ValueError('bad cleanup')")
    session.run("t = asyncio.create_task(bad()); await asyncio.sleep(0)")
    session.close()
    assert "ValueError: bad cleanup" in capfd.readouterr().err


def test_a_coroutine_of_other_peoples_code_waits_where_the_user_called_it():
    async def library():
        await asyncio.sleep(1000)

    async def main():
        task = asyncio.create_task(asyncio.wait_for(library(), 1000))
        await asyncio.sleep(0)
        place = where(frames(library_coro := library()))
        library_coro.close()
        task.cancel()
        return place

    assert asyncio.run(main()).endswith(f"test_tasks.py:{library_line()}")


def library_line():
    return test_a_coroutine_of_other_peoples_code_waits_where_the_user_called_it.__code__.co_firstlineno + 1


# -- line commands ----------------------------------------------------------------------------------------------------------


def test_bg_tells_the_number(session):
    assert session.command("bg sleeper()") == "[1] sleeper()\n"
    assert session.command("bg await sleeper()") == "[2] await sleeper()\n"
    assert session.command("bg Awaitable()") == "[3] Awaitable()\n"


def test_bg_binds_the_names_of_an_input_that_awaits(session):
    session.command("bg x = await asyncio.sleep(0, 7)")
    session.run("while 'x' not in globals():\n    await asyncio.sleep(0)")
    assert session.run("x") == 7


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("bg", "awaitall: What is to run in the background? For example: %bg f()\n"),
        ("bg 1", "awaitall: %bg takes a coroutine, or an input that awaits, and not 'int'.\n"),
        (
            "bg sleeper",
            "awaitall: %bg takes a coroutine, and sleeper is the function that makes one. Did you mean %bg sleeper()?\n",
        ),
        (
            "bg x = sleeper()",
            "awaitall: Nothing here awaits, so there is nothing for %bg to run. Did you mean %bg x = await sleeper()?\n",
        ),
        ("bg import sys", "awaitall: Nothing here awaits, so there is nothing for %bg to run.\n"),
        (
            "bg sleeper(), sleeper()",
            "awaitall: %bg takes one coroutine, and this is a tuple of 2: a %bg for each, please.\n",
        ),
        ("bg nope()", "awaitall: NameError: name 'nope' is not defined\n"),
        ("cancel", "awaitall: Which tasks? Give their numbers or names, or all: %tasks lists them.\n"),
        ("cancel x", "awaitall: No task x; %tasks lists them.\n"),
        ("cancel 99, [100]", "awaitall: No task 99, [100]; %tasks lists them.\n"),
        ("cancel all", "no tasks\n"),
        ("tasks", "no tasks\n"),
        ("cancel ²", "awaitall: No task ²; %tasks lists them.\n"),
    ],
)
def test_what_cannot_be_done_is_said(session, line, answer):
    assert session.command(line) == answer


def test_bg_takes_a_block(session):
    assert session.command("bg for n in range(2):\n    last = await asyncio.sleep(0, n)") == "[1] for n in range(2): ...\n"
    session.run("while globals().get('last') != 1:\n    await asyncio.sleep(0)")


def test_bg_binds_names_where_inputs_bind_them(session):
    session.locals = {}
    session.command("bg z = await asyncio.sleep(0, 7)")
    session.run("while 'z' not in locals():\n    await asyncio.sleep(0)")
    assert session.locals == {"z": 7}
    assert "z" not in session.namespace


def test_bg_runs_nothing_that_does_not_await(session):
    session.command("bg ran = print('ran')")
    assert "ran" not in session.namespace


def test_bg_shows_a_syntax_error_with_its_caret(session):
    assert session.command("bg 1 +").splitlines()[-1] == "SyntaxError: invalid syntax"


def test_tasks_lists_them_in_columns(session, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    session.command("bg sleeper()")
    session.command("bg await asyncio.sleep(1000)")
    session.run("await asyncio.sleep(0)")
    first, second = session.command("tasks").splitlines()
    assert re.fullmatch(r"\[1\] waiting +0\.\ds  sleeper\(\) +<input-\d+>:5 +asyncio.sleep\(1000\)", first)
    assert re.fullmatch(r"\[2\] waiting +0\.\ds  await asyncio.sleep\(1000\)  <input-\d+>:1 +asyncio.sleep\(1000\)", second)


def test_cancel_takes_the_number_as_it_is_shown(session):
    session.command("bg sleeper()")
    assert session.command("cancel [1]") == ""
    session.run("await asyncio.sleep(0.001)")
    assert session.command("tasks") == "no tasks\n"


@pytest.mark.parametrize("arguments", ["1 2", "[1], [2]", "all", "await asyncio.sleep(1000)", "2 1 sleeper"])
def test_cancel_takes_numbers_and_names_and_all(session, arguments):
    for _ in range(2):
        session.spawn(session.run("sleeper()"), name="await asyncio.sleep(1000)")
    session.spawn(session.run("sleeper()"))
    session.run("await asyncio.sleep(0)")
    session.command(f"cancel {arguments}")
    session.run("await asyncio.sleep(0.001)")
    assert [task.number for task in session.tasks()] == ([] if arguments in ("all", "2 1 sleeper") else [3])


def test_cancel_cancels_what_there_is_beside_what_there_is_not(session):
    session.command("bg sleeper()")
    assert session.command("cancel 1 7") == "awaitall: No task 7; %tasks lists them.\n"
    session.run("await asyncio.sleep(0.001)")
    assert session.tasks() == []


def test_a_row_of_tasks_fits_the_terminal(session, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    session.spawn(session.run("sleeper()"), name="x" * 100)
    session.run("await asyncio.sleep(0)")
    row = session.command("tasks").rstrip("\n")
    assert len(row) <= 60
    assert re.search(r"xxx\.\.\.  <input-\d+>:5$", row)


def test_where_a_library_waits_is_told_without_the_way_to_it(session, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    session.command("bg asyncio.sleep(1000)")
    session.run("await asyncio.sleep(0)")
    assert re.search(r"  asyncio[/\\]tasks.py:\d+  asyncio.sleep\(1000\)$", session.command("tasks").rstrip())


def test_the_numbers_are_completed(session):
    from awaitall.commands import complete

    session.command("bg sleeper()")
    assert list(complete(session, "cancel ")) == ["all", "1"]


@pytest.mark.parametrize("runner", ["asyncio", "trio", "curio"])
def test_a_task_that_has_not_begun_can_be_cancelled(runner):
    library_of(runner)
    with Session(runner=runner) as session:
        session.run("async def f(): pass")
        coro = session.run("f()")
        session.cancel(session.spawn(coro))
        session.run("await f()")
        session.run("await f()")
        assert session.tasks() == []
    with pytest.raises(RuntimeError):
        coro.send(None)


# -- stacks and trees -------------------------------------------------------------------------------------------------------

WAITS = """
import asyncio

async def sleeper():
    await asyncio.sleep(1000)

async def joins():
    await asyncio.create_task(sleeper())

async def gathers():
    await asyncio.gather(sleeper(), sleeper())

async def groups():
    async with asyncio.TaskGroup() as group:
        group.create_task(sleeper())

async def waits():
    await asyncio.wait([asyncio.create_task(sleeper())])

async def times_out():
    await asyncio.wait_for(asyncio.create_task(sleeper()), 1000)

async def sets():
    await asyncio.Event().wait()

async def future():
    await asyncio.get_running_loop().create_future()
"""


@pytest.fixture
def waiting():
    """A session in which a line command starts tasks, and goes on until all of them wait."""
    with Session() as session:
        session.run(WAITS)

        def start(line):
            session.command(line)
            session.run("for _ in range(5): await asyncio.sleep(0)")
            return session

        yield start


@pytest.mark.parametrize(
    ("function", "awaited"),
    [
        ("sleeper", "asyncio.sleep(1000)"),
        ("sets", "asyncio.Event.wait"),
        ("groups", "asyncio.TaskGroup.__aexit__"),
        ("waits", "asyncio.wait"),
        ("joins", "[2]"),
        ("gathers", "[2] [3]"),
        ("future", ""),
    ],
)
def test_what_a_task_waits_for_is_listed(waiting, function, awaited):
    row = waiting(f"bg {function}()").command("tasks").splitlines()[0]
    assert re.search(rf"<input-\d+>:\d+ *{re.escape(awaited)}$", row)


@pytest.mark.parametrize("function", ["joins", "groups", "waits", "times_out"])
def test_the_tree_of_asyncio_has_tasks_below_those_that_wait_for_them(waiting, function):
    shown = waiting(f"bg {function}()").command("tasks -t")
    assert re.findall(r"\[\d\] waiting +\S+  (\S+ ?\w*)", shown) == [f"{function}() ", "└─ sleeper"]


def test_the_tree_has_a_branch_for_each_task(waiting):
    shown = waiting("bg gathers()").command("tasks -t")
    assert re.findall(r"(?:├|└)─ \w+", shown) == ["├─ sleeper", "└─ sleeper"]


def test_tasks_that_wait_for_each_other_are_all_in_the_tree(session, monkeypatch):
    cycle = [BackgroundTask(number, "f", "waiting", None, None, children=(3 - number,)) for number in (1, 2)]
    monkeypatch.setattr(session, "tasks", lambda: cycle)
    assert re.findall(r"-  (.*)", session.command("tasks -t")) == ["f          [2]", "└─ f       [1]", "   └─ f    [2]"]


def test_the_tree_of_trio_is_that_of_its_nurseries():
    trio = pytest.importorskip("trio")
    with Session({"trio": trio}, runner="trio") as session:
        session.run(
            "async def nests(depth):\n"
            "    async with trio.open_nursery() as nursery:\n"
            "        if depth: nursery.start_soon(nests, depth - 1)\n"
            "        await trio.sleep(1000)"
        )
        session.command("bg nests(2)")
        session.run("for _ in range(5): await trio.sleep(0)")
        shown = session.command("tasks -t").splitlines()
    assert [re.search(r"(└─ |   └─ )?nests", row)[0] for row in shown] == ["nests", "└─ nests", "   └─ nests"]


def test_the_tree_of_curio_has_what_is_joined():
    curio = pytest.importorskip("curio")
    with Session({"curio": curio}, runner="curio") as session:
        session.run(
            "async def groups():\n"
            "    async with curio.TaskGroup() as group:\n"
            "        await group.spawn(curio.sleep, 1000)\n"
            "async def joins():\n"
            "    task = await curio.spawn(groups)\n"
            "    await task.join()"
        )
        session.command("bg joins()")
        session.run("for _ in range(5): await curio.sleep(0)")
        shown = session.command("tasks -t").splitlines()
    assert [re.search(r"(└─ |   └─ )?(joins|groups|sleep)", row)[0] for row in shown] == ["joins", "└─ groups", "   └─ sleep"]


def test_where_shows_the_stack_with_the_lines_of_the_user(waiting):
    first, *stack = waiting("bg joins()").command("where 2").splitlines()
    assert re.fullmatch(r"\[2\] sleeper: waiting 0\.\ds for asyncio.sleep\(1000\)", first)
    assert re.fullmatch(r'  File "<input-\d+>", line 5, in sleeper', stack[0])
    assert stack[1] == "    await asyncio.sleep(1000)"
    assert re.fullmatch(r"created at <input-\d+>:8", stack[-1])
    assert not [line for line in stack if "awaitall" in line]


def test_where_takes_the_number_as_it_is_shown(waiting):
    assert waiting("bg sleeper()").command("where [1]").startswith("[1] sleeper(): waiting")


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("where 9", "awaitall: No task 9; %tasks lists them.\n"),
        ("where", "awaitall: %where takes the number of one task, for example: %where 1\n"),
        ("tasks -x", "awaitall: %tasks has no option -x. The one that it has is -t, which shows who waits for whom.\n"),
        ("tasks -t", "no tasks\n"),
    ],
)
def test_what_cannot_be_shown_is_said(session, line, answer):
    assert session.command(line) == answer


def test_the_name_of_a_task_of_trio_has_no_module():
    trio = pytest.importorskip("trio")
    with Session({"trio": trio}, runner="trio") as session:
        session.run("import awaitall; await trio.sleep(0)")
        session.run("awaitall.current_session().nursery.start_soon(trio.sleep, 1000)")
        assert [task.name for task in session.tasks()] == ["sleep"]


def test_a_task_of_trio_with_a_nursery_is_cancelled_and_has_not_failed(capsys):
    trio = pytest.importorskip("trio")
    with Session({"trio": trio}, runner="trio") as session:
        session.run(
            "async def nests():\n"
            "    async with trio.open_nursery() as nursery:\n"
            "        nursery.start_soon(trio.sleep, 1000)\n"
            "        await trio.sleep(1000)"
        )
        session.command("bg nests()")
        session.run("for _ in range(5): await trio.sleep(0)")
    assert capsys.readouterr().err == ""
