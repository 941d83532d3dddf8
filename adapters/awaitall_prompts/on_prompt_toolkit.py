"""A prompt made with prompt_toolkit. What is printed meanwhile appears above it, in whole lines."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from prompt_toolkit.patch_stdout import StdoutProxy

from awaitall_prompts import threaded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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

    def run(pre_run: Callable[[], None] | None = None, **options: Any) -> Any:
        end = _End(app, pre_run)
        return threaded.wait(session, partial(theirs, **{**options, "pre_run": end.begin, "in_thread": False}), end)

    app.run = run
    try:
        with _above():
            yield
    finally:
        del app.run


class _End:
    """Ends one run of an application as its own key for that does; at once, or when it begins.

    Args:
        app: The application.
        pre_run: What is to be done when it begins, if anything.
    """

    def __init__(self, app: Any, pre_run: Callable[[], None] | None) -> None:
        self._app = app
        self._pre_run = pre_run
        self._begun = False
        self._exception: type[BaseException] | None = None

    def begin(self) -> None:
        """Be called by the application, in its thread, when it begins."""
        self._begun = True
        if self._pre_run is not None:
            self._pre_run()
        if self._exception is not None:
            self._app.loop.call_soon(self._exit, self._exception)

    def __call__(self, exception: type[BaseException]) -> bool:
        """Have the application raise an exception; False if it has ended already. Called in another thread."""
        self._exception = exception
        if not self._begun:
            return True
        try:
            self._app.loop.call_soon_threadsafe(self._exit, exception)
        except (AttributeError, RuntimeError):  # it has no loop any more, or a closed one
            return False
        return bool(self._app.is_running)

    def _exit(self, exception: type[BaseException]) -> None:
        if self._app.is_running and not self._app.is_done:
            self._app.exit(exception=exception, style="class:aborting")


@contextmanager
def _above() -> Iterator[None]:
    outer = sys.stdout, sys.stderr
    with StdoutProxy(sleep_between_writes=PAUSE, raw=True) as proxy:
        sys.stdout = sys.stderr = proxy
        try:
            yield
        finally:
            sys.stdout, sys.stderr = outer
