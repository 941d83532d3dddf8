"""xonsh's own tests of what we change in it, from its sdist: with us in every session, each passes that passes without us."""

from __future__ import annotations

import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

EXTRA = "xonsh"
#: What xonsh's tests need.
PINS = ("pyte", "pytest", "pytest-mock", "pytest-rerunfailures", "pytest-timeout")

#: In seconds, for the tests of one environment; they take about 20 where nothing else runs.
TIMEOUT = 300

pytestmark = pytest.mark.timeout(TIMEOUT)

PLUGIN = Path(__file__).with_name("awaiting_sessions.py")

#: Those that fork are first: it takes longer the more a process has done before.
TESTS = (
    "tests/procs/test_pipe*.py",
    "tests/procs/test_proxies*.py",
    "tests/test_subproc_raise_error*.py",
    "tests/parsers/test_*.py",
    "tests/aliases/test_*.py",
    "tests/shell/test_*.py",
    "tests/test_aliases*.py",
    "tests/test_builtins*.py",
    "tests/test_codecache*.py",
    "tests/test_contexts*.py",
    "tests/test_execer*.py",
    "tests/test_imphooks*.py",
)


#: Some of xonsh's tests fail now and then, with us and without.
OPTIONS = ("--reruns=2", "--timeout=30", "--basetemp=scratch", "--junitxml=results.xml")


@pytest.fixture(scope="module")
def run(new_environment, source):
    """Run xonsh's tests in an environment; gives the ``testcase`` elements of what they report."""

    def run(environment, *arguments):
        shutil.copytree(source, environment.home, dirs_exist_ok=True)
        shutil.copy(PLUGIN, environment.home)
        environment.run("python", "-m", "pytest", *OPTIONS, *arguments, timeout=TIMEOUT)
        return list(ElementTree.parse(environment.home / "results.xml").iter("testcase"))

    return run


def properties(case, name):
    return [each.get("value") for each in case.findall(f"properties/property[@name='{name}']")]


def outcome(case):
    """What went otherwise than well: nothing, or an error, a failure or a skip."""
    return [part.tag for part in case if part.tag != "properties"]


@pytest.fixture(scope="module")
def version(environment):
    """The version of xonsh that is installed beside us."""
    return environment.run("python", "-c", "print(__import__('xonsh').__version__)").stdout.strip()


@pytest.fixture(scope="module")
def source(sdist, version):
    return sdist("xonsh", version)


@pytest.fixture(scope="module")
def with_us(environment, source, run):
    paths = [str(path.relative_to(source)) for pattern in TESTS for path in sorted(source.glob(pattern))]
    return run(environment, "-p", PLUGIN.stem, *paths)


def test_thousands_of_tests_pass_with_us_loaded(with_us):
    assert sum("AwaitExecer" in properties(case, "execer") and not outcome(case) for case in with_us) > 2000


def test_those_that_do_not_pass_with_us_do_not_without_us(new_environment, run, version, with_us):
    failed = [case for case in with_us if outcome(case) and not is_module_left_out(case)]
    names = [nodeid for case in failed for nodeid in properties(case, "nodeid")[:1]]
    without_us = new_environment(f"xonsh[ptk,pygments]=={version}", *PINS)
    (without_us.home / "failed").write_text("\n".join(names))
    assert outcomes(run(without_us, "@failed")) == outcomes(failed)


def is_module_left_out(case):
    """Whether a whole module skips itself, so that it has no tests."""
    return outcome(case) == ["skipped"] and not properties(case, "nodeid")


def outcomes(cases):
    return {f"{case.get('classname')}.{case.get('name')}": outcome(case) for case in cases}
