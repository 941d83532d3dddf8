"""What is in the wheel."""

from __future__ import annotations

import zipfile

import pytest

PACKAGES = {
    "awaitall",
    "awaitall_bpython",
    "awaitall_console",
    "awaitall_prompts",
    "awaitall_ptpython",
    "awaitall_xonsh",
    "xontrib",
}


@pytest.fixture
def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_it_holds_our_packages_and_no_other(names):
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == PACKAGES


def test_the_namespace_of_xontribs_stays_open_for_others(names):
    assert {name for name in names if name.startswith("xontrib/")} == {"xontrib/awaitall.py"}


def test_the_core_says_that_it_is_typed(names):
    assert "awaitall/py.typed" in names


def test_the_suites_for_strangers_are_in_it(names):
    assert {f"awaitall/testing/{name}.py" for name in ("runner_suite", "shell_suite", "shell", "terminal", "aids")} <= names


def test_the_licence_is_in_it(names):
    assert any(name.endswith("/licenses/LICENSE") for name in names)
