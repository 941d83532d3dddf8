"""Set a console up: namespace, line editing, start-up file; and take it down."""

from __future__ import annotations

import argparse
import atexit
import builtins
import os
import sys
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any

from awaitall.shells import add_settings, new_session
from awaitall_console.console import Console

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import NoReturn, Unpack

    from awaitall import Session
    from awaitall.shells import Settings

__all__ = ["ainteract", "interact", "main"]

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
    locals: Any = None,
    *,
    banner: str = BANNER,
    startup: str | None = None,
    **settings: Unpack[Settings],
) -> None:
    """Open a console on a namespace, for example from inside a program: ``interact(globals() | locals())``.

    Args:
        namespace: Where the inputs run; a fresh one where omitted.
        locals: Where they bind names, if not there.
        banner: What is printed first.
        startup: A file to run before the first prompt; it may await.
        settings: As in ``interact(runner="trio")``; see :class:`awaitall.shells.Settings`. A wrong one costs one line.
    """
    console = _console(namespace, locals, settings)
    session = console.session
    try:
        with _edited_lines(session):
            if startup:
                _run_file(console, startup)
            _loop(console, banner)
    finally:
        session.shutdown()


async def ainteract(
    namespace: dict[str, Any] | None = None, locals: Any = None, *, banner: str = BANNER, **settings: Unpack[Settings]
) -> None:
    """Open a console as :func:`interact` in a task of a program, whose loop goes on; see :func:`awaitall.aembed`.

    Returns at end of file, and after ``exit()``.
    """
    from awaitall.prompts import HostedPrompt

    console = _console(namespace, locals, settings)
    try:
        with _edited_lines(console.session), HostedPrompt(console.session) as prompt, _exit_that_leaves():
            await console.ainteract(prompt, banner)
    except SystemExit:
        pass
    finally:
        console.session.shutdown()


def _console(namespace: dict[str, Any] | None, locals: Any, settings: Settings) -> Console:
    session = new_session(namespace, add_settings({}, settings))
    session.locals = locals
    return Console(session)


class _Exit:
    """``exit`` without an end of standard input, which the program goes on to use."""

    def __repr__(self) -> str:
        return "Use exit() or Ctrl-D (i.e. EOF) to exit"

    def __call__(self, code: object = None) -> NoReturn:
        raise SystemExit(code)


@contextmanager
def _exit_that_leaves() -> Iterator[None]:
    theirs = {name: getattr(builtins, name, None) for name in ("exit", "quit")}
    vars(builtins).update(dict.fromkeys(theirs, _Exit()))
    try:
        yield
    finally:
        vars(builtins).update(theirs)


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

    def __init__(self, session: Session, readline: Any, of_python: Callable[[dict[str, Any]], Any]) -> None:
        self._session = session
        self._readline = readline
        self._of_python = of_python
        self._python: Any = None
        self._words: list[str] = []

    def complete(self, text: str, state: int) -> str | None:
        """Return one of the words after another; called by readline, which swallows errors."""
        line = self._readline.get_line_buffer()[: self._readline.get_endidx()].lstrip()
        if state == 0:
            self._python = self._of_python(self._session.names)
            self._words = [f"{_before(text)}{word}" for word in self._session.complete(line)]
        if self._words or line.startswith("%"):
            return self._words[state] if state < len(self._words) else None
        word: str | None = self._python.complete(text, state)
        return word


def _before(text: str) -> str:
    """Return what readline takes for the word, up to the last dot."""
    return text[: text.rfind(".") + 1]


@contextmanager
def _edited_lines(session: Session) -> Iterator[None]:
    """Switch on history and Tab completion where there is readline and a terminal to use it on; the completer is put back."""
    readline = _readline()
    if readline is None:
        yield
        return
    theirs = readline.get_completer()
    _edit_lines(session, readline)
    try:
        yield
    finally:
        readline.set_completer(theirs)


def _readline() -> Any:
    if sys.stdin is None or sys.stdin.closed or not sys.stdin.isatty():
        return None
    try:
        import readline
    except ImportError:
        return None
    return readline


def _edit_lines(session: Session, readline: Any) -> None:
    import rlcompleter

    readline.set_completer(_Completer(session, readline, rlcompleter.Completer).complete)
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
