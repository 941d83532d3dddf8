"""A bpython interpreter that runs its inputs through a session.

bpython makes a new interpreter by ``interp.__class__()`` when it rewinds (undo, reload), so all of this has to live in a class:
an instance that was patched would be lost. Arguments are passed on as they come: they differ between bpython 0.23 and 0.26.
"""

from __future__ import annotations

import re
import sys
import traceback
import weakref
from contextlib import contextmanager
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar

from bpython.curtsiesfrontend.interpreter import Interp

from awaitall.shells import CommandCompiler, add_settings, command_line, new_session, user_traceback
from awaitall_bpython.live import attach, live_repl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

    from awaitall import Session
    from awaitall.shells import Settings

__all__ = ["AwaitInterp", "close_sessions", "ending_sessions"]

_PACKAGES = ("awaitall_bpython", "bpython", "curtsies")

_sessions: weakref.WeakSet[Session] = weakref.WeakSet()


def close_sessions() -> None:
    """End what is still running, for a bpython that ended without a prompt: a file that was only run, or a crash."""
    for session in list(_sessions):
        session.shutdown()


@contextmanager
def ending_sessions() -> Iterator[None]:
    """Return a context manager that ends, last, what is still running of the sessions that begin in it."""
    before = set(_sessions)
    try:
        yield
    finally:
        for session in set(_sessions) - before:
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
        """Wire the interpreter: a compiler that allows await, and a session."""
        self.renew(self.compile.compiler.flags)

    def renew(self, flags: int = 0) -> None:
        """Begin a session; an earlier one is not closed by this.

        Args:
            flags: Of the compiler, for ``from __future__`` imports that are in force.
        """
        self.session = new_session(
            self.locals, self.settings, show_failure=partial(_show_failure, weakref.ref(self)), packages=_PACKAGES
        )
        self.session.compiler.add_futures(flags)
        self.compile = CommandCompiler(self.session.compiler)
        _sessions.add(self.session)

    def set_up(self, given: Settings) -> None:
        """Add settings to those that every session begins with."""
        type(self).settings = add_settings(self.settings, given, self.session)

    def runsource(self, source: str, *args: Any, **kwargs: Any) -> bool:
        if (repl := live_repl()) is not None and repl.interp is self:
            attach(repl)
        if command_line(source) is not None:
            with self._showing_errors():
                if (outcome := self.session.evaluate_lines(source)) is None:
                    return True
                print(outcome.text, end="")
                outcome.unwrap()
            return False
        more: bool = super().runsource(source, *args, **kwargs)
        return more

    def runcode(self, code: CodeType) -> None:
        with self._showing_errors():
            self.session.evaluate(code, self.locals).unwrap()

    @contextmanager
    def _showing_errors(self) -> Iterator[None]:
        try:
            yield
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
