"""Get a connection to a program: at the socket that it serves at, or by a script that Python has it run (PEP 768)."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import tempfile
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from awaitall.attaching.channel import Channel, has_other_end_of_user, socket_of, unix_socket
from awaitall.attaching.processes import examined
from awaitall.errors import OpenError, UnsupportedError
from awaitall.system import posix

if TYPE_CHECKING:
    import socket

    from awaitall.attaching.processes import Program

__all__ = ["connected"]

#: For how long a program may take to begin to run a script, in seconds.
PATIENCE = 3.0

#: What the program runs, in a namespace of its own. Where awaitall and pluggy cannot be imported there, ours are, from their
#: folders and nothing else of those; so no other import of the program ever finds what it would not find without a prompt.
_SCRIPT = """\
def enter(path, folders):
    import socket, sys
    from importlib.machinery import PathFinder

    class Ours:
        @staticmethod
        def find_spec(name, path=None, target=None):
            return PathFinder.find_spec(name, [folders[name]]) if name in folders else None

    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(path)
    except OSError:
        return connection.close()
    sys.meta_path.append(Ours)
    try:
        import pluggy
        from awaitall.attaching.serving import attach
    except Exception as exc:
        import json

        text = f"awaitall cannot be imported in the program: {{type(exc).__name__}}: {{exc}}"
        connection.sendall(json.dumps(["refused", text]).encode() + b"\\n")
        return connection.close()
    finally:
        sys.meta_path.remove(Ours)
    attach(connection)

enter({path!r}, {folders!r})
"""


def connected(program: Program) -> Channel:
    """Return a connection to a program that can be attached to.

    Raises:
        UnsupportedError: which rule refuses. OpenError: the program does not let anybody in just now.
    """
    if not program.serves:
        return _injected(program.pid)
    try:
        return _served(program.pid)
    except ConnectionRefusedError:  # the socket is of a process that was killed, and had the same number
        os.unlink(socket_of(program.pid))
        return connected(examined(program.pid))
    except OSError as exc:
        raise OpenError(f"{program.pid} does not listen at {socket_of(program.pid)}: {exc}") from exc


def _served(pid: int) -> Channel:
    connection = unix_socket()
    try:
        connection.settimeout(PATIENCE)
        connection.connect(socket_of(pid))
        if not has_other_end_of_user(connection):
            raise UnsupportedError(f"At the socket of {pid} another user listens: {socket_of(pid)}")
    except BaseException:
        connection.close()
        raise
    return Channel(connection)


def _injected(pid: int) -> Channel:
    place = tempfile.mkdtemp(prefix="awaitall-")  # nobody else can enter it
    listener = unix_socket()
    try:
        path, script = os.path.join(place, "socket"), os.path.join(place, "enter.py")
        listener.bind(path)
        listener.listen()
        with open(script, "w", encoding="utf-8") as file:
            file.write(_SCRIPT.format(path=path, folders={name: _folder_of(name) for name in ("awaitall", "pluggy")}))
        _run_in(pid, script)
        _wake(pid)
        return Channel(_accepted(listener, pid))
    finally:
        listener.close()
        shutil.rmtree(place, ignore_errors=True)


def _folder_of(package: str) -> str:
    found = __import__(package).__file__
    assert found is not None
    return os.path.dirname(os.path.dirname(os.path.abspath(found)))


def _run_in(pid: int, script: str) -> None:
    """Have a program run a script in its main thread, as soon as that runs Python code."""
    try:
        sys.remote_exec(pid, script)  # type: ignore[attr-defined,unused-ignore]
    except ProcessLookupError:
        raise UnsupportedError(f"There is no process {pid}.") from None
    except PermissionError as exc:
        raise UnsupportedError(f"The system does not let this process into {pid} ({exc}). {_what_would_allow()}") from None
    except (RuntimeError, OSError) as exc:
        raise UnsupportedError(f"Python does not let this process into {pid}: {exc}") from None


def _what_would_allow() -> str:
    try:
        with open("/proc/sys/kernel/yama/ptrace_scope") as file:
            scope = file.read().strip()
    except OSError:
        scope = "0"
    if scope == "1":
        return (
            "Yama allows a parent alone to trace a process (kernel.yama.ptrace_scope is 1): start the program by "
            "`setpriv --ptracer any`, or have it call awaitall.serve(), or: sudo sysctl kernel.yama.ptrace_scope=0"
        )
    if scope in ("2", "3"):
        return f"Yama allows nobody but root to trace (kernel.yama.ptrace_scope is {scope}): have it call awaitall.serve()"
    return "The rules of ptrace(2) refuse it, perhaps those of a container (CAP_SYS_PTRACE): have it call awaitall.serve()"


_SEIZE, _INTERRUPT, _DETACH, _ALL = 0x4206, 0x4207, 17, 0x40000000  # PTRACE_... and __WALL of Linux


def _wake(pid: int) -> None:
    """Have the main thread of a program return from what it waits for in the system, as epoll, if it can (ptrace(2)).

    SIGSTOP and SIGCONT would do that, too, but the shell that the program was started from would hear of them.
    """
    trace = ctypes.CDLL(None).ptrace
    trace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    if trace(_SEIZE, pid, None, None) == 0:
        signum = 0
        try:
            if trace(_INTERRUPT, pid, None, None) == 0:
                _, status = os.waitpid(pid, _ALL)
                if posix.WIFSTOPPED(status) and status >> 16 == 0:  # by a signal on its way to the program, which gets it now
                    signum = posix.WSTOPSIG(status)
        except ChildProcessError:
            pass  # it has ended
        finally:
            trace(_DETACH, pid, None, signum)


def _accepted(listener: socket.socket, pid: int) -> socket.socket:
    """Return the connection that a program makes, and no other process."""
    deadline = time.monotonic() + PATIENCE
    while (left := deadline - time.monotonic()) > 0:
        listener.settimeout(left)
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            break
        if has_other_end_of_user(connection, pid):
            return connection
        connection.close()
    with suppress(OSError, RuntimeError):
        sys.remote_exec(pid, os.devnull)  # type: ignore[attr-defined,unused-ignore]  # in place of the script, which is gone
    raise OpenError(
        f"{pid} runs no Python code just now, and nothing is left in it: it may be in a long time.sleep(), in a call of another "
        "language, or in an idle uvloop. Try again when it does, or have it call awaitall.serve(), which wakes it."
    )
