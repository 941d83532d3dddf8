"""Ctrl-Z during an await: the prompt is back, and the input goes on in the background."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys

import pytest

from awaitall import Session
from awaitall.testing.shell_fixtures import without_folders

from libraries import library_of

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGTSTP"), reason="there is no SIGTSTP, by which Ctrl-Z arrives")

AIDS = """
import signal

async def f(value=None):
    await library.sleep(0)
    return value

async def pressed(value=None):
    signal.raise_signal(signal.SIGTSTP)
    while not gate:
        await library.sleep(0.001)
    return value

async def sleeps():
    try:
        signal.raise_signal(signal.SIGTSTP)
        await library.sleep(1000)
    finally:
        cleaned.append(True)

async def fails():
    await pressed()
    raise ValueError("in the background")

async def exits():
    await pressed()
    raise SystemExit(3)
"""


@pytest.fixture(params=["asyncio", "uvloop", "trio", "curio"])
def session(request):
    """A session on each runner, as a shell has it."""
    library = library_of(request.param)
    with Session({"library": asyncio if request.param == "uvloop" else library}, runner=request.param) as session:
        session.hands_over = True
        session.run(AIDS)
        session.namespace["cleaned"] = []
        session.namespace["gate"] = []
        yield session


def run_on(session):
    """Run the tasks to their end at the prompt."""
    session.namespace["gate"].append(True)
    while session.tasks():
        session.pump([], 0.01)


def test_the_input_is_a_task_of_its_source(session, capsys):
    assert session.run("await pressed(7)") is None
    assert capsys.readouterr().out == "\n[1] await pressed(7)\n"
    (task,) = session.tasks()
    assert (task.number, task.name, task.waits_for) == (
        1,
        "await pressed(7)",
        f"{session.namespace['library'].__name__}.sleep(0.001)",
    )


def test_what_it_binds_is_there_when_it_ends(session):
    session.run("bound = await pressed(7)")
    assert "bound" not in session.namespace
    run_on(session)
    assert session.namespace["bound"] == 7


def test_a_line_tells_how_it_has_ended(session, capsys):
    session.run("await pressed(7)")
    run_on(session)
    assert re.fullmatch(r"\[1\] done \d+\.\ds → 7\n", capsys.readouterr().err)
    assert session.result(1) == 7


def test_inputs_go_on_beside_it(session):
    session.run("await pressed(7)")
    assert session.run("await f(8)") == 8
    run_on(session)
    assert session.result(1) == 7


def test_several_end_each_by_itself(session):
    for number in range(4):
        session.run(f"bound = await pressed({number})")
    run_on(session)
    assert [session.result(number + 1) for number in range(4)] == [None] * 4
    assert session.run("await f(8)") == 8


def test_one_that_fails_is_reported_once(session, capsys):
    session.run("await fails()")
    run_on(session)
    told = capsys.readouterr().err
    assert told.count("ValueError: in the background") == 1
    assert "Task 'await fails()' in the background has failed:" in told
    assert "awaitall" not in without_folders(told)
    with pytest.raises(ValueError, match="in the background"):
        session.result(1)


def test_an_exit_in_it_ends_nothing(session, capsys):
    session.run("await exits()")
    run_on(session)
    assert "SystemExit: 3" in capsys.readouterr().err
    assert session.run("await f(8)") == 8


def test_it_can_be_cancelled(session, capsys):
    session.run("await sleeps()")
    while "1000" not in (session.tasks()[0].waits_for or ""):
        session.pump([], 0.01)
    session.cancel(1, by="%cancel")
    run_on(session)
    assert session.namespace["cleaned"] == [True]
    assert re.fullmatch(r"\[1\] cancelled \d+\.\ds, by %cancel\n", capsys.readouterr().err)


def test_the_end_of_the_session_cancels_it(session, capsys):
    session.run("await sleeps()")
    assert session.close() == []
    assert session.namespace["cleaned"] == [True]
    assert capsys.readouterr().err == ""


def test_fg_waits_for_it(session):
    session.run("await pressed(7)")
    session.namespace["gate"].append(True)
    assert session.command("fg 1") == "7\n"


def test_ctrl_z_puts_back_what_fg_waits_for(session, capsys):
    session.run("async def presses():\n    await library.sleep(0.01); signal.raise_signal(signal.SIGTSTP)")
    session.run("async def waits():\n    await library.sleep(0.1); return 7")
    session.command("bg waits()")
    session.command("bg -q presses()")
    session.command("fg 1")
    run_on(session)
    shown = capsys.readouterr()
    assert shown.out == "[1] waits()\n\n[1] waits()\n"
    assert "[1] done" in shown.err
    assert session.result(1) == 7


def test_ctrl_c_after_it_is_for_the_next_input(session):
    session.run("await sleeps()")
    session.run("async def interrupted():\n    signal.raise_signal(signal.SIGINT); await library.sleep(1000)")
    with pytest.raises(KeyboardInterrupt):
        session.run("await interrupted()")
    assert [task.name for task in session.tasks()] == ["await sleeps()"]


def test_what_lines_show_is_the_value_and_is_not_shown(session, capsys):
    session.evaluate_lines("await pressed(7)")
    run_on(session)
    shown = capsys.readouterr()
    assert shown.out == "\n[1] await pressed(7)\n"
    assert "→ 7" in shown.err
    assert session.result(1) == 7


def test_what_other_lines_show_meanwhile_is_shown(session, capsys):
    session.evaluate_lines("await pressed(7)")
    session.evaluate_lines("await f(8)")
    assert capsys.readouterr().out.endswith("\n8\n")


@contextlib.contextmanager
def handled(handler):
    before = signal.signal(signal.SIGTSTP, handler)
    try:
        yield
    finally:
        assert signal.signal(signal.SIGTSTP, before) is handler


def test_a_program_that_runs_inputs_keeps_its_ctrl_z(session):
    seen = []
    session.hands_over = False
    session.namespace["gate"].append(True)
    with handled(lambda signum, frame: seen.append(signum)):
        assert session.run("await pressed(7)") == 7
    assert seen == [signal.SIGTSTP]


def test_at_the_prompt_and_in_inputs_without_await_ctrl_z_is_what_it_was(session):
    seen = []
    session.run("await f()")
    session.run("async def presses():\n    signal.raise_signal(signal.SIGTSTP)")
    with handled(lambda signum, frame: seen.append(signum)):
        session.run("signal.raise_signal(signal.SIGTSTP)")
        session.command("bg -q presses()")
        run_on(session)
        session.run("await pressed()")
        run_on(session)
    assert seen == [signal.SIGTSTP] * 2


LEFT_BEHIND = """
import signal
from awaitall import Session

with Session({"signal": signal}) as session:
    session.hands_over = True
    session.run("import asyncio; await asyncio.sleep(0); ours = signal.getsignal(signal.SIGTSTP)")
    signal.signal(signal.SIGTSTP, session.namespace["ours"])
    for _ in range(2):
        signal.raise_signal(signal.SIGTSTP)
    session.run("await asyncio.sleep(0)")
    print("goes on")
"""


def test_a_handler_that_was_left_behind_stops_the_process():
    argv = [sys.executable, "-W", "error", "-c", LEFT_BEHIND]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, process_group=0) as process:
        for _ in range(2):
            assert os.WIFSTOPPED(os.waitpid(process.pid, os.WUNTRACED)[1])
            process.send_signal(signal.SIGCONT)
        assert process.communicate(timeout=30)[0] == "goes on\n"
