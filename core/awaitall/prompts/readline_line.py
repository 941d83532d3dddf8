"""Take the line that ``input()`` edits off the screen, and show it anew."""

from __future__ import annotations

import ctypes
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["hidden_line", "readline_library"]


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
    else:  # libedit tells nobody on which row of the line the cursor is
        c.printf(b"\r\x1b[J")  # not by Python's streams: what is written to them meanwhile is held back
    c.fflush(None)


def readline_library() -> Any:
    """Return readline, if that is what edits the line; without it the terminal does, and shows no line a second time."""
    readline = sys.modules.get("readline")
    return readline and ctypes.CDLL(getattr(readline, "__file__", None))
