"""A process of a pipeline that is awaited, which the event loop starts and waits for.

Each process has a session of its own (``setsid``), and so a process group, which is what cancelling ends. It cannot take the
terminal, which belongs to the prompt meanwhile: its input is empty if that of the shell is the terminal.
"""

from __future__ import annotations

import asyncio
import os
import sys
import termios
from contextlib import suppress
from subprocess import DEVNULL
from typing import Any

from xonsh.procs.executables import locate_executable

from awaitall import current_async_library

__all__ = ["Process"]


class Process:
    """What xonsh takes for a running ``subprocess.Popen``: made by :meth:`start`, and not before.

    Args:
        args: The program and its arguments.
        executable: The path of the program, if xonsh has found it in ``$PATH``.

    Attributes:
        spec: What xonsh knows of the command; xonsh sets it.
        lacks_terminal: Whether its input would be the terminal, if it were not awaited.

    Raises:
        FileNotFoundError: there is no such program.
    """

    stdin = stdout = stderr = None
    spec: Any

    def __init__(
        self,
        args: list[str],
        *,
        env: dict[str, str],
        stdin: Any,
        stdout: Any,
        stderr: Any,
        executable: str | None = None,
        **_: Any,
    ) -> None:
        if executable is None and locate_executable(args[0]) is None:
            raise FileNotFoundError(args[0])
        self.args = args
        self.pid: int | None = None
        self._process: Any = None
        self._modes: list[Any] | None = None  # of the terminal, when the program was started
        self.lacks_terminal = stdin is None and os.isatty(0)
        stdin = DEVNULL if self.lacks_terminal else stdin
        self._options = {"env": env, "stdin": stdin, "stdout": stdout, "stderr": stderr, "executable": executable}

    async def start(self, folder: Any) -> None:
        """Start the program, in a session and a process group of its own; the event loop knows it from then on.

        Args:
            folder: Where the program runs; None for the working folder of the shell.

        Raises:
            OSError: there is no such folder, or the process cannot be made.
        """
        if folder is not None:
            os.stat(folder)  # uvloop does not tell which folder is not there
        if self.lacks_terminal:
            self._modes = termios.tcgetattr(0)
        options = {**self._options, "cwd": folder, "start_new_session": True}
        if current_async_library() == "trio":
            self._process = await sys.modules["trio"].lowlevel.open_process(self.args, **options)
        else:
            self._process = await asyncio.create_subprocess_exec(*self.args, **options)
        self.pid = self._process.pid

    async def end(self) -> None:
        """Wait for the program to end, if it has been started."""
        if self._process is not None:
            await self._process.wait()
            self._restore_modes()

    def _restore_modes(self) -> None:
        """Undo what an editor has made of the terminal, which it cannot do itself; no prompt switches off OPOST."""
        if self._modes and self._modes[1] & ~termios.tcgetattr(0)[1] & termios.OPOST:
            termios.tcsetattr(0, termios.TCSADRAIN, self._modes)

    @property
    def returncode(self) -> int | None:
        """The return code, negative for a signal; None while the program runs."""
        return None if self._process is None else self._process.returncode

    @property
    def signal(self) -> tuple[int, bool] | None:
        """The signal that has ended the program, and False, as xonsh has it; None if there was none."""
        return (-self.returncode, False) if self.returncode is not None and self.returncode < 0 else None

    def signal_group(self, signum: int) -> None:
        """Send a signal to the process group, if that still exists."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signum)  # type: ignore[arg-type]

    def poll(self) -> int | None:
        """Return the return code, as xonsh asks for it."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Return the return code, as xonsh asks for it, which does so only at the end."""
        return self.returncode
