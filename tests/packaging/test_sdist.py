"""What is in the source distribution: all that it takes to build the wheel, and to test it."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: What tells soon whether the tests can be run: without a terminal, in a real shell, and on the documentation.
TESTS = (
    "tests/core/test_compiling.py",
    "tests/console/test_console.py::TestConsole::test_a_group_is_shown_whole",
    "tests/docs/test_links.py",
)


@pytest.fixture(scope="module")
def source(build, tmp_path_factory):
    """The folder of our source distribution, unpacked."""
    archive, folder = build("sdist", ROOT), tmp_path_factory.mktemp("source")
    shutil.unpack_archive(archive, folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz")


@pytest.fixture(scope="module")
def wheel_of_source(build, source):
    return build("wheel", source)


def contents(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {info.filename: info.CRC for info in archive.infolist()}


def test_the_wheel_that_it_makes_is_that_of_the_repository(wheel, wheel_of_source):
    assert contents(wheel_of_source) == contents(wheel)


@pytest.mark.timeout(200)
def test_its_tests_pass_on_the_wheel_that_it_makes(source, wheel_of_source, new_environment):
    environment = new_environment(f"awaitall[all] @ {wheel_of_source.as_uri()}", "--group", f"{source / 'pyproject.toml'}:test")
    command = ("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", str(source / "pyproject.toml"))
    done = environment.run(*command, *(str(source / test) for test in TESTS), timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def test_it_holds_nothing_but_the_folders_and_files_of_the_repository(source):
    assert {path.name for path in source.iterdir()} == {
        ".ci",
        ".gitignore",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "LICENSE",
        "PKG-INFO",
        "README.md",
        "adapters",
        "core",
        "docs",
        "pyproject.toml",
        "tests",
        "tox.ini",
    }
