"""What a shell says while it ends."""

from __future__ import annotations

import pytest

from awaitall import Session, leaving

from libraries import library_of

AIDS = """
import time
from aids import pause

async def stubborn():
    try:
        await pause(1000)
    finally:
        time.sleep(0.2)
"""


@pytest.fixture
def session(monkeypatch):
    monkeypatch.setattr(leaving, "SILENCE", 0.05)
    session = Session()
    session.run(AIDS)
    return session


@pytest.mark.parametrize("runner", ["asyncio", "uvloop", "trio", "curio"])
def test_cleanup_that_takes_long_is_told_even_if_it_keeps_the_loop_busy(session, capfd, runner):
    library_of(runner)
    session.use(runner)
    session.command("bg stubborn()")
    session.run("await pause(0.001)")
    session.shutdown()
    assert capfd.readouterr().err == "awaitall: waiting for stubborn() to end; Ctrl-C leaves now\n"


def test_an_end_that_takes_no_time_is_silent(session, capfd):
    session.command("bg pause(1000)")
    session.run("await pause(0.001)")
    session.shutdown()
    assert capfd.readouterr().err == ""


def test_a_program_that_closes_its_session_is_told_nothing(session, capfd):
    session.command("bg stubborn()")
    session.run("await pause(0.001)")
    assert session.close() == []
    assert capfd.readouterr().err == ""
