"""Run an application of prompt_toolkit on a loop of its own, which lets the session's tasks run whenever it has to wait.

All of it happens in the thread of the caller, as without us: key bindings, completers and toolbars of the user run there, too.
"""

from __future__ import annotations

import asyncio
import contextvars
import selectors
import signal
import time
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import Keys

from awaitall.prompts import PressAgain, PromptGuard, TerminalError, in_main_thread, termios

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from awaitall import Session

__all__ = ["Prompt", "without_running_loop"]


@contextmanager
def without_running_loop() -> Iterator[None]:
    """Return a context manager in which no asyncio loop is the running one, for what is to be done from outside of this one."""
    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(running)


class _PumpingSelector(selectors.DefaultSelector):
    """A selector that calls ``pump`` before it would wait.

    Args:
        pump: Takes the file descriptor of the selector, which is readable when a registered one is ready, and a time in seconds
            or None. Returns False, without having waited, if there is nothing else to run.
    """

    def __init__(self, pump: Callable[[list[int], float | None], bool]) -> None:
        super().__init__()
        self._pump = pump

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        end = None if timeout is None else time.monotonic() + timeout
        while (timeout is None or timeout > 0) and self._pump(self._fds(), timeout):
            if ready := super().select(0):
                return ready
            timeout = None if end is None else end - time.monotonic()
        return super().select(timeout)

    def _fds(self) -> list[int]:
        if (fileno := getattr(self, "fileno", None)) is not None:
            return [fileno()]
        return [key.fd for key in self.get_map().values()]  # select() and poll(), as where gevent has patched them


class _Loop(asyncio.SelectorEventLoop):
    """The loop of an application. Signals reach it while another loop has the file descriptor that they wake."""

    def __init__(self, pump: Callable[[list[int], float | None], bool]) -> None:
        super().__init__(_PumpingSelector(pump))
        self._replaced: dict[int, Any] = {}

    def add_signal_handler(  # type: ignore[override]
        self, sig: int, callback: Callable[..., object], *args: Any
    ) -> None:
        replaced = signal.signal(sig, lambda signum, frame: self.call_soon_threadsafe(callback, *args))
        self._replaced.setdefault(sig, replaced)

    def remove_signal_handler(self, sig: int) -> bool:
        if sig not in self._replaced:
            return False
        replaced = self._replaced.pop(sig)
        signal.signal(sig, signal.SIG_DFL if replaced is None else replaced)
        return True


class Prompt:
    """A prompt that is made with an application.

    Args:
        session: Of the shell.
        app: The ``prompt_toolkit.Application``.

    Attributes:
        guard: Is to be entered around :meth:`run`, and around all that is prepared for it.
    """

    def __init__(self, session: Session, app: Any) -> None:
        self._session = session
        self._app = app
        self._pre_run: Callable[[], None] | None = None
        self._runs = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._context: contextvars.Context | None = None
        self._again = PressAgain()
        self.guard = PromptGuard(self._press, self._end)

    def run(self, pre_run: Callable[[], None] | None = None, set_exception_handler: bool = True, **_: Any) -> Any:
        """Run the application to its end while the session's tasks go on; return its result.

        Args:
            pre_run: Called when it begins, as ``Application.run`` does.
            set_exception_handler: As for ``Application.run``.

        Raises:
            EOFError: a signal is to end the process. Else what the application raises.
        """
        interval = self._app.terminal_size_polling_interval
        self._pre_run = pre_run
        self._runs = True
        try:
            if in_main_thread() and hasattr(signal, "SIGWINCH"):
                self._app.terminal_size_polling_interval = None  # that tells of another size
            with asyncio.Runner(loop_factory=partial(_Loop, self._pump)) as runner:
                return runner.run(
                    self._app.run_async(pre_run=self._begin, handle_sigint=False, set_exception_handler=set_exception_handler)
                )
        finally:
            self._app.terminal_size_polling_interval = interval
            self._loop = None
            self._runs = False

    def _begin(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._context = contextvars.copy_context()  # by which prompt_toolkit knows the application
        if self.guard.pressed:
            self.guard.pressed = False
            self._soon(self._press_key)
        if self.guard.signum is not None:
            self._soon(self._exit)
        if self._pre_run is not None:
            self._pre_run()

    def _soon(self, function: Callable[[], None]) -> bool:
        """Schedule a method in the loop of the application, from a signal handler, too; False if it has none."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(function, context=self._context)
                return True
        return False

    # -- tasks ----------------------------------------------------------------------------------------------------------

    def _pump(self, fds: list[int], timeout: float | None) -> bool:
        """Run tasks in place of waiting. The loop of the application is between two callbacks, so no other loop is in its way."""
        with without_running_loop(), suppress(KeyboardInterrupt):  # of which the application has been told
            if not (self._app.is_running and self._session.pumps):
                return False
            with self._signalling_terminal(), self._again:
                self._session.pump(fds, timeout)
        return True

    # -- signals --------------------------------------------------------------------------------------------------------

    def _press(self, frame: FrameType | None) -> bool:
        """Handle SIGINT: make it the key Ctrl-C of the application."""
        if not self._runs:
            return False
        if not self._again.repeats and not self._soon(self._press_key):
            self.guard.pressed = True
        self._again.press()
        self._session.interrupt(frame)
        return True

    def _press_key(self) -> None:
        if self._app.is_running and not self._app.is_done:
            self._app.key_processor.feed(KeyPress(Keys.ControlC))
            self._app.key_processor.process_keys()
        else:
            self.guard.pressed = True

    @contextmanager
    def _signalling_terminal(self) -> Iterator[None]:
        """Make the key Ctrl-C a SIGINT: in the raw mode of the application no code would learn of it while a task runs."""
        try:
            fd = self._app.input.fileno()
            raw = termios and termios.tcgetattr(fd)
        except (OSError, NotImplementedError, TerminalError):  # no terminal
            raw = None
        if raw is None or not self._handles_sigint() or raw[3] & termios.ICANON:
            yield
            return
        characters = list(raw[6])
        characters[termios.VINTR] = b"\x03"
        for key in (termios.VSUSP, termios.VQUIT):  # keys of the application, and no signals
            characters[key] = b"\0"
        termios.tcsetattr(fd, termios.TCSANOW, [*raw[:3], raw[3] | termios.ISIG | termios.NOFLSH, *raw[4:6], characters])
        try:
            yield
        finally:
            termios.tcsetattr(fd, termios.TCSANOW, raw)

    def _handles_sigint(self) -> bool:
        return in_main_thread() and callable(signal.getsignal(signal.SIGINT))

    def _end(self, frame: FrameType | None) -> bool:
        """Handle a signal that is to end the process."""
        self._soon(self._exit)
        return self._runs

    def _exit(self) -> None:
        if self._app.is_running and not self._app.is_done:
            self._app.exit(exception=EOFError, style="class:aborting")
