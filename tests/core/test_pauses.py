"""What keeps the loop of a session from running: what the user is told, and how it goes on."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import os
import threading

import greenlet
import pytest

from awaitall import Runner, RunnerSpec, Session
from awaitall.errors import ElsewhereError, HeldError


@pytest.fixture(params=["asyncio", "uvloop"])
def session(request):
    with Session(runner=request.param) as session:
        session.run("import asyncio; loop = asyncio.get_running_loop(); await asyncio.sleep(0)")
        session.run("async def slow():\n    await asyncio.sleep(1000)")
        yield session


@pytest.fixture
def elsewhere(session):
    """A thread that runs the loop of the session."""
    loop = session.namespace["loop"]
    running = threading.Event()
    loop.call_soon(running.set)
    thread = threading.Thread(target=loop.run_forever, name="other")
    thread.start()
    running.wait()
    yield thread
    if not loop.is_closed():
        loop.call_soon_threadsafe(loop.stop)
    thread.join()


@pytest.fixture
def held(session):
    """A greenlet that has begun to run the loop of the session, and stands still."""
    loop = session.namespace["loop"]
    here = greenlet.getcurrent()
    loop.call_soon(here.switch)
    held = greenlet.greenlet(loop.run_forever)
    held.switch()
    asyncio._set_running_loop(None)  # as the end of an input does
    yield held
    if not held.dead:
        give_back(loop, held)


def give_back(loop, held):
    """End the greenlet, as an input would do it."""
    asyncio._set_running_loop(loop)
    loop.stop()
    held.switch()
    asyncio._set_running_loop(None)


def told(capfd):
    return [line for line in capfd.readouterr().err.splitlines() if line.startswith("awaitall: ")]


class Broken(Runner):
    """A runner whose pump fails while ``broken`` is true."""

    name = "broken"
    features = frozenset({"suspend", "pump"})
    broken = True

    def run(self, coro):
        coro.close()

    def pump(self, fds, timeout=None):
        if self.broken:
            raise OSError("no more")

    def close(self, timeout=5.0):
        return []


@pytest.fixture
def broken():
    runner = Broken(contextvars.Context())
    with Session(runner=RunnerSpec("broken", lambda context: runner)) as session:
        session.use(RunnerSpec("broken", lambda context: runner))
        yield session, runner


def test_a_pump_that_always_fails_costs_one_line(broken, capfd):
    session, _ = broken
    for _ in range(5):
        session.pump([], 0.001)
    assert told(capfd) == ["awaitall: background tasks are paused at the prompt: OSError: no more"]


def test_a_pump_that_works_again_costs_one_more_line(broken, capfd):
    session, runner = broken
    session.pump([], 0.001)
    runner.broken = False
    for _ in range(5):
        session.pump([], 0.001)
    assert told(capfd)[1:] == ["awaitall: background tasks go on at the prompt"]


def test_a_pump_that_fails_waits_for_longer_each_time_but_not_for_a_key(broken, monkeypatch):
    session, _ = broken
    waited = []
    monkeypatch.setattr("awaitall.pauses.readable", lambda fds, timeout: waited.append(timeout) or bool(fds))
    for _ in range(8):
        session.pump([])
    session.pump([0])
    session.pump([])
    assert waited == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0, 0.1]


def test_no_file_descriptor_left_pauses_and_leaks_none(session, monkeypatch, capfd):
    pytest.importorskip("fcntl")  # else a pipe is no file that is waited for
    reader, writer = os.pipe()
    before = len(os.listdir("/proc/self/fd"))
    original, calls = os.dup, []

    def dup(fd):
        calls.append(fd)
        if len(calls) == 2:
            raise OSError(24, "Too many open files")
        return original(fd)

    monkeypatch.setattr(os, "dup", dup)
    session.pump([reader, reader], 0.001)
    assert len(os.listdir("/proc/self/fd")) == before
    session.pump([reader], 0.001)
    assert [line.partition(": ")[2].partition(":")[0] for line in told(capfd)] == [
        "background tasks are paused at the prompt",
        "background tasks go on at the prompt",
    ]
    os.close(reader)
    os.close(writer)


def test_a_thread_that_runs_the_loop_is_named(session, elsewhere):
    with pytest.raises(ElsewhereError, match=r"The thread 'other' runs .* loop\.call_soon_threadsafe\(loop\.stop\)"):
        session.run("await asyncio.sleep(0)")


def test_tasks_that_another_thread_runs_are_not_told_to_be_paused(session, elsewhere, capfd):
    session.run("done = asyncio.Event()\nasync def sets():\n    done.set()")
    session.spawn(session.run("sets()"))
    while not session.namespace["done"].is_set():
        session.pump([], 0.001)
    assert told(capfd) == []


def test_it_goes_on_when_the_thread_has_stopped_the_loop(session, elsewhere, capfd):
    session.pump([], 0.001)
    session.namespace["loop"].call_soon_threadsafe(session.namespace["loop"].stop)
    elsewhere.join()
    assert session.run("await asyncio.sleep(0, 5)") == 5
    session.pump([], 0.001)
    assert told(capfd) == []


def test_closing_ends_the_tasks_that_another_thread_runs(session, elsewhere):
    session.run("log = []\nasync def ends():\n    try:\n        await slow()\n    finally:\n        log.append('ended')")
    session.spawn(session.run("ends()"))
    while not any(task.state == "waiting" for task in session.tasks()):
        pass
    assert session.close() == []
    assert session.namespace["log"] == ["ended"]


def test_a_greenlet_that_holds_the_loop_is_told_of(session, held, capfd):
    with pytest.raises(HeldError, match=r"playwright\.stop\(\)"):
        session.run("await asyncio.sleep(0)")
    session.pump([], 0.001)
    give_back(session.namespace["loop"], held)
    session.pump([], 0.001)
    session.pump([], 0.001)
    assert session.run("await asyncio.sleep(0, 5)") == 5
    first, second = told(capfd)
    assert first.startswith("awaitall: background tasks are paused at the prompt: HeldError: ")
    assert second == "awaitall: background tasks go on at the prompt"


def test_closing_names_the_tasks_that_a_greenlet_holds_up(session, held):
    session.spawn(session.run("slow()"), name="held up")
    assert session.close() == ["held up"]
    for task in asyncio.all_tasks(session.namespace["loop"]):
        task.cancel()


def test_closing_closes_what_a_greenlet_keeps_from_beginning(session, held):
    session.spawn(session.run("slow()"), name="held up")
    session.close()
    tasks = asyncio.all_tasks(session.namespace["loop"])
    assert [task.get_name() for task in tasks if inspect.getcoroutinestate(task.get_coro()) == inspect.CORO_CREATED] == []
    for task in tasks:
        task.cancel()


# -- a loop that the user meddles with -----------------------------------------------------------------------------------------


def test_the_tasks_of_a_loop_that_the_user_closes_are_named_once_and_listed_no_more(session, capfd):
    session.spawn(session.run("slow()"), name="lost")
    session.run("loop.close()")
    assert session.tasks() == []
    assert session.run("await asyncio.sleep(0, 5)") == 5
    assert told(capfd) == ["awaitall: the event loop was closed, and what ran on it is lost: lost"]


def test_a_loop_that_is_closed_last_has_its_tasks_named_too(session, capfd):
    session.spawn(session.run("slow()"), name="lost")
    session.run("loop.close()")
    session.close()
    assert told(capfd) == ["awaitall: the event loop was closed, and what ran on it is lost: lost"]


def test_a_task_is_started_on_a_new_loop_after_the_user_has_closed_one(session):
    session.run("loop.close()")
    session.spawn(session.run("slow()"), name="new")
    assert [task.name for task in session.tasks()] == ["new"]


@pytest.mark.parametrize("source", ["loop.stop()", "asyncio.set_event_loop(None)", "asyncio.set_event_loop(loop)"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_else_is_done_to_the_loop_loses_nothing(session, source):
    session.spawn(session.run("slow()"), name="stays")
    session.run(source)
    session.pump([], 0.001)
    assert session.run("await asyncio.sleep(0, 5)") == 5
    assert [task.name for task in session.tasks()] == ["stays"]


def test_a_task_of_an_open_group_that_fails_between_the_inputs_is_reported_at_once(session, capfd):
    session.run("async def fails():\n    await asyncio.sleep(0)\n    raise ValueError('boom')")
    session.run("group = await asyncio.TaskGroup().__aenter__()")
    session.run("task = group.create_task(fails(), name='child')")
    err = ""
    while not err.endswith("awaits\n"):
        session.pump([], 0.01)
        err += capfd.readouterr().err
    assert err.startswith("Task 'child' in the background has failed:\n")
    assert err.endswith("awaitall: its task group is still open, and cancels the next input that awaits\n")
    with pytest.raises(ExceptionGroup):
        session.run("await group.__aexit__(None, None, None)")
    assert session.run("await asyncio.sleep(0, 5)") == 5
