"""What a status bar tells of a session, and a shell before it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awaitall.errors import AwaitallError

if TYPE_CHECKING:
    from awaitall.session import Session

__all__ = ["count_of_tasks", "counted", "status_of"]


def status_of(session: Session) -> str:
    """Return a few words: the runner and the number of background tasks.

    Nothing before an input has awaited, unless there are tasks; nor in a program that runs the loop.
    """
    count = count_of_tasks(session) if session.pumps else 0
    return f"{session.runner}: {counted(count)}" if count or (session.pumps and session.has_awaited) else ""


def count_of_tasks(session: Session) -> int:
    """Return how many background tasks there are; 0 on a runner that keeps none."""
    try:
        return session.count_tasks()
    except AwaitallError:
        return 0


def counted(count: int) -> str:
    """Return a number of background tasks in words."""
    return f"{count} background task{'s' * (count != 1)}"
