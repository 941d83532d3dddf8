"""A terminal of its own for a program that is awaited: ``await $(cmd)(pty=True)``."""

from __future__ import annotations

import os
from typing import Any

from xonsh.procs.pipes import PipeChannel

from awaitall.errors import UsageError
from awaitall.shells.self_running import fcntl, posix, termios

__all__ = ["become_terminal_of_session", "open_terminal"]

#: Columns and lines where the shell has no terminal.
_SIZE = os.terminal_size((80, 24))


def open_terminal(spec: Any) -> PipeChannel:
    """Make a new terminal what a program reads and writes, but for what is redirected, and what the shell captures of it.

    The terminal is as large as that of the shell. Its lines end with a newline alone, and it does not show what is typed, so that
    its output is what the program has printed.

    Args:
        spec: The program, as xonsh specifies it.

    Returns:
        The terminal: the shell has what xonsh calls the read end, and the program the write end.

    Raises:
        UsageError: its output is not captured, or it is no program. OSError: the system has no terminals left.
    """
    if spec.captured not in ("stdout", "object"):
        raise UsageError("pty=True is for what is captured, $() and !(). Leave out the await to give a program your terminal.")
    if spec.is_proxy:
        raise UsageError("pty=True is for programs, and this is a function.")
    terminal = PipeChannel(*posix.openpty())
    fd = terminal.write_fd
    modes = termios.tcgetattr(fd)
    modes[1] &= ~termios.ONLCR
    modes[3] &= ~termios.ECHO
    termios.tcsetattr(fd, termios.TCSANOW, modes)
    columns, lines = _size()
    termios.tcsetwinsize(fd, (lines, columns))
    _replace_pipes(spec, terminal)
    return terminal


def _replace_pipes(spec: Any, terminal: PipeChannel) -> None:
    for name in ("stdout", "stderr"):
        if (reader := getattr(spec, f"captured_{name}")) is not None:
            reader.close()
            getattr(spec, name).close()
            setattr(spec, f"_{name}", None)
    for channel in spec.pipe_channels:
        channel.close()
    for name in ("stdin", "stdout", "stderr"):
        if getattr(spec, name) is None:
            setattr(spec, name, terminal.write_fd)
    spec.captured_stdout, spec.captured_stderr = terminal.open_reader(), None
    spec.pipe_channels[:] = [terminal]


def become_terminal_of_session(fd: int) -> None:
    """Make a terminal that of the session of this process, so that ``/dev/tty`` means it, and Ctrl-C and its like work."""
    fcntl.ioctl(fd, termios.TIOCSCTTY, 0)


def _size() -> os.terminal_size:
    for fd in range(3):
        try:
            return os.get_terminal_size(fd)
        except OSError:
            pass
    return _SIZE
