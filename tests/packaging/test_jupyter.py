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


def test_without_greenback_an_await_tells_to_install_it(run):
    *_, (status, shown) = run(*LOADED, "await f(5)")
    assert status == "error"
    assert "pip install greenback" in shown


class TestWithGreenback:
    @pytest.fixture(scope="class")
    @classmethod
    def with_greenback(cls, environment):
        environment.install("greenback")

    def test_a_cell_awaits(self, with_greenback, run):
        assert run(*LOADED, "await f(5)")[-1] == ["ok", "5"]

    def test_a_command_takes_what_has_been_awaited(self, with_greenback, run):
        assert run(*LOADED, "echo @(await f(6))")[-1] == ["ok", "6\n"]

    def test_a_task_runs_on_the_loop_of_the_kernel(self, with_greenback, run):
        cells = ["task = asyncio.ensure_future(f(7))", "await asyncio.sleep(0.01)", "task.result()"]
        assert run(*LOADED, *cells)[-1] == ["ok", "7"]
