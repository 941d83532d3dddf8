"""Installed with the extra ``bpython``, with nothing else set up."""

from __future__ import annotations

EXTRA = "bpython"


def test_importing_the_adapter_imports_nothing_slow(environment, slow):
    assert not environment.imported_by("awaitall_bpython") & slow


def test_importing_the_adapter_does_not_import_bpython(environment):
    assert "bpython" not in environment.imported_by("awaitall_bpython")


def test_enabling_outside_bpython_does_nothing(environment):
    result = environment.run("python", "-c", "import awaitall_bpython; awaitall_bpython.enable()")
    assert (result.stdout, result.stderr, result.returncode) == ("", "", 0)


def test_the_options_of_bpython_pass_through(environment):
    result = environment.run("python", "-m", "awaitall_bpython", "--version")
    assert result.stdout.startswith("bpython version")


def test_a_script_named_on_the_command_line_runs(environment):
    (environment.home / "script.py").write_text("import sys; print('argv', sys.argv[1:])")
    assert "argv ['x']" in environment.run("python", "-m", "awaitall_bpython", "script.py", "x").stdout
