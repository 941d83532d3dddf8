"""The windows of GUI toolkits, by interpreters of Tcl, which have timers without a display, and by Qt's platform without one."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

import pytest

from awaitall import Session
from awaitall.hook_place import HookPlace, address_of_others
from awaitall.windows import MODULES

from window_suite import need

RUNNERS = ["asyncio", "uvloop", "trio", "curio"]

#: What is typed to have a timer of Tcl that counts its beats.
TIMER = """
import tkinter
tcl, beats = tkinter.Tcl().tk, []
def beat():
    beats.append(0)
    tcl.call("after", 1, "beat")
tcl.createcommand("beat", beat)
beat()
"""

#: What is typed to have a task that counts its turns.
TASK = """
import sys
async def pause(seconds):
    await sys.modules[session.runner.replace("uvloop", "asyncio")].sleep(seconds)
turns = []
async def turn():
    while True:
        turns.append(0)
        await pause(0.001)
"""


@pytest.fixture
def session():
    """A session, and no toolkit in use."""
    tkinter = pytest.importorskip("tkinter", exc_type=ImportError)
    try:
        tkinter.Tcl()
    except tkinter.TclError as exc:
        pytest.skip(f"there is no Tcl: {exc}".partition("\n")[0])
    with Session() as session:
        session.namespace["session"] = session
        yield session
    if tcl := session.namespace.pop("tcl", None):
        tcl.eval("foreach id [after info] {after cancel $id}")
    tkinter.Tcl()  # whose end empties the place, whatever other interpreters there are
    assert not address_of_others()


@pytest.fixture(params=RUNNERS)
def beating(session, request):
    """A session on each runner, with a timer, and with a task in the background."""
    session.use(request.param)
    session.run(TASK)
    session.spawn(session.run("turn()"))
    session.run(TIMER)
    return session


@pytest.fixture
def prompt():
    """What a prompt waits for that gets no key."""
    pipe = os.pipe()
    yield pipe[0]
    for fd in pipe:
        os.close(fd)


def test_a_timer_and_a_task_go_on_while_an_input_is_awaited(beating):
    beating.run("while len(beats) < 3 or len(turns) < 3:\n    await pause(0.001)")


def test_a_timer_and_a_task_go_on_while_the_prompt_waits(beating, prompt):
    while len(beating.namespace["beats"]) < 3 or len(beating.namespace["turns"]) < 3:
        beating.pump([prompt], 0.1)


def test_a_callback_starts_a_task(session):
    session.run(
        "import asyncio, tkinter\n"
        "tcl, over = tkinter.Tcl().tk, asyncio.Event()\n"
        "async def task():\n    over.set()\n"
        "tcl.createcommand('start', lambda: asyncio.ensure_future(task()))\n"
        "none = tcl.call('after', 1, 'start')"
    )
    session.run("none = await over.wait()")


def test_what_a_callback_raises_is_reported_and_ends_nothing(session, capsys):
    session.run(TIMER)
    session.run("def leave():\n    raise SystemExit(3)")
    session.run("tcl.createcommand('leave', leave); none = tcl.call('after', 1, 'leave')")
    session.run("import asyncio\nbefore = len(beats)\nwhile len(beats) < before + 10:\n    await asyncio.sleep(0.001)")
    assert "'a window of tk' in the background has failed" in (told := capsys.readouterr().err)
    assert told.endswith("SystemExit: 3\n")


# -- by itself ----------------------------------------------------------------------------------------------------------


def test_a_loop_is_opened_for_a_window_before_anything_is_awaited(session, prompt):
    session.run(TIMER)
    assert not session.is_open
    assert session.pumps
    while len(session.namespace["beats"]) < 3:
        session.pump([prompt], 0.1)


def test_a_window_that_is_gone_costs_nothing_any_more(session):
    session.run("import tkinter; tcl = tkinter.Tcl()")
    assert session.windows.alive() == ["tk"]
    session.run("del tcl")
    assert not session.windows


def test_tkinter_remembers_the_default_root():
    assert hasattr(pytest.importorskip("tkinter", exc_type=ImportError), "_default_root")


def test_no_toolkit_is_imported_where_none_is_in_use():
    script = (
        "import asyncio, sys, awaitall\n"
        "with awaitall.Session(dict(asyncio=asyncio)) as session:\n"
        "    session.run('await asyncio.sleep(0)')\n"
        "    session.pump([], 0.0)\n"
        "print([name for name in sys.modules if 'tkinter' in name or 'toolkits' in name])"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout == "[]\n"


def test_a_runner_that_is_missing_costs_one_line(session, capsys):
    session.runner = "nonesuch"
    session.run(TIMER)
    assert not session.pumps
    assert not session.pumps
    assert capsys.readouterr().err.count("awaitall: windows stand still: ") == 1


# -- the place of Python's hook -----------------------------------------------------------------------------------------


def test_our_hook_is_not_taken_for_that_of_a_toolkit():
    place = HookPlace(1)
    place.begin()
    assert not address_of_others()
    place.end()
    assert not address_of_others()


def test_the_hook_of_another_library_is_not_taken_for_that_of_tkinter(session):
    place = ctypes.c_void_p.in_dll(ctypes.pythonapi, "PyOS_InputHook")
    place.value = 1
    try:
        assert not session.windows
    finally:
        place.value = None


def test_the_hook_of_a_toolkit_comes_back_after_ours(session):
    session.run("import tkinter; tcl = tkinter.Tcl()")
    place = HookPlace(1)
    place.begin()
    assert address_of_others()
    place.end()
    assert address_of_others()
    assert not place.ours


# -- the command --------------------------------------------------------------------------------------------------------


@pytest.fixture
def unable(session, monkeypatch):
    """The session, where there is neither a display nor a binding of Qt."""
    monkeypatch.delenv("DISPLAY", raising=False)
    for module in MODULES["qt"]:
        monkeypatch.setitem(sys.modules, module.partition(".")[0], None)
    return session


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("gui nonsense", "%gui takes tk, qt, on or off, and not 'nonsense'."),
        ("gui qt6", "%gui takes tk, qt, on or off, and not 'qt6'. Did you mean 'qt'?"),
        ("gui tk", "%gui tk takes a display: no display name and no $DISPLAY environment variable."),
        ("gui qt", "%gui qt takes one of PyQt6, PySide6, PyQt5, PySide2, and none can be imported: pip install PySide6"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(unable, line, told):
    assert unable.command(line) == f"awaitall: {told}\n"
    assert unable.command("gui") == "gui is `On`, and no toolkit has windows\n"


def test_a_runner_without_a_loop_refuses(session):
    session.use("sync")
    assert session.command("gui tk") == (
        "awaitall: The runner 'sync' keeps no windows alive. Use another one, for example 'asyncio'.\n"
    )


def test_windows_are_left_alone_until_they_are_wanted_again(beating):
    assert beating.command("gui off") == ""
    beating.run("await pause(0.01)\nbeats.clear()\nawait pause(0.01)")
    assert beating.namespace["beats"] == []
    assert beating.command("gui") == "gui is `Off`\n"
    assert beating.command("gui on") == ""
    beating.run("while not beats:\n    await pause(0.001)")


def test_tab_offers_the_toolkits(session):
    assert session.complete("%gui t") == {"tk": "windows by tkinter"}


def told_by(platform, *lines):
    """What a session prints for lines where Qt shall use a platform."""
    script = (
        f"import awaitall\nwith awaitall.Session() as session:\n    for line in {lines}: print(session.command(line), end='')"
    )
    environment = {**os.environ, "QT_QPA_PLATFORM": platform, "QT_API": "pyside6"}
    return subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True).stdout


def test_qt_gets_its_application():
    need("PySide6.QtWidgets")
    assert told_by("offscreen", "gui qt", "gui") == "gui is `On`, and keeps the windows of `qt` alive\n"


def test_a_qt_that_would_end_the_process_is_told_in_one_line():
    need("PySide6.QtWidgets")
    told, state = told_by("nonsense", "gui qt", "gui").splitlines()
    assert told.startswith("awaitall: %gui qt cannot open a window by PySide6: ")
    assert state == "gui is `On`, and no toolkit has windows"
