"""For a shell that runs files, modules and commands whose top level may await. A name is loaded when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awaitall import _load

if TYPE_CHECKING:
    from awaitall.interrupts import Termination
    from awaitall.programs import (
        CommandLine,
        Program,
        awaiting_startup_file,
        command_line_of,
        file_awaits,
        program_in_file,
        program_of,
    )
    from awaitall.shells.running import run_program

__all__ = [
    "CommandLine",
    "Program",
    "Termination",
    "awaiting_startup_file",
    "command_line_of",
    "file_awaits",
    "program_in_file",
    "program_of",
    "run_program",
]

_MODULE_OF = {
    "CommandLine": "programs",
    "Program": "programs",
    "Termination": "interrupts",
    "awaiting_startup_file": "programs",
    "command_line_of": "programs",
    "file_awaits": "programs",
    "program_in_file": "programs",
    "program_of": "programs",
    "run_program": "shells.running",
}


def __getattr__(name: str) -> object:
    """Load the module that holds a name of this page (PEP 562)."""
    return _load(globals(), _MODULE_OF, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
