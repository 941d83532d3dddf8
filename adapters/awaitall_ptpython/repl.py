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
from pygments.lexers.python import PythonTracebackLexer

from awaitall import Session
from awaitall.shells import (
    add_settings,
    new_session,
    replace_class,
    restore_class,
    user_traceback,
)
from awaitall_prompts import on_prompt_toolkit
from awaitall_prompts.colors import print_traceback
from awaitall_ptpython import line_commands
from awaitall_ptpython.menu import Menu

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import AnyFormattedText

    from awaitall import Outcome
    from awaitall.shells import Settings

_PACKAGES = ("awaitall_ptpython", "prompt_toolkit", "ptpython")

NAMES = (
    "read",
    "eval",
    "eval_async",
    "_handle_exception",
    "_store_eval_result",
    "_get_output_printer",
    "_validator",
    "get_compiler_flags",
    "options",
    "selected_option_index",
    "title",
    "exit_message",
    "extra_key_bindings",
    "add_key_binding",
    "show_sidebar",
    "ptpython_layout",
)


def replaced_names(repl: PythonRepl) -> list[str]:
    """Return the names of the methods that somebody has replaced on the REPL itself, where no class gets at them."""
    return [name for name in ("eval", "eval_async") if name in vars(repl)]


def missing_names(repl: PythonRepl) -> list[str]:
    """Return the names that a REPL lacks of the private names used here."""
    return [name for name in NAMES if not hasattr(repl, name)]


class AwaitRepl(PythonRepl):
    """The methods that differ from ptpython's own."""

    _session: Session
    _settings: Settings
    _menu: Menu
    _beside_a_loop = False

    @staticmethod
    def swap_in(repl: PythonRepl, given: Settings) -> None:
        """Wire a live REPL: replace its class by this one, and open a session with settings."""
        repl._settings = add_settings({}, given)  # type: ignore[attr-defined]
        repl._session = _begin_session(repl)  # type: ignore[attr-defined]
        replace_class(repl, AwaitRepl, base=PythonRepl)
        repl._menu = Menu(repl)  # type: ignore[attr-defined, arg-type]
        line_commands.know(repl, lambda: repl._session)  # type: ignore[attr-defined]

    def set_up(self, given: Settings) -> None:
        """Add settings to those that the sessions of the REPL begin with."""
        self._settings = add_settings(self._settings, given, self._session)

    def swap_out(self) -> None:
        """Restore the REPL's own class."""
        self._session.shutdown()
        self._menu.remove()
        if not restore_class(self, AwaitRepl):  # a class of somebody else's has been put on top of this one, which stays
            self._session = Session()
            self._session.autoawait = False
        line_commands.forget(self)

    @property
    def title(self) -> AnyFormattedText:
        """What the status bar begins with."""
        return lambda: [*self._menu.status(), *to_formatted_text(vars(self)["title"])]

    @title.setter
    def title(self, title: AnyFormattedText) -> None:
        vars(self)["title"] = title

    @property
    def exit_message(self) -> str:
        """What is asked at Ctrl-D, where ``confirm_exit`` is set."""
        return f"{self._menu.running()}{vars(self)['exit_message']}"

    @exit_message.setter
    def exit_message(self, message: str) -> None:
        vars(self)["exit_message"] = message

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
        self._session = _begin_session(self)  # a REPL may be run again

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
        self._prepare()
        return self._taken(self._session.evaluate(line, self.get_globals(), self.get_locals()))

    async def eval_async(self, line: str) -> object:
        if line.lstrip().startswith("!"):
            return await super().eval_async(line)
        self._prepare()
        return self._taken(await self._session.aevaluate(line, self.get_globals(), self.get_locals()))

    def run_file(self, path: str) -> None:
        """Run a file that may await, before the first prompt."""
        from awaitall.shells.programs import program_in_file

        try:
            program_in_file(path).run(self._session.run, self.get_globals(), self.get_locals())
        except SystemExit:
            raise
        except BaseException as exc:
            self._handle_exception(exc)

    def _prepare(self) -> None:
        if "" not in sys.path:
            sys.path.insert(0, "")  # jedi takes it out (davidhalter/jedi#1148); ptpython's own eval does the same

    def _taken(self, outcome: Outcome) -> object:
        """Return the value that ptpython is to show; it shows what this raises, too."""
        print(outcome.text, end="")
        if outcome.has_value:
            self._store_eval_result(outcome.value)
        return outcome.unwrap()

    def get_compiler_flags(self) -> int:
        flags = super().get_compiler_flags()
        return flags if self._session.autoawait else flags & ~ast.PyCF_ALLOW_TOP_LEVEL_AWAIT

    def _handle_exception(self, e: BaseException) -> None:
        e.__traceback__ = user_traceback(e)
        if _stands_alone(e):
            super()._handle_exception(e)
        else:  # ptpython shows no members of a group (ptpython#534); 3.0.24 no causes, 3.0.32 also what "from None" hides
            self._show_whole(e)

    def _show_whole(self, e: BaseException) -> None:
        sys.last_type, sys.last_value, sys.last_traceback = type(e), e, e.__traceback__
        text = "".join(traceback.format_exception(e))
        shown = PygmentsTokens(list(PythonTracebackLexer().get_tokens(text))) if self.enable_syntax_highlighting else text
        self._get_output_printer().display_style_and_text_tuples(to_formatted_text(shown), paginate=self.enable_pager)


def _stands_alone(exc: BaseException) -> bool:
    """Report whether an exception is no group, and has been raised neither from another one nor while one was handled."""
    return not isinstance(exc, BaseExceptionGroup) and exc.__cause__ is None and exc.__context__ is None


def _begin_session(repl: Any) -> Session:
    return new_session(
        settings=repl._settings,
        show_failure=partial(_show_failure, ref(repl)),
        packages=_PACKAGES,
        inside_a_loop="Open this prompt by: await embed(..., return_asyncio_coroutine=True).",
    )


def _show_failure(reference: ref[Any], text: str) -> None:
    repl = reference()
    if repl is None or not repl.enable_syntax_highlighting:
        print(text, end="", file=sys.stderr)
    else:
        print_traceback(text, getattr(repl, "_current_code_style_name", "default"))
