"""Raise a signal before any one bytecode of awaitall's own code, one after the other, and compare what a process has left."""

from __future__ import annotations

import gc
import itertools
import os
import signal
import sys
import threading
import types
from contextlib import contextmanager

import pytest

from awaitall.interrupts import Termination

__all__ = ["RAISED", "Stepper", "check", "state"]

#: What a signal raises in a session that ends by one.
RAISED = {signal.SIGINT: KeyboardInterrupt, signal.SIGTERM: Termination}

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGTSTP") if hasattr(signal, name)]


def state():
    """What no signal may change: handlers, mask, wake-up file descriptor, threads and open files."""
    wakeup = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(wakeup)
    return {
        "handlers": [signal.getsignal(signum) for signum in SIGNALS],
        "mask": signal.pthread_sigmask(signal.SIG_BLOCK, ()) if hasattr(signal, "pthread_sigmask") else None,
        "wakeup": wakeup,
        # trio keeps threads for a while
        "threads": [thread.name for thread in threading.enumerate() if not thread.name.startswith("Trio thread")],
        "files": open_files(),
    }


def open_files():
    """The numbers of the open files, where there is a folder of them; wine has that of a process of its own."""
    if os.path.basename(os.path.realpath("/proc/self")) != str(os.getpid()):
        return []
    return sorted(os.listdir("/proc/self/fd"), key=int)


class Stepper:
    """Calls a function, and raises a signal before the bytecode of a number, counted in the code of some files.

    Args:
        files: Of awaitall, or of its adapters; their endings.
    """

    def __init__(self, *files):
        self.files = tuple(map(os.path.normpath, files))
        self.unseen = None
        # To awaitall these two are a debugger: code of the standard library, which acts for the frame that it looks at.
        self._trace, self._see = (
            types.MethodType(types.FunctionType(function.__code__, {**globals(), "__name__": "bdb"}), self)
            for function in (_trace, _see)
        )

    def step(self, function, number, signum=signal.SIGINT):
        """Call the function; give what it returns or raises, or None if it has no such bytecode."""
        self.count, self.number, self.signum, self.place = 0, number, signum, None
        with self._looking():
            try:
                outcome = function()
            except BaseException as exc:
                outcome = exc.with_traceback(None)
        return outcome if self.place else None

    @contextmanager
    def _looking(self):
        if sys.version_info < (3, 12):
            sys.settrace(self._trace)
            yield
            sys.settrace(None)
            return
        tool, event = sys.monitoring.DEBUGGER_ID, sys.monitoring.events.INSTRUCTION
        self.unseen = sys.monitoring.DISABLE  # until the events begin again, which saves most of the time
        sys.monitoring.use_tool_id(tool, "bytecodes")
        sys.monitoring.register_callback(tool, event, self._see)
        sys.monitoring.set_events(tool, event)
        yield
        sys.monitoring.set_events(tool, 0)
        sys.monitoring.free_tool_id(tool)


def _trace(self, frame, event, arg):
    """See bytecodes by ``sys.settrace``, which misses some on 3.12 and 3.13."""
    if event == "call":
        if not frame.f_code.co_filename.endswith(self.files):
            return None
        frame.f_trace_opcodes = True
    elif event == "opcode":
        self._see(frame.f_code, frame.f_lasti)
    return self._trace


def _see(self, code, offset):
    if not code.co_filename.endswith(self.files):
        return self.unseen
    if threading.current_thread() is not threading.main_thread():
        return None
    self.count += 1
    if self.count == self.number:
        self.place = f"{os.path.basename(code.co_filename)}:{code.co_name}+{offset}"
        signal.raise_signal(self.signum)
    return None


def check(function, stepper, signum):
    """Raise the signal before one bytecode after the other; it always comes out, and changes nothing."""
    function()
    gc.collect()  # of what earlier tests have left no file is closed meanwhile
    before = state()
    for number in itertools.count(1):
        outcome = stepper.step(function, number, signum)
        if stepper.place is None:
            break
        assert (type(outcome), state()) == (RAISED[signum], before), stepper.place
    assert number > 100, number
    for other, error in RAISED.items():
        with pytest.raises(error):
            signal.raise_signal(other)
