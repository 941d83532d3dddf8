"""Wire the interpreter into a live bpython: its class, and on the instance what Ctrl-C, undo and exit need to know of it.

bpython has no hooks for these, so methods of the one live instance are wrapped, never its classes. Without one of the names
(all of them seen in 0.23 to 0.26) await still works, and one line tells what does not.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import greenlet
from bpython.curtsiesfrontend.interpreter import Interp

from awaitall.interrupts import FRAMEWORKS
from awaitall.readable import readable
from awaitall_bpython.interp import AwaitInterp
from awaitall_bpython.output import Output

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from awaitall.settings import Settings

__all__ = ["NEEDED", "attach", "live_repl", "wire"]

#: Seconds between two looks at the background tasks, where bpython does not mean to wait at all.
OFTEN = 0.01


def live_repl() -> Any:
    """Give the bpython that user code of this process is typed into, or None; it is reached by its stand-in for stdin."""
    return getattr(sys.stdin, "repl", None) if type(sys.stdin).__module__.startswith("bpython.") else None


def wire(repl: Any, given: Settings) -> None:
    """Make the live interpreter one that awaits, with settings that a rewind does not forget."""
    interp = repl.interp
    if not isinstance(interp, AwaitInterp):
        cls = type(interp)
        # A class of somebody's own stays in front: what it overrides runs, and its super() comes here.
        bases = (cls, AwaitInterp) if issubclass(cls, Interp) and cls is not Interp else (AwaitInterp, cls)
        interp.__class__ = type(AwaitInterp.__name__, bases, {})
        interp.equip()
    interp.set_up(given)
    attach(repl)


def attach(repl: Any) -> None:
    """Tell the parts of bpython that have to know of a session about it, once."""
    if getattr(repl, "_awaitall", False):
        return
    repl._awaitall = True
    missing = []
    for tell, names in NEEDED.items():
        try:
            attrgetter(*names)(repl)
        except AttributeError as exc:
            missing.append(str(exc))
        else:
            tell(repl)
    if missing:
        print(f"awaitall: await works, but this bpython lacks what goes with it: {'; '.join(missing)}", file=sys.stderr)


def _sigint(repl: Any) -> None:
    """While code runs bpython owns SIGINT, and sets its handler anew after every ``print``: so the handler asks the session."""
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


def _sigint_during_a_repaint(repl: Any) -> None:
    """Such a Ctrl-C comes out of the ``print`` that caused the repaint, whichever task that is: send it to the input."""
    original = repl.coderunner.request_from_main_context

    def request_from_main_context(force_refresh: bool = False) -> Any:
        if not force_refresh and repl.interp.session.interrupted:
            # It came while input() printed its prompt, and the loop would wait for the line.
            repl.input_generator.sigint_handler(signal.SIGINT, None)
        try:
            return original(force_refresh)
        except KeyboardInterrupt as exc:
            pressed = exc
        # Outside of the handler, as an exception raised in there would show this one as its context.
        if not repl.interp.session.interrupt(sys._getframe(1)) or not force_refresh:
            raise pressed  # from input() in any case: there is no line to return
        return None

    repl.coderunner.request_from_main_context = request_from_main_context


def _sigint_before_a_repaint(repl: Any) -> None:
    """One that comes when bpython is about to wait for keys, with a repaint to do first, is meant for the code that runs."""
    original = repl.keyboard_interrupt

    def keyboard_interrupt() -> None:
        if repl.coderunner.code_is_waiting:
            repl.coderunner.sigint_happened_in_main_context = True
        else:
            original()

    repl.keyboard_interrupt = keyboard_interrupt


def _output(repl: Any) -> None:
    """Hold back what tasks and threads write, until it can be painted."""
    repl._awaitall_output = Output(repl)


def _background(repl: Any) -> None:
    """Let background tasks go on while bpython waits for a key."""
    inputs = repl.input_generator
    original, original_sigint = inputs._wait_for_read_ready_or_timeout, inputs.sigint_handler
    output = repl._awaitall_output
    looked = 0.0

    def wait(timeout: float | None) -> Any:
        nonlocal looked
        now = time.monotonic()
        if timeout == 0 and now - looked < OFTEN:  # a bpython that starts asks thousands of times
            return original(0)
        looked = now
        keys = [inputs.in_stream.fileno(), *filter(None, [inputs.wakeup_read_fd]), *inputs.readers]
        while repl.interp.session.pumps:
            left = None if timeout is None else max(0.0, now + timeout - time.monotonic())
            output.tasks_run = True
            try:
                repl.interp.session.pump(keys, left)
            except KeyboardInterrupt:
                pass  # curtsies has it, too
            except SystemExit:
                _end_session(repl)
                raise
            finally:
                output.tasks_run = False
            looked = time.monotonic()
            if readable(keys) or inputs.sigints or left == 0:
                return original(0)
        return original(timeout)

    def sigint_handler(signum: int, frame: FrameType | None) -> None:
        original_sigint(signum, frame)
        if not repl.coderunner.code_is_waiting:  # else bpython raises it in the code
            repl.interp.session.interrupt(frame)

    inputs._wait_for_read_ready_or_timeout = wait
    inputs.sigint_handler = sigint_handler


def _undo(repl: Any) -> None:
    """Undo and reload run the history once more: end what its first life left running before."""
    original = repl.reevaluate

    def reevaluate(*args: Any, **kwargs: Any) -> None:
        if stuck := repl.interp.session.close():
            repl.status_bar.message(f"awaitall: left behind, as they would not end: {', '.join(stuck)}")
        repl.interp.renew()
        original(*args, **kwargs)

    repl.reevaluate = reevaluate


def _reload(repl: Any) -> None:
    """Reload forgets all modules that were imported since the start: it must not forget us, nor the libraries we run."""
    original = repl.clear_modules_and_reevaluate

    def clear_modules_and_reevaluate() -> None:
        kept = FRAMEWORKS | {"pluggy", "greenlet"}
        for name in list(sys.modules):
            top = name.partition(".")[0]
            if top in kept or top.startswith("awaitall"):
                repl.original_modules.add(name)
        original()

    repl.clear_modules_and_reevaluate = clear_modules_and_reevaluate


def _exit(repl: Any) -> None:
    """End the session once bpython has painted its last screen, while the interpreter can still start threads."""
    original = repl.process_event_and_paint

    def process_event_and_paint(*args: Any, **kwargs: Any) -> None:
        try:
            original(*args, **kwargs)
        except SystemExit:
            _end_session(repl)
            raise

    repl.process_event_and_paint = process_event_and_paint


def _end_session(repl: Any) -> None:
    repl.stdout.on_write = repl.stderr.on_write = _below_the_prompt()
    repl._awaitall_output.end()
    repl.coderunner.request_from_main_context = _paint_no_more
    repl.interp.ended = True
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)  # that of curtsies waits for the next key
    repl.interp.session.shutdown()


def _paint_no_more(force_refresh: bool = False) -> None:
    """Take the place of what paints after a ``print``: the last screen has been painted, and threads print, too."""


def _below_the_prompt() -> Callable[[str], None]:
    """Give what writes to the terminal itself, from the line below the last prompt on; without a word nothing moves."""
    begun = False

    def write(text: str) -> None:
        nonlocal begun
        print(text if begun else f"\n{text}", end="", file=sys.__stdout__, flush=True)
        begun = True

    return write


#: What is wired, and the names in bpython that it takes.
NEEDED: dict[Callable[[Any], None], tuple[str, ...]] = {
    _sigint: (
        "coderunner.sigint_handler",
        "coderunner.main_context",
        "stdin.has_focus",
        "input_generator.sigint_handler",
    ),
    _sigint_during_a_repaint: ("coderunner.request_from_main_context",),
    _sigint_before_a_repaint: (
        "keyboard_interrupt",
        "coderunner.code_is_waiting",
        "coderunner.sigint_happened_in_main_context",
    ),
    _output: (
        "coderunner.main_context",
        "coderunner.code_context",
        "coderunner.load_code",
        "current_stdouterr_line",
        "input_generator.threadsafe_event_trigger",
        "process_event_and_paint",
        "stdout.on_write",
        "stdout.write",
        "stderr.on_write",
        "stderr.write",
    ),
    _background: (
        "_awaitall_output.tasks_run",
        "input_generator._wait_for_read_ready_or_timeout",
        "input_generator.sigint_handler",
        "input_generator.in_stream",
        "input_generator.wakeup_read_fd",
        "input_generator.readers",
        "input_generator.sigints",
        "coderunner.code_is_waiting",
    ),
    _undo: ("reevaluate", "status_bar.message"),
    _reload: ("clear_modules_and_reevaluate", "original_modules"),
    _exit: ("process_event_and_paint", "_awaitall_output.end"),
}
