"""What a status bar tells of a session, and a shell before it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from awaitall.session import Session

__all__ = ["count_at_end", "count_of_tasks", "counted", "status_of"]


def status_of(session: Session, count: int | None = None) -> str:
    """Return a few words: the runner and the number of background tasks.

    Nothing before an input has awaited, unless there are tasks; nor in a program that runs the loop.

    Args:
        session: Of the shell.
        count: The number of tasks, if it is known already: to count many takes its time.
    """
    if not session.pumps:
        return ""
    if count is None:
        count = count_of_tasks(session)
    return f"{session.runner}: {counted(count)}" if count or session.has_awaited else ""


def count_of_tasks(session: Session) -> int:
    """Return how many background tasks there are; 0 on a runner that keeps none, or fails: this is asked while a shell paints."""
    try:
        return session.count_tasks()
    except Exception:
        return 0


def count_at_end(session: Session) -> int:
    """Return how many tasks the end of the shell would cancel; 0 where that fails, as it keeps nobody in the shell."""
    try:
        return len(session.tasks_at_end())
    except Exception:
        return 0


def counted(count: int) -> str:
    """Return a number of background tasks in words."""
    return f"{count} background task{'s' * (count != 1)}"
