"""A prompt made with ``input()``, whatever edits its line. What is printed meanwhile appears above it, in whole lines.

Python has a hook for this in C alone, ``PyOS_InputHook``: called while ``input()`` waits for a key, it is to return as soon as
there is one (Modules/readline.c and Parser/myreadline.c, 3.11 to 3.15).
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import threading

# signal.signal() converts to and from enums, which takes longer than all the rest between a key and its echo (Lib/signal.py).
from _signal import getsignal as _getsignal
from _signal import signal as _setsignal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from awaitall.interrupts import DeferredTermination
from awaitall.readable import readable
from awaitall.threads import in_main_thread
from awaitall_prompts.edited_line import Above

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType

    from awaitall import Session

__all__ = ["pumping"]

_SIGINT = int(signal.SIGINT)

_Hook = ctypes.CFUNCTYPE(ctypes.c_int)


@contextmanager
def pumping(session: Session) -> Iterator[None]:
    """Let the session's tasks go on while ``input()`` waits for the user in this block.

    Does nothing without a loop to run, off the main thread, and where somebody else has the hook, as tkinter, or SIGINT.
    """
    place = ctypes.c_void_p.in_dll(ctypes.pythonapi, "PyOS_InputHook")
    if not (session.pumps and in_main_thread() and _getsignal(_SIGINT) is signal.default_int_handler) or place.value:
        yield
        return
    key = select.poll()
    key.register(0, select.POLLIN)
    termination = DeferredTermination(_nothing)
    written, tell = os.pipe()  # another thread has written something
    above = Above(lambda: os.write(tell, b"\0"))
    pressed = False
    taken = threading.Event()

    def wait() -> int:
        """Be the hook: no exception gets out of here."""
        nonlocal pressed
        if not pressed and termination.signum is None:
            if key.poll(0):
                return 0  # as after each key; the echo waits for this
            pressed = not pump()
            while not pressed and readable([written]):
                os.read(written, 1024)
                pressed = not pump()
        if place.value and (pressed or termination.signum is not None):
            place.value = None
            threading.Thread(target=_interrupt_again, args=(taken,), daemon=True).start()
        return 0

    def pump() -> bool:
        """Let tasks go on until there is a key; False if that is Ctrl-C."""
        with above.while_tasks_run():
            try:
                try:
                    _setsignal(_SIGINT, signal.default_int_handler)  # for the guard of the runner
                    session.pump([0, written])
                finally:
                    _setsignal(_SIGINT, sigint)
            except KeyboardInterrupt:
                _setsignal(_SIGINT, sigint)
                return False
            except BaseException as exc:
                place.value = None
                print(f"awaitall: background tasks stand still at the prompt: {type(exc).__name__}: {exc}", file=sys.stderr)
        return not pressed

    def sigint(signum: int, frame: FrameType | None) -> None:
        nonlocal pressed
        if _runs(wait.__code__, frame):
            pressed = True
        elif not taken.is_set():
            taken.set()
            signal.default_int_handler(signum, frame)

    hook = _Hook(wait)
    above.begin()
    place.value = ctypes.cast(hook, ctypes.c_void_p).value
    _setsignal(_SIGINT, sigint)
    broken_off = True
    try:
        with termination:
            yield
        broken_off = False
    finally:
        taken.set()
        _setsignal(_SIGINT, signal.default_int_handler)
        place.value = None
        above.end(below=broken_off)
        os.close(written)
        os.close(tell)


def _runs(code: CodeType, frame: FrameType | None) -> bool:
    while frame is not None and frame.f_code is not code:
        frame = frame.f_back
    return frame is not None


def _interrupt_again(taken: threading.Event) -> None:
    """Send SIGINT, which ``input()`` notices as it waits again, until it is; the first may come before it does."""
    main = threading.main_thread().ident
    assert main is not None
    while not taken.wait(0.01):
        signal.pthread_kill(main, _SIGINT)


def _nothing(frame: FrameType | None) -> None:
    """The hook is called as soon as the signal has been handled."""
