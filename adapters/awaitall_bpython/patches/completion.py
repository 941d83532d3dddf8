"""What the session completes, line commands and attributes of what is awaited, in the popup of bpython."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bpython.autocomplete import BaseCompletionType
from bpython.line import LinePart

if TYPE_CHECKING:
    from awaitall import Session

__all__ = ["complete_by_session"]


def complete_by_session(repl: Any) -> None:
    """Add a kind of completion, in front of those of Python."""
    repl.completers = (_OfSession(repl), *repl.completers)


class _OfSession(BaseCompletionType):
    def __init__(self, repl: Any) -> None:
        super().__init__()
        self._repl = repl

    def matches(self, cursor_offset: int, line: str, **_: Any) -> set[str] | None:
        session: Session = self._repl.interp.session
        words = set(session.complete(line[:cursor_offset]))
        return words or (set() if line.startswith("%") else None)

    def locate(self, cursor_offset: int, line: str) -> LinePart | None:
        begun = re.search(r"[^\s%.]*$", line[:cursor_offset])
        assert begun is not None
        return LinePart(begun.start(), cursor_offset, begun[0])
