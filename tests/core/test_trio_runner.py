"""The trio runner: what the suite for runners does not ask."""

from __future__ import annotations

import contextvars
import signal
import sys
import threading
import warnings

import pytest
import trio

from awaitall import Session
from awaitall.errors import UnsupportedError
from awaitall.runners.on_trio import TrioRunner


@pytest.fixture
def session():
    with Session(runner="trio") as session:
        session.run("import trio")
        session.namespace["press"] = press
        yield session


def press():
    signal.raise_signal(signal.SIGINT)


NURSERY = """
async with trio.open_nursery() as nursery:
    nursery.start_soon(trio.sleep_forever)
    nursery.start_soon(press_soon)
    await trio.sleep_forever()
"""


def test_ctrl_c_in_a_nursery_is_a_bare_keyboard_interrupt(session):
    session.run("async def press_soon():\n    await trio.sleep(0)\n    press()")
    with pytest.raises(KeyboardInterrupt):
        session.run(NURSERY)
    assert session.run("await trio.sleep(0); 5") == 5


def test_ctrl_c_reaches_a_cleanup_behind_a_shield(session):
    session.run("""
async def shielded():
    try:
        await trio.sleep_forever()
    finally:
        with trio.CancelScope(shield=True):
            press()
            await trio.sleep_forever()
async def press_soon():
    await trio.sleep(0)
    press()
""")
    session.spawn(session.run("press_soon()"))
    with pytest.raises(KeyboardInterrupt):
        session.run("await shielded()")
    assert session.run("await trio.sleep(0); 5") == 5


def test_a_second_ctrl_c_gives_the_prompt_back_from_a_thread_that_cannot_be_interrupted(session):
    release = threading.Event()
    session.namespace["release"] = release
    session.run("""
async def press_twice():
    for _ in range(2):
        await trio.sleep(0.01)
        press()
""")
    session.spawn(session.run("press_twice()"))
    with pytest.raises(KeyboardInterrupt):
        session.run("await trio.to_thread.run_sync(release.wait)")
    release.set()
    assert session.run("await trio.sleep(0); 5") == 5  # it waits until the thread has ended


def test_a_cancel_scope_left_open_does_not_stop_the_session(session):
    session.run("scope = trio.move_on_after(0); await trio.sleep(0); scope.__enter__()")
    with pytest.raises(trio.Cancelled):
        session.run("await trio.sleep(1)")
    session.run("await trio.lowlevel.cancel_shielded_checkpoint(); scope.__exit__(None, None, None)")
    assert session.run("await trio.sleep(0); 5") == 5


def test_an_input_may_use_a_nursery_without_awaiting(session):
    session.run("nursery = trio.open_nursery(); n = await nursery.__aenter__(); done = trio.Event()")
    session.run("async def child():\n    await done.wait()\n    return 5")
    session.run("n.start_soon(child)")
    session.run("done.set()")
    session.run("await nursery.__aexit__(None, None, None)")
    assert session.run("len(n.child_tasks)") == 0


@pytest.mark.parametrize("source", ["trio.run(trio.sleep, 0)", "import anyio; anyio.run(anyio.sleep, 0, backend='trio')"])
def test_another_run_works_while_ours_stands_still(session, source):
    session.run("n = await trio.open_nursery().__aenter__()")
    session.run(source)
    session.run("n.cancel_scope.cancel()")
    with pytest.raises(trio.Cancelled):
        session.run("await trio.sleep(1)")


def test_trio_run_in_an_asyncio_input_works_while_ours_stands_still(session):
    session.run("await trio.sleep(0)")
    session.use("asyncio")
    with warnings.catch_warnings(action="ignore"):  # trio's, about the signals: the asyncio runner looks after them meanwhile
        session.run("import asyncio; await asyncio.sleep(0); trio.run(trio.sleep, 0)")


def test_nothing_of_trio_is_in_place_between_inputs(session):
    hooks = sys.get_asyncgen_hooks()
    session.run("await trio.sleep(0)")
    assert not trio.lowlevel.in_trio_run()
    assert sys.get_asyncgen_hooks() == hooks


def test_two_sessions_on_one_thread(session):
    session.run("await trio.sleep(0)")
    with Session(runner="trio") as other:
        assert other.run("import trio; await trio.sleep(0); 5") == 5
    assert session.run("await trio.sleep(0); 6") == 6


def test_a_system_task_that_crashes_is_told_and_the_next_input_begins_anew(session, capfd):
    session.run("async def crash():\n    raise ValueError('in a system task')")
    with pytest.raises(trio.Cancelled):
        session.run("trio.lowlevel.spawn_system_task(crash); await trio.sleep(1)")
    assert session.run("await trio.sleep(0); 5") == 5
    assert capfd.readouterr().err.count("ValueError: in a system task") == 1


