"""The completion of line commands, in the popup of bpython."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bpython.autocomplete import BaseCompletionType
from bpython.line import LinePart

if TYPE_CHECKING:
    from awaitall import Session

__all__ = ["complete_line_commands"]


def complete_line_commands(repl: Any) -> None:
    """Add a kind of completion, in front of those of Python."""
    repl.completers = (_LineCommands(repl), *repl.completers)


class _LineCommands(BaseCompletionType):
    def __init__(self, repl: Any) -> None:
        super().__init__()
        self._repl = repl

    def matches(self, cursor_offset: int, line: str, **_: Any) -> set[str] | None:
        if self.locate(cursor_offset, line) is None:
            return None
        session: Session = self._repl.interp.session
        return set(session.complete(line[:cursor_offset]))

    def locate(self, cursor_offset: int, line: str) -> LinePart | None:
        begun = line[:cursor_offset]
        if not begun.startswith("%") or self._repl.buffer:
            return None
        start = max(begun.rfind(" "), 0) + 1
        return LinePart(start, cursor_offset, begun[start:])
