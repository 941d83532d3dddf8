"""Lines of a terminal that is no file: a thread reads them, as nothing else can be waited for together with the keyboard there.

Nothing ends such a read. A Ctrl-C does on Windows, where it gives an empty line (Modules/_io/winconsoleio.c, 3.11 to 3.15). So a
line that is being read when the prompt is over is for the next prompt.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from awaitall.interrupts import SigintGuard
from awaitall.polling import readable, socket_pair
from awaitall.prompts.input_hook import tasks_during_input
from awaitall.system import leave_signals_to_others, termios

if TYPE_CHECKING:
    from types import FrameType

    from awaitall import Session

__all__ = ["PendingLine", "is_read_in_thread", "read_line"]


class PendingLine:
    """A line that a thread reads.

    Attributes:
        given_up: Whether the prompt that has waited for it was given up.
    """

    _last: PendingLine | None = None

    def __init__(self) -> None:
        self.given_up = False
        self._raw = sys.stdin.buffer.raw  # type: ignore[union-attr]  # a lock of the buffer would be held when Python ends
        self._data = b""
        self._error: BaseException | None = None
        self._receiver, self._sender = socket_pair()
        threading.Thread(target=self._read, name="awaitall line", daemon=True).start()

    @classmethod
    def next(cls) -> PendingLine:
        """Return the line that is being read already, or a new one.

        Raises:
            KeyboardInterrupt: Ctrl-C. It leaves no thread behind that nobody knows of, which would take the next line.
        """
        if cls._last is None or (cls._last.is_there() and cls._last.is_lost()):
            cls._begin()
        assert cls._last is not None
        return cls._last

    @classmethod
    def _begin(cls) -> None:
        pressed = False

        def press(frame: FrameType | None) -> bool:
            nonlocal pressed
            pressed = True
            return True

        with SigintGuard(press, asks_host=False):
            cls._last = PendingLine()
        if pressed:
            raise KeyboardInterrupt

    @classmethod
    def give_up(cls) -> None:
        """Leave the line that is being read, if one is, to the next prompt."""
        if cls._last is not None:
            cls._last.given_up = True

    def _read(self) -> None:
        leave_signals_to_others()
        try:
            while not self._data.endswith(b"\n") and (data := self._raw.read(65536)):
                self._data += data
        except BaseException as exc:
            self._error = exc
        self._sender.close()

    def fileno(self) -> int:
        """Return a file descriptor that is readable when the line is there."""
        return self._receiver.fileno()

    def is_there(self) -> bool:
        """Report whether it can be taken."""
        return bool(readable([self.fileno()]))

    def is_lost(self) -> bool:
        """Report whether a Ctrl-C has ended it, and not the user."""
        return self.given_up and not self._data and self._error is None

    def take(self) -> str:
        """Return the line without its newline; EOFError if there is none."""
        PendingLine._last = None
        self._receiver.close()
        if self._error is not None:
            raise self._error
        if not self._data:
            raise EOFError
        return self._data.decode(sys.stdin.encoding, "surrogateescape").removesuffix("\n").removesuffix("\r")


def is_read_in_thread() -> bool:
    """Report whether standard input is a terminal, and one that is no file."""
    return termios is None and sys.stdin is not None and sys.stdin.isatty() and hasattr(sys.stdin, "buffer")


def read_line(session: Session, prompt: str) -> str:
    """Read a line as ``input(prompt)`` does, while the session's tasks go on.

    Raises:
        EOFError: there is no more to read. KeyboardInterrupt: Ctrl-C.
    """
    if not (is_read_in_thread() and (session.pumps or PendingLine._last is not None)):
        with tasks_during_input(session):
            return input(prompt)
    sys.stdout.write(prompt)
    sys.stdout.flush()
    while True:
        try:
            line = PendingLine.next()
            while not readable([line.fileno()], 0 if session.pumps else None):
                session.pump([line.fileno()])
        except BaseException:
            PendingLine.give_up()
            raise
        if not line.is_lost():
            return line.take()
