"""A real terminal for tests: a program on a pty, and the screen that a person would see. Takes pexpect, pyte and pytest."""

from __future__ import annotations

import os
import re
import signal
import time
from typing import TYPE_CHECKING, Any

import pexpect
import pyte
import pytest

from awaitall.system import SIGKILL, posix, termios

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["TIMEOUT", "Terminal"]

#: Seconds that a wait takes at most, unless it is given others.
TIMEOUT = 60.0

#: Sequences that set up keyboards or ask for the terminal's abilities; pyte would print their tails.
_UNKNOWN_TO_PYTE = re.compile(rb"\x1b\[[>?<=][0-9;]*[mu]|\x1bP.*?\x1b\\", re.DOTALL)


class Terminal:
    """A program on a pty with an emulated screen, which also answers what programs ask a terminal.

    Every wait is for something to show on the screen; nothing waits for a time to pass.

    Args:
        argv: The program and its arguments.
        env: What the environment of the program has besides that of the tests.
        cwd: The folder to run it in; that of the tests where omitted.
        columns: How wide the terminal is.
        lines: How high it is.

    Attributes:
        child: The program, a ``pexpect.spawn``.
        screen: The emulated screen, a ``pyte.HistoryScreen``; the cursor is in ``screen.cursor``.
        raw: All bytes that the program has written.
    """

    def __init__(
        self,
        *argv: str,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        columns: int = 160,
        lines: int = 50,
    ) -> None:
        if termios is None:
            pytest.skip("there is no termios, and so no terminal that is a file")
        screen: Any = pyte.HistoryScreen(columns, lines, history=5000, ratio=0.5)
        screen.write_process_input = self._answer
        self.screen = screen
        self._stream = pyte.ByteStream(self.screen)
        self._rendered = _Rendered(self.screen)
        self._text: str | None = None
        self.raw = b""
        self._typing = False
        self._answers: list[str] = []
        full = {**os.environ, "TERM": "xterm-256color", **(env or {})}
        for name in ("COLUMNS", "LINES"):  # those of the terminal that the tests run on
            full.pop(name, None)
        full.pop("PYTHONUNBUFFERED", None)  # with it, half a print may reach the terminal before a prompt, and half after it
        for name in [name for name in full if name.startswith("XONSH") and name not in (env or {})]:
            del full[name]
        self.child: Any = pexpect.spawn(
            argv[0],
            list(argv[1:]),
            env=full,
            cwd=cwd,
            dimensions=(lines, columns),
            timeout=TIMEOUT,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        self.child.delaybeforesend = None
        self.child.ptyproc.delayafterclose = 0

    def _answer(self, data: str) -> None:
        if self._typing:  # a terminal does not answer in the middle of what is pasted
            self._answers.append(data)
        else:
            self.child.send(data)

    def is_with_the_program(self) -> bool:
        """Return whether the program has the terminal, and with it Ctrl-C, for itself: no child of it has them."""
        return bool(posix.tcgetpgrp(self.child.child_fd) == self.child.pid)

    def text(self) -> str:
        """Return everything on the screen and scrolled off it, right-trimmed."""
        if self._text is None:
            self._text = "\n".join(self._rendered.rows()).rstrip()
        return self._text

    def feed(self, data: bytes) -> None:
        """Show what the program has written."""
        self.raw += data
        self._text = None
        self._stream.feed(_UNKNOWN_TO_PYTE.sub(b"", data))

    def _read(self, timeout: float) -> None:
        self.feed(self.child.read_nonblocking(65536, timeout=timeout))

    def wait_for(self, what: str | Callable[[str], Any], timeout: float | None = None) -> str:
        """Wait until the text matches the pattern, or the callable says so; return the text."""
        timeout = TIMEOUT if timeout is None else timeout
        end = time.monotonic() + timeout
        while not _is_seen(what, self.text()):
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f"not seen in {timeout} s: {what!r}; the screen:\n{self.text()}")
            try:
                self._read(min(left, 0.5))
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                if _is_seen(what, self.text()):
                    break
                raise AssertionError(f"the program ended before {what!r} was seen; the screen:\n{self.text()}") from None
        return self.text()

    def type(self, text: str | bytes) -> None:
        """Type characters, or bytes, and no Enter of its own; a long text in pieces, as the program may answer meanwhile."""
        data = text if isinstance(text, bytes) else text.encode()
        self._typing = True
        for start in range(0, len(data), 1000):
            self.child.send(data[start : start + 1000])
            if len(data) > 1000:
                self.read_what_is_there()
        self._typing = False
        while self._answers:
            self.child.send(self._answers.pop(0))

    def read_what_is_there(self) -> None:
        """Take what the program has written by now, without waiting for more."""
        try:
            while True:
                self._read(0)
        except (pexpect.TIMEOUT, pexpect.EOF):
            pass

    def resize(self, columns: int, lines: int) -> None:
        """Resize the window; the program gets SIGWINCH."""
        self._text = None
        self.screen.resize(lines, columns)
        self.child.setwinsize(lines, columns)

    def key(self, letter: str) -> None:
        """Press Ctrl and a letter."""
        self.child.sendcontrol(letter)

    def arrow(self, letter: str) -> None:
        """Press an arrow key: A is up, B down, C right, D left. What it sends goes by the mode that the program has set."""
        application = self.raw.rfind(b"\x1b[?1h") > self.raw.rfind(b"\x1b[?1l")
        self.type(f"\x1bO{letter}" if application else f"\x1b[{letter}")

    def keep_output(self) -> None:
        """Keep what the program has written when Ctrl-C is pressed.

        A terminal throws away what nobody has read by then, unless NOFLSH is set (termios(3)).
        """
        modes = termios.tcgetattr(self.child.child_fd)
        modes[3] |= termios.NOFLSH
        termios.tcsetattr(self.child.child_fd, termios.TCSANOW, modes)

    def hang_up(self) -> None:
        """Close the terminal, as one does who closes its window: the program gets SIGHUP, and no more keys."""
        with open(os.devnull) as nothing:
            os.dup2(nothing.fileno(), self.child.child_fd)

    def is_sane(self) -> bool:
        """Return whether the terminal is as a shell expects to find it: it echoes, and gives whole lines."""
        flags = termios.tcgetattr(self.child.child_fd)[3]
        return bool(flags & termios.ECHO and flags & termios.ICANON)

    def wait_for_end(self) -> int:
        """Wait until the program has ended; return its exit status, negative for a signal."""
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end:
            try:
                self._read(0.5)
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                break
        else:
            raise AssertionError(f"no end in {TIMEOUT} s; the screen:\n{self.text()}")
        self.child.wait()
        status: int = self.child.exitstatus if self.child.signalstatus is None else -self.child.signalstatus
        return status

    def close(self) -> None:
        """Kill the program, if it still runs, and close the terminal."""
        if self.child.isalive():
            self.child.kill(SIGKILL)
            self.child.wait()
        self.child.close(force=False)


