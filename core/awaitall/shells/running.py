"""Run a program to its end, as ``python FILE`` does, and await what it awaits."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from awaitall.errors import NoProgramError
from awaitall.programs import program_of
from awaitall.tracebacks import user_traceback

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from awaitall.programs import Program
    from awaitall.settings import Settings

__all__ = ["run_program"]


def run_program(arguments: Sequence[str], settings: Settings | None = None, origins: str = "enable()") -> None:
    """Run a program as the ``__main__`` of this process.

    A program that does not await has no session, and no event loop is imported for it. What it raises comes out, so that the
    process ends as ``python FILE`` would; the traceback that Python prints then is that of the program alone.

    Args:
        arguments: ``["FILE", ...]``, ``["-c", "CODE", ...]``, ``["-m", "MODULE", ...]`` or ``["-", ...]``, with its arguments.
        settings: For :func:`awaitall.shells.new_session`.
        origins: Where they come from.

    Raises:
        SystemExit: there is no such program, which has been told. Else what the program raises.
    """
    try:
        program = program_of(arguments)
    except NoProgramError as exc:
        print(f"awaitall: {exc}", file=sys.stderr)
        raise SystemExit(exc.status) from None
    except BaseException as exc:
        _show_from(exc, None)
        raise
    names = program.install()
    try:
        if program.is_async:
            _await(program, settings, origins)
        else:
            program.run(lambda compiled, *scope: compiled.execute(*scope), names)
    except BaseException as exc:
        _show_from(exc, user_traceback(exc))
        raise


def _await(program: Program, settings: Settings | None, origins: str) -> None:
    from awaitall.shells.sessions import new_session

    session = new_session(vars(program.module), settings, origins=origins)
    session.exit_on_termination = False  # a program that is told to end does, as any other
    try:
        program.run(session.run)
    finally:
        session.shutdown()


def _show_from(exc: BaseException, tb: TracebackType | None) -> None:
    """Have Python show an exception without our frames; it does so by ``sys.excepthook``, which the program may have replaced."""
    theirs = sys.excepthook

    def show(kind: type[BaseException], value: BaseException, traceback: TracebackType | None) -> None:
        if value is exc:
            value.__traceback__ = traceback = tb
        theirs(kind, value, traceback)

    sys.excepthook = show
