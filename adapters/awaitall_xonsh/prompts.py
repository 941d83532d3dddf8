"""Let background tasks go on at the prompt of xonsh, by the one method of its shells that waits for the user."""

from __future__ import annotations

from functools import partial, wraps
from typing import TYPE_CHECKING, Any

from xonsh.built_ins import XSH

if TYPE_CHECKING:
    from collections.abc import Callable

    from awaitall import Session

__all__ = ["wire"]


def wire(session: Session) -> Callable[[], None]:
    """Put a method of our own on the live shell, if there is one; gives what takes it away.

    ``prompter.prompt`` and ``singleline`` were seen in xonsh 0.23 to 0.25.
    """
    shell: Any = getattr(XSH.shell, "shell", None)
    if hasattr(shell, "prompter"):
        return _put(shell.prompter, "prompt", partial(_with_prompt_toolkit, session, shell.prompter))
    if hasattr(shell, "singleline"):
        return _put(shell, "singleline", partial(_with_readline, session))
    return _nothing


def _with_prompt_toolkit(session: Session, prompter: Any, prompt: Callable[[], Any]) -> Any:
    from awaitall_prompts import on_prompt_toolkit

    return on_prompt_toolkit.read(session, prompter.app, prompt)


def _with_readline(session: Session, singleline: Callable[[], Any]) -> Any:
    from awaitall_prompts import on_readline

    with on_readline.pumping(session):
        return singleline()


def _put(instance: Any, name: str, around: Callable[[Callable[[], Any]], Any]) -> Callable[[], None]:
    theirs = getattr(instance, name)

    @wraps(theirs)
    def ours(*args: Any, **options: Any) -> Any:
        return around(partial(theirs, *args, **options))

    def take_away() -> None:
        if vars(instance).get(name) is ours:
            delattr(instance, name)

    setattr(instance, name, ours)
    return take_away


def _nothing() -> None:
    """Take nothing away."""