class _Rendered:
    """The text of a screen and of the lines that have scrolled off it; a row is rendered anew only if it has changed."""

    def __init__(self, screen: Any) -> None:
        self._screen = screen
        self._columns = screen.columns
        self._history: list[str] = []
        self._newest: object = None  # the last line of the history that has been rendered
        self._shown: dict[int, str] = {}

    def rows(self) -> list[str]:
        """Return all rows, the oldest first, each right-trimmed."""
        if self._screen.columns != self._columns:
            self._columns, self._newest = self._screen.columns, None
        self._render_history(self._screen.history.top)
        for number in range(self._screen.lines):
            if number in self._screen.dirty or number not in self._shown:
                self._shown[number] = self._row(self._screen.buffer[number])
        self._screen.dirty.clear()
        return [*self._history, *(self._shown[number] for number in range(self._screen.lines))]

    def _render_history(self, lines: Sequence[Mapping[int, Any]]) -> None:
        new = []
        for line in reversed(lines):
            if line is self._newest:
                break
            new.append(self._row(line))
        else:
            self._history.clear()
        self._history += reversed(new)
        del self._history[: len(self._history) - len(lines)]  # what has left the screen's own history
        self._newest = lines[-1] if lines else None

    def _row(self, line: Mapping[int, Any]) -> str:
        last = max(line, default=-1)  # a line has the cells that have been written to
        return "".join(line[x].data for x in range(min(self._columns, last + 1))).rstrip()


def _is_seen(what: str | Callable[[str], Any], text: str) -> bool:
    return bool(re.search(what, text) if isinstance(what, str) else what(text))
