"""Make the interpreter of a live bpython one that awaits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bpython.curtsiesfrontend.interpreter import Interp

from awaitall.shells import replace_class, restore_class
from awaitall_bpython.interp import AwaitInterp
from awaitall_bpython.live import attach

if TYPE_CHECKING:
    from awaitall.shells import Settings

__all__ = ["wire"]


def wire(repl: Any, given: Settings) -> None:
    """Make the live interpreter one that awaits, with settings that a rewind does not forget."""
    interp = repl.interp
    if not isinstance(interp, AwaitInterp):
        replace_class(interp, AwaitInterp, base=Interp)
        try:
            interp.equip()
        except BaseException:
            restore_class(interp, AwaitInterp)
            raise
    interp.set_up(given)
    attach(repl)
