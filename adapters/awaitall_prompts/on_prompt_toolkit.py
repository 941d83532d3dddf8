"""A prompt made with prompt_toolkit. What is printed meanwhile appears above it, in whole lines."""

from __future__ import annotations

import asyncio
import atexit
import contextvars
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from prompt_toolkit.application import run_in_terminal

from awaitall.prompts import HeldStreams, TerminalError, get_ident, termios
from awaitall_prompts.application_loop import Prompt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from awaitall import Session

__all__ = ["Above", "pumping", "sane_at_exit"]

#: Seconds between two paintings of what is printed.
PAUSE = 0.05


@contextmanager
def pumping(session: Session, app: Any) -> Iterator[None]:
    """Run the session's tasks while an application waits for the user in this block; do nothing without a loop to run.

    Args:
        session: Of the shell.
        app: The ``prompt_toolkit.Application``.
    """
    if not session.pumps:
        yield
        return
    if session.host is not None:
        with Above(app), _run_by(app, partial(_run_inside, session, app)):
            yield
        return
    prompt = Prompt(session, app)
    with prompt.guard, Above(app), _run_by(app, prompt.run):
        yield


def _run_inside(session: Session, app: Any, pre_run: Callable[[], None] | None = None, **_: Any) -> Any:
    """Run an application on the loop of a program, from inside of it; see ``Session.nests``."""
    return session.run_coroutine(app.run_async(pre_run, set_exception_handler=False, handle_sigint=False))


@contextmanager
def _run_by(app: Any, run: Callable[..., Any]) -> Iterator[None]:
    theirs = app.run
    app.run = run
    try:
        yield
    finally:
        app.run = theirs


@contextmanager
def sane_at_exit(app: Any) -> Iterator[None]:
    """Restore the terminal if the process ends in this block: the loop of a program may stop, and the application with it."""
    try:
        fd = app.input.fileno()
        before = termios and termios.tcgetattr(fd)
    except (OSError, NotImplementedError, TerminalError):
        before = None
    if before is None:  # no terminal
        yield
        return

    def restore() -> None:
        app.renderer.reset()
        termios.tcsetattr(fd, termios.TCSANOW, before)

    atexit.register(restore)
    try:
        yield
    finally:
        atexit.unregister(restore)


class Above:
    """Shows above an application what is written in this block. The application's own output passes.

    Args:
        app: The application. All that it paints goes through the ``flush()`` of its output.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._output = app.output
        self._painters: set[int] = set()  # threads that flush right now
        self._streams = HeldStreams(self._tell, lambda: get_ident() in self._painters)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told = False
        self._earliest = 0.0

    def __enter__(self) -> None:
        theirs = self._output.flush

        def flush() -> None:
            self._painters.add(get_ident())
            try:
                theirs()
            finally:
                self._painters.discard(get_ident())

        self._output.flush = flush
        theirs_to_run = self._app.run_async

        def run_async(pre_run: Callable[[], None] | None = None, **options: Any) -> Any:
            def begin() -> None:
                self._begin()
                if pre_run is not None:
                    pre_run()

            return theirs_to_run(pre_run=begin, **options)

        self._app.run_async = run_async
        self._streams.begin()

    def __exit__(self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self._streams.end()
        del self._app.run_async
        del self._output.flush

    def _begin(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._context = contextvars.copy_context()  # by which run_in_terminal() knows the application
        self._streams.show_before()

    def _tell(self) -> None:
        """Schedule the lines to be shown soon; from any thread."""
        if self._loop is None or self._told or not self._streams:
            return
        self._told = True
        try:
            self._loop.call_soon_threadsafe(self._schedule, self._loop, context=self._context)
        except RuntimeError:
            pass  # the application has ended, and the lines are shown at the end of the block

    def _schedule(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.call_at(self._earliest, self._show, loop)

    def _show(self, loop: asyncio.AbstractEventLoop) -> None:
        self._told = False
        self._earliest = loop.time() + PAUSE
        if not self._app.is_running:
            return  # it is ending, and waits for no more answers about the cursor; the end of the block shows the lines
        if getattr(self._app, "_running_in_terminal", False):  # 3.0.18 to 3.0.53: an editor, or a pager
            run_in_terminal(self._streams.show)  # waits for the end of that
            return
        # Not by run_in_terminal(), which has the terminal echo the keys that are pressed meanwhile.
        self._app.renderer.erase()
        self._streams.show()
        self._app.renderer.request_absolute_cursor_position()
        self._app.invalidate()
