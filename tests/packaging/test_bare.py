"""Installed without an extra: the core and the console, no shell."""

from __future__ import annotations


def test_the_console_awaits(environment):
    result = environment.run("python", "-m", "awaitall", input="import asyncio\nawait asyncio.sleep(0, 'slept')\n")
    assert "'slept'" in result.stdout
    assert result.returncode == 0


def test_importing_the_core_imports_nothing_slow(environment, slow):
    assert not environment.imported_by("awaitall") & slow


def test_importing_the_core_imports_no_other_module_of_it(environment):
    assert {name for name in environment.imported_by("awaitall") if name.startswith("awaitall")} == {"awaitall"}


def test_importing_the_suites_imports_nothing_that_is_not_installed(environment):
    assert not environment.imported_by("awaitall.testing") & {"pexpect", "pyte", "pytest"}


def test_pluggy_is_the_only_dependency(environment):
    program = "import importlib.metadata as m; print(sorted(d.name for d in m.distributions()))"
    assert environment.run("python", "-c", program).stdout == "['awaitall', 'pluggy']\n"


def test_every_public_name_can_be_imported(environment):
    result = environment.run("python", "-W", "error", "-c", "from awaitall import *; print(Session().run('1 + 1'))")
    assert (result.stdout, result.stderr) == ("2\n", "")


def test_the_command_opens_the_console(environment):
    assert ">>> 42\n" in environment.run("awaitall", input="6 * 7\n").stdout


def test_the_doctor_tells_how_to_install_what_is_not_there(environment):
    result = environment.run("awaitall", "doctor")
    assert (result.returncode, result.stderr) == (0, "")
    for shell in ("bpython", "ptpython", "xonsh"):
        assert f"  absent  {shell:<20} not installed: pip install 'awaitall[{shell}]'\n" in result.stdout
    assert "pip install 'awaitall[trio]'\n" in result.stdout


def test_a_shell_that_is_not_there_costs_one_line(environment):
    for shell in ("bpython", "ptpython", "xonsh"):
        result = environment.run("awaitall", shell)
        assert (result.returncode, result.stdout) == (1, "")
        (line,) = result.stderr.splitlines()
        assert line.endswith(f"pip install 'awaitall[{shell}]'")


def test_what_a_shell_starts_with_is_not_the_folder_of_the_command(environment):
    result = environment.run("awaitall", input="import sys; sys.path[0], any(p.endswith('bin') for p in sys.path)\n")
    assert "('', False)" in result.stdout
