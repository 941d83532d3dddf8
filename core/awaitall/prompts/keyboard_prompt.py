"""Prompts that read the keyboard in the thread of the session: what wakes them, and what a signal does to them."""

from __future__ import annotations

import signal
import sys

# signal.signal() converts to and from enums, which takes longer than all the rest between a key and its echo (Lib/signal.py).
from _signal import getsignal as _getsignal
from _signal import signal as _setsignal
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from awaitall.interrupts import DeferredTermination, PromptHandler, is_ours, is_users, sigint
from awaitall.polling import readable, socket_pair
from awaitall.prompts.above import Above
from awaitall.prompts.press_again import PressAgain
from awaitall.system import woken_by_signals
from awaitall.threads import in_main_thread

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from socket import socket
    from types import CodeType, FrameType, TracebackType
    from typing import Self

    from awaitall import Session

__all__ = ["KeyboardPrompt", "WaitingPrompt"]

_SIGINT = int(signal.SIGINT)


class _StandIn(PromptHandler):
    """Handles SIGINT in place of the user's handler while a prompt waits, and as the user's handler does at any other time.

    Tasks may put one handler in place of another, and put it back later, as uvicorn does. So there is a new object for each
    handler: an older one that comes back is known, and what it stood for is the user's handler again.
    """

    def __init__(self, prompt: KeyboardPrompt, theirs: Callable[[int, FrameType | None], object]) -> None:
        self._prompt = prompt
        self.theirs = theirs

    def __call__(self, signum: int, frame: FrameType | None) -> None:
        if self._prompt.waits:
            self._prompt.press(signum, frame)
        else:
            (sigint if self.theirs is signal.default_int_handler else self.theirs)(signum, frame)


