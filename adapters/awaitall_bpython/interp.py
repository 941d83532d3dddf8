"""A bpython interpreter that runs its inputs through a session.

bpython makes a new interpreter by ``interp.__class__()`` when it rewinds (undo, reload), so all of this has to live in a class; an
instance that was patched would be lost. Names used here were seen in bpython 0.22 to 0.26.
"""

from __future__ import annotations

import sys
import traceback
from types import TracebackType
from typing import TYPE_CHECKING, Any

from awaitall import Session
from awaitall.compiling import CommandCompiler
from awaitall.tracebacks import has_group, user_traceback
from bpython.curtsiesfrontend.interpreter import Interp

if TYPE_CHECKING:
    from types import CodeType

__all__ = ["AwaitInterp"]


class AwaitInterp(Interp):
    """The methods that differ from bpython's own."""

    session: Session

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.equip()

    def equip(self) -> None:
        """Give the interpreter a compiler that allows await, and a fresh session."""
        futures = self.compile.compiler.flags
        self.compile = CommandCompiler()
        self.compile.compiler.flags |= futures
        self.session = Session(self.locals)

    def runsource(self, source: str, *args: Any, **kwargs: Any) -> bool:
        from awaitall_bpython.wiring import attach, live_repl

        if (repl := live_repl()) is not None and repl.interp is self:
            attach(repl)
        return super().runsource(source, *args, **kwargs)

    def runcode(self, code: CodeType) -> None:
        try:
            self.session.run(code, self.locals)
        except SystemExit:
            raise
        except BaseException as exc:
            tb = user_traceback(exc)
            here = exc.__traceback__
            assert here is not None
            # bpython drops the first entry, the frame that executes the input.
            exc.__traceback__ = TracebackType(tb, here.tb_frame, here.tb_lasti, here.tb_lineno)
            self.showtraceback()

    def showtraceback(self) -> None:
        exc = sys.exc_info()[1]
        if exc is None or not has_group(exc):
            return super().showtraceback()
        # bpython prints the last line of the outermost exception and nothing of the members of a group
        exc.__traceback__ = tb = exc.__traceback__ and exc.__traceback__.tb_next
        sys.last_type, sys.last_value, sys.last_traceback = type(exc), exc, tb
        self.writetb(self.bpython_input_re.sub("<input>", line) for line in traceback.format_exception(exc))
