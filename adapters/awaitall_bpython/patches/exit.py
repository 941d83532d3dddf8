"""The end of bpython, at which the session ends, too, and what it still prints then goes below the last prompt."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, Any

from awaitall.prompts import in_main_thread

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["end_session", "end_session_at_exit"]


def end_session_at_exit(repl: Any) -> None:
    """Wrap the handling of a key: the session ends once bpython has painted its last screen, while threads can still start."""
    original = repl.process_event_and_paint

    def process_event_and_paint(*args: Any, **kwargs: Any) -> None:
        try:
            original(*args, **kwargs)
        except SystemExit:
            end_session(repl)
            raise

    repl.process_event_and_paint = process_event_and_paint


def end_session(repl: Any) -> None:
    """End the session of a bpython that has painted its last screen, and paint no more."""
    repl.stdout.on_write = repl.stderr.on_write = _below_the_prompt()
    repl._awaitall_output.end()
    repl.coderunner.request_from_main_context = _paint_no_more
    repl.interp.ended = True
    if in_main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)  # that of curtsies waits for the next key
    repl.interp.session.shutdown()


def _paint_no_more(force_refresh: bool = False) -> None:
    """Take the place of what paints after a ``print``: the last screen has been painted, and threads print, too."""


def _below_the_prompt() -> Callable[[str], None]:
    """Return a function that writes to the terminal itself, from the line below the last prompt on.

    Until it is called for the first time, nothing on the terminal moves.
    """
    begun = False

    def write(text: str) -> None:
        nonlocal begun
        print(text if begun else f"\n{text}", end="", file=sys.__stdout__, flush=True)
        begun = True

    return write
