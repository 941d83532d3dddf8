"""A real terminal for the tests: a program on a pty, and the screen that a person would see."""

from __future__ import annotations

import os
import re
import signal
import sys
import termios
import time

import pexpect
import pyte

TIMEOUT = 30.0

#: Sequences that set up keyboards or ask for the terminal's abilities; pyte would print their tails.
UNKNOWN_TO_PYTE = re.compile(rb"\x1b\[[>?<=][0-9;]*[mu]|\x1bP.*?\x1b\\", re.DOTALL)


class Terminal:
    """A program on a pty with an emulated screen, which also answers what programs ask a terminal.

    Every wait is for something to show on the screen; nothing waits for a time to pass.
    """

    def __init__(
        self, *argv: str, env: dict[str, str] | None = None, cwd: str | None = None, columns: int = 160, lines: int = 50
    ):
        self.screen = pyte.HistoryScreen(columns, lines, history=2000, ratio=0.5)
        self.screen.write_process_input = self._answer
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.typing = False
        self.answers: list[str] = []
        full = {**os.environ, "TERM": "xterm-256color", **(env or {})}
        full.pop("PYTHONUNBUFFERED", None)  # with it, half a print may reach the terminal before a prompt, and half after it
        for name in [name for name in full if name.startswith(("XONSH", "COVERAGE_")) and name not in (env or {})]:
            if name.startswith("XONSH"):
                del full[name]
        self.child = pexpect.spawn(
            argv[0],
            list(argv[1:]),
            env=full,
            cwd=cwd,
            dimensions=(lines, columns),
            timeout=TIMEOUT,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        self.child.delaybeforesend = None

    def _answer(self, data: str) -> None:
        if self.typing:  # a terminal does not answer in the middle of what is pasted
            self.answers.append(data)
        else:
            self.child.send(data)

    def is_with_the_program(self) -> bool:
        """Whether the program has the terminal, and with it Ctrl-C, for itself: no child of it has them."""
        return os.tcgetpgrp(self.child.child_fd) == self.child.pid

    def text(self) -> str:
        """Everything on the screen and scrolled off it, right-trimmed."""
        rows = [_row(line, self.screen.columns) for line in self.screen.history.top]
        return "\n".join([*rows, *(line.rstrip() for line in self.screen.display)]).rstrip()

    def _read(self, timeout: float) -> None:
        data = self.child.read_nonblocking(65536, timeout=timeout)
        self.raw += data
        self.stream.feed(UNKNOWN_TO_PYTE.sub(b"", data))

    def wait_for(self, what, timeout: float | None = None) -> str:
        """Wait until the text matches the pattern, or the callable says so; give the text."""
        check = what if callable(what) else lambda text: re.search(what, text)
        timeout = TIMEOUT if timeout is None else timeout
        end = time.monotonic() + timeout
        while not check(self.text()):
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f"not seen in {timeout} s: {what!r}; the screen:\n{self.text()}")
            try:
                self._read(min(left, 0.5))
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                if check(self.text()):
                    break
                raise AssertionError(f"the program ended before {what!r} was seen; the screen:\n{self.text()}") from None
        return self.text()

    def type(self, text: str | bytes) -> None:
        """Type characters, or bytes, and no Enter of its own; a long text in pieces, as the program may answer meanwhile."""
        data = text if isinstance(text, bytes) else text.encode()
        self.typing = True
        for start in range(0, len(data), 1000):
            self.child.send(data[start : start + 1000])
            if len(data) > 1000:
                self.read_what_is_there()
        self.typing = False
        while self.answers:
            self.child.send(self.answers.pop(0))

    def read_what_is_there(self) -> None:
        """Take what the program has written by now, without waiting for more."""
        try:
            while True:
                self._read(0)
        except (pexpect.TIMEOUT, pexpect.EOF):
            pass

    def resize(self, columns: int, lines: int) -> None:
        """Give the window another size; the program gets SIGWINCH."""
        self.screen.resize(lines, columns)
        self.child.setwinsize(lines, columns)

    def key(self, letter: str) -> None:
        """Press Ctrl and a letter."""
        self.child.sendcontrol(letter)

    def is_sane(self) -> bool:
        """Whether the terminal is as a shell expects to find it: it echoes, and gives whole lines."""
        flags = termios.tcgetattr(self.child.child_fd)[3]
        return bool(flags & termios.ECHO and flags & termios.ICANON)

    def wait_for_end(self) -> int:
        """Wait until the program has ended; give its exit status, negative for a signal."""
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
        return self.child.exitstatus if self.child.signalstatus is None else -self.child.signalstatus

    def close(self) -> None:
        if self.child.isalive():
            self.child.kill(signal.SIGKILL)
            self.child.wait()
        self.child.close(force=False)


def _row(line, columns: int) -> str:
    return "".join(line[x].data for x in range(columns)).rstrip()


def python() -> str:
    return sys.executable
