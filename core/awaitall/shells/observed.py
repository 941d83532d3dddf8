"""An input that the shell compiles and executes by itself."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING

from awaitall import hooks, loop_on_demand
from awaitall.displays import changed_by_plugins
from awaitall.hints import hint_at_coroutine, note_coroutine, note_refusal
from awaitall.introduction import introduce
from awaitall.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from typing import Any

    from awaitall.compiling import Input
    from awaitall.session import Session

__all__ = ["observed"]


@contextmanager
def observed(
    input: Input,
    namespace: dict[str, Any],
    begun: Callable[[], Session | None],
    begin: Callable[[], Session],
    *,
    awaits: bool = False,
    hints: bool = True,
) -> Iterator[Outcome]:
    """Return a context manager for an input that the shell executes: plugins, loops and hints work in it as in every other.

    Args:
        input: What is executed.
        namespace: What its global names stand for.
        begun: Returns the session of the shell, or None if no input has needed one yet.
        begin: Returns the session, which begins if it has not. Called only if a plugin or the input wants it.
        awaits: Whether the input awaits by a session; else it sees the loop of the session, see :mod:`awaitall.loop_on_demand`.
        hints: Whether a line tells of a coroutine that nobody has awaited.

    Yields:
        The outcome, on which the caller sets ``error``, and perhaps ``value``. Notes are added to the error at the end.
    """
    outcome = Outcome(input)
    began = time.perf_counter()
    try:
        with ExitStack() as stack:
            if hooks.callers:
                hooks.before_run(begin(), input)
                stack.enter_context(changed_by_plugins(begin()))
            if not awaits:
                _surround(stack, input, namespace, begun, begin)
            yield outcome
    except BaseException as exc:  # of a coroutine that is awaited implicitly
        outcome.error = exc
        raise
    finally:
        outcome.seconds = time.perf_counter() - began
        if outcome.error is not None and not awaits:
            _note(outcome.error, begun(), hints)
        if hooks.callers:
            hooks.after_run(begin(), outcome)
    if hints:
        hint_at_coroutine()
        if awaits and outcome.error is None:
            introduce()


def _note(error: BaseException, session: Session | None, hints: bool) -> None:
    if hints:
        note_coroutine(error)
    if session is not None and session.shows_loop:
        note_refusal(error, error.__traceback__)


def _surround(
    stack: ExitStack,
    input: Input,
    namespace: dict[str, Any],
    begun: Callable[[], Session | None],
    begin: Callable[[], Session],
) -> None:
    def enter() -> AbstractContextManager[None]:
        return begin().sync_input(input.pieces, namespace)

    try:
        surroundings = enter() if begun() is not None else loop_on_demand.context_for(input.pieces, namespace, enter)
        stack.enter_context(surroundings or nullcontext())
    except Exception as exc:
        print(f"awaitall: this runs without an event loop: {type(exc).__name__}: {exc}", file=sys.stderr)
