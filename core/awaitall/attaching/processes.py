"""Which programs can be attached to, and which rule keeps one out; from /proc, without touching the program."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from awaitall.attaching.channel import socket_of
from awaitall.errors import AwaitallError, UnsupportedError
from awaitall.system import posix

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Program", "examined", "programs"]

#: A Python by the name of its program, or of what it has loaded, as both tell its version.
_PYTHON = re.compile(r"(?:lib)?python(3\.\d+)t?(?:$|[./ -])|\.cpython-3(\d+)t?-", re.MULTILINE)

_OWN = f"{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True, slots=True)
class Program:
    """A Python program of the user.

    Attributes:
        pid: Of its process.
        command: Its command line.
        version: Of its Python, as ``"3.14"``; None where nobody can tell.
        serves: Whether it has called :func:`awaitall.serve`.
        loop: What runs in its main thread, as far as that is known; else empty.
        refusal: Why one cannot attach to it, and what would allow it; empty if one can.
    """

    pid: int
    command: str
    version: str | None
    serves: bool
    loop: str = ""
    refusal: str = ""


def examined(pid: int) -> Program:
    """Return what is known of a program that can be attached to.

    Raises:
        UnsupportedError: which rule refuses, and what would allow it.
    """
    if not os.path.isdir("/proc/self/fd"):
        raise UnsupportedError("Attaching needs Linux, and /proc there.")
    if pid == os.getpid():
        raise UnsupportedError(f"{pid} is this command itself.")
    try:
        command = _command(pid)
        if _users(pid) != {posix.geteuid()}:
            name = _name(os.stat(f"/proc/{pid}").st_uid)
            raise UnsupportedError(
                f"{pid} runs as {name}, and one attaches to one's own programs alone: sudo -u {name} awaitall attach {pid}"
            )
        program = _program(pid, command)
    except (FileNotFoundError, ProcessLookupError):
        raise UnsupportedError(f"There is no process {pid}.") from None
    except PermissionError:  # of ptrace(2), to what tells whether it is Python
        raise UnsupportedError(
            f"{pid} may not be looked at, as it has dropped or gained privileges, or runs in a container: {command[:100]}"
        ) from None
    if program is None:
        raise UnsupportedError(f"{pid} is no Python program: {command or 'it has ended'}")
    if program.refusal:
        raise UnsupportedError(f"{pid} {program.refusal}")
    return program


def programs() -> Iterator[Program]:
    """Yield the Python programs of the user, those that can be attached to and the others, without this one."""
    for entry in sorted(int(name) for name in os.listdir("/proc") if name.isdigit()):
        if entry != os.getpid():
            with suppress(OSError, AwaitallError):  # it has ended, or is none of the user's
                if _users(entry) == {posix.geteuid()} and (program := _program(entry, _command(entry))) is not None:
                    yield program


def _program(pid: int, command: str) -> Program | None:
    """Return what is known of a process of the user; None if it is no Python."""
    serves = os.path.exists(socket_of(pid))
    try:
        is_python, version = _version(pid)
    except PermissionError:  # which keeps no prompt out of a program that serves
        if not serves:
            raise
        is_python, version = True, None
    if not (is_python or serves):
        return None
    refusal = "" if serves else _refusal(pid, version)
    return Program(pid, command, version, serves, _loop(pid) if version == _OWN and not refusal else "", refusal)


def _refusal(pid: int, version: str | None) -> str:
    """Return which rule keeps a prompt out of a program that does not serve, and what would allow it; empty if none does."""
    serve = "have it call awaitall.serve()"
    if version is not None and tuple(map(int, version.split("."))) < (3, 14):
        return f"runs Python {version}, and attaching to a program that is not prepared needs 3.14 or newer: {serve}"
    if version is not None and version != _OWN:
        return (
            f"runs Python {version} and this is {_OWN}, and the two have to be the same: "
            f"python{version} -m awaitall attach {pid}, or {serve}"
        )
    if not hasattr(sys, "remote_exec"):
        return f"cannot be attached to from Python {_OWN}, as that needs 3.14 or newer on both sides: {serve}"
    if off := _switched_off(pid):
        return f"has remote debugging switched off by {off}: start it without that, or {serve}"
    if _namespace(pid) != _namespace(os.getpid()):
        return f"runs in another mount namespace, as of a container: run awaitall attach in there, or {serve}"
    return ""


def _command(pid: int) -> str:
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        return " ".join(file.read().replace(b"\0", b" ").decode(errors="replace").split())


def _users(pid: int) -> set[int]:
    """Return the real, the effective and the saved user of a process."""
    with open(f"/proc/{pid}/status") as file:
        line = next(line for line in file if line.startswith("Uid:"))
    return set(map(int, line.split()[1:4]))


def _name(user: int) -> str:
    from awaitall.system import pwd

    try:
        return str(pwd.getpwuid(user).pw_name)
    except KeyError:
        return f"#{user}"


def _version(pid: int) -> tuple[bool, str | None]:
    """Report whether a process of the user runs Python, and which."""
    found = None
    executable = os.path.basename(os.readlink(f"/proc/{pid}/exe"))
    with open(f"/proc/{pid}/maps", errors="replace") as file:
        maps = file.read()
    if executable.startswith("python") or "libpython3" in maps:
        found = _PYTHON.search(executable) or _PYTHON.search(maps)
        return True, None if found is None else found[1] or f"3.{found[2]}"
    return False, None


def _switched_off(pid: int) -> str:
    """Return by what a program is kept from being debugged (PEP 768); empty if by nothing that can be seen."""
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        if b"disable-remote-debug" in file.read():
            return "-X disable-remote-debug"
    with open(f"/proc/{pid}/environ", "rb") as file:
        values = dict(entry.partition(b"=")[::2] for entry in file.read().split(b"\0"))
    return "PYTHON_DISABLE_REMOTE_DEBUG" if values.get(b"PYTHON_DISABLE_REMOTE_DEBUG") else ""


def _namespace(pid: int) -> str:
    return os.readlink(f"/proc/{pid}/ns/mnt")


#: A file that the loop of a library runs in -> the name of that.
_LOOPS = {"asyncio/base_events.py": "asyncio", "trio/_core/_run.py": "trio", "curio/kernel.py": "curio"}


def _loop(pid: int) -> str:
    """Return what runs in the main thread of a program, by its stack; empty where that cannot be read.

    ``_remote_debugging`` is private, and what ``python -m asyncio ps`` reads by; seen in 3.14.8 and 3.15.0.
    """
    try:
        from _remote_debugging import RemoteUnwinder  # type: ignore[import-not-found,unused-ignore]

        files = _files(RemoteUnwinder(pid, all_threads=True).get_stack_trace(), pid)
    except Exception:
        return ""
    for file in files:
        for end, name in _LOOPS.items():
            if file.endswith(end):
                return name
    if any(file.endswith("asyncio/runners.py") for file in files):
        return "uvloop"
    return "no loop"


def _files(found: object, pid: int) -> list[str]:
    """Return the files of the frames of the main thread, the innermost first."""
    threads = [thread for group in found for thread in (getattr(group, "threads", None) or [group])]  # type: ignore[attr-defined]
    main = [thread for thread in threads if thread.thread_id == pid] or threads[-1:]
    return [frame.filename for thread in main for frame in thread.frame_info]
