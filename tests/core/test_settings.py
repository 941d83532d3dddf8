"""What a shell is started with: a wrong setting costs one line, and the shell starts all the same."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from awaitall import Session
from awaitall.settings import SETTINGS, Settings, apply, checked

from libraries import library_of


@pytest.fixture
def started():
    """Make a session as a shell does that is started with these settings."""
    sessions = []

    def started(**given):
        session = Session()
        sessions.append(session)
        apply(session, checked(given))
        return session

    yield started
    for session in sessions:
        session.close()


def test_each_setting_is_an_attribute_of_the_session(started):
    session = started(runner="uvloop", autoawait=False, outside=True, implicit=True)
    assert (session.runner, session.autoawait, session.outside, session.implicit) == ("uvloop", False, True, True)


def test_what_is_not_set_is_as_ever(started, capsys):
    session, plain = started(), Session()
    names = [setting.name for setting in SETTINGS.values() if setting.is_attribute]
    assert [getattr(session, name) for name in names] == [getattr(plain, name) for name in names]
    assert capsys.readouterr().err == ""


def test_the_defaults_in_the_table_are_those_of_a_session():
    with Session() as session:
        attributes = [setting for setting in SETTINGS.values() if setting.is_attribute]
        assert [getattr(session, setting.name) for setting in attributes] == [setting.default for setting in attributes]


def test_the_keywords_are_those_of_the_table():
    assert Settings.__annotations__.keys() == SETTINGS.keys() - {"banner"}  # which interact() has by itself


def test_a_function_is_a_runner(started):
    session = started(runner=asyncio.run)
    assert session.run("import asyncio; await asyncio.sleep(0, 5)") == 5


@pytest.mark.parametrize(
    ("given", "begin", "end"),
    [
        ({"runner": "asyncoi"}, "runner='asyncoi' is left out: No runner is called 'asyncoi'; ", "Did you mean 'asyncio'?"),
        ({"runner": 5}, "runner=5 is left out: A runner is given by its name, ", "and not by 5"),
        ({"runer": "trio"}, "runer='trio' is left out: No setting is called 'runer'; there are: ", "Did you mean 'runner'?"),
        ({"autoawait": "off"}, "autoawait='off' is left out: ", "The setting 'autoawait' is true or false."),
    ],
)
def test_a_wrong_setting_costs_one_line(started, capsys, given, begin, end):
    session = started(implicit=True, **given)
    line, rest = capsys.readouterr().err.split("\n")
    assert (line.startswith(f"awaitall: {begin}"), line.endswith(end), rest) == (True, True, "")
    assert session.implicit
    assert session.run("import asyncio; await asyncio.sleep(0, 5)") == 5


def test_a_runner_that_is_not_installed_costs_one_line(started, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "trio", None)
    session = started(runner="trio")
    assert capsys.readouterr().err == (
        "awaitall: runner='trio' is left out: The runner 'trio' cannot be used, as trio cannot be imported "
        "(No module named 'trio'): pip install 'awaitall[trio]'\n"
    )
    assert session.runner == "asyncio"


def test_a_runner_is_changed_in_a_session_that_has_begun(started):
    session = started()
    session.run("import asyncio; await asyncio.sleep(0)")
    apply(session, checked({"runner": "uvloop"}))
    assert session.run("await asyncio.sleep(0, type(asyncio.get_running_loop()).__module__)") in ("uvloop", "winloop")


@pytest.mark.parametrize("runner", ["asyncio", "uvloop", "trio", "curio"])
def test_no_loop_is_imported_before_it_has_to_run_something(runner):
    library_of(runner)
    program = f"""
import sys
from awaitall import Session
from awaitall.settings import apply, checked
apply(Session(), checked({{"runner": {runner!r}, "outside": True}}))
print(*sys.modules.keys() & {{"asyncio", "uvloop", "trio", "curio"}})
"""
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "\n"
