"""The example adapter of the documentation, installed beside awaitall, passes the conformance suite in its own tests."""

from __future__ import annotations

from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "awaitall-cmd2"
PINS = (f"awaitall-cmd2[test] @ {EXAMPLE.as_uri()}",)

#: One test or two of each thing that a shell has to do: all of them take longer than this suite has.
CHOSEN = "form or starts_at or hint or second_one or goes_on_at or at_the_prompt or leaving_ends or print] or of_cmd2 or quit"


@pytest.mark.timeout(200)
def test_the_tests_of_the_example_pass(environment):
    done = environment.run(
        "python", "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", CHOSEN, str(EXAMPLE / "tests"), timeout=180
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def test_it_is_started_by_its_name(environment):
    done = environment.run("python", "-m", "awaitall", "cmd2", input="import asyncio\nawait asyncio.sleep(0, 5)\n")
    assert "5" in done.stdout.splitlines()


def test_it_is_listed_beside_our_own(environment):
    shown = environment.run("awaitall", "--help").stdout
    assert "cmd2 an empty cmd2 application" in [" ".join(line.split()) for line in shown.splitlines()]


def test_the_whole_adapter_has_under_60_lines_of_code():
    lines = (EXAMPLE / "awaitall_cmd2.py").read_text().splitlines()
    assert sum(bool(line.strip()) for line in lines) < 60
