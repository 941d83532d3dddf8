"""``awaitall ptpython`` runs files that await, which ptpython itself would refuse."""

from __future__ import annotations

import os
import signal
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


HOST = """\
import asyncio
from ptpython.repl import embed

async def forever():
    try:
        await asyncio.sleep(1000)
    finally:
        print("cleaned up")

{embed}
print("the program goes on")
"""

SWITCH_ON = "from awaitall_ptpython import enable; enable(get_ptpython())"


@pytest.fixture
def host(tmp_path):
    """Start a program that opens ptpython without a look at config.py."""
    terminals = []

    def start(embed):
        terminals.append(Terminal(sys.executable, "-c", HOST.format(embed=embed), env={"HOME": str(tmp_path)}, cwd=str(tmp_path)))
        return terminals[-1]

    yield start
    for terminal in terminals:
        terminal.close()


def test_a_prompt_of_a_program_that_reads_no_configuration_is_switched_on_by_a_line(host):
    terminal = host("embed(globals())")
    typed(terminal, SWITCH_ON)
    typed(terminal, "await asyncio.sleep(0, 'sl' + 'ept')")
    terminal.wait_for(r"(?m)^'slept'")


def test_its_tasks_end_with_the_prompt_and_the_program_goes_on(host):
    terminal = host("embed(globals())")
    typed(terminal, SWITCH_ON)
    typed(terminal, "%bg forever()")
    terminal.wait_for(r"(?m)^\[1\] forever\(\)\n(.*\n)*>>> *$")
    terminal.key("d")  # exit() ends the program in ptpython 3.0.24
    terminal.wait_for(r"\(\[y\]/n\)")
    terminal.type("y")
    terminal.wait_for(r"(?m)^cleaned up\nthe program goes on")
    assert terminal.wait_for_end() == 0


def test_a_signal_ends_the_program_once_its_tasks_have_ended(host):
    terminal = host("embed(globals())")
    typed(terminal, SWITCH_ON)
    typed(terminal, "%bg forever()")
    terminal.wait_for(r"(?m)^\[1\] forever\(\)")
    os.kill(terminal.child.pid, signal.SIGTERM)
    assert terminal.wait_for_end() == 143
    assert "cleaned up" in terminal.text()
    assert "goes on" not in terminal.text()


def test_a_program_switches_it_on_for_a_prompt_that_reads_no_configuration(host):
    terminal = host("from awaitall_ptpython import enable; embed(globals(), configure=enable)")
    typed(terminal, "await asyncio.sleep(0, 'sl' + 'ept')")
    terminal.wait_for(r"(?m)^'slept'")


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
