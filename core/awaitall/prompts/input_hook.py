"""A prompt made with ``input()``, whatever edits its line. What is printed meanwhile appears above it, in whole lines.

Python has a hook for this in C alone, ``PyOS_InputHook``: called while ``input()`` waits for a key, it is to return as soon as
there is one (Modules/readline.c and Parser/myreadline.c, 3.11 to 3.15).
"""

from __future__ import annotations

import ctypes
import threading
from contextlib import nullcontext
from typing import TYPE_CHECKING

from awaitall.hook_place import HookPlace, address_of_others
from awaitall.prompts.keyboard_prompt import KeyboardPrompt
from awaitall.prompts.readline_line import end_line, hidden_line
from awaitall.system import press_in, termios
from awaitall.windows import toolkit_is_imported

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from types import FrameType

    from awaitall import Session

__all__ = ["tasks_during_input"]

_Hook = ctypes.CFUNCTYPE(ctypes.c_int)


def tasks_during_input(session: Session) -> AbstractContextManager[object]:
    """Return a context manager in which the session's tasks go on while ``input()`` waits; it does nothing without a loop to run.

    A toolkit that has the hook, as tkinter, keeps it as long as there is no loop; later its events are handled on the loop. Where
    another library has the hook, or the user wants no events to be handled, the tasks stand still, and the user is told so once.
    """
    taken = address_of_others() is not None
    if (taken and not session.is_open) or not session.pumps:
        return nullcontext()
    if termios is None:
        if session.count_tasks():
            session.pause("this system cannot wait for the keyboard and for tasks at a time")
        return nullcontext()
    if not taken or (session.windows.on and toolkit_is_imported()):
        return _Prompt(session)
    if session.count_tasks():
        session.pause(
            "PyOS_InputHook is taken by another library, which handles the events of windows; "
            "they go on during an input that awaits"
        )
    return nullcontext()


class _Prompt(KeyboardPrompt):
    """One ``input()`` with the hook in place.

    Args:
        session: Its tasks go on.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session, hidden_line)
        self._hook = _Hook(self._wait)
        self._place = HookPlace(ctypes.cast(self._hook, ctypes.c_void_p).value or 0)
        self._taken = threading.Event()
        self._again: threading.Thread | None = None

    def _begin(self) -> None:
        self._place.begin()

    def _end(self) -> None:
        self._taken.set()
        self._place.end()
        self._join()

    def _ended_by(self, exc: BaseException | None) -> None:
        if _is_interrupted_twice(exc):
            raise KeyboardInterrupt from None

    def _join(self) -> None:
        if self._again is not None:
            self._again.join()  # no SIGINT is sent later

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
            if self._is_to_end():
                end_line()
            self._take_sigint()
            again = threading.Thread(target=_interrupt_again, args=(self._taken,), daemon=True)
            again.start()
            self._again = again
        return 0

    def _repeats(self) -> bool:
        return self._again is not None  # it may be the last one that the thread has sent

    def _press_elsewhere(self, signum: int, frame: FrameType | None) -> None:
        """Do what the user's handler does."""
        if not self._taken.is_set():
            self._taken.set()
            if self._is_to_end():
                raise KeyboardInterrupt
            assert self._handler is not None
            self._handler.theirs(signum, frame)
            self._join()
            self._again = None
            self._pressed, self._taken = False, threading.Event()  # it has raised nothing, so input() goes on
            self._place.resume()


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
        press_in(main)
