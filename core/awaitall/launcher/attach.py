"""``awaitall attach``: a prompt inside a program that runs already, or a list of those that there are."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from awaitall.attaching.processes import examined, programs
from awaitall.errors import UnsupportedError

if TYPE_CHECKING:
    from awaitall.attaching.processes import Program
    from awaitall.attaching.remote_session import RemoteSession

__all__ = ["attach", "list_programs"]


def attach(pid: int) -> int:
    """Open a prompt inside a program, and return when the user leaves it.

    Raises:
        UnsupportedError: which rule keeps this out. OpenError: nobody answers.
    """
    from awaitall.attaching.entering import connected
    from awaitall.attaching.remote_session import RemoteSession
    from awaitall.plugins import plugins
    from awaitall.shells import new_session

    program = examined(pid)
    registry = plugins()
    registry.load(of="awaitall")
    front = next((spec.front for spec in registry.shells().values() if spec.front is not None), None)
    if front is None:
        raise UnsupportedError("No shell that is installed can be the prompt; the console of awaitall can.")
    session = new_session({}, kind=RemoteSession)
    assert isinstance(session, RemoteSession)
    channel = connected(program)
    try:
        session.connect(channel)
    except BaseException:
        channel.close()
        raise
    front(session, _banner(session))
    return 0


def _banner(session: RemoteSession) -> str:
    of = session.program
    library = f"and {of['library']}, which goes on" if of["library"] else "without an event loop, so nothing can be awaited"
    name = f" ({os.path.basename(of['program'])})" if of["program"] else ""
    return f"Attached to {of['pid']}{name}, on Python {of['python']} {library}\nCtrl-D leaves the program as it was."


def list_programs() -> int:
    """Print the Python programs of the user: those that can be attached to, and why the others cannot."""
    found = list(programs())
    if not found:
        print("You run no other Python program.")
    for program in sorted(found, key=lambda program: bool(program.refusal)):
        print(f"{program.pid:>7}  {_how(program):<18}  {program.command[:100]}")
        if program.refusal:
            print(f"{'':7}  {program.refusal}")
    return 0


def _how(program: Program) -> str:
    version = f"Python {program.version}" if program.version else "Python"
    if program.refusal:
        return f"no: {version}"
    return f"{version} {program.loop or 'serves' if program.serves else program.loop}".strip()
