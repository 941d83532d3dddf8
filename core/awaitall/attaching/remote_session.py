"""The session of a shell whose inputs run in another program; for the shell it is a session like any other."""

from __future__ import annotations

import itertools
import sys
import time
from typing import TYPE_CHECKING, Any

from awaitall.attaching.channel import PROTOCOL
from awaitall.errors import OpenError
from awaitall.interrupts import SigintGuard
from awaitall.outcome import Outcome
from awaitall.polling import readable, socket_pair
from awaitall.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from awaitall.attaching.channel import Channel
    from awaitall.base_session import Source

__all__ = ["RemoteSession"]

#: For how long the other side is waited for: when it greets, and when Tab asks for words; in seconds.
_GREETING, _WORDS = 5.0, 1.0

#: For how long a first Ctrl-C may take until a later one leaves the program.
_HANGS_AFTER = 2.0


class RemoteSession(Session):
    """Has a program run the inputs, and shows what they print; what is complete is known here.

    Attributes:
        program: What the other side tells of itself, once it has greeted.
        is_lost: Whether the other side is gone.
    """

    _channel: Channel

    def __init__(self, namespace: dict[str, Any] | None = None) -> None:
        super().__init__(namespace)
        self.program: dict[str, Any] = {}
        self.is_lost = False
        self._numbers = itertools.count(1)
        self._answers: dict[int, Any] = {}
        self._pressed: list[float] = []  # when Ctrl-C has been, since the input began
        self._warned = False
        self._woken, self._wake = socket_pair()

    def connect(self, channel: Channel) -> None:
        """Begin to talk.

        Raises:
            OpenError: the program refuses, is of another version of awaitall, or says nothing.
        """
        self._channel = channel
        deadline = time.monotonic() + _GREETING
        while not (self.program or self.is_lost) and (left := deadline - time.monotonic()) > 0:
            self._listen((), left)
        if not self.program:
            raise OpenError(
                "The program has ended." if self.is_lost else "The program does not answer; it may be busy: try again."
            )
        if "refused" in self.program:
            raise OpenError(self.program["refused"])
        if self.program["protocol"] != PROTOCOL:
            raise OpenError("The program has another version of awaitall, which talks otherwise: install the same on both sides.")

    def evaluate(self, source: Source, globals: dict[str, Any] | None = None, locals: Any = None) -> Outcome:
        """Have the program run an input, and show what it prints, and its error; a Ctrl-C is passed on.

        Raises:
            SystemExit: the user leaves, or the program is gone.
        """
        number = next(self._numbers)
        self._pressed.clear()
        self._warned = False
        with SigintGuard(self._press, asks_host=False):
            self._send("evaluate", number, source, self._has_colors())
            while number not in self._answers and not self.is_lost:
                self._listen((self._woken.fileno(),))
                self._pass_on(number)
        if (answer := self._answers.pop(number, None)) is None:
            raise SystemExit
        if "left" in answer:
            raise SystemExit(answer["left"])
        if "error" in answer:
            print(answer["error"], end="", file=sys.stderr, flush=True)
        return Outcome(text=answer.get("text", ""))

    def evaluate_lines(self, lines: str, *, whole: bool = False) -> Outcome | None:
        """Have the program run the lines typed so far, if they are all of an input; None while more are expected."""
        taken = self._take_lines(lines, whole)
        return taken if taken is None or isinstance(taken, Outcome) else self.evaluate(lines)

    def _has_colors(self) -> bool:
        """Report whether the shell shows errors in colours."""
        return any("\x1b" in line for line in self.format_error(Exception()))

    def _press(self, frame: FrameType | None) -> bool:
        self._pressed.append(time.monotonic())
        try:
            self._wake.send(b"\0")
        except BlockingIOError:
            pass  # it is woken anyway
        return True

    def _pass_on(self, number: int) -> None:
        """Report a Ctrl-C to the program. If the input goes on for long after the first, one more warns, and the next leaves."""
        if not readable([self._woken.fileno()]):
            return
        self._woken.recv(4096)
        if number in self._answers:
            return
        self._send("interrupt", number)
        if self._pressed[-1] - self._pressed[0] < _HANGS_AFTER:
            return
        if self._warned:
            self._lose("awaitall: left, as the input does not end; it has been cancelled in the program")
        else:
            self._warned = True
            print("awaitall: the input does not end; Ctrl-C once more leaves the program", file=sys.stderr, flush=True)

    def complete(self, text: str) -> dict[str, str]:
        """Return what the program knows for the last word of a line; nothing if it does not answer within a second."""
        number = next(self._numbers)
        self._send("complete", number, text)
        deadline = time.monotonic() + _WORDS
        while number not in self._answers and not self.is_lost and (left := deadline - time.monotonic()) > 0:
            self._listen((), left)
        words: dict[str, str] = self._answers.pop(number, {})
        return words

    @property
    def pumps(self) -> bool:
        """Whether a prompt has to listen to what the program prints."""
        return not self.is_lost

    def pump(self, fds: Sequence[int], timeout: float | None = None) -> None:
        """Show what the program prints because of earlier inputs, until one of the file descriptors is readable.

        Raises:
            EOFError: the program is gone.
        """
        self._listen(fds, timeout)
        if self.is_lost:
            raise EOFError

    def pause(self, reason: str) -> None:
        """Print nothing more: that the program is gone has been told."""

    def _send(self, *message: Any) -> None:
        try:
            self._channel.send(*message)
        except OSError:
            self._lose("awaitall: the program has ended, or its loop stands still")

    def _listen(self, fds: Sequence[int], timeout: float | None = None) -> None:
        """Take the messages that come until one of the file descriptors is readable, or some have come."""
        if self.is_lost:
            return
        readable((*fds, self._channel.fileno()), timeout)
        try:
            messages = self._channel.receive()
        except (EOFError, ValueError):
            self._lose("awaitall: the program has ended the connection")
            return
        for kind, *arguments in messages:
            if kind == "output":
                print(arguments[1], end="", file=getattr(sys, arguments[0], None), flush=True)
            elif kind in ("ended", "words"):
                self._answers[arguments[0]] = arguments[1]
            elif kind == "hello":
                self.program = arguments[0]
            elif kind == "refused":
                self.program = {"refused": arguments[0]}

    def _lose(self, line: str) -> None:
        if not self.is_lost:
            self.is_lost = True
            self._channel.close()
            if self.program:
                print(line, file=sys.stderr, flush=True)

    def close(self, timeout: float | None = None) -> list[str]:
        """Leave the program, which cancels what is left of this prompt there."""
        if not self._closed:
            self.is_lost = True
            self._channel.close()
            self._woken.close()
            self._wake.close()
        return super().close(timeout)
