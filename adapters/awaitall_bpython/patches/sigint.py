"""Ctrl-C: while code runs, while bpython paints what the code has printed, and between the two.

While code runs bpython owns SIGINT, and sets its handler anew after every ``print``. A handler that a session has set would be
lost by that, so the handlers of bpython ask the session instead.
"""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, Any

import greenlet

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["interrupt_before_repaint", "interrupt_during_repaint", "interrupt_running_code"]


def interrupt_running_code(repl: Any) -> None:
    """Wrap the handler that bpython sets while code runs: the session is asked first."""
    coderunner = repl.coderunner
    original = coderunner.sigint_handler

    def sigint_handler(signum: int, frame: FrameType | None) -> None:
        if greenlet.getcurrent() is not coderunner.main_context:
            if not repl.interp.session.interrupt(frame):
                original(signum, frame)
        elif repl.stdin.has_focus:  # on the way to the keyboard: bpython would notice it after the next key only
            repl.input_generator.sigint_handler(signum, frame)
        else:
            original(signum, frame)

    coderunner.sigint_handler = sigint_handler


def interrupt_during_repaint(repl: Any) -> None:
    """Wrap the repaint that a ``print`` causes: a Ctrl-C in it is sent to the input, not to the task that has printed."""
    original = repl.coderunner.request_from_main_context

    def request_from_main_context(force_refresh: bool = False) -> Any:
        session = repl.interp.session
        if not force_refresh and session.interrupted:
            # It came while input() printed its prompt, and the loop would wait for the line.
            repl.input_generator.sigint_handler(signal.SIGINT, None)
        try:
            answer = original(force_refresh)
        except KeyboardInterrupt as exc:
            pressed = exc
        else:
            if force_refresh:
                session.raise_if_interrupted(sys._getframe(1))  # it came in our own code, on the way of the print to here
            return answer
        # Outside of the handler, as an exception raised in there would show this one as its context.
        if not session.interrupt(sys._getframe(1)) or not force_refresh:
            raise pressed  # from input() in any case: there is no line to return
        return None

    repl.coderunner.request_from_main_context = request_from_main_context


def interrupt_before_repaint(repl: Any) -> None:
    """Wrap what bpython does about Ctrl-C at the prompt: while code waits for a repaint, Ctrl-C interrupts that code."""
    original = repl.keyboard_interrupt

    def keyboard_interrupt() -> None:
        if repl.coderunner.code_is_waiting:
            repl.coderunner.sigint_happened_in_main_context = True
        else:
            original()

    repl.keyboard_interrupt = keyboard_interrupt
