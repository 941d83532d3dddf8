"""``code.InteractiveConsole`` on an awaitall session."""

from __future__ import annotations

import code
import io
import sys
import traceback
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from awaitall.shells import read_line, user_traceback

if TYPE_CHECKING:
    from collections.abc import Iterator

    from awaitall import Outcome, Session
    from awaitall.prompts import HostedPrompt
    from awaitall.shells.programs import Program
    from awaitall_console.editor import Editor

__all__ = ["Console"]

#: What the editor of the ``python`` prompt takes for commands, without brackets, where the user has no such name.
_COMMANDS = frozenset({"exit", "quit", "copyright", "help", "clear"})

#: Ctrl-Z, which that editor takes for ``exit``, as a console of Windows takes it for the end of the file.
_END = "\x1a"


class Console(code.InteractiveConsole):
    """Read, run and show inputs one by one, as the ``python`` prompt does, awaiting those that await.

    Args:
        session: Runs the inputs, in its own namespace.

    Attributes:
        session: As given.
        editor: Reads whole inputs; ``input()`` reads lines where it is None.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session.namespace)
        self.session = session
        self.editor: Editor | None = None

    def raw_input(self, prompt: str = "") -> str:
        """Read a line, or a whole input, while background tasks go on."""
        shown = _shown(prompt)
        if self.editor is not None:
            return self._edited(self.editor, shown)
        with _streams_of_the_process():
            return read_line(self.session, shown)

    def _edited(self, editor: Editor, prompt: str) -> str:
        with suppress(Exception):  # of a stream of the user's
            sys.stdout.flush()
        try:
            entered = editor.read(prompt, _shown(getattr(sys, "ps2", "... ")))
        except EOFError:
            self.write("\x1b[2K\x1b[A")  # the loop of the library begins a new line once more
            raise
        except Exception as exc:
            self.editor = None
            self.write(f"\nawaitall: inputs are read line by line from now on: {type(exc).__name__}: {exc}\n")
            return ""
        command = entered.strip()
        if command == _END:
            command = "exit"
        if command not in _COMMANDS or command in self.session.namespace:
            return entered
        editor.forget()
        if command == "clear":
            editor.clear()
            return ""
        return f"{command}()"

    def write(self, data: str) -> None:
        """Write to standard error, if there is one."""
        if sys.stderr is not None:
            super().write(data)

    def runsource(self, source: str, filename: str = "<input>", symbol: str = "single") -> bool:
        """Run an input and show what comes of it; True if it is not complete."""
        outcome = self.session.evaluate_lines(source, whole=self.editor is not None)
        if outcome is not None:
            self.show(outcome)
        return outcome is None

    def run_program(self, program: Program) -> None:
        """Run a program in the session, and show its error, if it ends by one.

        Raises:
            SystemExit: the program, or a signal, ends the console.
        """
        try:
            program.run(self.session.run, self.session.namespace)
        except SystemExit:
            raise
        except BaseException as exc:
            self.show_error(exc.with_traceback(user_traceback(exc)))

    async def ainteract(self, prompt: HostedPrompt, banner: str) -> None:
        """Read, run and show inputs as :meth:`interact`, on the loop that is running already, to the end of the file."""
        self.write(f"{banner}\n")
        lines: list[str] = []
        while True:
            try:
                lines.append(await self._read(prompt, getattr(sys, "ps2", "... ") if lines else getattr(sys, "ps1", ">>> ")))
                outcome = await prompt.evaluate_lines("\n".join(lines))
                if outcome is not None:
                    lines.clear()
                    self.show(outcome)
            except EOFError:
                return
            except KeyboardInterrupt:
                lines.clear()
                self.write("KeyboardInterrupt\n")

    async def _read(self, prompt: HostedPrompt, shown: object) -> str:
        """Read a line; where none comes, what is written next begins below the prompt all the same."""
        try:
            return await prompt.read_line(_shown(shown))
        except BaseException:
            self.write("\n")
            raise

    def show(self, outcome: Outcome) -> None:
        """Show how an input ended; its values have been shown by ``sys.displayhook``."""
        print(outcome.text, end="")
        if outcome.error is not None:
            self.show_error(outcome.error)

    def show_error(self, exc: BaseException) -> None:
        """Show an error as the ``python`` prompt does, by the user's ``sys.excepthook`` if any; keep it for ``pdb.pm()``."""
        tb = exc.__traceback__
        sys.last_type, sys.last_value, sys.last_traceback = type(exc), exc, tb
        sys.last_exc = exc  # type: ignore[attr-defined]  # since 3.12
        if getattr(sys, "excepthook", sys.__excepthook__) is not sys.__excepthook__:
            try:
                sys.excepthook(type(exc), exc, tb)
                return
            except SystemExit:
                raise
            except BaseException as broken:
                self.write("Error in sys.excepthook:\n" + "".join(traceback.format_exception(broken)))
                self.write("\nOriginal exception was:\n")
        self.write("".join(self.session.format_error(exc)))


def _shown(prompt: object) -> str:
    """Return the text of a prompt; one that has none, a ``sys.ps1`` that raises, is empty as at the ``python`` prompt."""
    try:
        return str(prompt)
    except Exception:
        return ""


@contextmanager
def _streams_of_the_process() -> Iterator[None]:
    """Make ``input()`` work where a stream of ``sys`` is None: the ``python`` prompt does not go by them either."""
    outer = sys.stdin, sys.stdout, sys.stderr
    if None not in outer:
        yield
        return
    if sys.__stdin__ is None:
        raise EOFError  # closed before Python began
    sys.stdin = outer[0] or sys.__stdin__
    sys.stdout, sys.stderr = outer[1] or sys.__stdout__ or io.StringIO(), outer[2] or sys.__stderr__ or io.StringIO()
    try:
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = outer
