"""The wait for a key, in which background tasks go on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from awaitall.prompts import PressAgain, readable
from awaitall_bpython.patches.exit import end_session

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["run_background_tasks"]

#: Seconds between two looks at the background tasks, where bpython does not mean to wait at all.
MIN_POLL_INTERVAL = 0.01


def run_background_tasks(repl: Any) -> None:
    """Wrap the wait for a key: the session waits in its place, and runs background tasks meanwhile. Ctrl-C reaches them."""
    inputs = repl.input_generator
    original, original_sigint = inputs._wait_for_read_ready_or_timeout, inputs.sigint_handler
    output = repl._awaitall_output
    looked = 0.0
    again = PressAgain()

    def wait(timeout: float | None) -> Any:
        nonlocal looked
        now = time.monotonic()
        if timeout == 0 and now - looked < MIN_POLL_INTERVAL:  # a bpython that starts asks thousands of times
            return original(0)
        looked = now
        keys = [inputs.in_stream.fileno(), *filter(None, [inputs.wakeup_read_fd]), *inputs.readers]
        while repl.interp.session.pumps:
            left = None if timeout is None else max(0.0, now + timeout - time.monotonic())
            output.tasks_run = True
            try:
                with again:
                    repl.interp.session.pump(keys, left)
            except KeyboardInterrupt:
                pass  # curtsies has it, too
            except SystemExit:
                end_session(repl)
                raise
            finally:
                output.tasks_run = False
            looked = time.monotonic()
            if readable(keys) or inputs.sigints or left == 0:
                return original(0)
        return original(timeout)

    def sigint_handler(signum: int, frame: FrameType | None) -> None:
        if not again.repeats:
            original_sigint(signum, frame)
            again.press()
        if not repl.coderunner.code_is_waiting:  # else bpython raises it in the code
            repl.interp.session.interrupt(frame)

    inputs._wait_for_read_ready_or_timeout = wait
    inputs.sigint_handler = sigint_handler
