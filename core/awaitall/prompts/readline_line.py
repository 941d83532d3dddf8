"""Take the line that ``input()`` edits off the screen, and show it anew."""

from __future__ import annotations

import ctypes
import os
import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["end_line", "hidden_line", "readline_library"]

#: What takes no room in a prompt stands between marks; libedit has put the first mark in place of the second, too.
_UNSEEN = rb"\x01[^\x01\x02]*[\x01\x02]"


@contextmanager
def hidden_line() -> Iterator[None]:
    """Return a context manager in which the line is off the screen. Only the thread that calls ``input()`` may enter it."""
    library = readline_library()
    if library is not None:
        _clear_line(library)
    try:
        yield
    finally:
        if library is not None:
            library.rl_forced_update_display()


def _clear_line(library: Any) -> None:
    c = ctypes.CDLL(None)
    if hasattr(library, "rl_clear_visible_line"):  # GNU readline, since 7.0
        library.rl_clear_visible_line()
    else:  # libedit; not by Python's streams: what is written to them meanwhile is held back
        above = _rows_above(library)
        c.printf(b"\r\x1b[%dA\x1b[J" if above else b"\r\x1b[J", above)
    c.fflush(None)


def _rows_above(library: Any) -> int:
    """Return how many rows of the line are above the cursor, which libedit does not tell: by how wide what is before it is.

    Its ``rl_point`` is that of an earlier line where this one is empty, so it is asked for the text, too (src/readline.c, 3.1).
    """
    try:
        prompt = ctypes.c_char_p.in_dll(library, "rl_prompt").value or b""
        point = ctypes.c_int.in_dll(library, "rl_point").value
        library.rl_copy_text.restype = ctypes.c_void_p
        copied = library.rl_copy_text(0, point)
        columns = os.get_terminal_size(1).columns
    except (AttributeError, ValueError, OSError):  # there is no such name, or no terminal
        return 0
    text = prompt.rpartition(b"\n")[2] + ctypes.string_at(copied)
    ctypes.CDLL(None).free(ctypes.c_void_p(copied))
    return _width(re.sub(_UNSEEN, b"", text).decode("utf-8", "replace")) // max(columns, 1)


def _width(text: str) -> int:
    from unicodedata import combining, east_asian_width

    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text if not combining(each))


def end_line() -> None:
    """Have libedit end the line, as Ctrl-D does, if its terminal is gone: it would read that for ever, deaf to signals."""
    library = readline_library()
    if library is not None and not hasattr(library, "rl_clear_visible_line"):
        library.rl_replace_line(b"\x04", 1)


def readline_library() -> Any:
    """Return readline, if that is what edits the line; without it the terminal does, and shows no line a second time."""
    readline = sys.modules.get("readline")
    return readline and ctypes.CDLL(getattr(readline, "__file__", None))
