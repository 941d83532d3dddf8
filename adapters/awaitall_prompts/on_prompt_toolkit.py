"""A prompt made with prompt_toolkit. What is printed meanwhile appears above it, in whole lines."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from prompt_toolkit.patch_stdout import StdoutProxy

from awaitall_prompts import threaded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from awaitall import Session

__all__ = ["pumping"]

#: Seconds between two paintings of what is printed; at the end of a prompt they may have to be waited for.
PAUSE = 0.05


@contextmanager
def pumping(session: Session, app: Any) -> Iterator[None]:
    """Let the session's tasks go on while an application waits for the user in this block; nothing without a loop to run.

    Args:
        session: Of the shell.
        app: The ``prompt_toolkit.Application``. Its ``run()`` then does its work in a thread; all that is around it stays.
    """
    if not session.pumps:
        yield
        return
    theirs = app.run

    def run(*args: Any, **options: Any) -> Any:
        return threaded.wait(session, partial(theirs, *args, **{**options, "in_thread": False}), partial(_end, app))

    app.run = run
    try:
        with _above():
            yield
    finally:
        del app.run


def _end(app: Any, exception: type[BaseException]) -> bool:
    """End an application as its own key for that does."""
    loop = app.loop
    if loop is None or not app.is_running:
        return False

    def end() -> None:
        if app.is_running and not app.is_done:
            app.exit(exception=exception, style="class:aborting")

    try:
        loop.call_soon_threadsafe(end)
    except RuntimeError:  # it is closed
        return False
    return True


@contextmanager
def _above() -> Iterator[None]:
    outer = sys.stdout, sys.stderr
    with StdoutProxy(sleep_between_writes=PAUSE, raw=True) as proxy:
        sys.stdout = sys.stderr = proxy
        try:
            yield
        finally:
            sys.stdout, sys.stderr = outer
