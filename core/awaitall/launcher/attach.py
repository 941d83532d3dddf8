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
    able = [program for program in found if not program.refusal]
    print("These can be attached to:" if able else "You run no other program that can be attached to.")
    for program in able:
        print(_row(program))
    for refusal in dict.fromkeys(program.refusal for program in found if program.refusal):
        print(f"\nEach of these {refusal}")
        for program in found:
            if program.refusal == refusal:
                print(_row(program))
    return 0


def _row(program: Program) -> str:
    version = f"Python {program.version}" if program.version else "Python"
    known = [version, program.loop, "serves" if program.serves else ""]
    return f"{program.pid:>8}  {', '.join(word for word in known if word):<28}  {program.command[:100]}"
