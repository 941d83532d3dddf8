"""The session as programs and shells know it: the one that runs inputs, with line commands on top."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, cast

from awaitall import base_session
from awaitall.base_session import BaseSession
from awaitall.detect import INVALID_SOURCE, command_continues, command_line
from awaitall.errors import OpenError
from awaitall.outcome import Outcome

if TYPE_CHECKING:
    from awaitall.base_session import Source
    from awaitall.compiling import Input

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
        runner: The name of a runner, a spec, a function ``f(coro) -> result`` or a class of event loops, as for :meth:`use`.
        display: Which values :meth:`run` returns or shows; see :class:`awaitall.Compiler`.

    Attributes:
        namespace: As given.
        locals: Where inputs bind names, if not in the namespace.
        context: What the inputs run in.
        compiler: Compiles the inputs; see :class:`awaitall.Compiler`.
        exit_on_termination: Whether, once a loop is open, SIGTERM and SIGHUP raise SystemExit instead of killing the process, so
            that the host, a shell, can close the session.
        hands_over: Whether Ctrl-Z hands an input that is being awaited over to the background, as shells have it. Else
            it does what it always does.
        nests: Whether an input that awaits is awaited where a loop of asyncio runs the caller already: on that loop, which goes
            on inside of the call (and on others, if greenback has made a portal for them). Else that is a RunningLoopError.
        stands_still: Whether that loop stands still between the inputs, as at a breakpoint; else :meth:`pump` lets it run.
        grace: For how long :meth:`close` waits for the cleanup of tasks, in seconds.
        hints: Whether a line tells of a coroutine that nobody has awaited.
        implicit: Whether a coroutine that is the value of an input is awaited, as if await stood before it.
        inside_a_loop: What helps whoever types an input that awaits where a loop runs in this thread already; a sentence.
        outside: Whether inputs that do not await see no loop: for libraries that refuse to work where one runs.
        lends: Whether another session, which is open, has borrowed the loop; see :meth:`borrow_loop`.
        windows: Those of GUI toolkits, whose events are handled on the loop; see :meth:`keep_windows_alive`. They are left alone
            while ``windows.on`` is False.
    """

    def evaluate(self, source: Source, globals: dict[str, Any] | None = None, locals: Any = None) -> Outcome:
        """Run what the user has entered, Python or a line command, and return how it ended.

        The way of an input: plugins change its source and its tree, it is compiled, plugins learn that it is about to run, it
        runs, plugins learn how it ended, and they change the value that is to be shown; see :mod:`awaitall.hookspecs`. A
        coroutine that nobody has awaited gets a hint of one line on standard error.

        Args:
            source: As for :meth:`run`; text may be a line command, ``"%tasks"``.
            globals: Instead of the session's namespace. A line command makes them the namespace of the session.
            locals: Where names are bound, if not in the globals.

        Raises:
            SystemExit: the input, or a signal, ends the shell. Everything else that :meth:`run` raises is the ``error`` of the
                outcome, KeyboardInterrupt included.
        """
        if isinstance(source, str) and (line := command_line(source)) is not None:
            self._take_scope(globals, locals)
            answer = self.answer(line)
            return Outcome(text=answer) if isinstance(answer, str) else super().evaluate(answer)
        return super().evaluate(source, globals, locals)

    async def aevaluate(self, source: Source, globals: dict[str, Any] | None = None, locals: Any = None) -> Outcome:
        """As :meth:`evaluate`, on the loop that is running already, in the task that awaits this; see :meth:`arun`.

        Raises:
            SystemExit, and whatever else is neither an Exception nor KeyboardInterrupt: the task has been cancelled.
        """
        if isinstance(source, str) and (line := command_line(source)) is not None:
            self._take_scope(globals, locals)
            answer = await self._aanswer(line)
            return Outcome(text=answer) if isinstance(answer, str) else await super().aevaluate(answer)
        return await super().aevaluate(source, globals, locals)

    def evaluate_lines(self, lines: str, *, whole: bool = False) -> Outcome | None:
        """Run the lines typed so far, if they are all of an input, as :meth:`evaluate`; for shells that read line by line.

        Values are shown by ``sys.displayhook``, one for each expression that is a statement, as at the ``python`` prompt.

        Args:
            lines: Joined by newlines. A block is complete once a blank line follows it.
            whole: Whether these are all lines of the input, which may be of several statements. The value of the last is shown.

        Returns:
            None while more lines are expected.
        """
        taken = self._take_lines(lines, whole)
        if taken is None or isinstance(taken, Outcome):
            return taken
        outcome = self.evaluate(taken)
        return _displayed(outcome) if isinstance(taken, str) else outcome

    async def aevaluate_lines(self, lines: str) -> Outcome | None:
        """As :meth:`evaluate_lines`, on the loop that is running already, in the task that awaits this; see :meth:`arun`."""
        taken = self._take_lines(lines)
        if taken is None or isinstance(taken, Outcome):
            return taken
        outcome = await self.aevaluate(taken)
        return _displayed(outcome) if isinstance(taken, str) else outcome

    def _take_lines(self, lines: str, whole: bool = False) -> str | Input | Outcome | None:
        """Return what is to be evaluated: a line command or an input; None while more lines are expected."""
        if command_line(lines) is not None:
            return None if command_continues(lines) and not whole else lines
        try:
            return self.compiler.compile_statements(lines) if whole else self.compiler.compile_lines(lines)
        except INVALID_SOURCE as exc:
            return Outcome(error=exc.with_traceback(None))

    def _take_scope(self, globals: dict[str, Any] | None, locals: Any) -> None:
        if globals is not None:
            self.namespace, self.locals = globals, locals

    def answer(self, line: str) -> str | Input:
        """Run a line command as :meth:`command`; return an input that is to be evaluated in its place unevaluated.

        For a shell that executes inputs by itself; :meth:`evaluate` is for all others.
        """
        try:
            from awaitall import commands
        except ImportError as exc:
            return _no_commands(exc)
        return commands.answer(self, line)

    def command(self, line: str) -> str:
        """Run a line command, ``"autoawait trio"``, and return the text to show; an error of ours is part of the text.

        The text of a command that runs the user's code, ``"timeit -o f()"``, is the value, and what that code raises is raised.

        Args:
            line: Without the percent sign; of several lines, if it takes a block.
        """
        answer = self.answer(line)
        return answer if isinstance(answer, str) else _shown(super().evaluate(answer))

    def run_command(self, line: str) -> str:
        """Run a line command as :meth:`command`, and raise what goes wrong: AwaitallError, in one sentence."""
        try:
            from awaitall import commands
        except ImportError as exc:
            raise OpenError.for_import("A command", "pluggy", exc) from exc
        answer = commands.run(self, line)
        return answer if isinstance(answer, str) else _shown(super().evaluate(answer)).removesuffix("\n")

    async def acommand(self, line: str) -> str:
        """As :meth:`command`, on the loop that is running already, in the task that awaits this."""
        answer = await self._aanswer(line)
        return answer if isinstance(answer, str) else _shown(await super().aevaluate(answer))

    async def _aanswer(self, line: str) -> str | Input:
        try:
            from awaitall import commands
        except ImportError as exc:
            return _no_commands(exc)
        return await commands.aanswer(self, line)

    def complete(self, text: str) -> dict[str, str]:
        """Return what the last word of an unfinished input may become, and what each stands for.

        ``"%auto"`` gives ``autoawait`` and its summary, ``"%cancel "`` the numbers of tasks with their names. In Python, only
        the attributes of what is awaited are known here, from annotations: ``"(await client.get(url))."``. The rest is for the
        completion of the shell.

        Args:
            text: The line up to the cursor.
        """
        if text[:1] != "%":
            if "await" not in text:
                return {}
            from awaitall.completion import attributes_of_awaited

            return attributes_of_awaited(text, self.names)
        if "\n" in text:
            return {}
        try:
            from awaitall import commands
        except ImportError:
            return {}
        return commands.complete(self, text[1:])


def _shown(outcome: Outcome) -> str:
    value = outcome.unwrap()
    return f"{value!r}\n" if outcome.has_value and value is not None else ""


def _displayed(outcome: Outcome) -> Outcome:
    """Show the value of a line command by ``sys.displayhook``, as the code of a typed line does by itself."""
    if outcome.has_value:
        try:
            sys.displayhook(outcome.value)
        except Exception as exc:  # of the object's own repr
            outcome.error = exc
    return outcome


def _no_commands(exc: ImportError) -> str:
    return f"awaitall: {OpenError.for_import('A command', 'pluggy', exc)}\n"
