"""Installed with the extra ``xonsh``, with nothing else set up."""

from __future__ import annotations

EXTRA = "xonsh"


def xonsh(environment, command):
    return environment.run("xonsh", "--no-rc", "-c", command)


def test_xonsh_finds_the_entry_point(environment):
    program = "from importlib.metadata import entry_points as e; print([x.value for x in e(group='xonsh.xontribs')])"
    assert environment.run("python", "-c", program).stdout == "['awaitall_xonsh']\n"


def test_loading_says_nothing(environment):
    result = xonsh(environment, "xontrib load awaitall")
    assert (result.stdout, result.stderr, result.returncode) == ("", "", 0)


def test_loading_twice_says_nothing(environment):
    result = xonsh(environment, "xontrib load awaitall; xontrib load awaitall")
    assert (result.stdout, result.stderr, result.returncode) == ("", "", 0)


def test_unloading_gives_xonsh_its_own_execer_back(environment):
    before = xonsh(environment, "print(type(__xonsh__.execer))").stdout
    result = xonsh(environment, "xontrib load awaitall; xontrib unload awaitall; print(type(__xonsh__.execer))")
    assert (result.stdout, result.stderr) == (before, "")


def test_it_is_loaded_by_itself(environment):
    result = environment.run("xonsh", "-i", "-D", "PROMPT=", input="import asyncio\nawait asyncio.sleep(0, 'slept')\n")
    assert "slept" in result.stdout


def test_importing_the_adapter_imports_nothing_slow(environment, slow):
    assert not environment.imported_by("awaitall_xonsh") & slow


def test_loading_imports_nothing_slow_that_xonsh_has_not_imported_by_itself(environment, slow):
    program = f"""
before = set(__import__("sys").modules)
result = __import__("awaitall_xonsh")._load_xontrib_(__xonsh__)
print(sorted((set(__import__("sys").modules) - before) & set({sorted(slow)})))
"""
    assert xonsh(environment, program).stdout == "[]\n"
