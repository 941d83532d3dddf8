"""Lines that a thread reads, where the terminal is no file."""

from __future__ import annotations

import itertools
import os
import signal
import threading

import pytest

from awaitall.polling import readable
from awaitall.prompts.line_thread import PendingLine

from bytecodes import Stepper


@pytest.fixture
def keyboard(monkeypatch):
    """Where what is written is typed."""
    reading, writing = os.pipe()
    with open(reading) as keyboard:
        monkeypatch.setattr("sys.stdin", keyboard)
        yield writing
        os.close(writing)
        for thread in threads():
            thread.join()


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "awaitall line"]


def test_no_ctrl_c_leaves_a_thread_behind_that_takes_the_next_line(keyboard):
    stepper = Stepper("prompts/line_thread.py", "awaitall/interrupts.py")
    for number in itertools.count(1):
        stepper.step(PendingLine.next, number, signal.SIGINT)
        assert len(threads()) <= 1, stepper.place
        os.write(keyboard, b"typed\n")
        line = PendingLine.next()
        readable([line.fileno()], None)
        assert line.take() == "typed", stepper.place
        for thread in threads():
            thread.join()
        if stepper.place is None:
            break
    assert number > 50
