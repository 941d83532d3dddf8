"""Inputs that do not await: when there is a loop for them, and what they see of it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from asyncio import events

import pytest

from awaitall import Session
from awaitall.runners.seen import Seen

PLACES = [
    (events, "_get_running_loop"),
    (events, "_set_running_loop"),
    (asyncio, "_get_running_loop"),
    (asyncio.Runner, "run"),
    (asyncio.Runner, "close"),
]


@pytest.fixture
def session():
    with Session() as session:
        yield session


def is_open(session):
    return session._runner is not None


@pytest.mark.parametrize(
    "source",
    [
        "import asyncio",
        "from asyncio import sleep",
        "import pytest",
        "import os, pytest",
        "def f():\n    return asyncio",
        "[asyncio for i in range(3)]",
        "foreign_function",
        "foreign_module.x = 1",
        "foreign_value",
    ],
)
def test_the_loop_comes_to_life_with(session, source):
    session.namespace |= {
        "asyncio": asyncio,
        "foreign_function": pytest.raises,
        "foreign_module": pytest,
        "foreign_value": pytest.mark,
    }
    session.run(source)
    assert is_open(session)


@pytest.mark.parametrize(
    "source", ["1 + 1", "import sys, os.path", "x = [i for i in range(3)]", "def f(): pass", "mine()", "print"]
)
def test_there_is_no_loop_for(session, source, capsys):
    def mine():
        pass

    mine.__module__ = "__main__"
    session.namespace["mine"] = mine
    session.run(source)
    assert not is_open(session)


def test_there_is_none_outside(session):
    session.outside = True
    session.run("import asyncio")
    assert not is_open(session)


def test_there_is_none_for_a_runner_that_is_not_asked_to_show_one():
    with Session(runner="trio") as session:
        session.run("import asyncio")
        assert not is_open(session)


def test_an_input_that_imports_asyncio_by_another_library_sees_the_loop_from_then_on():
    program = """
import sys
from awaitall import Session
assert "asyncio" not in sys.modules
with Session() as session:
    session.run("import json")
    assert "asyncio" not in sys.modules
    session.run("import asyncio.events; import asyncio; loop = asyncio.get_running_loop()")
    assert session.run("await asyncio.sleep(0, asyncio.get_running_loop()) is loop")
    assert not any(type(finder).__module__.startswith("awaitall") for finder in sys.meta_path)
    assert "awaitall" not in type(sys.modules["asyncio"].__spec__.loader).__module__
    assert "awaitall" not in type(sys.modules["asyncio"].__loader__).__module__
"""
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("source", ["asyncio.get_running_loop()", "1 / 0"])
def test_nothing_is_left_behind(session, source):
    before = [getattr(place, name) for place, name in PLACES]
    session.run("import asyncio")
    try:
        session.run(source)
    except ZeroDivisionError:
        pass
    assert [getattr(place, name) for place, name in PLACES] == before
    assert asyncio._get_running_loop() is None


def test_another_thread_sees_no_loop(session):
    session.run("import asyncio")
    seen = []
    session.namespace["look"] = lambda: seen.append(asyncio._get_running_loop())
    session.namespace["threading"] = threading
    session.run("t = threading.Thread(target=look); t.start(); t.join()")
    assert seen == [None]


def test_inside_the_loop_of_a_host_its_loop_stays_the_running_one(session):
    session.run("import asyncio")

    async def host():
        session.run("loop = asyncio.get_running_loop()")
        return session.namespace["loop"] is asyncio.get_running_loop()

    assert asyncio.run(host())


def test_a_loop_that_an_input_has_closed_is_replaced(session):
    session.run("import asyncio; asyncio.get_running_loop().close()")
    session.run("t = asyncio.create_task(asyncio.sleep(0, 4))")
    assert session.run("await t") == 4


def test_an_input_inside_an_input_sees_the_loop_too(session):
    session.namespace["session"] = session
    session.run("import asyncio")
    assert session.run("session.run('asyncio.get_running_loop()') is asyncio.get_running_loop()")
    assert asyncio._get_running_loop() is None


def test_it_is_entered_once_at_a_time():
    loop = asyncio.new_event_loop()
    seen = Seen(loop)
    with seen:
        assert seen.active
    assert not seen.active
    loop.close()


def test_a_refusal_names_the_way_out(session):
    session.run("import asyncio")
    session.run("def refuses():\n    if asyncio.get_running_loop():\n        raise ValueError")
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        session.run("refuses()")
    assert caught.value.__notes__ == [
        "It does not work where an event loop runs; %autoawait outside hides the loop from inputs without await."
    ]


def test_other_errors_get_no_note(session):
    session.run("import asyncio")
    with pytest.raises(ZeroDivisionError) as caught:
        session.run("1 / 0")
    assert not hasattr(caught.value, "__notes__")


def test_a_value_that_is_a_coroutine_is_awaited_on_request(session):
    session.implicit = True
    session.run("import asyncio")
    assert session.run("asyncio.sleep(0, 5)") == 5


def test_a_coroutine_is_a_value_like_others_by_default(session):
    session.run("import asyncio")
    coro = session.run("asyncio.sleep(0, 5)")
    assert asyncio.run(coro) == 5
