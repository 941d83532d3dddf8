"""The session as programs and shells know it: the one that runs inputs, with line commands on top."""

from __future__ import annotations

from typing import cast

from awaitall import base_session
from awaitall.base_session import BaseSession
from awaitall.errors import OpenError

__all__ = ["Session", "current_session"]


def current_session() -> Session:
    """Return the session that runs the input that calls this, or the last one that this context knows.

    Raises:
        LookupError: there is none.
    """
    return cast("Session", base_session.current())


class Session(BaseSession):
    """Run one input after the other, as a shell does, awaiting those that await.

    An input that does not await is simply evaluated: no event loop is made or even imported until the first one that does.
    All inputs run on the thread that calls :meth:`run` and in one :class:`contextvars.Context`, a copy of the one that was
    current when the session was made; so what one input sets the next one sees, with or without await.

    Args:
        namespace: The globals of the inputs; a fresh ``__main__``-like dict where omitted.
        runner: The name of a runner, a spec, or a function ``f(coro) -> result``, as :meth:`use` takes it.
        display: Which values :meth:`run` returns or shows; see :class:`awaitall.Compiler`.

    Attributes:
        namespace: As given.
        locals: Where inputs bind names, if not in the namespace.
        context: What the inputs run in.
        exit_on_termination: Whether, once a loop is open, SIGTERM and SIGHUP raise SystemExit instead of killing the process, so
            that the host, a shell, can close the session.
        show_failure: Shows the text which tells that a background task has failed, as the shell shows errors; set it before the
            first input. By default it is printed on standard error.
        implicit: Whether a coroutine that is the value of an input is awaited, as if await stood before it.
        inside_a_loop: What helps whoever types an input that awaits where a loop runs in this thread already; a sentence.
        outside: Whether inputs that do not await see no loop: for libraries that refuse to work where one runs.
    """

    def command(self, line: str) -> str:
        """Run a line command, ``"autoawait trio"``, and give the text to show; an error of ours is part of the text.

        Args:
            line: Without the percent sign; of several lines, if it takes a block.
        """
        try:
            from awaitall import commands
        except ImportError as exc:
            return f"awaitall: {OpenError.for_import('A command', 'pluggy', exc)}\n"
        return commands.answer(self, line)
