"""Run background tasks at the prompt of xonsh, by the one method of its shells that waits for the user."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from xonsh.built_ins import XSH

from awaitall_xonsh import sigint

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from awaitall import Session

__all__ = ["wire"]


def wire(session: Session) -> Callable[[], None]:
    """Override a method of the live shell, if there is one; return what takes it away.

    ``prompter.prompt`` and ``singleline`` were seen in xonsh 0.23 to 0.25.
    """
    shell: Any = getattr(XSH.shell, "shell", None)
    if hasattr(shell, "prompter"):
        from awaitall_prompts import on_prompt_toolkit

        return _put(shell.prompter, "prompt", lambda: on_prompt_toolkit.pumping(session, shell.prompter.app))
    if hasattr(shell, "singleline"):
        from awaitall.shells import tasks_during_input

        def around() -> AbstractContextManager[object]:
            # Before the prompt takes the handler for the user's; xonsh tells of the prompt only inside of it.
            sigint.restore_python_handler()
            return tasks_during_input(session)

        return _put(shell, "singleline", around)
    return _nothing


def _put(instance: Any, name: str, around: Callable[[], AbstractContextManager[object]]) -> Callable[[], None]:
    theirs = getattr(instance, name)

    @wraps(theirs)
    def ours(*args: Any, **options: Any) -> Any:
        with around():
            return theirs(*args, **options)

    def take_away() -> None:
        if vars(instance).get(name) is ours:
            delattr(instance, name)

    setattr(instance, name, ours)
    return take_away


def _nothing() -> None:
    """Remove nothing."""
