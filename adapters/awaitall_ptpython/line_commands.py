"""What the prompt of ptpython knows of a session: Enter accepts line commands, and the menu offers what the session completes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from ptpython.validator import PythonValidator

from awaitall.shells import command_line, replace_class, restore_class

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prompt_toolkit.document import Document
    from ptpython.repl import PythonRepl

    from awaitall import Session

__all__ = ["forget", "know"]


def know(repl: PythonRepl, session: Callable[[], Session]) -> None:
    """Make a REPL know the commands of a session, whichever it has at the time."""
    replace_class(repl._validator, _CommandValidator)
    replace_class(repl.completer, _CommandCompleter)
    repl.completer._awaitall_session = session  # type: ignore[attr-defined]
    _renew_flags(repl)


def forget(repl: PythonRepl) -> None:
    """Undo :func:`know`."""
    restore_class(repl._validator, _CommandValidator)
    restore_class(repl.completer, _CommandCompleter)
    _renew_flags(repl)


def _renew_flags(repl: PythonRepl) -> None:
    # The validator holds a bound method, made when the REPL had its other class.
    repl._validator.get_compiler_flags = repl.get_compiler_flags  # type: ignore[attr-defined]


class _CommandValidator(PythonValidator):
    """Accepts line commands, and Python as ptpython's own does."""

    def validate(self, document: Document) -> None:
        if command_line(document.text) is None:
            super().validate(document)


class _CommandCompleter(Completer):
    """Completes what the session does, and all else as the completer does that is there."""

    _awaitall_session: Callable[[], Session]

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        text = document.current_line_before_cursor.lstrip()
        words = self._awaitall_session().complete(text)
        if not words and not text.startswith("%"):
            yield from super().get_completions(document, complete_event)
            return
        begun = text.removeprefix("%").rpartition(" ")[2].rpartition(".")[2]
        for word, meaning in words.items():
            yield Completion(word, -len(begun), display_meta=meaning)
