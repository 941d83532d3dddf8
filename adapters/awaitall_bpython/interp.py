"""A bpython interpreter that runs its inputs through a session.

bpython makes a new interpreter by ``interp.__class__()`` when it rewinds (undo, reload), so all of this has to live in a class:
an instance that was patched would be lost. Arguments are passed on as they come: they differ between bpython 0.23 and 0.26.
"""

from __future__ import annotations

import re
import sys
import traceback
import weakref
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar

from bpython.curtsiesfrontend.interpreter import Interp

from awaitall import Session, lookout, settings
from awaitall.compiling import CommandCompiler
from awaitall.detect import command_continues, command_line
from awaitall.hints import INSIDE_A_LOOP, hint_at_coroutine
from awaitall.tracebacks import user_traceback

if TYPE_CHECKING:
    from types import CodeType

    from awaitall.settings import Settings

__all__ = ["AwaitInterp", "close_sessions"]

lookout.AT_HAND.update({"awaitall_bpython", "bpython", "curtsies"})

_sessions: weakref.WeakSet[Session] = weakref.WeakSet()


def close_sessions() -> None:
    """End what is still running, for a bpython that ended without a prompt: a file that was only run, or a crash."""
    for session in list(_sessions):
        session.shutdown()


def _show_failure(reference: weakref.ref[AwaitInterp], text: str) -> None:
    """Show it in bpython's colours; what bpython is to paint once it has ended, nobody would see."""
    interp = reference()
    if interp is None or interp.ended:
        print(text, end="", file=sys.stderr)
    else:
        interp.writetb([text])
        print(end="", file=sys.stderr)  # by which bpython learns that there is something to paint


class AwaitInterp(Interp):
    """The methods that differ from bpython's own."""

    session: Session
    compile: CommandCompiler
    ended = False

    #: Of the class, as bpython throws its instances away.
    settings: ClassVar[Settings] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.equip()

    def equip(self) -> None:
        """Give the interpreter a compiler that allows await, and a session."""
        futures = self.compile.compiler.flags
        self.compile = CommandCompiler(lambda: self.session.autoawait)
        self.compile.compiler.flags |= futures
        self.renew()

    def renew(self) -> None:
        """Begin a session; an earlier one is not closed by this."""
        self.session = Session(self.locals)
        self.session.exit_on_termination = True
        self.session.inside_a_loop = INSIDE_A_LOOP
        self.session.show_failure = partial(_show_failure, weakref.ref(self))
        settings.apply(self.session, self.settings)
        _sessions.add(self.session)

    def set_up(self, given: Settings) -> None:
        """Add settings to those that every session begins with."""
        added = settings.checked(given)
        type(self).settings = {**self.settings, **added}
        settings.apply(self.session, added)

    def runsource(self, source: str, *args: Any, **kwargs: Any) -> bool:
        from awaitall_bpython.wiring import attach, live_repl

        if (repl := live_repl()) is not None and repl.interp is self:
            attach(repl)
        if command_continues(source):
            return True
        if (line := command_line(source)) is not None:
            print(self.session.command(line), end="")
            return False
        more: bool = super().runsource(source, *args, **kwargs)
        return more

    def runcode(self, code: CodeType) -> None:
        try:
            self.session.run(code, self.locals)
            hint_at_coroutine()
        except SystemExit as exc:
            exc.args = exc.args or (None,)  # bpython 0.24 breaks down at one without arguments
            raise
        except BaseException as exc:
            here = exc.__traceback__
            assert here is not None
            # bpython drops the first entry, the frame that executes the input: it stays before the user's own.
            exc.__traceback__ = TracebackType(user_traceback(exc), here.tb_frame, here.tb_lasti, here.tb_lineno)
            self.showtraceback()

    def showsyntaxerror(self, *args: Any, **kwargs: Any) -> None:
        exc = sys.exc_info()[1]
        if isinstance(exc, SyntaxError):
            # bpython takes the details from the tuple they once came in, which knows nothing of what was set since.
            exc.args = exc.msg, (exc.filename, exc.lineno, exc.offset, exc.text, exc.end_lineno, exc.end_offset)
        super().showsyntaxerror(*args, **kwargs)

    def showtraceback(self) -> None:
        exc = sys.exc_info()[1]
        if exc is None:
            super().showtraceback()
            return
        # bpython's own prints the outermost exception alone: neither its causes nor the members of a group.
        exc.__traceback__ = tb = exc.__traceback__ and exc.__traceback__.tb_next
        sys.last_type, sys.last_value, sys.last_traceback = type(exc), exc, tb
        self.writetb(re.sub(r"<bpython-input-\d+>", "<input>", line) for line in traceback.format_exception(exc))
