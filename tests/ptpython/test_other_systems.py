"""A prompt of prompt_toolkit lets tasks go on whatever the loop of the session can wait for."""

from __future__ import annotations

import asyncio
import threading

import pytest
from prompt_toolkit import PromptSession
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from awaitall import RunnerSpec, Session
from awaitall.runners.on_asyncio import AsyncioRunner
from awaitall.system import press_in
from awaitall_prompts.on_prompt_toolkit import pumping

TICKING = """
import {library} as library

async def tick():
    while True:
        ticks.append(1)
        await library.sleep(0)
"""


def refusing(error):
    """Return a runner whose loop refuses file descriptors: that of Windows refuses all, some kqueues refuse terminals."""

    def refuse(*args):
        raise error

    def open_loop():
        loop = asyncio.new_event_loop()
        loop.add_reader = refuse
        return loop

    return RunnerSpec("refusing", lambda context: AsyncioRunner(context, open_loop))


RUNNERS = {
    "asyncio": "asyncio",
    "uvloop": "uvloop",
    "trio": "trio",
    "Windows": refusing(NotImplementedError()),
    "kqueue": refusing(OSError(22, "Invalid argument")),
}


@pytest.fixture(params=RUNNERS)
def session(request):
    with Session({"ticks": []}, runner=RUNNERS[request.param]) as session:
        session.run(TICKING.format(library="trio" if request.param == "trio" else "asyncio"))
        session.spawn(session.run("tick()"))
        session.run("while not ticks:\n    await library.sleep(0)")
        yield session


@pytest.fixture
def keyboard():
    with create_pipe_input() as keyboard:
        yield keyboard


@pytest.fixture
def read(session, keyboard):
    """Read a line; each of the presses is done once the task has ticked some more at the prompt."""

    def read(*presses):
        prompt = PromptSession(input=keyboard, output=DummyOutput())
        ticks = session.namespace["ticks"]

        def type_keys():
            for press in presses:
                ticks.clear()
                while len(ticks) < 5:
                    threading.Event().wait(0.001)
                press()

        typist = threading.Thread(target=type_keys)
        try:
            with pumping(session, prompt.app):
                return prompt.prompt(pre_run=typist.start)
        finally:
            typist.join()

    return read


def test_tasks_go_on_between_any_two_keys(read, keyboard):
    assert read(*(lambda key=key: keyboard.send_text(key) for key in "line\r")) == "line"


def test_the_key_ctrl_c_is_for_the_prompt(read, keyboard):
    with pytest.raises(KeyboardInterrupt):
        read(lambda: keyboard.send_text("\x03"))


def test_a_sigint_is_for_the_prompt(read):
    with pytest.raises(KeyboardInterrupt):
        read(lambda: press_in(threading.main_thread().ident))
