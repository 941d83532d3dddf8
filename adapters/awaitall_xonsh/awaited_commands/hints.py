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
    name = basename(process.args[0])
    if not process.returncode or process.returncode < 0 or not process.lacks_terminal or name in _told:
        return
    if not XSH.commands_cache.predict_threadable(process.args):
        _told.add(name)
        print(
            f"awaitall: If {name} wants the terminal, leave out the await: nothing has it while it is awaited.", file=sys.stderr
        )
