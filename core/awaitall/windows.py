"""The windows of GUI toolkits live beside the background tasks: the loop of the session handles their events, too."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from awaitall.threads import in_main_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from awaitall.toolkits import Toolkit

__all__ = ["MODULES", "Windows", "toolkit_is_imported"]

#: Toolkit -> the modules by one of which a program uses it, the one that is preferred first.
MODULES = {
    "tk": ("_tkinter",),
    "qt": ("PyQt6.QtCore", "PySide6.QtCore", "PyQt5.QtCore", "PySide2.QtCore"),
}

_ALL = frozenset(module for modules in MODULES.values() for module in modules)

#: Seconds between two looks at the events, after one and at most, and by how much the time grows with each look that finds none.
#: No toolkit tells Python when its next event is due, or which file descriptor to wait for.
SHORTEST, LONGEST, GROWTH = 0.005, 0.04, 1.25


def toolkit_is_imported() -> bool:
    """Report whether the program has imported a toolkit; imports none."""
    return not sys.modules.keys().isdisjoint(_ALL)  # asked for each input, so by what is fastest


class Windows:
    """What a session does for windows; an :class:`awaitall.contracts.EventSource` for its runners.

    It is true while there are windows to be kept alive: while a toolkit that the program has imported is in use, or one that
    was asked for by :meth:`begin`. No toolkit is imported before that. On other threads than the main one it never is.

    Args:
        report: Called with a name and the error that a toolkit has raised while it handled events.

    Attributes:
        on: Whether events are handled at all.
    """

    def __init__(self, report: Callable[[str, BaseException], object]) -> None:
        self.on = True
        self._report = report
        self._delay = LONGEST
        self._toolkits: dict[str, Toolkit] = {}

    def __bool__(self) -> bool:
        return self.on and toolkit_is_imported() and in_main_thread() and any(each.lives() for each in self._imported())

    def alive(self) -> list[str]:
        """Return the names of the toolkits whose windows are kept alive."""
        return [toolkit.name for toolkit in self._imported() if toolkit.lives()] if self.on else []

    def handle(self) -> float:
        """Handle the events that there are; return in how many seconds to look again. Raises nothing."""
        self._delay = min(GROWTH * self._delay, LONGEST)
        for toolkit in self._imported():
            try:
                if toolkit.lives() and toolkit.handle():
                    self._delay = SHORTEST
            except BaseException as exc:  # of a callback of the user's, as of a task; SystemExit included
                self._report(f"a window of {toolkit.name}", exc)
        return self._delay

    def begin(self, name: str) -> None:
        """Keep the windows of a toolkit alive from now on, those included that code will make while it is being awaited.

        Raises:
            UsageError: the toolkit is not installed, or there is no display.
        """
        self._toolkit(name).begin()
        self.on = True

    def end(self) -> None:
        """Handle no events any more."""
        self.on = False
        for toolkit in self._toolkits.values():
            toolkit.wanted = False

    def _imported(self) -> Iterator[Toolkit]:
        for name, modules in MODULES.items():
            if not sys.modules.keys().isdisjoint(modules):
                yield self._toolkit(name)

    def _toolkit(self, name: str) -> Toolkit:
        if name not in self._toolkits:
            from awaitall.toolkits import TOOLKITS

            self._toolkits[name] = TOOLKITS[name](MODULES[name])
        return self._toolkits[name]
