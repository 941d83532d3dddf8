"""Run inputs that await, in the one session of a xonsh process."""

from __future__ import annotations

import contextvars
from typing import TYPE_CHECKING, Any

from awaitall import Input, Session

if TYPE_CHECKING:
    from types import CodeType

__all__ = ["end", "run"]

_session: Session | None = None


def run(codes: tuple[CodeType, ...], globals: dict[str, Any], locals: Any) -> None:
    """Run awaiting code to its end; what it displays, it displays by itself, as all code of an interactive xonsh does."""
    global _session
    if _session is None:
        _session = Session()
    here = contextvars.copy_context()
    _session.context.run(_set_all, here)
    try:
        _session.run(Input(codes), globals, locals)
    finally:
        _set_all(_session.context)


def end(**_: object) -> None:
    """Close the session, if there is one; an event handler of xonsh."""
    global _session
    if _session is not None:
        _session.shutdown()
        _session = None


def _set_all(source: contextvars.Context) -> None:
    """Bring the current context up to ``source``.

    Inputs that do not await are run by xonsh, in the context of its thread, which cannot be handed to a task; so values are carried
    over to the session before an awaiting input, and back after it.
    """
    for var, value in source.items():
        if var.get(_MISSING) is not value:
            var.set(value)


_MISSING = object()
