"""The example plugin of the documentation, installed beside awaitall."""

from __future__ import annotations

from pathlib import Path

PINS = (str(Path(__file__).parents[2] / "docs" / "examples" / "awaitall-debug"),)


def test_a_session_finds_the_runner_by_its_name(environment):
    program = """
from awaitall import Session
with Session(runner="asyncio-debug") as session:
    print(session.run("import asyncio; await asyncio.sleep(0, asyncio.get_running_loop().get_debug())"))
"""
    result = environment.run("python", "-c", program)
    assert (result.stdout, result.stderr) == ("True\n", "")
