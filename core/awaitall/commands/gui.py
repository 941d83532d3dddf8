"""Keep the windows of GUI toolkits alive beside the background tasks, or leave them alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awaitall.errors import UsageError
from awaitall.plugin_manager import closest

if TYPE_CHECKING:
    from awaitall.base_session import BaseSession

__all__ = ["gui", "words"]


def gui(session: BaseSession, arguments: str, namespace: dict[str, Any]) -> str | None:
    """Show whose windows are kept alive, or change that, as IPython's command of the same name does."""
    if not arguments:
        if not session.windows.on:
            return "gui is `Off`"
        alive = " and ".join(f"`{name}`" for name in session.windows.alive())
        return f"gui is `On`, and keeps the windows of {alive} alive" if alive else "gui is `On`, and no toolkit has windows"
    if arguments == "off":
        session.windows.end()
    elif arguments == "on":
        session.windows.on = True
    elif arguments in words(session):
        session.keep_windows_alive(arguments)
    else:
        raise UsageError(f"%gui takes tk, qt, on or off, and not {arguments!r}. {closest(arguments, words(session))}".rstrip())
    return None


def words(session: BaseSession) -> dict[str, str]:
    """Return what the command takes."""
    return {
        "off": "leave all windows alone",
        "on": "keep the windows alive that there are",
        "qt": "windows by PyQt or PySide",
        "tk": "windows by tkinter",
    }
