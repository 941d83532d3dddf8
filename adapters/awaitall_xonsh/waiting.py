"""Background tasks go on while xonsh waits for a command.

Its main thread waits in two ways. For a program that has the terminal to itself, and for ``$()``, it calls the system; that is
preceded by a wait of ours, in which tasks run. For all other commands it looks again and again, and sleeps in between; those
sleeps are spent on tasks. While the terminal is not the shell's, what tasks print is held back.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from xonsh.built_ins import XSH
from xonsh.procs import jobs

from awaitall.shells.self_running import in_main_thread, is_terminal_given, posix
from awaitall_xonsh import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from socket import socket

    from awaitall import Session
    from awaitall.prompts import HeldStreams

__all__ = ["show_output", "sleep", "until_changed", "waitpid"]

#: A sleep shorter than this, in seconds, is no time for tasks: xonsh looks after a command that has just begun every millisecond.
_SHORT = 0.003

#: Seconds for the tasks to give control back when the program that has the terminal has ended.
_RETURN = 0.3


class _Pump:
    """Runs tasks, and holds back what they print, unless the user says otherwise: a program may have all of the screen."""

    def __init__(self) -> None:
        self._streams: HeldStreams | None = None
        self._runs = False

    def run(self, session: Session, fds: Sequence[int], timeout: float | None = None) -> None:
        self._runs = True
        try:
            session.pump(fds, timeout)
        finally:
            self._runs = False

    def hold_output(self) -> None:
        from awaitall.prompts import HeldStreams, get_ident

        if self._streams is None and XSH.env.get("XONSH_INTERACTIVE") and settings.get(settings.HOLD_OUTPUT):
            thread = get_ident()
            self._streams = HeldStreams(bool, lambda: not self._runs or get_ident() != thread)
            self._streams.begin()

    def show_output(self) -> None:
        streams, self._streams = self._streams, None
        if streams is not None:
            streams.end()


_pump = _Pump()


def sleep(seconds: float) -> None:
    """Sleep as ``time.sleep`` does; on the main thread tasks run meanwhile."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > _SHORT and (session := _pumping()):
        if is_terminal_given(2):
            _pump.hold_output()
        _pump.run(session, (), left)
    if left > 0:
        time.sleep(left)


def until_changed(process: Any) -> None:
    """Run tasks, if there are any, until a process or the thread of an alias has ended, or has been stopped."""
    if (wait := _wait_for(process)) is not None and (session := _pumping()):
        _Wait(session).until(wait)


def waitpid(pid: int, options: int) -> tuple[int, int]:
    """Call ``os.waitpid`` in a thread, and run tasks meanwhile: a wait that takes the status, and gives it to xonsh.

    On Python 3.11 and 3.12, macOS has no ``os.waitid`` by which :func:`until_changed` waits before.
    """
    session = _pumping()
    if session is None or options & posix.WNOHANG:
        return os.waitpid(pid, options)
    told: list[tuple[int, int]] = []
    _Wait(session).until(lambda: told.append(os.waitpid(pid, options)))
    if not told:
        raise ChildProcessError
    return told[0]


def show_output() -> None:
    """Show what tasks have printed, as a command has ended, or has been stopped."""
    if in_main_thread():
        _pump.show_output()


def _pumping() -> Session | None:
    """Return the session, if this is its thread and a loop is there to be run."""
    session = settings.session()
    return session if session is not None and session.pumps else None


def _wait_for(process: Any) -> Callable[[], object] | None:
    """Return what waits for a process in another thread, and leaves its status to xonsh; None if nothing is to be waited for."""
    pid = getattr(process, "pid", None)
    if pid is not None and pid != os.getpid():
        if hasattr(posix, "waitid"):
            return partial(posix.waitid, posix.P_PID, pid, posix.WEXITED | posix.WSTOPPED | posix.WNOWAIT)
        # Else a wait takes the status. Python keeps that of an end; a job may be stopped as well, so see waitpid().
        return None if _is_stoppable_job(process) else process.wait
    return process.join if isinstance(process, threading.Thread) else None


def _is_stoppable_job(process: Any) -> bool:
    """Report whether xonsh waits for a process by ``os.waitpid``, as for a job in front where there are signals that stop one."""
    return hasattr(os, "WNOHANG") and any(job["obj"] is process and not job["bg"] for job in jobs.get_jobs().values())


class _Wait:
    """One wait of the main thread, in which tasks run."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._back = threading.Event()

    def until(self, wait: Callable[[], object]) -> None:
        """Run tasks until ``wait`` returns, which is called in a thread."""
        from awaitall.prompts import readable, socket_pair

        receiver, sender = socket_pair()
        threading.Thread(target=self._watch, args=(wait, sender), daemon=True).start()
        _pump.hold_output()
        try:
            while not readable([receiver.fileno()], 0 if self._session.pumps else None):
                _pump.run(self._session, [receiver.fileno()])
        finally:
            self._back.set()
            receiver.close()
            _pump.show_output()

    def _watch(self, wait: Callable[[], object], sender: socket) -> None:
        with suppress(ChildProcessError):  # somebody else has been told of its end
            wait()
        sender.close()
        if XSH.env.get("XONSH_INTERACTIVE") and hasattr(os, "getpgrp") and not self._back.wait(_RETURN):
            jobs.give_terminal_to(os.getpgrp())  # else Ctrl-C would be nobody's while a task is busy