@pytest.mark.filterwarnings("ignore:Async generator:ResourceWarning")
def test_a_generator_that_is_dropped_is_closed_on_trio(session):
    session.run("""
closed = []
async def numbers():
    try:
        while True:
            yield 1
    finally:
        closed.append(trio.lowlevel.in_trio_task())
""")
    session.run("g = numbers(); await anext(g)")
    session.run("del g")
    session.run("while not closed:\n    await trio.sleep(0)")
    assert session.run("closed") == [True]


def test_it_runs_on_any_thread():
    answers = []

    def run():
        with Session(runner="trio") as session:
            answers.append(session.run("import trio; await trio.sleep(0); 5"))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert answers == [5]


def test_a_handler_of_the_host_is_left_alone(session):
    def mine(signum, frame):
        session.interrupt(frame)

    before = signal.signal(signal.SIGINT, mine)
    try:
        session.run("async def press_soon():\n    await trio.sleep(0)\n    press()")
        session.spawn(session.run("press_soon()"))
        with pytest.raises(KeyboardInterrupt):
            session.run("await trio.sleep_forever()")
        assert signal.getsignal(signal.SIGINT) is mine
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_task_spawned_before_any_input_and_never_run_is_closed():
    coro = trio.sleep(0)
    with Session(runner="trio") as session:
        session.spawn(coro)
    with pytest.raises(RuntimeError, match="cannot reuse"):
        coro.send(None)


def test_ctrl_c_before_the_driver_has_begun_ends_the_input(monkeypatch):
    runner = TrioRunner(contextvars.copy_context())
    begin = trio.lowlevel.start_guest_run

    def begin_and_press(*args, **options):
        begin(*args, **options)
        press()

    monkeypatch.setattr(trio.lowlevel, "start_guest_run", begin_and_press)
    with pytest.raises(KeyboardInterrupt):
        runner.run(trio.sleep_forever())
    monkeypatch.undo()
    assert runner.run(trio.sleep(0)) is None
    assert runner.close() == []


def test_the_nursery_of_the_session_takes_tasks_from_any_input(session):
    session.run("import awaitall; log = []\nasync def note(x):\n    log.append(x)")
    session.run("await trio.sleep(0)")
    session.run("awaitall.current_session().nursery.start_soon(note, 1)")
    session.run("await trio.sleep(0); awaitall.current_session().nursery.start_soon(note, 2)")
    session.run("while len(log) < 2:\n    await trio.sleep(0)")
    assert session.namespace["log"] == [1, 2]


def test_there_is_no_nursery_before_the_first_await(session):
    with pytest.raises(UnsupportedError, match=r"await trio\.sleep\(0\)"):
        _ = session.nursery


def test_other_runners_have_no_nursery():
    with Session() as session, pytest.raises(UnsupportedError, match="the runner 'trio' has"):
        _ = session.nursery


FAILS = "import awaitall\nasync def boom():\n    await trio.sleep(0)\n    raise ValueError('boom')"


def test_a_task_that_fails_in_the_nursery_of_the_session_is_reported_while_the_prompt_waits(session, capfd):
    session.run(FAILS)
    session.run("await trio.sleep(0)")
    session.spawn(session.run("trio.sleep_forever()"))
    session.run("awaitall.current_session().nursery.start_soon(boom)")
    session.pump([], 0.1)
    task, *_, error, line = capfd.readouterr().err.splitlines()
    assert task == "Task 'boom' in the background has failed:"
    assert error == "ValueError: boom"
    assert line.startswith("awaitall: that was in the nursery of the session, so all tasks in there have been cancelled")
    assert session.tasks() == []
    assert session.run("await trio.sleep(0); 5") == 5
    assert session.run("awaitall.current_session().nursery.cancel_scope.cancel_called") is False


def test_a_task_that_fails_in_the_nursery_of_the_session_is_reported_at_the_end_at_the_latest(session, capfd):
    session.run(FAILS)
    session.run("async def late():\n    try:\n        await trio.sleep_forever()\n    finally:\n        raise ValueError('late')")
    session.run("await trio.sleep(0)")
    session.run("awaitall.current_session().nursery.start_soon(late); await trio.sleep(0.01)")
    assert session.close() == []
    err = capfd.readouterr().err
    assert err.startswith("Task 'late' in the background has failed:")
    assert err.endswith("\nValueError: late\n")


# -- the nursery of the session, by its name ------------------------------------------------------------------------------------


def test_the_nursery_has_a_name_in_the_first_input_that_awaits(session):
    assert session.run("await trio.sleep(0); nursery") is session.nursery


def test_a_nursery_of_the_users_keeps_the_name(session):
    session.run("nursery = 'mine'")
    assert session.run("await trio.sleep(0); nursery") == "mine"


def test_a_new_run_of_trio_binds_the_name_anew(session, capsys):
    session.run("async def fail():\n    raise ValueError\nawait trio.sleep(0)")
    before = session.run("nursery")
    session.run("nursery.start_soon(fail)")
    with pytest.raises(BaseException):  # noqa: B017, PT011
        session.run("await trio.sleep(1)")
    assert session.run("await trio.sleep(0); nursery") is session.nursery is not before
