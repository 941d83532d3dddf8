"""Set a console up: namespace, line editing, start-up file; and take it down."""

from __future__ import annotations

import atexit
import os
import sys
from contextlib import contextmanager, suppress
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any

from awaitall.errors import AwaitallError, NoProgramError, UsageError
from awaitall.prompts import in_main_thread, own_interrupts
from awaitall.shells import add_settings, first_names, new_session, user_traceback
from awaitall.shells.programs import Termination
from awaitall_console.console import Console

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Unpack

    from awaitall import Session
    from awaitall.shells import Settings
    from awaitall.shells.programs import Program
    from awaitall_console.editor import Editor

__all__ = ["ainteract", "interact", "main"]

BANNER = f"""\
Python {sys.version.split()[0]} on {sys.platform}, with top-level await by awaitall
Type "help", "copyright", "credits" or "license" for more information, "%help" for the commands of awaitall."""


_USAGE = """\
usage: awaitall console [-r RUNNER] [-i (FILE | -c CODE | -m MODULE) [ARGUMENT ...]]

A Python console with top-level await. With -i it runs a program first.
"""


def main(argv: Sequence[str] | None = None) -> None:
    """Open a console in a fresh ``__main__``, after a program if one is given; returns at end of file, lets SystemExit through.

    Raises:
        SystemExit: the arguments are wrong, or there is no such program, which has been told.
    """
    if argv and argv[0] in ("-h", "--help"):
        print(_USAGE, end="")
        return
    if hasattr(sys.stdin, "reconfigure"):  # a byte that is no text is an error of its line, not the end of everything
        sys.stdin.reconfigure(errors="surrogateescape")
    program, settings = _options(argv) if argv else ([], {})
    if program:
        names, first = _begun(program)
        names.update(first_names())
        _open(new_session(names, settings, origins="--runner"), "", first)
        return
    if not sys.flags.safe_path:
        sys.path.insert(0, "")
    module = sys.modules["__main__"] = ModuleType("__main__")
    vars(module).update(first_names())
    startup = None if sys.flags.ignore_environment else os.environ.get("PYTHONSTARTUP")
    _open(new_session(vars(module), settings, origins="--runner"), None, partial(_run_startup, startup))


def _options(arguments: Sequence[str]) -> tuple[list[str], Settings]:
    from awaitall.shells.programs import command_line_of

    try:
        line = command_line_of(arguments)
        if line.app is not None:
            raise UsageError(f"--app stands before the name of the shell: awaitall --app {line.app} console")
    except AwaitallError as exc:
        print(f"awaitall: {exc}", file=sys.stderr)
        raise SystemExit(2) from None
    given: Settings = {} if line.runner is None else {"runner": line.runner}
    return line.program, add_settings({}, given, origins="--runner")


def _begun(arguments: Sequence[str]) -> tuple[dict[str, Any], Callable[[Console], None]]:
    """Make a program ``__main__``; return the names of that, and what runs the program, or shows why there is nothing to run."""
    from awaitall.shells.programs import program_of

    try:
        program = program_of(arguments)
    except NoProgramError as exc:
        print(f"awaitall: {exc}", file=sys.stderr)
        raise SystemExit(exc.status) from None
    except (SyntaxError, ValueError) as exc:
        module = sys.modules["__main__"] = ModuleType("__main__")
        error = exc.with_traceback(None)
        return vars(module), lambda console: console.show_error(error)
    return program.install(), partial(_run, program)


def interact(
    namespace: dict[str, Any] | None = None,
    locals: Any = None,
    *,
    banner: str | None = None,
    startup: str | None = None,
    **settings: Unpack[Settings],
) -> None:
    """Open a console on a namespace, for example from inside a program: ``interact(globals() | locals())``.

    Args:
        namespace: Where the inputs run; a fresh one where omitted.
        locals: Where they bind names, if not there.
        banner: What is printed first; where omitted, what this is, unless the user has switched that off.
        startup: A file to run before the first prompt; it may await.
        settings: As in ``interact(runner="trio")``; see :class:`awaitall.shells.Settings`. A wrong one costs one line.
    """
    session = new_session(namespace, add_settings({}, settings, origins="interact()"), origins="interact()")
    session.locals = locals
    _open(session, banner, partial(_run_startup, startup))


def interact_on(session: Session, banner: str) -> None:
    """Open a console on a session that runs its inputs elsewhere, and ends with it; returns when the user leaves."""
    _open(session, banner, lambda console: None)


def _open(session: Session, banner: str | None, first: Callable[[Console], None]) -> None:
    """Open a console on a session, which ends with it; ``first`` runs before the first prompt."""
    console = Console(session)
    try:
        with own_interrupts(), _keeping_completer():
            _edit_lines(console, _new_editor(session))
            first(console)
            _loop(console, _banner(session, banner))
    finally:
        session.shutdown()


async def ainteract(
    namespace: dict[str, Any] | None = None, locals: Any = None, *, banner: str | None = None, **settings: Unpack[Settings]
) -> None:
    """Open a console as :func:`interact` in a task of a program, whose loop goes on; see :func:`awaitall.aembed`.

    Returns at end of file, and after ``exit()``.
    """
    from awaitall.prompts import HostedPrompt

    session = new_session(namespace, add_settings({}, settings, origins="ainteract()"), origins="ainteract()")
    session.locals = locals
    console = Console(session)
    try:
        with _keeping_completer(), HostedPrompt(session) as prompt:
            _edit_lines(console, None)
            await console.ainteract(prompt, _banner(session, banner))
    except SystemExit:
        pass
    finally:
        session.shutdown()


