"""Installed with the extra ``ptpython``, with nothing else set up."""

from __future__ import annotations

EXTRA = "ptpython"


def test_importing_the_adapter_imports_nothing_slow(environment, slow):
    assert not environment.imported_by("awaitall_ptpython") & slow


def test_importing_the_adapter_does_not_import_ptpython(environment):
    assert "ptpython" not in environment.imported_by("awaitall_ptpython")


def test_the_adapter_fits_the_ptpython_that_is_installed(environment):
    program = """
from ptpython.repl import PythonRepl
from awaitall_ptpython.repl import missing_names
from prompt_toolkit.input import DummyInput
from prompt_toolkit.output import DummyOutput
print(missing_names(PythonRepl(input=DummyInput(), output=DummyOutput())))
"""
    assert environment.run("python", "-c", program).stdout == "[]\n"
