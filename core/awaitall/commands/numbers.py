"""The numbers of tasks, as people type them."""

from __future__ import annotations

from awaitall.errors import UsageError

__all__ = ["number_of"]


def number_of(text: str, command: str) -> int:
    """Return the number of a task as it was typed after a command, ``7`` or ``[7]``.

    Raises:
        UsageError: it is none.
    """
    digits = text.removeprefix("[").removesuffix("]")
    if not (digits.isascii() and digits.isdecimal()):
        raise UsageError(f"%{command} takes the number of one task, for example: %{command} 1")
    return int(digits)
