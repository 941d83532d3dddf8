"""Set a console up: namespace, line editing, start-up file; and take it down."""

from __future__ import annotations

import argparse
import atexit
import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from awaitall.prompts import in_main_thread
from awaitall.shells import add_settings, new_session
from awaitall_console.console import Console

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from awaitall import Session
    from awaitall.shells import Settings
    from awaitall_console.editor import Editor

__all__ = ["interact", "main"]

BANNER = f"""\
Python {sys.version.split()[0]} on {sys.platform}, with top-level await by awaitall
Type "help", "copyright", "credits" or "license" for more information, "%help" for the commands of awaitall."""


def main(argv: Sequence[str] | None = None) -> None:
    """Open a console in a fresh ``__main__``; returns at end of file, lets SystemExit through."""
    argparse.ArgumentParser("python -m awaitall", description="A Python console with top-level await.").parse_args(argv)
    module = sys.modules["__main__"] = ModuleType("__main__")
    if not sys.flags.safe_path:
        sys.path.insert(0, "")
    if hasattr(sys.stdin, "reconfigure"):  # a byte that is no text is an error of its line, not the end of everything
        sys.stdin.reconfigure(errors="surrogateescape")
    interact(vars(module), startup=None if sys.flags.ignore_environment else os.environ.get("PYTHONSTARTUP"))


def interact(
    namespace: dict[str, Any] | None = None,
    *,
    banner: str = BANNER,
    startup: str | None = None,
    **settings: Unpack[Settings],
) -> None:
    """Open a console on a namespace, for example from inside a program: ``interact(globals() | locals())``.

    Args:
        namespace: Where the inputs run; a fresh one where omitted.
        banner: What is printed first.
        startup: A file to run before the first prompt; it may await.
        settings: As in ``interact(runner="trio")``; see :class:`awaitall.shells.Settings`. A wrong one costs one line.
    """
    session = new_session(namespace, add_settings({}, settings))
    console = Console(session)
    try:
        _edit_lines(console)
        if startup:
            _run_file(console, startup)
        _loop(console, banner)
    finally:
        session.shutdown()


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


def _run_file(console: Console, path: str) -> None:
    try:
        with open(path, encoding="utf-8") as file:
            source = file.read()
    except OSError as exc:
        console.write(f"Could not open PYTHONSTARTUP: {exc}\n")
    else:
        console.show(console.session.evaluate(source))


class _Completer:
    """What Tab offers: line commands and their arguments, and in Python what the ``python`` prompt offers."""

    def __init__(self, session: Session, lines: Any, of_python: Any) -> None:
        self._session = session
        self._lines = lines
        self._of_python = of_python
        self._words: list[str] = []

    def complete(self, text: str, state: int) -> str | None:
        """Return one of the words after another; called by readline, which swallows errors."""
        line = self._lines.get_line_buffer()[: self._lines.get_endidx()].rpartition("\n")[2].lstrip()
        if state == 0:
            self._words = [f"{_before(text)}{word}" for word in self._session.complete(line)]
        if self._words or line.startswith("%"):
            return self._words[state] if state < len(self._words) else None
        word: str | None = self._of_python.complete(text, state)
        return word


def _before(text: str) -> str:
    """Return what readline takes for the word, up to the last dot."""
    return text[: text.rfind(".") + 1]


def _edit_lines(console: Console) -> None:
    """Switch on history and Tab completion where there is something to edit lines by, and a terminal to do it on."""
    if sys.stdin is None or not sys.stdin.isatty():
        return
    import rlcompleter

    readline: Any
    try:
        import readline  # also what ``input()`` is edited by
    except ImportError:
        readline = None
    session = console.session
    editor = console.editor = _new_editor(session)
    lines = readline if editor is None else editor.lines
    if lines is None:
        return
    complete = _Completer(session, lines, rlcompleter.Completer(session.namespace)).complete
    if editor is None:
        readline.set_completer(complete)
        readline.parse_and_bind("bind ^I rl_complete" if "libedit" in (readline.__doc__ or "") else "tab: complete")
    else:
        editor.complete_by(complete)
        session.format_error = editor.format_error
    history = os.path.expanduser("~/.awaitall_history")
    try:
        lines.read_history_file(history)
    except OSError:
        pass  # the first session, or a file that is not readable
    atexit.register(_save_history, lines, history)


def _new_editor(session: Session) -> Editor | None:
    """Return the editor of the ``python`` prompt; None where that would not use it either, or it is another one than we know."""
    basic = os.environ.get("PYTHON_BASIC_REPL") and not sys.flags.ignore_environment
    if sys.version_info < (3, 13) or basic or not (in_main_thread() and sys.stdout is not None and sys.stdout.isatty()):
        return None
    try:
        from awaitall_console.editor import Editor

        return Editor(session)
    except Exception:
        return None


def _save_history(lines: Any, history: str) -> None:
    try:
        lines.write_history_file(history)
    except (OSError, UnicodeError):
        pass  # a home directory that cannot be written to, or bytes that are no text: nothing that the user typed fails for it
