"""Keep Ctrl-C working in an awaiting input, whatever subprocesses make of its handler.

A captured process (``q = !(sleep 9)``, ``$(ls)``) puts a SIGINT handler of its own in place, and at its end, perhaps inputs
later, the one that it had found (xonsh/procs/posix.py and proxies.py). Its own one swallows every Ctrl-C but the first; the one
it puts back may be Python's, whose KeyboardInterrupt would strike the event loop. All that happens while the input's own code
runs, so it is put right each time the input gives control to the loop. A handler that the user has set is left alone.
"""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from awaitall.interrupts import sigint
from awaitall.stepping import stepped

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

__all__ = ["give_back", "kept", "taken"]


@contextmanager
def taken() -> Iterator[None]:
    """Start and end the block with Python's handler in place of a process's."""
    _replace(signal.default_int_handler)
    try:
        yield
    finally:
        _replace(signal.default_int_handler)


async def kept(coro: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine, with our handler in place whenever it waits."""
    return await stepped(coro, lambda _: _replace(sigint))


def give_back(**_: object) -> None:
    """Put Python's handler in place of ours, which a process may have found and put back; an event handler of xonsh."""
    if signal.getsignal(signal.SIGINT) is sigint:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _replace(handler: Callable[..., Any]) -> None:
    current = signal.getsignal(signal.SIGINT)
    if current is not handler and (current in (sigint, signal.default_int_handler) or _is_of_a_process(current)):
        signal.signal(signal.SIGINT, handler)


def _is_of_a_process(handler: Any) -> bool:
    return getattr(handler, "__module__", "").startswith("xonsh.procs.")
