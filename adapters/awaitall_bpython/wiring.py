"""Wire the interpreter into a live bpython: its class, and on the instance what Ctrl-C, undo and exit need to know of it.

Each name is used only where bpython has it (seen in 0.22 to 0.26); without one, await still works.
"""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

import greenlet
from awaitall_bpython.interp import AwaitInterp

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

__all__ = ["attach", "live_repl", "wire"]


def live_repl() -> Any:
    """Give the bpython that user code of this process is typed into, or None; it is reached by its stand-in for stdin."""
    return getattr(sys.stdin, "repl", None) or getattr(getattr(sys.stdin, "fakestdin", None), "repl", None)


def wire(repl: Any) -> None:
    """Make the live interpreter one that awaits."""
    interp = repl.interp
    if not isinstance(interp, AwaitInterp):
        cls = type(interp)
        interp.__class__ = type(AwaitInterp.__name__, (AwaitInterp, cls), {})
        interp.equip()
    attach(repl)


def attach(repl: Any) -> None:
    """Tell the parts of bpython that have to know of a session about it, once."""
    if getattr(repl, "_awaitall", False):
        return
    repl._awaitall = True
    for owner, name, wrapper in (
        (repl.coderunner, "sigint_handler", _sigint_handler),
        (repl.coderunner, "request_from_main_context", _request_from_main_context),
        (repl, "reevaluate", _reevaluate),
        (repl, "process_event_and_paint", _process_event_and_paint),
    ):
        if hasattr(owner, name):
            setattr(owner, name, wrapper(repl, getattr(owner, name)))
    if hasattr(repl, "original_modules"):  # "reimport everything" must not load us a second time
        repl.original_modules.update(sys.modules)


def _sigint_handler(repl: Any, original: Callable[..., None]) -> Callable[..., None]:
    """bpython owns SIGINT while code runs: pass it to the session if the code is awaiting."""

    def handler(signum: int, frame: FrameType | None) -> None:
        if greenlet.getcurrent() is not repl.coderunner.code_context or not repl.interp.session.interrupt(frame):
            original(signum, frame)

    return handler


def _request_from_main_context(repl: Any, original: Callable[..., Any]) -> Callable[..., Any]:
    """A Ctrl-C during a repaint comes out of the ``print`` that caused it, whichever task that is: send it to the input."""

    def request(*args: Any, **kwargs: Any) -> Any:
        try:
            return original(*args, **kwargs)
        except KeyboardInterrupt:
            if not repl.interp.session.interrupt(sys._getframe(1)):
                raise

    return request


def _reevaluate(repl: Any, original: Callable[..., None]) -> Callable[..., None]:
    """Undo runs all lines once more: end the tasks of their first life before."""

    def reevaluate(*args: Any, **kwargs: Any) -> None:
        _end(repl)
        repl.interp.session = type(repl.interp.session)(repl.interp.locals)
        original(*args, **kwargs)

    return reevaluate


def _process_event_and_paint(repl: Any, original: Callable[..., None]) -> Callable[..., None]:
    """End the session while the interpreter still can start threads, which an exit handler could not."""

    def process(*args: Any, **kwargs: Any) -> None:
        try:
            original(*args, **kwargs)
        except SystemExit:
            _end(repl)
            raise

    return process


def _end(repl: Any) -> None:
    with contextlib.redirect_stdout(sys.__stdout__), contextlib.redirect_stderr(sys.__stderr__):
        repl.interp.session.shutdown()
