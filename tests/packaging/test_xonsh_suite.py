"""xonsh's own tests of what we change in it, from its sdist: with us in every session, each has the outcome it has without us."""

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


class Results:
    """What came out of xonsh's tests in an environment.

    Attributes:
        outcomes: Test -> what went otherwise than well: nothing, or an error, a failure or a skip.
        awaiting: The tests that found our execer in their session.
    """

    def __init__(self, environment, source, *options):
        shutil.copytree(source, environment.home, dirs_exist_ok=True)
        shutil.copy(PLUGIN, environment.home)
        paths = [str(path.relative_to(source)) for pattern in TESTS for path in sorted(source.glob(pattern))]
        # Some of xonsh's tests fail now and then, with us and without.
        options = ("--junitxml=results.xml", "--basetemp=scratch", "--reruns=2", "--timeout=30", *options)
        environment.run("python", "-m", "pytest", *options, *paths, timeout=TIMEOUT)
        self.outcomes = {}
        self.awaiting = set()
        for case in ElementTree.parse(environment.home / "results.xml").iter("testcase"):
            test = f"{case.get('classname')}.{case.get('name')}"
            self.outcomes[test] = [part.tag for part in case if part.tag != "properties"]
            if case.find("properties/property[@name='execer'][@value='AwaitExecer']") is not None:
                self.awaiting.add(test)


@pytest.fixture(scope="module")
def version(environment):
    """The version of xonsh that is installed beside us."""
    return environment.run("python", "-c", "print(__import__('xonsh').__version__)").stdout.strip()


@pytest.fixture(scope="module")
def source(sdist, version):
    return sdist("xonsh", version)


@pytest.fixture(scope="module")
def without_us(new_environment, source, version):
    return Results(new_environment(f"xonsh[ptk,pygments]=={version}", *PINS), source)


@pytest.fixture(scope="module")
def with_us(environment, source):
    return Results(environment, source, "-p", PLUGIN.stem)


def test_thousands_of_tests_pass_without_us(without_us):
    assert sum(not outcome for outcome in without_us.outcomes.values()) > 2000


def test_we_are_loaded_in_thousands_of_tests(with_us):
    assert len(with_us.awaiting) > 2000


def test_each_test_has_the_same_outcome_with_us(without_us, with_us):
    assert with_us.outcomes.keys() == without_us.outcomes.keys()
    changed = {test: outcome for test, outcome in with_us.outcomes.items() if outcome != without_us.outcomes[test]}
    assert not changed
