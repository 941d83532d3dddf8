"""What a status bar tells of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from awaitall.session import Session

__all__ = ["status_of"]


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
        count = session.count_tasks()
    return f"{session.runner}: {count} background task{'s' * (count != 1)}" if count or session.has_awaited else ""
