"""The status bar, which tells the runner and how many background tasks there are while bpython has nothing to say in it."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from bpython.curtsiesfrontend.events import ScheduledRefreshRequestEvent

from awaitall.shells import status_of

__all__ = ["show_status"]

#: Seconds between two looks at the tasks while there are any: one that ends without a word would be counted until the next key.
PAUSE = 1.0


def show_status(repl: Any) -> None:
    """Wrap the painting: below messages and questions of bpython's own, the status bar has a text that stays."""
    paint, inputs = repl.paint, repl.input_generator
    original = inputs._wait_for_read_ready_or_timeout
    ask_for_paint = inputs.threadsafe_event_trigger(partial(ScheduledRefreshRequestEvent, when=0))
    shown, count = "", 0

    def paint_with_status(*args: Any, **kwargs: Any) -> Any:
        nonlocal shown, count
        session = repl.interp.session
        count = session.count_tasks() if session.pumps else 0
        texts = repl.status_bar.permanent_stack  # of which the last is shown
        if shown in texts:
            texts.remove(shown)
        if shown := status_of(session, count):
            texts.insert(0, shown)
        return paint(*args, **kwargs)

    def wait(timeout: float | None) -> Any:
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            left = None if end is None else max(0.0, end - time.monotonic())
            part = min(PAUSE, left or PAUSE) if count and left != 0 else left
            ready, event = original(part)
            if ready or event or part == left or inputs.sigints:  # a Ctrl-C may be told by nothing else, as on uvloop
                return ready, event
            if repl.interp.session.count_tasks() != count:
                ask_for_paint()

    repl.paint = paint_with_status
    inputs._wait_for_read_ready_or_timeout = wait
