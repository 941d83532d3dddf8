"""What background tasks get for a keyboard while the prompt, or a command that the shell waits for, has it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from awaitall.threads import get_ident

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["UnreadableStdin", "owning_keyboard"]

#: The threads that may read the keyboard.
_owners: set[int] = set()


@contextmanager
def owning_keyboard() -> Iterator[None]:
    """Return a context manager in which this thread may read the keyboard: the shell waits for it, and lets tasks run."""
    thread = get_ident()
    _owners.add(thread)
    try:
        yield
    finally:
        _owners.discard(thread)


class UnreadableStdin:
    """Stands in for ``sys.stdin``, and refuses to be read, but by threads that own the keyboard.

    No class of ``io``: the finalizer of those would run code of this class, and swallow a Ctrl-C that comes meanwhile.
    """

    #: Without an encoding ``input()`` does not read the terminal by itself, but calls ``readline()`` (Python/bltinmodule.c).
    encoding = errors = None

    def __init__(self, stdin: Any) -> None:
        self._stdin = stdin

    def _readable(self) -> Any:
        if get_ident() not in _owners:
            raise RuntimeError(
                "A background task cannot read from the keyboard while the prompt does: await input in the foreground."
            )
        return self._stdin

    def readline(self, *args: Any) -> Any:
        """Read a line, or refuse; ``input()`` ends here, too."""
        return self._readable().readline(*args)

    def readlines(self, *args: Any) -> Any:
        """Read lines, or refuse."""
        return self._readable().readlines(*args)

    def read(self, *args: Any) -> Any:
        """Read text, or refuse."""
        return self._readable().read(*args)

    def __iter__(self) -> Any:
        return iter(self._readable())

    def __next__(self) -> Any:
        return next(self._readable())

    def fileno(self) -> int:
        """Return the file descriptor of the keyboard."""
        return int(self._stdin.fileno())

    def isatty(self) -> bool:
        """Deny it, so that nobody draws a prompt on the terminal; shells do, for ``input()``."""
        return False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stdin, name)
