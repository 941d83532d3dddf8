"""The suite for shells serves strangers: a shell as simple as can be passes all of it that it does not say to lack."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from awaitall.testing import Shell, ShellSuite

pytest.importorskip("termios", reason="a shell is tested on a terminal")

PROGRAM = Path(__file__).with_name("simple_shell.py")


class Simple(Shell):
    prompt = "simple> "
    more = None

    def argv(self, *options):
        return [sys.executable, str(PROGRAM), *options]


class TestSimple(ShellSuite):
    shell_class = Simple
    has_colors = False
    multiline = False
    pumps = False
    edits = False
    history = False


#: Names of a package -> the modules that have to be missing for it not to be importable.
NAMES = {"RunnerSuite": ["pytest"], "Terminal": ["pexpect", "pyte"], "Shell": ["pexpect", "pyte"], "ShellSuite": ["pytest"]}


def python(source):
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def test_the_suite_for_runners_takes_neither_pexpect_nor_pyte():
    source = "import sys; from awaitall.testing import RunnerSuite; print({'pexpect', 'pyte'} & set(sys.modules))"
    assert python(source) == (0, "set()\n", "")


def test_the_package_alone_takes_nothing():
    source = "import sys; import awaitall.testing; print({'pexpect', 'pyte', 'pytest'} & set(sys.modules))"
    assert python(source) == (0, "set()\n", "")


@pytest.mark.parametrize(("name", "module"), [(name, module) for name in NAMES for module in NAMES[name]])
def test_what_is_missing_is_named_with_the_command_that_installs_it(name, module):
    status, _, err = python(f"import sys; sys.modules[{module!r}] = None; from awaitall.testing import {name}")
    assert status == 1
    assert err.endswith(f"which awaitall does not install: pip install {module}\n")


def test_there_is_no_other_name():
    with pytest.raises(AttributeError, match="no attribute 'Suite'"):
        __import__("awaitall.testing").testing.Suite  # noqa: B018
