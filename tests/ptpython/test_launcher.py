"""``awaitall ptpython`` runs files that await, which ptpython itself would refuse."""

from __future__ import annotations

import sys

import pytest

from awaitall.testing import Terminal

AWAITS = "import asyncio, sys\nx = await asyncio.sleep(0, 5)\ntask = asyncio.create_task(asyncio.sleep(3600))\n"


@pytest.fixture
def start(tmp_path):
    """Start ptpython by the launcher, in a folder of its own."""
    terminals = []

    def start(*arguments, command=("awaitall", "ptpython"), **environment):
        env = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config"), **environment}
        terminals.append(Terminal(sys.executable, "-m", *command, *arguments, env=env, cwd=str(tmp_path)))
        return terminals[-1]

    yield start
    for terminal in terminals:
        terminal.close()


@pytest.fixture
def write(tmp_path):
    def write(text):
        (tmp_path / "program.py").write_text(text)
        return str(tmp_path / "program.py")

    return write


def typed(terminal, line):
    terminal.wait_for(r"(?m)^>>>")
    terminal.type(f"{line}\r")


def test_a_file_that_awaits_runs_before_the_prompt(start, write):
    terminal = start("-i", write(AWAITS), "a")
    typed(terminal, "x + 60, sys.argv[1:]")
    terminal.wait_for(r"(?m)^\(65, \['a'\]\)")
    typed(terminal, "%tasks")
    terminal.wait_for(r"(?m)^\[1\] ")


def test_a_startup_file_that_awaits_runs_before_the_prompt(start, write):
    terminal = start(PYTHONSTARTUP=write(AWAITS))
    typed(terminal, "x + 60")
    terminal.wait_for(r"(?m)^65")


def test_a_startup_file_that_does_not_await_runs_as_ever(start, write):
    terminal = start(PYTHONSTARTUP=write("x = 5"))
    typed(terminal, "x + 60")
    terminal.wait_for(r"(?m)^65")


def test_a_startup_file_that_fails_is_shown(start, write):
    terminal = start(PYTHONSTARTUP=write(f"{AWAITS}1 / 0\n"))
    typed(terminal, "x + 60")
    text = terminal.wait_for(r"(?m)^65")
    assert "ZeroDivisionError: division by zero" in text
    assert "awaitall_ptpython" not in text


def test_a_file_that_awaits_runs_in_place_of_the_prompt(start, write):
    terminal = start(write(f"{AWAITS}print(x, sys.argv[1:])\nsys.exit(3)"), "a")
    terminal.wait_for(r"(?m)^5 \['a'\]")
    assert terminal.wait_for_end() == 3


def test_config_py_runs_a_file_that_awaits(start, write, tmp_path):
    config = tmp_path / "config.py"
    config.write_text(f"""
from pathlib import Path
from awaitall_ptpython import enable, run_files

def configure(repl):
    enable(repl)
    run_files(repl, [Path({write(AWAITS)!r})])
""")
    terminal = start("--config-file", str(config), command=["ptpython"])
    typed(terminal, "x + 60")
    terminal.wait_for(r"(?m)^65")
