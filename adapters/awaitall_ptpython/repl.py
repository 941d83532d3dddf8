"""A ptpython REPL that evaluates through a session.

ptpython has no hook for evaluation, so the class of the live REPL is replaced by a subclass made for it; that keeps its state,
and ``super()`` works for whoever comes next. The names used were seen in ptpython 3.0.24 to 3.0.32.
"""

from __future__ import annotations

import ast
import sys
import traceback
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import ref

from prompt_toolkit.formatted_text import PygmentsTokens, to_formatted_text
from ptpython.repl import PythonRepl
from ptpython.validator import PythonValidator
from pygments.lexers.python import PythonTracebackLexer

from awaitall import Session, lookout, settings
from awaitall.detect import command_line
from awaitall.hints import INSIDE_A_LOOP, hint_at_coroutine
from awaitall.tracebacks import is_plain, user_traceback
from awaitall_prompts import on_prompt_toolkit
from awaitall_prompts.colors import print_traceback

if TYPE_CHECKING:
    from prompt_toolkit.document import Document

    from awaitall import Input
    from awaitall.settings import Settings

lookout.AT_HAND.update({"awaitall_ptpython", "prompt_toolkit", "ptpython"})

NAMES = (
    "read",
    "eval",
    "eval_async",
    "_handle_exception",
    "_store_eval_result",
    "_get_output_printer",
    "_validator",
    "get_compiler_flags",
)


def replaced_names(repl: PythonRepl) -> list[str]:
    """Return the names of the methods that somebody has replaced on the REPL itself, where no class gets at them."""
    return [name for name in ("eval", "eval_async") if name in vars(repl)]


def missing_names(repl: PythonRepl) -> list[str]:
    """Name what a REPL lacks of the private names used here."""
    return [name for name in NAMES if not hasattr(repl, name)]


