"""Keep Ctrl-C working in awaiting code, whatever subprocesses make of its handler.

A captured process (``q = !(sleep 9)``, ``$(ls)``) and an alias in a thread put a SIGINT handler of their own in place, and at
their end, perhaps inputs later, the one that they had found (xonsh/procs/posix.py and proxies.py). Their own one swallows every
Ctrl-C but the first; the one that is put back may be Python's, whose KeyboardInterrupt would strike the event loop. All that
happens while the input's own code runs, so it is put right each time the input gives control to the loop. A handler that the
user has set is left alone.

xonsh cannot interrupt an alias in a thread (xonsh#5433). What awaits there can be cancelled, so it is.
"""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from awaitall.shells.self_running import in_main_thread, intercept_yields
from awaitall.shells.self_running import sigint as our_handler

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator

    from awaitall import Session

__all__ = [
    "check_pipeline",
    "interrupt_threads",
    "interrupting_foreground",
    "keep_our_handler",
    "preserve_handler",
    "python_handler",
    "register_thread",
    "restore_python_handler",
]

#: Thread -> its session, while it awaits.
_awaiting: dict[threading.Thread, Session] = {}

#: Whether a SIGINT handler of xonsh's runs: each sends one more to its own process, which is the echo of the first.
_handling = False


@contextmanager
def python_handler() -> Iterator[None]:
    """Begin and end the block with Python's handler in place of a process's."""
    restore_python_handler()
    try:
        yield
    finally:
        restore_python_handler()


def restore_python_handler() -> None:
    """Set Python's handler in place of a process's, or of ours where it was left behind."""
    _replace(signal.default_int_handler)


async def keep_our_handler(coro: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine, with our handler in place whenever it waits."""
    return await intercept_yields(coro, lambda _: _replace(our_handler))


@contextmanager
def preserve_handler() -> Iterator[None]:
    """Restore the handler at the end of the block, and stop what is started in it from restoring an older one later."""
    handler = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        if in_main_thread() and (current := signal.getsignal(signal.SIGINT)) is not handler:
            signal.signal(signal.SIGINT, handler)
            if (owner := getattr(current, "__self__", None)) is not None and _is_of_a_process(current):
                owner.old_int_handler = None


@contextmanager
def register_thread(session: Session) -> Iterator[None]:
    """Register this thread and its session for the time of the block, so that Ctrl-C reaches what awaits there."""
    thread = threading.current_thread()
    _awaiting[thread] = session
    try:
        yield
    finally:
        del _awaiting[thread]


@contextmanager
def interrupting_foreground() -> Iterator[None]:
    """Interrupt what awaits in threads that the shell waits for, around a SIGINT handler of xonsh's."""
    global _handling
    if _handling:
        yield
        return
    try:
        _handling = True
        interrupt_threads(thread for thread in list(_awaiting) if _is_in_foreground(thread))
        yield
    finally:
        _handling = False


def check_pipeline(pipeline: Any) -> None:
    """Interrupt what awaits in threads of a pipeline that Ctrl-C has ended; called whenever xonsh checks its other parts.

    The processes of a pipeline have the terminal, and so Ctrl-C, to themselves, and nobody has it once they have ended. Or Ctrl-C
    has been raised here, as the handlers of a pipeline are not put back in the order in which they were put in place.
    """
    if not any(process in _awaiting for process in pipeline.procs):
        return
    ended = any(process.returncode == -signal.SIGINT for process in pipeline.procs)
    if ended or isinstance(sys.exc_info()[1], KeyboardInterrupt):
        interrupt_threads(pipeline.procs)
    elif all(process.returncode is not None for process in pipeline.procs[:-1]):
        pipeline._return_terminal()


def interrupt_threads(threads: Iterable[Any]) -> list[Any]:
    """Interrupt those of the threads that await, and return them."""
    awaiting = [(thread, session) for thread in threads if (session := _awaiting.get(thread))]
    for _, session in awaiting:
        session.interrupt()
    return [thread for thread, _ in awaiting]


def _is_in_foreground(thread: Any) -> bool:
    """Report whether xonsh waits for a thread. It takes ``!()`` for one of the background, and waits for it all the same.

    A thread has no ``spec`` yet when it has just been started by the input that is being interrupted.
    """
    spec = getattr(thread, "spec", None)
    return spec is None or not spec.background or spec.captured == "object"


def _replace(handler: Callable[..., Any]) -> None:
    current = signal.getsignal(signal.SIGINT)
    if current is not handler and (current in (our_handler, signal.default_int_handler) or _is_of_a_process(current)):
        signal.signal(signal.SIGINT, handler)


def _is_of_a_process(handler: Any) -> bool:
    return getattr(handler, "__module__", "").startswith("xonsh.procs.")
