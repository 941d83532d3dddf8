"""Line commands: ``%name arguments`` at the prompt, ``name arguments`` where the shell has commands of its own.

One implementation for every shell; plugins offer them by the hook ``awaitall_commands``.
"""

from __future__ import annotations

from collections.abc import Coroutine
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from awaitall.compiling import Input
from awaitall.errors import AwaitallError
from awaitall.interrupts import FROM_OUTSIDE
from awaitall.plugins import plugins
from awaitall.tracebacks import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from awaitall.base_session import BaseSession

__all__ = ["aanswer", "answer", "arun", "complete", "run"]


def run(session: BaseSession, line: str) -> str | Input:
    """Run a command in a session and return the text to show, empty if there is nothing to say, or the input to evaluate.

    Args:
        session: The session of the shell.
        line: The command without its percent sign: ``"autoawait trio"``.

    Raises:
        AwaitallError: in one sentence what is wrong, and what to do. KeyboardInterrupt, SystemExit: a signal, and nothing else.
    """
    with _blamed(line, BaseException):
        text = _begun(session, line)
        return _said(session.run_coroutine(text) if isinstance(text, Coroutine) else text)


async def arun(session: BaseSession, line: str) -> str | Input:
    """As :func:`run`, on the loop that is running already, in the task that awaits this."""
    with _blamed(line, Exception, SystemExit):  # the others may be a cancellation
        text = _begun(session, line)
        return _said(await text if isinstance(text, Coroutine) else text)


def _said(answer: object) -> str | Input:
    return answer if isinstance(answer, Input) else str(answer or "")


def _begun(session: BaseSession, line: str) -> str | Input | Coroutine[Any, Any, str | None] | None:
    name, arguments = _split(line)
    answer: str | Input | Coroutine[Any, Any, str | None] | None
    answer = plugins().command(name).run(session, arguments, session.names)
    return answer


def _split(line: str) -> tuple[str, str]:
    """Return the name of a command and its arguments; who asks for help in any of the usual ways means the command ``help``."""
    name, _, arguments = line.strip().partition(" ")
    arguments = arguments.strip()
    if name in ("", "?"):
        return "help", arguments
    if name.endswith("?") or arguments in ("?", "-h", "--help"):
        return "help", name.rstrip("?")
    return name, arguments


@contextmanager
def _blamed(line: str, *errors: type[BaseException]) -> Iterator[None]:
    """Turn such errors of the command that runs in this block into one sentence."""
    try:
        yield
    except (AwaitallError, *FROM_OUTSIDE):
        raise
    except errors as exc:
        raise AwaitallError(f"the command {_split(line)[0]!r} has failed: {one_line(exc)}") from exc


def answer(session: BaseSession, line: str) -> str | Input:
    """Run a command as :func:`run` does, and let an error or a Ctrl-C be the text; text ends in a newline."""
    with _told() as told:
        told.append(run(session, line))
    return _ended(told)


async def aanswer(session: BaseSession, line: str) -> str | Input:
    """As :func:`answer`, on the loop that is running already, in the task that awaits this."""
    with _told() as told:
        told.append(await arun(session, line))
    return _ended(told)


@contextmanager
def _told() -> Iterator[list[str | Input]]:
    told: list[str | Input] = []
    try:
        yield told
    except AwaitallError as exc:
        told.append(f"awaitall: {exc}")
    except KeyboardInterrupt:
        told.append("KeyboardInterrupt")


def _ended(told: list[str | Input]) -> str | Input:
    return f"{told[0]}\n" if told[0] and isinstance(told[0], str) else told[0]


def complete(session: BaseSession, line: str) -> dict[str, str]:
    """Return what the last word of an unfinished command may become, with a word on each; nothing if its plugin fails."""
    name, has_arguments, arguments = line.lstrip().partition(" ")
    begun = arguments.rpartition(" ")[2] if has_arguments else name
    try:
        commands = plugins().commands()
        if has_arguments:
            offered = commands[name].complete(session)
            words = offered if isinstance(offered, dict) else dict.fromkeys(offered, "")
        else:
            words = {name: commands[name].summary for name in sorted(commands)}
        return {word: meaning for word, meaning in words.items() if word.startswith(begun)}
    except FROM_OUTSIDE:
        raise
    except BaseException:
        return {}
