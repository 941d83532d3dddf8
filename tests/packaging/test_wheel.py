"""What is in the wheel."""

from __future__ import annotations

import tomllib
import zipfile
from configparser import ConfigParser
from email import message_from_bytes
from pathlib import Path, PurePosixPath

import pytest

PACKAGES = {
    "awaitall",
    "awaitall_bpython",
    "awaitall_console",
    "awaitall_prompts",
    "awaitall_ptpython",
    "awaitall_xonsh",
}
#: The namespace that xonsh looks for xontribs in; it is nobody's package.
NAMESPACE = "xontrib"

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def archive(wheel):
    with zipfile.ZipFile(wheel) as archive:
        yield archive


@pytest.fixture(scope="module")
def names(archive):
    return set(archive.namelist())


@pytest.fixture(scope="module")
def read(archive, names):
    """Gives the bytes of a file of the wheel's metadata."""

    def read(file):
        (name,) = (name for name in names if name.endswith(f".dist-info/{file}"))
        return archive.read(name)

    return read


@pytest.fixture(scope="module")
def metadata(read):
    return message_from_bytes(read("METADATA"))


def test_it_holds_our_packages_and_no_other(names):
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {*PACKAGES, NAMESPACE}


def test_it_holds_code_and_nothing_beside_it(names):
    ours = (PurePosixPath(name) for name in names if ".dist-info/" not in name)
    assert {path.suffix for path in ours if path.name != "py.typed"} == {".py"}


def test_it_runs_on_every_system(wheel):
    assert wheel.name == f"awaitall-{PROJECT['version']}-py3-none-any.whl"


def test_the_namespace_of_xontribs_stays_open_for_others(names):
    assert {name for name in names if name.startswith("xontrib/")} == {"xontrib/awaitall.py"}


def test_each_package_says_that_it_is_typed(names):
    assert {name for name in names if name.endswith("py.typed")} == {f"{package}/py.typed" for package in PACKAGES}


def test_the_entry_points_are_those_of_the_project_and_no_others(read):
    parser = ConfigParser()
    parser.read_string(read("entry_points.txt").decode())
    written = {section: dict(parser[section]) for section in parser.sections()}
    assert written == {"console_scripts": PROJECT["scripts"], **PROJECT["entry-points"]}


def test_the_suites_for_strangers_are_in_it(names):
    assert {f"awaitall/testing/{name}.py" for name in ("runner_suite", "shell_suite", "shell", "terminal", "aids")} <= names


def test_the_licence_is_in_it_and_named_as_pep_639_has_it(names, metadata):
    assert metadata["License-Expression"] == "MIT"
    assert metadata["License"] is None
    assert any(name.endswith("/licenses/LICENSE") for name in names)


def test_the_description_leads_nowhere_on_an_index(metadata):
    description = metadata.get_payload()
    assert "## What it is" in description
    assert "](" not in description.replace("](http", "")
    assert '"."' not in description
    assert "checkout" not in description
