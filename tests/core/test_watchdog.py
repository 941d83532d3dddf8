"""What blocks the loop is named."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading

import pytest

from awaitall import Session
from awaitall.runners import watchdog

from libraries import library_of

AIDS = """
def block():
    while True:
        if session._runner._watchdog.held:
            return
        time.sleep(0.001)

async def blocks():
    await library.sleep(0)
    block()

async def ticks():
    while True:
        await library.sleep(0.001)
"""


@pytest.fixture(params=["asyncio", "uvloop", "trio", "curio"])
def session(request, monkeypatch):
    """A session on each runner, whose watchdog is in a hurry."""
    monkeypatch.setattr(watchdog, "INTERVAL", 0.01)
    library = library_of(request.param)
    with Session({"library": asyncio if request.param == "uvloop" else library}, runner=request.param) as session:
        session.namespace["session"] = session
        session.run("import time\n" + AIDS)
        yield session


def told(session, capsys):
    """Run the loop until the line is there."""
    text = ""
    while "held up" not in text:
        session.run("await library.sleep(0.001)")
        text += capsys.readouterr().err
    return next(line for line in text.splitlines() if "held up" in line)


def test_whether_there_are_tasks_is_told_without_a_look_at_each(session):
    session.run("await library.sleep(0)")
    runner = session._runner
    assert runner.has_started_tasks() is bool(runner.started_tasks())
    session.command("bg -q ticks()")
    assert (runner.has_started_tasks(), bool(runner.started_tasks())) == (True, True)


def test_a_task_that_blocks_the_loop_is_named(session, capsys):
    session.command("bg -q blocks()")
    assert ", by 'blocks()', at <input-" in told(session, capsys)


def test_an_input_that_blocks_the_loop_is_named(session, capsys):
    session.command("bg -q ticks()")
    session.run("await library.sleep(0); block()")
    assert ", by an input, at <input-" in told(session, capsys)


def test_at_the_prompt_what_blocks_is_named(session, capsys):
    session.command("bg -q blocks()")
    session.run("await library.sleep(0)") if session.runner == "trio" else None
    while not session.results:
        session.pump([], 0.001)
    assert ", by 'blocks()', at <input-" in told(session, capsys)


def test_where_there_are_no_tasks_nobody_watches(session):
    session.run("await library.sleep(0)")
    assert "awaitall watchdog" not in [thread.name for thread in threading.enumerate()]


def test_the_watch_ends_with_the_tasks(session):
    session.command("bg -q library.sleep(0)")
    while session._runner._watchdog._thread is not None:
        session.run("await library.sleep(0.001)")


def test_the_watch_ends_with_the_session(session):
    session.command("bg -q ticks()")
    session.close()
    assert "awaitall watchdog" not in [thread.name for thread in threading.enumerate()]


def test_while_the_loop_stands_still_nobody_looks(session):
    session.command("bg -q ticks()")
    session.run("await library.sleep(0.001)")
    while not session._runner._watchdog._asleep:
        pass
    session.run("await library.sleep(0); block()")
    assert session.tasks()


FORK = """
import os, threading
from awaitall import Session

def names():
    return [thread.name for thread in threading.enumerate()]

with Session({}) as session:
    session.run("import asyncio")
    session.command("bg -q asyncio.sleep(1000)")
    session.run("await asyncio.sleep(0)")
    before = names()
    if (child := os.fork()) == 0:
        os._exit(len(names()))
    print(before, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), names())
    session.run("await asyncio.sleep(0)")
    print(names())
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no process can be forked")
def test_a_process_with_tasks_is_forked_without_threads():
    done = subprocess.run([sys.executable, "-W", "error", "-c", FORK], capture_output=True, text=True, timeout=30, check=False)
    watched = "['MainThread', 'awaitall watchdog']"
    assert (done.stdout, done.stderr) == (f"{watched} 1 ['MainThread']\n{watched}\n", "")
