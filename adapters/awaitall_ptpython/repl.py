"""A ptpython REPL that evaluates through a session.

ptpython has no hook for evaluation, so the class of the live REPL is replaced by a subclass made for it; that keeps its state,
and ``super()`` works for whoever comes next. The names used were seen in ptpython 3.0.24 to 3.0.32.
"""

from __future__ import annotations

import ast
import asyncio
import sys
import traceback
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import ref

from prompt_toolkit.formatted_text import PygmentsTokens, to_formatted_text
from prompt_toolkit.shortcuts import clear_title, set_title
from ptpython import repl as ptpython_repl
from ptpython.repl import PythonRepl
from pygments.lexers.python import PythonTracebackLexer

from awaitall import Outcome, Session
from awaitall.prompts import gives_signals, own_interrupts
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
    from collections.abc import Callable
    from typing import NoReturn

    from prompt_toolkit.formatted_text import AnyFormattedText

    from awaitall.prompts import HostedPrompt
    from awaitall.shells import Settings

#: What ``exit()`` raises, and the class of ``exit``, where ptpython has an exit of its own, as 3.0.32 does and 3.0.24 does not.
ReplExit: Any = getattr(ptpython_repl, "ReplExit", SystemExit)
_Exit: Any = getattr(ptpython_repl, "exit", ())

_PACKAGES = ("awaitall_ptpython", "prompt_toolkit", "ptpython")

NAMES = (
    "read",
    "eval",
    "eval_async",
    "_add_to_namespace",
    "_remove_from_namespace",
    "_handle_exception",
    "_handle_keyboard_interrupt",
    "_show_result",
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
    _prompt: HostedPrompt | None = None  # in a task of a program
    _termination: SystemExit | None = None
    _is_ours = False  # the method that runs this: not if enable() was called at the prompt

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
        self._is_ours = True
        try:
            with own_interrupts():
                self._run_on()
        finally:
            AwaitRepl._end_session(self)  # even if one of the inputs has swapped this class out
        self._end_by_signal()

    def _end_by_signal(self) -> None:
        if self._termination is not None:
            raise self._termination

    def _remove_from_namespace(self) -> None:
        super()._remove_from_namespace()
        if not self._is_ours:
            self._end_session()
            self._end_by_signal()

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
        """Run in a task of a program; ptpython's own method makes a task for each input, and reads in a thread."""
        from awaitall.prompts import HostedPrompt

        self._is_ours = True
        self._prompt = HostedPrompt(self._session, owns_sigint=_is_at_the_terminal(self.app))
        if self.terminal_title:
            set_title(self.terminal_title)
        self._add_to_namespace()
        try:
            with self._prompt as prompt:
                await self._run_on_async(prompt)
        finally:
            self._prompt = None
            if self.terminal_title:
                clear_title()
            self._remove_from_namespace()
            AwaitRepl._end_session(self)

    async def _run_on_async(self, prompt: HostedPrompt) -> None:
        while True:
            try:
                text = await prompt.wait(self._read_async())
                await self._run_and_show(prompt, text)
            except KeyboardInterrupt as exc:
                self._handle_keyboard_interrupt(exc)
            except (EOFError, ReplExit, SystemExit):
                return

    async def _run_and_show(self, prompt: HostedPrompt, text: str) -> None:
        try:
            result = await self.eval_async(text)
        except (KeyboardInterrupt, SystemExit, GeneratorExit, ReplExit):
            raise
        except BaseException as exc:
            if prompt.is_over:
                raise
            self._handle_exception(exc)
        else:
            if isinstance(result, _Exit):  # without parentheses
                raise ReplExit
            if result is not None:
                await prompt.wait(self._show_result_async(result))
            self.current_statement_index += 1
            self.signatures = []

    async def _show_result_async(self, result: object) -> None:
        if self.enable_pager:  # which waits for keys in a thread
            await asyncio.to_thread(self._show_result, result)
        else:
            self._show_result(result)
        if self.insert_blank_line_after_output:
            self.app.output.write("\n")

    def _end_session(self) -> None:
        self._session.shutdown()
        self._session = _begin_session(self)  # a REPL may be run again

    def read(self) -> str:
        if self._prompt is not None:
            return super().read()
        try:
            with on_prompt_toolkit.pumping(self._session, self.app):
                return super().read()
        except SystemExit as exc:  # by a signal; ptpython would show it and read on
            self._termination = exc
            raise EOFError from None

    async def _read_async(self) -> str:
        """Read as :meth:`read`, by ptpython's own code, which is run anew with what the application has returned."""
        ended: list[Callable[[], str]] = []

        def run(pre_run: Callable[[], None] | None = None, **options: object) -> str:
            if not ended:
                raise _NotYetError(pre_run)
            return ended.pop()()

        while True:
            self.app.run = run  # type: ignore[method-assign, assignment]
            try:
                return self.read()
            except _NotYetError as exc:
                pre_run = exc.pre_run
            finally:
                del self.app.run
            ended.append(await self._run_app(pre_run))

    async def _run_app(self, pre_run: Callable[[], None] | None) -> Callable[[], str]:
        """Run the application on the loop of the program; return what gives the text, or raises what the keys have raised."""
        try:
            with on_prompt_toolkit.sane_at_exit(self.app), on_prompt_toolkit.Above(self.app):
                text = await self.app.run_async(pre_run, set_exception_handler=False, handle_sigint=False)
        except (EOFError, KeyboardInterrupt) as exc:
            return partial(_raise, exc)
        return lambda: text

    def eval(self, line: str) -> object:
        if line.lstrip().startswith("!"):
            return super().eval(line)  # a command for the system's shell
        self._prepare()
        return self._taken(self._session.evaluate(line, self.get_globals(), self.get_locals()))

    async def eval_async(self, line: str) -> object:
        if line.lstrip().startswith("!"):
            return await super().eval_async(line)
        self._prepare()
        evaluate = self._session.aevaluate if self._prompt is None else self._prompt.evaluate
        return self._taken(await evaluate(line, self.get_globals(), self.get_locals()))

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


def _is_at_the_terminal(app: Any) -> bool:
    """Report whether an application reads the terminal from which the process gets its signals, and not, say, a connection."""
    try:
        return gives_signals(app.input.fileno())
    except NotImplementedError:
        return False


class _NotYetError(BaseException):
    """ptpython wants to read, and the application has to run before.

    Args:
        pre_run: For the application.
    """

    def __init__(self, pre_run: Callable[[], None] | None) -> None:
        self.pre_run = pre_run


def _raise(exc: BaseException) -> NoReturn:
    raise exc


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
