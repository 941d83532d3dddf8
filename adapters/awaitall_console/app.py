"""Set a console up: namespace, line editing, start-up file; and take it down."""

from __future__ import annotations

import atexit
import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from awaitall.shells import add_settings, new_session
from awaitall_console.console import Console

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from awaitall import Session
    from awaitall.shells import Settings

__all__ = ["interact", "main"]

BANNER = f"""\
Python {sys.version.split()[0]} on {sys.platform}, with top-level await by awaitall
Type "help", "copyright", "credits" or "license" for more information."""


def main(argv: Sequence[str] | None = None) -> None:
    """Open a console in a fresh ``__main__``; returns at end of file, lets SystemExit through."""
    if argv:
        from argparse import ArgumentParser

        ArgumentParser("awaitall console", description="A Python console with top-level await.").parse_args(argv)
    module = sys.modules["__main__"] = ModuleType("__main__")
    if not sys.flags.safe_path:
        sys.path.insert(0, "")
    if hasattr(sys.stdin, "reconfigure"):  # a byte that is no text is an error of its line, not the end of everything
        sys.stdin.reconfigure(errors="surrogateescape")
    interact(vars(module), startup=None if sys.flags.ignore_environment else os.environ.get("PYTHONSTARTUP"))


def interact(
    namespace: dict[str, Any] | None = None,
    *,
    banner: str | None = None,
    startup: str | None = None,
    **settings: Unpack[Settings],
) -> None:
    """Open a console on a namespace, for example from inside a program: ``interact(globals() | locals())``.

    Args:
        namespace: Where the inputs run; a fresh one where omitted.
        banner: What is printed first; where omitted, what this is, unless the user has switched that off.
        startup: A file to run before the first prompt; it may await.
        settings: As in ``interact(runner="trio")``; see :class:`awaitall.shells.Settings`. A wrong one costs one line.
    """
    session = new_session(namespace, add_settings({}, settings, origins="interact()"), origins="interact()")
    if banner is None:
        banner = BANNER if session.origins.get("banner", (True,))[0] else ""
    console = Console(session)
    try:
        _edit_lines(session)
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

    def __init__(self, session: Session, readline: Any, of_python: Any) -> None:
        self._session = session
        self._readline = readline
        self._of_python = of_python
        self._words: list[str] = []

    def complete(self, text: str, state: int) -> str | None:
        """Return one of the words after another; called by readline, which swallows errors."""
        line = self._readline.get_line_buffer()[: self._readline.get_endidx()].lstrip()
        if state == 0:
            self._words = [f"{_before(text)}{word}" for word in self._session.complete(line)]
        if self._words or line.startswith("%"):
            return self._words[state] if state < len(self._words) else None
        word: str | None = self._of_python.complete(text, state)
        return word


def _before(text: str) -> str:
    """Return what readline takes for the word, up to the last dot."""
    return text[: text.rfind(".") + 1]


def _edit_lines(session: Session) -> None:
    """Switch on history and Tab completion where there is readline and a terminal to use it on."""
    if sys.stdin is None or not sys.stdin.isatty():
        return
    try:
        import readline
        import rlcompleter
    except ImportError:
        return
    readline.set_completer(_Completer(session, readline, rlcompleter.Completer(session.namespace)).complete)
    readline.parse_and_bind("bind ^I rl_complete" if "libedit" in (readline.__doc__ or "") else "tab: complete")
    history = os.path.expanduser("~/.awaitall_history")
    try:
        readline.read_history_file(history)
    except OSError:
        pass  # the first session, or a file that is not readable
    atexit.register(_save_history, readline, history)


def _save_history(readline: Any, history: str) -> None:
    try:
        readline.write_history_file(history)
    except OSError:
        pass  # a home directory that cannot be written to: nothing that the user typed fails for it