class AwaitRepl(PythonRepl):
    """The methods that differ from ptpython's own."""

    _session: Session
    _settings: Settings
    _beside_a_loop = False

    @staticmethod
    def swap_in(repl: PythonRepl, given: Settings) -> None:
        """Give a live REPL these methods, and a session with settings."""
        cls = type(repl)
        repl._settings = settings.checked(given)  # type: ignore[attr-defined]
        repl._session = _new_session(repl)  # type: ignore[attr-defined]
        # A class of somebody's own stays in front: what it overrides runs, and its super() comes here.
        bases = (AwaitRepl,) if cls is PythonRepl else (cls, AwaitRepl)
        repl.__class__ = type(f"Await{cls.__name__}", bases, {"_plain": cls})
        _refresh_validator(repl)

    def set_up(self, given: Settings) -> None:
        """Add settings to those that the sessions of the REPL begin with."""
        added = settings.checked(given)
        self._settings = {**self._settings, **added}
        settings.apply(self._session, added)

    def swap_out(self) -> None:
        """Give the REPL its own class back."""
        self._session.shutdown()
        if (plain := vars(type(self)).get("_plain")) is not None:
            self.__class__ = plain
        else:  # somebody has put a class on top of ours: it stays, and does not await
            self._session = Session()
            self._session.autoawait = False
        _refresh_validator(self)

    def run(self) -> None:
        self._termination: SystemExit | None = None
        try:
            self._run_on()
        finally:
            AwaitRepl._end_session(self)  # even if one of the inputs has swapped this class out
        if self._termination is not None:
            raise self._termination

    def _run_on(self) -> None:
        """Run; and once more if a Ctrl-C was pressed while ptpython told of an earlier one, which would end the shell."""
        untold: KeyboardInterrupt | None = None
        while True:
            try:
                if untold is not None:
                    self._handle_keyboard_interrupt(untold)
                return super().run()
            except KeyboardInterrupt as exc:
                untold = exc.with_traceback(None)

    async def run_async(self) -> None:
        self._beside_a_loop = True
        try:
            await super().run_async()
        finally:
            AwaitRepl._end_session(self)

    def _end_session(self) -> None:
        self._session.shutdown()
        self._session = _new_session(self)  # a REPL may be run again

    def read(self) -> str:
        try:
            if self._beside_a_loop:  # which lets tasks go on by itself
                with on_prompt_toolkit.Above(self.app):
                    return super().read()
            with on_prompt_toolkit.pumping(self._session, self.app):
                return super().read()
        except SystemExit as exc:  # by a signal; ptpython would show it and read on
            self._termination = exc
            raise EOFError from None

    def eval(self, line: str) -> object:
        if line.lstrip().startswith("!"):
            return super().eval(line)  # a command for the system's shell
        if (command := command_line(line)) is not None:
            self._run_command(command)
            return None
        compiled = self._compile(line)
        return self._keep(compiled, self._session.run(compiled, self.get_globals(), self.get_locals()))

    async def eval_async(self, line: str) -> object:
        if line.lstrip().startswith("!"):
            return await super().eval_async(line)
        if (command := command_line(line)) is not None:
            self._run_command(command)
            return None
        compiled = self._compile(line)
        return self._keep(compiled, await self._session.arun(compiled, self.get_globals(), self.get_locals()))

    def _run_command(self, command: str) -> None:
        self._session.namespace, self._session.locals = self.get_globals(), self.get_locals()
        print(self._session.command(command), end="")

    def get_compiler_flags(self) -> int:
        flags = super().get_compiler_flags()
        return flags if self._session.autoawait else flags & ~ast.PyCF_ALLOW_TOP_LEVEL_AWAIT

    def _compile(self, line: str) -> Input:
        if "" not in sys.path:
            sys.path.insert(0, "")  # jedi takes it out (davidhalter/jedi#1148); ptpython's own eval does the same
        return self._session.compile(line)

    def _keep(self, compiled: Input, value: object) -> object:
        if compiled.has_value:
            hint_at_coroutine(value)
            self._store_eval_result(value)
        return value

    def _handle_exception(self, e: BaseException) -> None:
        e.__traceback__ = user_traceback(e)
        if is_plain(e):
            super()._handle_exception(e)
        else:  # ptpython shows no members of a group (ptpython#534); 3.0.24 no causes, 3.0.32 also what "from None" hides
            self._show_whole(e)

    def _show_whole(self, e: BaseException) -> None:
        sys.last_type, sys.last_value, sys.last_traceback = type(e), e, e.__traceback__
        text = "".join(traceback.format_exception(e))
        shown = PygmentsTokens(list(PythonTracebackLexer().get_tokens(text))) if self.enable_syntax_highlighting else text
        self._get_output_printer().display_style_and_text_tuples(to_formatted_text(shown), paginate=self.enable_pager)


def _new_session(repl: Any) -> Session:
    session = Session()
    session.exit_on_termination = True
    session.inside_a_loop = f"Open this prompt by: await embed(..., return_asyncio_coroutine=True). Or: {INSIDE_A_LOOP}"
    session.show_failure = partial(_show_failure, ref(repl))
    settings.apply(session, repl._settings)
    return session


def _show_failure(reference: ref[Any], text: str) -> None:
    repl = reference()
    if repl is None or not repl.enable_syntax_highlighting:
        print(text, end="", file=sys.stderr)
    else:
        print_traceback(text, getattr(repl, "_current_code_style_name", "default"))


class CommandValidator(PythonValidator):
    """Accepts line commands, and Python as ptpython's own does."""

    def validate(self, document: Document) -> None:
        if command_line(document.text) is None:
            super().validate(document)


def _refresh_validator(repl: PythonRepl) -> None:
    validator = repl._validator
    cls = type(validator)
    if isinstance(repl, AwaitRepl) and not isinstance(validator, CommandValidator):
        validator.__class__ = type(CommandValidator.__name__, (CommandValidator, cls), {})
    elif not isinstance(repl, AwaitRepl) and isinstance(validator, CommandValidator):
        validator.__class__ = cls.__bases__[1]
    # It holds a bound method, made when the REPL had its old class.
    validator.get_compiler_flags = repl.get_compiler_flags  # type: ignore[attr-defined]
