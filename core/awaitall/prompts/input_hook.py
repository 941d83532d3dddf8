"""A prompt made with ``input()``, whatever edits its line. What is printed meanwhile appears above it, in whole lines.

Python has a hook for this in C alone, ``PyOS_InputHook``: called while ``input()`` waits for a key, it is to return as soon as
there is one (Modules/readline.c and Parser/myreadline.c, 3.11 to 3.15).
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import threading

# signal.signal() converts to and from enums, which takes longer than all the rest between a key and its echo (Lib/signal.py).
from _signal import getsignal as _getsignal
from _signal import signal as _setsignal
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING

from awaitall.errors import AwaitallError
from awaitall.hook_place import HookPlace, address_of_others
from awaitall.interrupts import DeferredTermination, PromptHandler, sigint
from awaitall.prompts.edited_line import Above
from awaitall.prompts.press_again import PressAgain
from awaitall.threads import in_main_thread
from awaitall.windows import toolkit_is_imported

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from types import CodeType, FrameType, TracebackType

    from awaitall import Session

__all__ = ["tasks_during_input"]

_SIGINT = int(signal.SIGINT)
_KEYBOARD = 0

_Hook = ctypes.CFUNCTYPE(ctypes.c_int)


def tasks_during_input(session: Session) -> AbstractContextManager[None]:
    """Return a context manager in which the session's tasks go on while ``input()`` waits; it does nothing without a loop to run.

    A toolkit that has the hook, as tkinter, keeps it as long as there is no loop; later its events are handled on the loop. Where
    another library has the hook, or the user wants no events to be handled, the tasks stand still, and the user is told so once.
    """
    taken = address_of_others() is not None
    if (taken and not session.is_open) or not session.pumps:
        return nullcontext()
    try:
        if not taken or (session.windows.on and toolkit_is_imported()):
            return _Prompt(session)
        if session.count_tasks():
            session.pause(
                "PyOS_InputHook is taken by another library, which handles the events of windows; "
                "they go on during an input that awaits"
            )
    except AwaitallError as exc:  # the runner lists no tasks
        session.pause(f"{type(exc).__name__}: {exc}")
    return nullcontext()


class _StandIn(PromptHandler):
    """Handles SIGINT in place of the user's handler while a prompt waits, and as the user's handler does at any other time.

    Tasks may put one handler in place of another, and put it back later, as uvicorn does. So there is a new object for each
    handler: an older one that comes back is known, and what it stood for is the user's handler again.
    """

    def __init__(self, prompt: _Prompt, theirs: Callable[[int, FrameType | None], object]) -> None:
        self._prompt = prompt
        self.theirs = theirs

    def __call__(self, signum: int, frame: FrameType | None) -> None:
        if self._prompt.waits:
            self._prompt.press(signum, frame)
        else:
            self.theirs(signum, frame)


class _Prompt:
    """One ``input()`` with the hook in place.

    Args:
        session: Its tasks go on.

    Attributes:
        waits: Whether ``input()`` waits for the user.
    """

    def __init__(self, session: Session) -> None:
        self.waits = False
        self._session = session
        self._hook = _Hook(self._wait)
        self._place = HookPlace(ctypes.cast(self._hook, ctypes.c_void_p).value or 0)
        self._handler: _StandIn | None = None
        self._fds: tuple[int, ...] = ()  # by which handlers, and other threads that have written, wake the hook
        self._ready = select.poll()
        self._termination = DeferredTermination(self._notice)
        self._above = Above(self._notice)
        self._pressed = False
        self._late = False
        self._taken = threading.Event()
        self._again: threading.Thread | None = None
        self._press_again = PressAgain()

    def __enter__(self) -> None:
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
            return
        self._above.begin()
        self._place.begin()
        self._pressed, self._late = self._late, False

    def __exit__(self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        if not self._fds:
            return
        self._taken.set()
        self._place.end()
        self._join()
        self._above.end(below=exc is not None)
        self._close()
        self._give_back()
        if _is_interrupted_twice(exc):
            raise KeyboardInterrupt from None

    def _give_back(self) -> None:
        """Restore all handlers, and raise what has come too late for ``input()``."""
        try:
            self._termination.__exit__(None, None, None)
            self._give_back_sigint()
        except BaseException:
            self._give_back_sigint()
            raise

    def _join(self) -> None:
        if self._again is not None:
            self._again.join()  # no SIGINT is sent later

    def _open(self) -> None:
        self._signalled, self._tell = fds = os.pipe()
        os.set_blocking(self._tell, False)
        for fd in (_KEYBOARD, self._signalled):
            self._ready.register(fd, select.POLLIN)
        self._fds = fds

    def _close(self) -> None:
        fds, self._fds = self._fds, ()  # a handler that runs from now on writes to none that is closed
        for fd in fds:
            os.close(fd)

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
            self._handler = _StandIn(self, signal.default_int_handler if current is sigint else current)
            _setsignal(_SIGINT, self._handler)

    def _is_to_end(self) -> bool:
        return self._termination.signum is not None

    def _wait(self) -> int:
        """Run tasks as the input hook; no exception gets out of here."""
        try:
            while self._session.pumps and not (self._pressed or self._is_to_end() or self._there_is_a_key()):
                self._pump()
        except KeyboardInterrupt:
            self._pressed = True
        except BaseException as exc:
            self._place.suspend()
            self._session.pause(f"{type(exc).__name__}: {exc}")
        if self._place.ours and (self._pressed or self._is_to_end()):
            self._place.suspend()
            self._take_sigint()
            again = threading.Thread(target=_interrupt_again, args=(self._taken,), daemon=True)
            again.start()
            self._again = again
        return 0

    def _there_is_a_key(self) -> bool:
        ready = [fd for fd, _ in self._ready.poll(0)]
        if self._signalled in ready:
            os.read(self._signalled, 1024)
        return _KEYBOARD in ready

    def _pump(self) -> None:
        with self._above.while_tasks_run():
            try:
                with self._press_again:
                    self._session.pump([_KEYBOARD, self._signalled])
            finally:
                self._take_sigint()  # from a task that has set a handler

    def press(self, signum: int, frame: FrameType | None) -> None:
        """Handle a SIGINT: note one that comes while tasks run, and do with any other what the user's handler does."""
        if _runs(_Prompt.__enter__.__code__, frame) or _runs(_Prompt.__exit__.__code__, frame):
            self._late = self._again is None  # else it may be the last one that the thread has sent
        elif _runs(_Prompt._wait.__code__, frame):
            self._pressed = True
            self._notice()
            self._press_again.press()
            self._session.interrupt(frame)
        elif not self._taken.is_set():
            self._taken.set()
            if self._is_to_end():
                raise KeyboardInterrupt
            assert self._handler is not None
            self._handler.theirs(signum, frame)
            self._join()
            self._again = None
            self._pressed, self._taken = False, threading.Event()  # it has raised nothing, so input() goes on
            self._place.resume()

    def _notice(self, frame: FrameType | None = None) -> None:
        """Wake the hook, which looks at what has changed; one that has not begun to wait will look anyway."""
        with suppress(BlockingIOError):  # full: it will look anyway, too
            if self._fds:
                os.write(self._tell, b"\0")


def _runs(code: CodeType, frame: FrameType | None) -> bool:
    while frame is not None and frame.f_code is not code:
        frame = frame.f_back
    return frame is not None


def _is_interrupted_twice(exc: BaseException | None) -> bool:
    """Report whether ``input()`` has called a handler while the KeyboardInterrupt of an earlier one was set already.

    Readline asks for signals, and then ``input()`` does once more (Python/bltinmodule.c, 3.11 to 3.15). No handler written in
    Python survives that.
    """
    while isinstance(exc, SystemError):
        exc = exc.__cause__
        if isinstance(exc, KeyboardInterrupt):
            return True
    return False


def _interrupt_again(taken: threading.Event) -> None:
    """Send SIGINT, which ``input()`` notices as it waits again, until it is; the first may come before it does."""
    main = threading.main_thread().ident
    assert main is not None
    while not taken.wait(0.01):
        signal.pthread_kill(main, _SIGINT)
