"""One line, once in the life of a user, that says where the commands are."""

from __future__ import annotations

import os
import sys

__all__ = ["introduce"]

TEXT = "awaitall: %help lists the commands that come with await, such as %bg and %tasks (this is said once)"

#: Whether the line has been printed in this process, or need not be.
_introduced = False


def introduce() -> None:
    """Print the line after the first input that the user has typed and that awaits; a file tells that it has been printed.

    So who never awaits sees nothing of it. Nor does anybody whose file cannot be written, as it would come again and again.
    """
    global _introduced
    if _introduced:
        return
    _introduced = True
    if _is_terminal(sys.stdin) and _is_terminal(sys.stderr) and _is_first():
        print(TEXT, file=sys.stderr)


def _is_terminal(stream: object) -> bool:
    try:
        return stream.isatty()  # type: ignore[attr-defined, no-any-return]
    except (AttributeError, ValueError):  # None, or closed
        return False


def _is_first() -> bool:
    """Create the file; report whether it was not there (XDG Base Directory Specification)."""
    folder = os.path.join(os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state"), "awaitall")
    try:
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "introduced"), "x"):
            return True
    except OSError:
        return False
