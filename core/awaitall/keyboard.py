"""What background tasks get for a keyboard while the prompt has it."""

from __future__ import annotations

import io
from typing import Any, NoReturn

__all__ = ["NoKeyboard"]


class NoKeyboard(io.TextIOBase):
    """Stands in for ``sys.stdin``, and refuses to be read."""

    def __init__(self, stdin: Any) -> None:
        self._stdin = stdin

    def readline(self, *_: Any) -> NoReturn:
        """Refuse; ``input()`` ends here, too."""
        raise RuntimeError(
            "A background task cannot read from the keyboard while the prompt does: await input in the foreground."
        )

    read = readline

    def fileno(self) -> int:
        """Give that of the keyboard."""
        return int(self._stdin.fileno())

    def isatty(self) -> bool:
        """Deny it, so that nobody draws a prompt on the terminal; shells do, for ``input()``."""
        return False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stdin, name)
