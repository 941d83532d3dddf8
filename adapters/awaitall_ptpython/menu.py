"""What ptpython shows of a session in its menu (F2) and in its status bar, and the key that shows the background tasks (F7).

All of it is asked for while ptpython paints or handles a key. Names of ptpython that are used here were seen in 3.0.24 to 3.0.32.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext, suppress
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

from ptpython.python_input import Option, OptionCategory

from awaitall import AwaitallError
from awaitall.shells import status_of
from awaitall_prompts.application_loop import without_running_loop

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyPressEvent

    from awaitall import Session
    from awaitall_ptpython.repl import AwaitRepl

__all__ = ["Menu"]

KEY = "f7"

#: Seconds until the menu is painted once more after a change; tasks run meanwhile, and one that is cancelled ends.
PAUSE = 0.1

_TITLE = 23  # characters of an option's title that the menu has room for

_T = TypeVar("_T")


class Menu:
    """The part of awaitall in the menu of a REPL.

    Args:
        repl: Whose menu it is.
    """

    def __init__(self, repl: AwaitRepl) -> None:
        self._repl = repl
        self._settings = OptionCategory("Await", [_runner(self), *(_switch(self, *switch) for switch in _SWITCHES)])
        self._tasks = _Tasks(self)
        repl.options += [self._settings, self._tasks]
        repl.add_key_binding(KEY)(self._show_tasks)

    def remove(self) -> None:
        """Remove it, and the key."""
        self._repl.options = [category for category in self._repl.options if category not in (self._settings, self._tasks)]
        self._repl.extra_key_bindings.remove(self._show_tasks)

    def status(self) -> StyleAndTextTuples:
        """Return what the status bar begins with, once an input has awaited: the runner, and how many tasks there are."""
        if not (text := self.ask(status_of, "")):
            return []
        return [("class:status-toolbar.key", f"[{KEY.upper()}]"), ("class:status-toolbar", f" {text}  ")]

    def running(self) -> str:
        """Return a sentence about the background tasks, which end with the shell, unless they are a program's; else nothing."""
        count = 0 if self._repl._prompt else self.ask(lambda session: len(session.tasks_at_end()), 0)
        return f"{count} background task{'s' * (count != 1)} will be cancelled. " if count else ""

    def tasks(self) -> list[Any]:
        """Return the background tasks; none in a program, where those of the prompt itself stand among the program's."""
        return [] if self._repl._prompt else self.ask(_tasks, [])

    def ask(self, question: Callable[[Session], _T], otherwise: _T) -> _T:
        """Ask the session, as from outside the loop of the prompt."""
        with self._beside_the_loop(), suppress(AwaitallError):  # the runner keeps no tasks
            return question(self._repl._session)
        return otherwise

    def change(self, action: Callable[[Session], object]) -> None:
        """Change the session; what goes wrong costs a line above the prompt."""
        try:
            with self._beside_the_loop():
                action(self._repl._session)
        except AwaitallError as exc:
            print(f"awaitall: {exc}", file=sys.stderr)
        if (loop := self._repl.app.loop) is not None:
            loop.call_later(PAUSE, self._repl.app.invalidate)

    def _beside_the_loop(self) -> AbstractContextManager[None]:
        return nullcontext() if self._repl._prompt else without_running_loop()

    def above_tasks(self) -> int:
        """Return how many options stand above the tasks."""
        return sum(len(category.options) for category in self._repl.options if category is not self._tasks)

    def select_at_most(self, last: int) -> None:
        """Select the last option, if the selected one is gone."""
        self._repl.selected_option_index = min(self._repl.selected_option_index, last)

    def _show_tasks(self, event: KeyPressEvent) -> None:
        """Show the menu at the first task; while it is shown, ptpython leaves out all added keys."""
        self._repl.show_sidebar = True
        self._repl.selected_option_index = self.above_tasks()
        event.app.layout.focus(self._repl.ptpython_layout.sidebar)


#: Title, description, attribute of the session, and the words for False and True.
_SWITCHES = (
    ("Top-level await", "Switched off, an await is the SyntaxError of plain Python.", "autoawait", ("off", "on")),
    ("Loop without await", "Whether inputs that do not await see the loop as running.", "outside", ("inside", "outside")),
    ("Coroutines as values", "Implicit: awaited, as if await stood before them.", "implicit", ("explicit", "implicit")),
)


def _runner(menu: Menu) -> Option[str]:
    def values() -> dict[str, Callable[[], object]]:
        from awaitall.plugins import plugins

        return {name: partial(menu.change, partial(_use, name)) for name in plugins().runners()}

    return Option(
        title="Runner",
        description="What runs the inputs that await.",
        get_current_value=lambda: menu.ask(lambda session: session.runner, ""),
        get_values=values,
    )


def _use(name: str, session: Session) -> None:
    session.use(name)


def _switch(menu: Menu, title: str, description: str, attribute: str, words: tuple[str, str]) -> Option[str]:
    def turn(on: bool) -> Callable[[], object]:
        return lambda: menu.change(lambda session: setattr(session, attribute, on))

    return Option(
        title=title,
        description=description,
        get_current_value=lambda: words[menu.ask(lambda session: getattr(session, attribute), False)],
        get_values=lambda: {words[False]: turn(False), words[True]: turn(True)},
    )


class _Tasks(OptionCategory[str]):
    """An option for each background task: it runs, or it is to be cancelled. The last one stands for all of them."""

    def __init__(self, menu: Menu) -> None:
        self.title = f"Background tasks ({KEY.upper()})"
        self._menu = menu

    @property
    def options(self) -> list[Option[str]]:  # type: ignore[override]  # an attribute of ptpython's own categories
        tasks: list[Any] = self._menu.tasks()
        options = [self._option(f"[{task.number}] {task.name}", task.state, partial(_cancel, [task.number])) for task in tasks]
        options.append(self._option("all", str(len(tasks)), partial(_cancel, [task.number for task in tasks])))
        self._menu.select_at_most(self._menu.above_tasks() + len(options) - 1)
        return options

    def _option(self, title: str, state: str, cancel: Callable[[Session], None]) -> Option[str]:
        return Option(
            title=title if len(title) <= _TITLE else f"{title[: _TITLE - 1]}…",
            description="Right arrow: cancel.",
            get_current_value=lambda: state,
            get_values=lambda: {"cancel": partial(self._menu.change, cancel)},
        )


def _tasks(session: Session) -> list[Any]:
    return sorted(session.tasks(), key=attrgetter("number"))


def _cancel(numbers: list[int], session: Session) -> None:
    for number in numbers:
        session.cancel(number, by="the menu")
