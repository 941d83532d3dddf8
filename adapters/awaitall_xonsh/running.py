"""Run inputs that await, in the one session of a xonsh process."""

from __future__ import annotations

import contextvars
import threading
from typing import TYPE_CHECKING, Any

from xonsh.events import events

from awaitall import Input, Session
from awaitall_xonsh import ctrl_c, prompts

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

    Brought = dict[contextvars.ContextVar[Any], contextvars.Token[Any]]

__all__ = ["end", "prompt", "run"]

_MISSING = object()

_prompt: _Prompt | None = None


def run(codes: tuple[CodeType, ...], globals: dict[str, Any], locals: Any) -> None:
    """Run awaiting code to its end; what it displays, it displays by itself, as all code of an interactive xonsh does.

    Threads, in which xonsh runs aliases, have a session each, which ends with the code.
    """
    if threading.current_thread() is not threading.main_thread():
        with Session() as session:
            session.run(Input(codes), globals, locals)
        return
    prompt().run(_Input(codes), globals, locals)


def prompt() -> _Prompt:
    """Give the session of the prompt; it begins when it is first asked for."""
    global _prompt
    if _prompt is None:
        _prompt = _Prompt()
        events.on_pre_prompt(ctrl_c.give_back)
        _prompt.unwire = prompts.wire(_prompt.session)
    return _prompt


def end() -> None:
    """Close the session, if there is one."""
    global _prompt
    if _prompt is not None:
        events.on_pre_prompt.discard(ctrl_c.give_back)
        _prompt.unwire()
        _prompt.session.shutdown()
        _prompt = None


class _Input(Input):
    async def aexecute(self, globals: dict[str, Any], locals: Any = None) -> Any:
        return await ctrl_c.kept(super().aexecute(globals, locals))


class _Prompt:
    """The session of the prompt, and what it takes to share its context with inputs that do not await.

    Those are run by xonsh, in the context of its thread, which cannot be handed to a task. So values are carried over to the
    session before an awaiting input, and back after it. A variable can only be unset by the token of the call that set it.
    """

    def __init__(self) -> None:
        self.session = contextvars.Context().run(Session)
        self._running = False
        self._brought: Brought = {}
        self._brought_back: Brought = {}
        self.unwire: Callable[[], None]

    def run(self, code: Input, globals: dict[str, Any], locals: Any) -> None:
        if self._running:  # called by an awaiting input, whose context this is; the session says that it cannot be
            self.session.run(code, globals, locals)
            return
        self.session.context.run(_bring, contextvars.copy_context(), self._brought)
        self._running = True
        try:
            with ctrl_c.taken():
                self.session.run(code, globals, locals)
        finally:
            self._running = False
            _bring(self.session.context, self._brought_back)


def _bring(source: contextvars.Context, brought: Brought) -> None:
    """Bring the current context up to ``source``; ``brought`` remembers what was not there before."""
    for var, value in source.items():
        before = var.get(_MISSING)
        if before is not value:
            token = var.set(value)
            if before is _MISSING:
                brought[var] = token
    for var in brought.keys() - source.keys():
        var.reset(brought.pop(var))
