"""An input that awaits where a loop of asyncio runs the caller: what the loop is told meanwhile, and what is left of it."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from traceback import walk_tb

import pytest

from awaitall import Session
from awaitall.interrupts import exit_on_termination, restore_termination_signals
from awaitall.prompts.hosted import HostedPrompt
from awaitall.runners.afterwards import wait_afterwards
from awaitall.runners.inside import without_sigint
from awaitall.tasks import HIDDEN

from bytecodes import Stepper, check
from libraries import library_of


@pytest.fixture
def loop():
    """A loop that nobody keeps from being interrupted, as ``asyncio.run()`` would."""
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture
def session():
    with Session() as session:
        session.nests = True
        session.run("import asyncio")
        yield session


@pytest.fixture
def terminations():
    """SIGTERM raises, as in a shell."""
    exit_on_termination()
    yield
    restore_termination_signals()


def in_loop(loop, function):
    """Call a function in a task of a loop."""

    async def task():
        return function()

    return loop.run_until_complete(task())


def ready(loop):
    return len(loop._ready)


def test_inputs_leave_nothing_to_do_for_the_loop(loop, session):
    def inputs():
        session.run("await asyncio.sleep(0)")
        once = ready(loop)
        for _ in range(5):
            session.run("await asyncio.sleep(0)")
        return ready(loop) - once

    assert in_loop(loop, inputs) == 0


def test_a_loop_that_is_to_stop_waits_for_what_an_input_awaits(loop, session):
    """It would turn without a pause else."""
    turns = []
    loop._run_once = lambda: turns.append(type(loop)._run_once(loop))

    async def program():
        loop.stop()
        turns.clear()
        session.run("await asyncio.sleep(0.1)")
        return len(turns)

    task = loop.create_task(program())
    loop.run_forever()  # to the end of the input, and not one turn longer
    assert task.done()
    assert task.result() < 20


def test_it_stops_afterwards(loop, session):
    async def program():
        loop.call_soon(loop.stop)
        session.run("await asyncio.sleep(0.01)")
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    task = loop.create_task(program())
    loop.run_forever()
    assert not task.done()
    loop.run_until_complete(task)


def test_a_task_that_ends_the_program_ends_the_input_before(loop, session):
    async def leave():
        await asyncio.sleep(0.01)
        raise SystemExit(5)

    def inputs():
        leaving = loop.create_task(leave())
        handler = signal.getsignal(signal.SIGINT)
        session.run("cleaned = False")
        with pytest.raises(SystemExit):
            session.run("try:\n    await asyncio.sleep(1000)\nfinally:\n    await asyncio.sleep(0)\n    cleaned = True")
        assert isinstance(leaving.exception(), SystemExit)
        return session.run("cleaned"), len(asyncio.all_tasks()), signal.getsignal(signal.SIGINT) is handler

    assert in_loop(loop, inputs) == (True, 1, True)


def test_stop_iteration_comes_out_as_it_is(loop, session):
    outcome = in_loop(loop, lambda: session.evaluate("await asyncio.sleep(0)\nraise StopIteration"))
    assert isinstance(outcome.error, StopIteration)


@pytest.mark.usefixtures("terminations")
def test_a_ctrl_c_at_any_bytecode_comes_out(loop, session):
    compiled = session.compile("await asyncio.sleep(0)")
    files = "runners/inside.py", "runners/foreground.py"
    in_loop(loop, lambda: check(lambda: session.run(compiled), Stepper(*files), signal.SIGINT))


@pytest.mark.usefixtures("terminations")
@pytest.mark.parametrize("file", ["runners/inside.py", "runners/foreground.py"])
def test_a_ctrl_c_at_any_bytecode_around_a_prompt_comes_out(loop, file):
    def prompt():
        for _ in range(3):
            with without_sigint():
                pass

    in_loop(loop, lambda: check(prompt, Stepper(file), signal.SIGINT))


@pytest.mark.parametrize("library", ["asyncio", "uvloop"])
def test_a_terminal_stays_in_blocking_mode_while_a_prompt_waits_for_it(session, library):
    """It is the same file as standard output, which would lose what it does not take at once."""
    factory = library_of(library).new_event_loop
    user, terminal = pytest.importorskip("pty").openpty()
    seen = []

    async def program():
        running = asyncio.get_running_loop()
        with HostedPrompt(session) as prompt:
            running.call_soon(lambda: running.call_soon(look))
            await prompt.wait(prompt._host.readable(terminal))

    def look():
        seen.append(os.get_blocking(terminal))
        os.write(user, b"x\n")

    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(program())
    assert (seen, os.get_blocking(terminal)) == ([True], True)
    os.close(user)
    os.close(terminal)


def test_a_loop_that_another_thread_runs_now_is_not_the_one_to_go_on(loop):
    async def fail():
        raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose") as failure:
        loop.run_until_complete(fail())
    frames = [frame for frame, _ in walk_tb(failure.tb)]
    assert wait_afterwards(frames) is not None
    begun = threading.Event()
    loop.call_soon(begun.set)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    begun.wait()
    try:
        assert wait_afterwards(frames) is None
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


def test_a_task_of_ours_that_another_part_of_awaitall_starts_on_the_loop_of_a_session_is_in_no_list(session):
    session.nests = False
    session.run("await asyncio.sleep(0)")
    session.spawn(asyncio.Event().wait(), name=HIDDEN)
    assert session.tasks() == []
