"""A signal at any one bytecode of a prompt of prompt_toolkit that lets tasks run."""

from __future__ import annotations

import pytest
from prompt_toolkit.application import Application
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.output import DummyOutput

from awaitall import Session
from awaitall_prompts.on_prompt_toolkit import pumping

from bytecodes import RAISED, Stepper, check

FILES = "application_loop.py", "on_prompt_toolkit.py", "prompts/held.py", "prompts/press_again.py", "awaitall/interrupts.py"

TICKING = """
import asyncio

async def tick():
    while True:
        ticks.append(None)
        await asyncio.sleep(0)
"""


@pytest.fixture
def session():
    """A session with a task in the background."""
    with Session() as session:
        session.exit_on_termination = True
        session.namespace["ticks"] = []
        session.run(TICKING)
        session.spawn(session.run("tick()"))
        session.run("while not ticks:\n    await asyncio.sleep(0)")
        yield session


@pytest.fixture
def app():
    """An application that waits for the key Enter."""
    bindings = KeyBindings()

    @bindings.add("c-c")
    def interrupt(event):
        event.app.exit(exception=KeyboardInterrupt)

    @bindings.add("enter")
    def accept(event):
        event.app.exit(result="a line")

    with create_pipe_input() as keyboard:
        yield Application(input=keyboard, output=DummyOutput(), key_bindings=bindings, include_default_pygments_style=False)


def read(session, app):
    """Read a line; its last key comes when tasks can run."""
    try:
        with pumping(session, app):
            return app.run(pre_run=lambda: app.input.send_text("\r"))
    except EOFError:
        return "the end"


@pytest.mark.parametrize("signum", RAISED)
def test_a_prompt_of_prompt_toolkit(session, app, signum):
    check(lambda: read(session, app), Stepper(*FILES), signum)
    assert session.run("ticks.clear()\nwhile not ticks:\n    await asyncio.sleep(0)") is None
