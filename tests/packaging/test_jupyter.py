"""The xonsh kernel of Jupyter, by xontrib-jupyter: its event loop runs already when a cell does."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

EXTRA = "xonsh"
PINS = ("xontrib-jupyter>=0.4", "jupyter_client")

LOADED = ["xontrib load awaitall", "import asyncio", "async def f(x):\n    await asyncio.sleep(0)\n    return x\n"]


@pytest.fixture(scope="module")
def run(environment):
    """Runs cells in a new kernel, and gives the status and the output of each."""
    shutil.copy(Path(__file__).with_name("cells.py"), environment.home)

    def run(*cells):
        done = environment.run("python", "cells.py", *cells, timeout=100)
        return [json.loads(line) for line in done.stdout.splitlines()]

    return run


class TestCells:
    def test_a_cell_awaits(self, run):
        assert run(*LOADED, "await f(5)")[-1] == ["ok", "5"]

    def test_a_command_takes_what_has_been_awaited(self, run):
        assert run(*LOADED, "echo @(await f(6))")[-1] == ["ok", "6\n"]

    def test_a_task_runs_on_the_loop_of_the_kernel(self, run):
        cells = ["task = asyncio.ensure_future(f(7))", "await asyncio.sleep(0.01)", "task.result()"]
        assert run(*LOADED, *cells)[-1] == ["ok", "7"]


def test_with_greenback_a_cell_awaits_too(environment, run):
    environment.install("greenback")
    assert run(*LOADED, "await f(5)")[-1] == ["ok", "5"]