def _banner(session: Session, banner: str | None) -> str:
    """Return what is printed first: where it is left out, what this is, unless the user has switched that off."""
    if banner is not None:
        return banner
    return BANNER if session.origins.get("banner", (True,))[0] else ""


def _loop(console: Console, banner: str) -> None:
    """Read and run inputs to the end of the file.

    A KeyboardInterrupt comes out of the console's own loop when Ctrl-C is pressed while the loop tells of an earlier one, and on
    3.11 to 3.13 at other times, too (gh-130279). It is told as the banner of the next loop, as a third one may come meanwhile.
    """
    while True:
        try:
            return console.interact(banner, exitmsg="")
        except KeyboardInterrupt:
            banner, console.buffer = "\nKeyboardInterrupt", []


def _run_startup(path: str | None, console: Console) -> None:
    if not path:
        return
    from awaitall.shells.programs import program_in_file

    try:
        program = program_in_file(path)
    except NoProgramError as exc:
        console.write(f"Could not open PYTHONSTARTUP: {exc}\n")
    except (SyntaxError, ValueError) as exc:
        console.show_error(exc.with_traceback(None))
    else:
        console.run_program(program)


def _run(program: Program, console: Console) -> None:
    """Run a program before the prompt; one that calls ``sys.exit()`` does not end it, as with ``python -i``."""
    try:
        console.run_program(program)
    except Termination:
        raise
    except SystemExit as exc:
        console.show_error(exc.with_traceback(user_traceback(exc)))


class _Completer:
    """What Tab offers: line commands and their arguments, and in Python what the ``python`` prompt offers."""

    def __init__(self, session: Session, lines: Any, of_python: Callable[[dict[str, Any]], Any]) -> None:
        self._session = session
        self._lines = lines
        self._of_python = of_python
        self._python: Any = None
        self._words: list[str] = []

    def complete(self, text: str, state: int) -> str | None:
        """Return one of the words after another; called by readline, which swallows errors.

        Args:
            text: What readline takes for the word to complete: it ends one at a hyphen or a percent sign.
            state: The number of the word.
        """
        line = self._lines.get_line_buffer()[: self._lines.get_endidx()].rpartition("\n")[2].lstrip()
        if state == 0:
            self._python = self._of_python(self._session.names)
            words = self._session.complete(line)
            if line.startswith("%"):
                before = len(line.removeprefix("%").rpartition(" ")[2]) - len(text)
                self._words = [word[before:] for word in words]
            else:
                self._words = [f"{_up_to_dot(text)}{word}" for word in words]
        if self._words or line.startswith("%"):
            return self._words[state] if state < len(self._words) else None
        word: str | None = self._python.complete(text, state)
        return word


def _up_to_dot(text: str) -> str:
    """Return what readline takes for the word, up to the last dot."""
    return text[: text.rfind(".") + 1]


@contextmanager
def _keeping_completer() -> Iterator[None]:
    """Restore the completer of readline at the end of the block, for the program that has opened the console."""
    readline: Any
    try:
        import readline
    except ImportError:
        yield
        return
    theirs = readline.get_completer()
    try:
        yield
    finally:
        readline.set_completer(theirs)


def _edit_lines(console: Console, editor: Editor | None) -> None:
    """Switch on history and Tab completion where there is something to edit lines by, and a terminal to do it on."""
    if not _has_terminal():
        return
    import rlcompleter

    readline: Any
    try:
        import readline  # also what ``input()`` is edited by
    except ImportError:
        readline = None
    session = console.session
    console.editor = editor
    lines = readline if editor is None else editor.lines
    if lines is None:
        return
    complete = _Completer(session, lines, rlcompleter.Completer).complete
    if editor is None:
        readline.set_completer(complete)
        readline.parse_and_bind("bind ^I rl_complete" if "libedit" in (readline.__doc__ or "") else "tab: complete")
    else:
        editor.complete_by(complete)
        session.format_error = editor.format_error
    history = os.path.expanduser("~/.awaitall_history")
    _read_history(lines, history)
    atexit.register(_save_history, lines, history)


def _has_terminal() -> bool:
    return sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty()


def _new_editor(session: Session) -> Editor | None:
    """Return the editor of the ``python`` prompt; None where that would not use it either, or it is another one than we know."""
    basic = os.environ.get("PYTHON_BASIC_REPL") and not sys.flags.ignore_environment
    if sys.version_info < (3, 13) or basic or not (_has_terminal() and in_main_thread()):
        return None
    if sys.stdout is None or not sys.stdout.isatty():
        return None
    try:
        from awaitall_console.editor import Editor

        return Editor(session)
    except Exception:
        return None


def _read_history(lines: Any, history: str) -> None:
    try:
        lines.read_history_file(history)
    except OSError:  # the first session, or a file that is not readable; or libedit, which reads none that others have written
        with suppress(OSError, UnicodeError), open(history, encoding="utf-8") as file:
            for line in file:
                lines.add_history(line.removesuffix("\n"))


def _save_history(lines: Any, history: str) -> None:
    try:
        lines.write_history_file(history)
    except (OSError, UnicodeError):
        pass  # a home directory that cannot be written to, or bytes that are no text: nothing that the user typed fails for it
