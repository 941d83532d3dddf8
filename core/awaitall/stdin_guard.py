"""What background tasks get for a keyboard while the prompt has it."""

from __future__ import annotations

from typing import Any, NoReturn

__all__ = ["UnreadableStdin"]


class UnreadableStdin:
    """Stands in for ``sys.stdin``, and refuses to be read.

    No class of ``io``: the finalizer of those would run code of this class, and swallow a Ctrl-C that comes meanwhile.
    """

    #: Without an encoding ``input()`` does not read the terminal by itself, but calls ``readline()`` (Python/bltinmodule.c).
    encoding = errors = None

    def __init__(self, stdin: Any) -> None:
        self._stdin = stdin

    def readline(self, *_: Any) -> NoReturn:
        """Refuse; ``input()`` ends here, too."""
        raise RuntimeError(
            "A background task cannot read from the keyboard while the prompt does: await input in the foreground."
        )

    __iter__ = __next__ = read = readlines = readline

    def fileno(self) -> int:
        """Return the file descriptor of the keyboard."""
        return int(self._stdin.fileno())

    def isatty(self) -> bool:
        """Deny it, so that nobody draws a prompt on the terminal; shells do, for ``input()``."""
        return False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stdin, name)
