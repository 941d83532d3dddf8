"""A hint for programs that have failed, perhaps for want of the terminal."""

from __future__ import annotations

import sys
from os.path import basename
from typing import TYPE_CHECKING

from xonsh.built_ins import XSH

if TYPE_CHECKING:
    from awaitall_xonsh.awaited_commands.process import Process

__all__ = ["hint"]

_told: set[str] = set()


def hint(process: Process) -> None:
    """Print what to do, once for each program, if xonsh takes a program that has failed for one that wants the terminal."""
    if not process.returncode or process.returncode < 0 or not process.lacks_terminal:
        return
    name, spec = basename(process.spec.args[0]), process.spec
    if name not in _told and not all(map(XSH.commands_cache.predict_threadable, (spec.args, spec.cmd))):
        _told.add(name)
        text = f"awaitall: If {name} wants the terminal, leave out the await: nothing has it while it is awaited."
        print(text, file=sys.stderr)
