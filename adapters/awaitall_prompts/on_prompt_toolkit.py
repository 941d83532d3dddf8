"""A prompt made with prompt_toolkit. What is printed meanwhile appears above it, in whole lines."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from prompt_toolkit.patch_stdout import StdoutProxy

from awaitall_prompts import threaded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from awaitall import Session

__all__ = ["read"]

_T = TypeVar("_T")

#: Seconds between two paintings of what is printed; at the end of a prompt they may have to be waited for.
PAUSE = 0.05


def read(session: Session, app: Any, prompt: Callable[[], _T]) -> _T:
    """Call ``prompt``, which runs a prompt_toolkit application, and let the session's tasks go on meanwhile.

    Without a loop to run, this is just the call.
    """
    if not session.pumps:
        return prompt()
    with _above():
        return threaded.wait(session, prompt, partial(_end, app))


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
