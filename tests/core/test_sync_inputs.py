"""Inputs that do not await: when there is a loop for them, and what they see of it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from asyncio import events
from importlib import import_module

import pytest

from awaitall import RunnerSpec, Session, sync_libraries
from awaitall.runners.on_asyncio import AsyncioRunner
from awaitall.runners.visible_loop import VisibleLoop

from libraries import library_of

PLACES = [
    (events, "_get_running_loop"),
    (events, "_set_running_loop"),
    (asyncio, "_get_running_loop"),
    (asyncio.Runner, "run"),
    (asyncio.Runner, "close"),
]

#: A library that works without a loop only, and names it in one way or another.
BLOCKING = """
{import_line}

def runs():
    try:
        {call}
    except RuntimeError:
        return False
    return True
"""

BLOCKING_WAYS = {
    "the name of the module": ("import asyncio", "asyncio.get_running_loop()"),
    "a name of its own": ("from asyncio import get_running_loop", "get_running_loop()"),
}


@pytest.fixture(params=BLOCKING_WAYS)
def blocking(request, tmp_path, monkeypatch):
    """The name of a library that refuses where a loop runs, and is known to do so; it is not imported yet."""
    import_line, call = BLOCKING_WAYS[request.param]
    (tmp_path / "blocking_library.py").write_text(BLOCKING.format(import_line=import_line, call=call))
    monkeypatch.syspath_prepend(tmp_path)
    sync_libraries.MODULES.add("blocking_library")
    yield "blocking_library"
    sync_libraries.MODULES.discard("blocking_library")
    sys.modules.pop("blocking_library", None)


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


def test_a_runner_of_a_plugin_shows_its_loop_as_the_built_in_ones_do():
    with Session(runner=RunnerSpec("own", AsyncioRunner)) as session:
        session.run("import asyncio")
        assert session.run("asyncio.get_running_loop()") is session.run("await asyncio.sleep(0, asyncio.get_running_loop())")


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
    seen = VisibleLoop(loop)
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


def test_a_refusal_in_a_coroutine_is_right_and_gets_no_note(session):
    session.run("import asyncio")
    session.run("async def refuses():\n    if asyncio.get_running_loop():\n        raise ValueError")
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        session.run("asyncio.run(refuses())")
    assert not hasattr(caught.value, "__notes__")


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


# -- libraries that refuse where a loop runs ------------------------------------------------------------------------------------


@pytest.fixture(params=["asyncio", "uvloop"])
def open_session(request):
    """A session whose loop there is."""
    library_of(request.param)
    with Session(runner=request.param) as session:
        session.run("import asyncio; await asyncio.sleep(0)")
        yield session


def test_what_refuses_where_a_loop_runs_is_told_that_none_does(open_session, blocking):
    import_module(blocking)
    assert open_session.run(f"import {blocking}; {blocking}.runs(), asyncio.get_running_loop() is not None") == (False, True)


def test_it_is_told_in_the_input_that_imports_it(open_session, blocking):
    assert open_session.run(f"import {blocking}; {blocking}.runs()") is False


def test_it_is_told_after_it_has_been_imported_once_more(open_session, blocking):
    open_session.run(f"import sys, {blocking}; {blocking}.runs()")
    open_session.run(f"del sys.modules[{blocking!r}]; await asyncio.sleep(0); import {blocking}")
    assert open_session.run(f"{blocking}.runs()") is False


def test_it_is_told_by_the_input_that_brings_the_loop_to_life(session, blocking):
    assert session.run(f"import asyncio, {blocking}; {blocking}.runs(), asyncio.get_running_loop() is not None") == (False, True)


def test_it_sees_a_loop_that_really_runs(open_session, blocking):
    open_session.run(f"import {blocking}\nasync def runs():\n    return {blocking}.runs()")
    assert open_session.run("asyncio.run(runs())")
    assert open_session.run("asyncio.get_running_loop().run_until_complete(runs())")
    assert open_session.run("await runs()")


def test_it_sees_the_loops_of_other_threads(open_session, blocking):
    open_session.run(f"import threading, {blocking}\nasync def runs():\n    seen.append({blocking}.runs())\nseen = []")
    open_session.run("t = threading.Thread(target=lambda: asyncio.run(runs())); t.start(); t.join()")
    assert open_session.run("seen") == [True]


def test_its_names_stand_for_what_they_stood_for_between_the_inputs(open_session, blocking):
    open_session.run(f"import {blocking}")
    open_session.run("1")
    names = vars(sys.modules[blocking])
    assert names.get("asyncio", asyncio) is asyncio
    assert names.get("get_running_loop", asyncio.get_running_loop) is asyncio.get_running_loop
    assert not any(type(finder).__module__.startswith("awaitall") for finder in sys.meta_path)
    assert "awaitall" not in type(sys.modules[blocking].__spec__.loader).__module__


def test_two_threads_whose_inputs_overlap_leave_nothing_behind():
    before = [getattr(place, name) for place, name in PLACES]
    inside, over = threading.Event(), threading.Event()

    def other():
        with Session() as session:
            session.namespace |= {"inside": inside, "over": over}
            session.run("import asyncio; inside.set(); over.wait()")

    thread = threading.Thread(target=other)
    with Session() as session:
        session.namespace |= {"thread": thread, "inside": inside}
        session.run("import asyncio; thread.start(); inside.wait()")
    over.set()
    thread.join()
    assert [getattr(place, name) for place, name in PLACES] == before


def test_an_input_of_another_session_inside_an_input_takes_nothing_from_it(session):
    with Session() as inner:
        session.namespace["inner"] = inner
        session.run("import asyncio; inner.run('import asyncio')")
        assert session.run("inner.run('asyncio.get_running_loop()') is not asyncio.get_running_loop()")


def test_a_loop_that_a_greenlet_has_left_running_goes_on_in_later_inputs(session):
    greenlet = pytest.importorskip("greenlet")
    session.namespace["greenlet"] = greenlet
    session.run("import asyncio\nloop = asyncio.new_event_loop()\nseen = []\nmain = greenlet.getcurrent()")
    session.run("loop.call_soon(main.switch)")  # in no task, as Playwright does; a task would stay the current one from 3.14 on
    session.run("loop.call_soon(lambda: seen.append(asyncio.get_running_loop() is loop)); loop.call_soon(loop.stop)")
    session.run("fiber = greenlet.greenlet(loop.run_forever)\nfiber.switch()")
    assert session.run("await asyncio.sleep(0, asyncio.get_running_loop() is not loop)")
    session.run("fiber.switch()")
    assert session.run("loop.close(); seen, asyncio.get_running_loop() is not loop") == ([True], True)


def test_async_to_sync_works_in_an_input_that_does_not_await(open_session):
    pytest.importorskip("asgiref")
    open_session.run("from asgiref.sync import async_to_sync, sync_to_async")
    open_session.run("import threading\nasync def f():\n    await asyncio.sleep(0)\n    return await sync_to_async(get_ident)()")
    open_session.run("from threading import get_ident")
    assert open_session.run("async_to_sync(f)() == get_ident()")  # the thread-sensitive mode
    open_session.run("await f()")
    assert open_session.run("async_to_sync(f)() == get_ident()")
