"""A process of a pipeline that is awaited, whose end the event loop waits for.

Each process has a process group of its own, which is what cancelling ends. If the shell has a terminal, it has a session of its
own, too (``setsid``), so that it cannot take the terminal, which belongs to the prompt meanwhile: its input is empty if that of
the shell is the terminal.
"""

from __future__ import annotations

import os
from contextlib import suppress
from functools import partial
from subprocess import DEVNULL, Popen
from threading import Thread
from typing import Any

import anyio
import anyio.to_thread
from xonsh.procs.executables import locate_executable

from awaitall.shells.self_running import posix, termios
from awaitall_xonsh.awaited_commands.terminal import become_terminal_of_session

__all__ = ["Process"]

#: The environment of the last process, and the same as the system takes it.
_environment: tuple[dict[str, str], dict[bytes, bytes]] = {}, {}


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
        self._process: Popen[bytes] | None = None
        self._modes: list[Any] | None = None  # of the terminal, when the program was started
        self.lacks_terminal = stdin is None and os.isatty(0)
        self._options: dict[str, Any] = {
            "env": _in_bytes(env),
            "stdin": DEVNULL if self.lacks_terminal else stdin,
            "stdout": stdout,
            "stderr": stderr,
            "executable": executable,
        }

    def start(self, folder: Any, terminal: int | None) -> None:
        """Start the program.

        Args:
            folder: Where the program runs; None for the working folder of the shell.
            terminal: The file descriptor of a terminal that becomes its own; None for none.

        Raises:
            OSError: there is no such folder, or the process cannot be made.
        """
        if self.lacks_terminal:
            self._modes = termios.tcgetattr(0)
        # A session is not for nothing: a system that shares its time among sessions lets the shell wait for the new one.
        options: dict[str, Any] = {"start_new_session": True} if terminal or _has_terminal() else {"process_group": 0}
        if terminal:
            options["preexec_fn"] = partial(become_terminal_of_session, terminal)
        self._process = Popen(self.args, cwd=folder, **options, **self._options)
        self.pid = self._process.pid

    async def end(self) -> None:
        """Wait for the program to end, if it has been started."""
        if self._process is None:
            return
        while self._process.poll() is None:
            await _wait(self._process)
        self._restore_modes()

    def abandon(self) -> None:
        """Wait for the program to end, in a thread, so that it is no zombie then."""
        if self.returncode is None and self._process is not None:
            with suppress(RuntimeError):  # Python ends
                Thread(target=self._process.wait, daemon=True).start()

    def _restore_modes(self) -> None:
        """Undo what an editor has made of the terminal, which it cannot do itself; no prompt switches off OPOST."""
        if self._modes and self._modes[1] & ~termios.tcgetattr(0)[1] & termios.OPOST:
            termios.tcsetattr(0, termios.TCSADRAIN, self._modes)

    @property
    def returncode(self) -> int | None:
        """The return code, negative for a signal; None while the program runs."""
        return None if self._process is None else self._process.poll()

    @property
    def signal(self) -> tuple[int, bool] | None:
        """The signal that has ended the program, and False, as xonsh has it; None if there was none."""
        code = self.returncode
        return None if code is None or code >= 0 else (-code, False)

    def signal_group(self, signum: int) -> None:
        """Send a signal to the process group, if that still exists."""
        if self.pid is not None:
            with suppress(ProcessLookupError, PermissionError):
                posix.killpg(self.pid, signum)

    def poll(self) -> int | None:
        """Return the return code, as xonsh asks for it."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Return the return code, as xonsh asks for it, which does so only at the end."""
        return self.returncode


def _in_bytes(env: dict[str, str]) -> dict[bytes, bytes]:
    global _environment
    if env is not _environment[0]:
        _environment = env, {os.fsencode(name): os.fsencode(value) for name, value in env.items()}
    return _environment[1]


async def _wait(process: Popen[bytes]) -> None:
    """Wait for the end of a process in the event loop; in a thread, where the system cannot tell that by a file."""
    if (fd := _file_of(process)) is None:
        await anyio.to_thread.run_sync(process.wait, abandon_on_cancel=True, limiter=anyio.CapacityLimiter(1))
        return
    try:
        await anyio.wait_readable(fd)
    finally:
        os.close(fd)


def _file_of(process: Popen[bytes]) -> int | None:
    """Return a file descriptor that is readable once a process has ended; None where the system has none."""
    try:
        return os.pidfd_open(process.pid) if hasattr(os, "pidfd_open") else None
    except OSError:
        return None


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | posix.O_NOCTTY))
    except OSError:
        return False
    return True
