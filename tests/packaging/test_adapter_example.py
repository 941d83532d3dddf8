"""The example adapter of the documentation, installed beside awaitall, passes the conformance suite in its own tests."""

from __future__ import annotations

from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "awaitall-cmd2"
PINS = (f"awaitall-cmd2[test] @ {EXAMPLE.as_uri()}", "pytest-xdist")


@pytest.mark.timeout(400)
def test_the_tests_of_the_example_pass(environment):
    done = environment.run(
        "python", "-B", "-m", "pytest", "-n", "2", "-q", "-p", "no:cacheprovider", str(EXAMPLE / "tests"), timeout=360
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def test_it_is_started_by_its_name(environment):
    done = environment.run("python", "-m", "awaitall", "cmd2", input="import asyncio\nawait asyncio.sleep(0, 5)\n")
    assert "5" in done.stdout.splitlines()


def test_it_is_listed_beside_our_own(environment):
    assert "cmd2       an empty cmd2 application" in environment.run("python", "-m", "awaitall", "--help").stdout


def test_the_whole_adapter_has_under_60_lines_of_code():
    lines = (EXAMPLE / "awaitall_cmd2.py").read_text().splitlines()
    assert sum(bool(line.strip()) for line in lines) < 60
