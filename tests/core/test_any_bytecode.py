"""A signal at any one bytecode of what awaits and of what waits: nothing is left behind, and what comes next works."""

from __future__ import annotations

import itertools
import queue
import signal
from contextlib import nullcontext
from socket import socketpair

import pytest

from awaitall import Session
from awaitall.interrupts import SigintGuard
from awaitall.prompts import WaitingPrompt
from awaitall.shells import read_in_thread, tasks_during_input

from bytecodes import RAISED, Stepper, check, state
from libraries import library_of

LIBRARIES = {"asyncio": "asyncio", "uvloop": "asyncio", "trio": "trio", "curio": "curio"}
TICKING = """
import {library} as library

async def tick():
    while True:
        ticks.append(None)
        await library.sleep(0.0005)
"""


@pytest.fixture(params=LIBRARIES)
def session(request):
    """A session on each runner, with a task in the background."""
    library_of(request.param)
    with Session(runner=request.param) as session:
        session.exit_on_termination = True
        session.namespace["ticks"] = []
        session.run(TICKING.format(library=LIBRARIES[request.param]))
        session.spawn(session.run("tick()"))
        session.run("while not ticks:\n    await library.sleep(0)")
        yield session


def runner_files(session):
    name = "asyncio" if session.runner == "uvloop" else session.runner
    return "awaitall/interrupts.py", "runners/loop_runner.py", "runners/guest_host.py", f"runners/on_{name}.py"


@pytest.mark.parametrize("signum", RAISED)
def test_an_input_that_awaits(session, signum):
    compiled = session.compile("await library.sleep(0)")
    check(lambda: session.run(compiled), Stepper(*runner_files(session)), signum)
    assert session.run("ticks.clear()\nwhile not ticks:\n    await library.sleep(0)") is None


@pytest.fixture
def ignored():
    """SIGTSTP is ignored, as in xonsh, where nothing awaits."""
    before = signal.signal(signal.SIGTSTP, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGTSTP, before)


@pytest.mark.skipif(not hasattr(signal, "SIGTSTP"), reason="there is no SIGTSTP, by which Ctrl-Z arrives")
def test_an_input_that_is_handed_over(session, ignored):
    session.hands_over = True
    compiled = session.compile("await library.sleep(0); 'done'")
    session.run(compiled)
    before = state()
    stepper = Stepper(*runner_files(session))
    handed_over = 0
    for number in itertools.count(1):
        outcome = stepper.step(lambda: session.run(compiled), number, signal.SIGTSTP)
        if stepper.place is None:
            break
        assert (outcome in ("done", None), state()) == (True, before), stepper.place
        handed_over += outcome is None
        while len(session.tasks()) > 1:
            session.run("await library.sleep(0)")
    assert number > handed_over > 50
    assert {result.value for result in session.results} == {"done"}
    assert session.run("ticks.clear()\nwhile not ticks:\n    await library.sleep(0)") is None


@pytest.mark.parametrize("signum", RAISED)
def test_a_prompt_that_waits(session, signum):
    keyboard, typist = socketpair()
    with keyboard, typist:
        check(lambda: session.pump([keyboard.fileno()], 0.0001), Stepper(*runner_files(session)), signum)
    assert session.run("ticks.clear()\nwhile not ticks:\n    await library.sleep(0)") is None


def wait_for(asked, timeout):
    try:
        return asked.get(timeout=timeout)
    except queue.Empty:
        return None


class Keyboard:
    """Stands for a prompt that is asked to end by another thread, and ends soon by itself, too."""

    def __init__(self):
        self.asked = queue.SimpleQueue()
        self.over = False

    def read(self):
        asked = wait_for(self.asked, timeout=0.002)
        self.over = True
        if asked := asked or wait_for(self.asked, timeout=0):
            raise asked
        return "a line"

    def end(self, exception):
        self.asked.put(exception)
        return not self.over


@pytest.mark.parametrize("signum", RAISED)
def test_a_prompt_in_a_thread(session, signum):
    def read():
        keyboard = Keyboard()
        return read_in_thread(session, keyboard.read, keyboard.end)

    assert read() == "a line"
    check(read, Stepper("prompts/reader_thread.py", "awaitall/interrupts.py"), signum)


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_guard_beside_the_handlers_of_a_host(signum):
    def handler(signum, frame):
        raise RAISED[signum]

    def guarded():
        with SigintGuard(lambda frame: pressed.append(frame) or True) as guard:
            pass
        if pressed and guard.signum is None:
            raise KeyboardInterrupt

    pressed = []
    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        guarded()
        expected = state()
        stepper = Stepper("awaitall/interrupts.py")
        for number in itertools.count(1):
            pressed.clear()
            outcome = stepper.step(guarded, number, signum)
            if stepper.place is None:
                break
            assert (type(outcome), state()) == (RAISED[signum], expected), stepper.place
        for other in before:
            with pytest.raises(RAISED[other]):
                signal.raise_signal(other)
    finally:
        for number, theirs in before.items():
            signal.signal(number, theirs)


@pytest.mark.parametrize("signum", RAISED)
def test_a_prompt_that_begins_and_ends(session, signum):
    """The KeyboardInterrupt of a signal before ``input()`` is raised by that, which is left out here."""
    pytest.importorskip("termios", reason="input() calls no hook while it waits")

    def prompt():
        with tasks_during_input(session):
            pass

    prompt()
    before = state()
    stepper = Stepper("prompts/input_hook.py", "prompts/keyboard_prompt.py", "prompts/held.py", "awaitall/interrupts.py")
    for number in itertools.count(1):
        stepper.step(prompt, number, signum)
        if stepper.place is None:
            break
        assert state() == before, stepper.place
    assert number > 200


@pytest.mark.parametrize("signum", RAISED)
def test_a_prompt_that_waits_by_itself(session, signum):
    """The signal is told to the prompt when it waits, or raised at its end."""
    keyboard, typist = socketpair()

    def prompt():
        with WaitingPrompt(session, nullcontext, keyboard.fileno()) as waiting:
            for _ in range(2):
                waiting.wait(0.0001)

    prompt()
    stepper = Stepper("prompts/keyboard_prompt.py", "prompts/above.py", "prompts/held.py", "awaitall/interrupts.py")
    before = state()
    for number in itertools.count(1):
        outcome = stepper.step(prompt, number, signum)
        if stepper.place is None:
            break
        assert (type(outcome), state()) == (RAISED[signum], before), stepper.place
    assert number > 200
    keyboard.close()
    typist.close()