class KeyboardPrompt:
    """The base of such prompts, of which there is a new one for each input that is read. ``_wait`` of a subclass lets tasks run.

    Args:
        session: Its tasks go on.
        hidden: As for :class:`awaitall.prompts.above.Above`.
        keyboard: The file descriptor of the keyboard.

    Attributes:
        waits: Whether the prompt waits for the user.
    """

    _wait: Callable[..., object]

    def __init__(self, session: Session, hidden: Callable[[], AbstractContextManager[object]], keyboard: int = 0) -> None:
        self.waits = False
        self._session = session
        self._keyboard = keyboard
        self._handler: _StandIn | None = None
        self._sockets: tuple[socket, ...] = ()  # by which handlers, and other threads that have written, wake the prompt
        self._termination = DeferredTermination(self.notice)
        self._above = Above(self.notice, hidden)
        self._pressed = False
        self._late = False
        self._press_again = PressAgain()

    def __enter__(self) -> Self:
        self.waits = True
        try:
            self._take_sigint()  # first, and given back last: nothing between is left half done by a Ctrl-C
            self._termination.__enter__()
        except BaseException:  # raised by a signal that is to end the process
            self._give_back_sigint()
            raise
        try:
            self._open()
        except OSError as exc:  # no file descriptor is left
            self._give_back()
            self._session.pause(f"{type(exc).__name__}: {exc}")
            return self
        self._above.begin()
        self._begin()
        if self._late:
            self._pressed, self._late = True, False
        return self

    def __exit__(self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        if not self._sockets:
            return
        self._end()
        self._above.end(below=exc is not None)
        self._close()
        self._give_back()
        self._ended_by(exc)

    def _begin(self) -> None:
        """Begin to wait, in a subclass; no Ctrl-C raises anything in here."""

    def _end(self) -> None:
        """Wait no more, as :meth:`_begin`."""

    def _ended_by(self, exc: BaseException | None) -> None:
        """Do what is left to do when all handlers are back, in a subclass; raise what is to be raised in place of ``exc``."""

    def _give_back(self) -> None:
        """Restore all handlers, and raise what has come too late for the prompt."""
        try:
            self._termination.__exit__(None, None, None)
            self._give_back_sigint()
        except BaseException:
            self._give_back_sigint()
            raise

    def _open(self) -> None:
        self._signalled, self._tell = sockets = socket_pair()
        self._fds = self._keyboard, self._signalled.fileno()
        self._sockets = sockets

    def _close(self) -> None:
        sockets, self._sockets = self._sockets, ()  # a handler that runs from now on writes to none that is closed
        for each in sockets:
            each.close()

    def _give_back_sigint(self) -> None:
        try:
            if self._handler is not None and _getsignal(_SIGINT) is self._handler:
                _setsignal(_SIGINT, self._handler.theirs)
                if self._late and not self._is_to_end():
                    self._handler.theirs(_SIGINT, None)
        finally:
            self.waits = False

    def _take_sigint(self) -> None:
        """Stand in for the handler of SIGINT, if there is one to be called, or the process is to end."""
        current = _getsignal(_SIGINT)
        if in_main_thread() and current is not self._handler and (callable(current) or self._is_to_end()):
            if isinstance(current, _StandIn):
                current = current.theirs
            self._handler = _StandIn(self, signal.default_int_handler if is_ours(current) else current)
            _setsignal(_SIGINT, self._handler)

    def _is_to_end(self) -> bool:
        return self._termination.signum is not None

    def _there_is_a_key(self) -> bool:
        ready = readable(self._fds)
        if self._signalled.fileno() in ready:
            self._signalled.recv(1024)
        return self._keyboard in ready

    def _pump(self, timeout: float | None = None) -> None:
        with self._above.while_tasks_run():
            try:
                with self._press_again:
                    self._session.pump(self._fds, timeout)
            finally:
                self._take_sigint()  # from a task that has set a handler

    def press(self, signum: int, frame: FrameType | None) -> None:
        """Handle a SIGINT: note one that comes while the prompt waits."""
        if _runs(KeyboardPrompt.__enter__.__code__, frame) or _runs(KeyboardPrompt.__exit__.__code__, frame):
            self._late = not self._repeats()
        elif _runs(type(self)._wait.__code__, frame):
            self._pressed = True
            self.notice()
            self._press_again.press()
            self._session.interrupt(frame)
        else:
            self._press_elsewhere(signum, frame)

    def _repeats(self) -> bool:
        """Report whether a SIGINT that comes now may be one that the prompt itself has sent."""
        return False

    def _press_elsewhere(self, signum: int, frame: FrameType | None) -> None:
        """Handle a SIGINT that comes while the prompt does not wait."""
        raise NotImplementedError

    def notice(self, frame: FrameType | None = None) -> None:
        """Wake the prompt, which looks at what has changed; one that has not begun to wait will look anyway."""
        with suppress(BlockingIOError):  # full: it will look anyway, too
            if self._sockets:
                self._tell.send(b"\0")


class WaitingPrompt(KeyboardPrompt):
    """A prompt that calls :meth:`wait` whenever it has to wait for a key; nothing that is entered meanwhile may wait by itself.

    Args:
        session, hidden, keyboard: As for :class:`KeyboardPrompt`.
    """

    def __init__(self, session: Session, hidden: Callable[[], AbstractContextManager[object]], keyboard: int = 0) -> None:
        super().__init__(session, hidden, keyboard)
        self._press_code = PressAgain()  # while the prompt does not wait

    def wait(self, timeout: float | None = None) -> None:
        """Run tasks until there is a key, or :meth:`notice` has been called. May return early.

        Args:
            timeout: In seconds.

        Raises:
            KeyboardInterrupt: Ctrl-C, whenever it was pressed. EOFError: a signal is to end the process. Whatever else the user's
            handler of SIGINT raises.
        """
        self._press_code.end()
        self._wait(timeout)
        self._press_code.begin()
        self.check()

    def check(self) -> None:
        """Raise what :meth:`wait` raises, if there is a reason."""
        if self._is_to_end():
            raise EOFError
        if self._pressed or self._late:
            self._pressed = self._late = False
            if self._handler is None:
                raise KeyboardInterrupt
            self._handler.theirs(_SIGINT, sys._getframe())

    def _wait(self, timeout: float | None) -> None:
        if self._pressed or self._late or self._is_to_end() or self._there_is_a_key():
            return
        try:
            if self._session.pumps:
                self._pump(timeout)
            else:
                self._above.show()
                with woken_by_signals(self._tell.fileno()):
                    readable(self._fds, timeout)
        except KeyboardInterrupt:
            self._pressed = True
        self._above.show()

    def _begin(self) -> None:
        self._press_code.begin()

    def _end(self) -> None:
        self._press_code.end()
        if self._pressed:
            self._late = True

    def _press_elsewhere(self, signum: int, frame: FrameType | None) -> None:
        """Raise in the user's code, as that of an object which is completed; the prompt's own learns of it when it waits.

        The prompt's own code may have been called by the user's, as by a ``print``, which it returns to: so it is pressed again.
        """
        assert self._handler is not None
        if is_users(frame):
            self._press_code.end()
            self._press_code.begin()
            self._pressed = False
            self._handler.theirs(signum, frame)
        else:
            self._pressed = True
            self._press_code.press()


def _runs(code: CodeType, frame: Any) -> bool:
    """Report whether a frame runs some code, or has been called by one that does."""
    while frame is not None and frame.f_code is not code:
        frame = frame.f_back
    return frame is not None
