"""A session: a namespace, a context and a runner, and the one way that every input takes through them."""

from __future__ import annotations

import contextvars
import time
import weakref
from ast import PyCF_ALLOW_TOP_LEVEL_AWAIT
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from awaitall import hooks, loop_on_demand
from awaitall.compiling import Compiler, Display, Input
from awaitall.current_library import current_async_library, portal
from awaitall.displays import awaiting_coroutines, changed_by_plugins
from awaitall.errors import HeldError, OpenError, RunningLoopError
from awaitall.hints import hint_at_coroutine, is_fresh_coroutine, note_coroutine
from awaitall.introduction import introduce
from awaitall.loop_session import LoopSession
from awaitall.outcome import Outcome
from awaitall.tracebacks import note_library, raise_from_user, stop_iteration, user_traceback

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Coroutine, Iterable, Iterator
    from contextlib import AbstractContextManager
    from types import CodeType

    from awaitall.contracts import AnyRunner
    from awaitall.runners.foreground import HostForeground

    Source = str | ast.Module | ast.Interactive | ast.Expression | CodeType | Input

__all__ = ["BaseSession", "current"]

#: Awaits the coroutine that its namespace has.
_AWAIT = Input((compile("await coroutine", "<coroutine>", "eval", PyCF_ALLOW_TOP_LEVEL_AWAIT),), has_value=True)

_current: contextvars.ContextVar[weakref.ref[BaseSession]] = contextvars.ContextVar("awaitall.session")


def current() -> BaseSession:
    """Return what :func:`awaitall.current_session` returns."""
    reference = _current.get(None)
    session = None if reference is None else reference()
    if session is None:
        raise LookupError("No session of awaitall is running this.")
    return session


class BaseSession(LoopSession):
    """All of :class:`awaitall.Session`, whose documentation this is, but for line commands, which stand above it."""

    def __init__(
        self,
        namespace: dict[str, Any] | None = None,
        *,
        runner: AnyRunner = "asyncio",
        display: Display = "last_expr",
    ) -> None:
        super().__init__(runner)
        self.namespace: dict[str, Any] = {"__name__": "__main__", "__doc__": None} if namespace is None else namespace
        self.locals: Any = None
        self._bound: dict[str, Any] = {}  # names that a runner has bound
        self.context.run(_current.set, weakref.ref(self))
        self.compiler = Compiler(display)
        self.implicit = False
        self.hints = True
        self.origins: dict[str, tuple[object, str]] = {}  # setting -> the value that it was given, and where that came from
        self.inside_a_loop = "Instead, await it: await session.arun(source)."

    def borrow_loop(self, lender: LoopSession) -> None:
        super().borrow_loop(lender)
        self.context.run(_current.set, weakref.ref(self))

    @contextmanager
    def as_current(self, waiting: HostForeground) -> Iterator[None]:
        """Return a context manager in which this is the current session, for a prompt in a task, whose context inputs run in.

        Args:
            waiting: What awaits them there.
        """
        token = _current.set(weakref.ref(self))
        self._nested.append(waiting)
        try:
            yield
        finally:
            self._nested.remove(waiting)
            with suppress(ValueError):  # ended in another context, as by a generator that nobody has closed
                _current.reset(token)

    @property
    def autoawait(self) -> bool:
        """Whether await is allowed at the top level; switched off, an await is the SyntaxError that plain Python gives."""
        return self.compiler.autoawait

    @autoawait.setter
    def autoawait(self, on: bool) -> None:
        self.compiler.autoawait = on

    @property
    def display(self) -> Display:
        """Which values of an input are shown, by the words of :class:`awaitall.Compiler`."""
        return self.compiler.display

    @display.setter
    def display(self, display: Display) -> None:
        self.compiler.display = display

    def compile(self, source: Source) -> Input:
        """Compile an input without running it; :meth:`run` takes the result. Raises as :meth:`awaitall.Compiler.compile`."""
        return self.compiler.compile(source)

    def parse(self, source: str) -> tuple[ast.Module, str]:
        """Return the tree of an input and its filename, as :meth:`awaitall.Compiler.parse`."""
        return self.compiler.parse(source)

    def evaluate(self, source: Source, globals: dict[str, Any] | None = None, locals: Any = None) -> Outcome:
        """Run one input to its end as :meth:`run`, and return how it ended; what a shell does with what the user has entered.

        In this order: the source and the tree are changed by plugins, the input is compiled, plugins learn that it is about to
        run, it runs, plugins learn how it ended, and the value is changed by plugins. See :mod:`awaitall.hookspecs`.

        Raises:
            SystemExit: the input, or a signal, ends the shell. All that is said about :meth:`run` is an ``error`` of the outcome.
        """
        outcome = Outcome()
        began = time.perf_counter()
        try:
            outcome.input = compiled = source if isinstance(source, Input) else self.compile(source)
            if not hooks.callers:
                outcome.value = self.run(compiled, globals, locals)
            else:
                hooks.before_run(self, compiled)
                with changed_by_plugins(self):
                    outcome.value = self.run(compiled, globals, locals)
        except BaseException as exc:
            outcome.error = exc.with_traceback(user_traceback(exc))
        self._end(outcome, began)
        if isinstance(outcome.error, SystemExit):
            outcome.unwrap()
        return outcome

    async def aevaluate(self, source: Source, globals: dict[str, Any] | None = None, locals: Any = None) -> Outcome:
        """As :meth:`evaluate`, on the loop that is running already, in the task that awaits this; see :meth:`arun`.

        Raises:
            SystemExit, and whatever else is neither an Exception nor KeyboardInterrupt: the task has been cancelled.
        """
        outcome = Outcome()
        began = time.perf_counter()
        try:
            outcome.input = compiled = source if isinstance(source, Input) else self.compile(source)
            if not hooks.callers:
                outcome.value = await self.arun(compiled, globals, locals)
            else:
                hooks.before_run(self, compiled)
                with changed_by_plugins(self):
                    outcome.value = await self.arun(compiled, globals, locals)
        except BaseException as exc:
            outcome.error = exc.with_traceback(user_traceback(exc))
        self._end(outcome, began)
        if outcome.error is not None and not isinstance(outcome.error, (Exception, KeyboardInterrupt)):
            outcome.unwrap()
        return outcome

    def _end(self, outcome: Outcome, began: float) -> None:
        outcome.seconds = time.perf_counter() - began
        if hooks.callers:
            hooks.after_run(self, outcome)
            if outcome.has_value:
                outcome.value = hooks.display(self, outcome.value)
        if not self.hints:
            return
        if outcome.input is None or not outcome.input.has_value:
            hint_at_coroutine()
        elif outcome.value is not None:
            hint_at_coroutine(outcome.value)
        if outcome.error is None and outcome.input is not None and outcome.input.is_async:
            introduce()

    def run(self, source: Source, globals: dict[str, Any] | None = None, locals: Any = None) -> Any:
        """Run one input to its end.

        Args:
            source: Text, a tree, code, or what :meth:`compile` gave.
            globals: Instead of the session's namespace.
            locals: Where names are bound, if not in the globals.

        Returns:
            The value of the last expression, or None.

        Raises:
            SyntaxError: nothing of the input has run. KeyboardInterrupt: Ctrl-C; an awaiting input has been cancelled and its
                cleanup has run. RunningLoopError: the input awaits, and an event loop, or another input of this session, runs
                in this thread already; use :meth:`arun` there.
                ClosedError: the session is closed. Else whatever the input raises, StopIteration included.
        """
        self._check_open()
        compiled = source if isinstance(source, Input) else self.compiler.compile(source)
        namespace, names = self._scope(globals, locals)
        if self._inside:
            return _run_nested(compiled, namespace, names)
        try:
            self._inside = True
            if not compiled.is_async:
                value = self._execute(compiled, namespace, names)
            elif self.implicit:
                with awaiting_coroutines(self._wait_for):
                    value = self._await(compiled, namespace, names)
            else:
                value = self._await(compiled, namespace, names)
            return self._wait_for(value) if self.implicit and is_fresh_coroutine(value) else value
        except (AttributeError, TypeError) as exc:
            if self.hints:
                note_coroutine(exc)
            raise
        finally:
            self._inside = False
            if self._deferred_close is not None:
                self._deferred_close()

    def _execute(self, compiled: Input, namespace: dict[str, Any], locals: Any) -> Any:
        if (surroundings := self._sync_scope(compiled.pieces, namespace)) is None:
            return self.context.run(compiled.execute, namespace, locals)
        with surroundings:
            return self.context.run(compiled.execute, namespace, locals)

    def sync_input(self, pieces: Iterable[CodeType], namespace: dict[str, Any]) -> AbstractContextManager[None]:
        """Return a context manager in which a shell executes an input without await by itself; :meth:`run` needs none.

        In it the loop of the runner in use is seen as the running one, unless :attr:`outside` is set; see
        :mod:`awaitall.loop_on_demand`.

        Args:
            pieces: The code of the input.
            namespace: What its global names stand for.
        """
        return self._sync_scope(pieces, namespace) or nullcontext()

    def _sync_scope(self, pieces: Iterable[CodeType], namespace: dict[str, Any]) -> AbstractContextManager[None] | None:
        seen = None
        if self.outside:
            pass
        elif self._runner is not None:
            seen = self._runner.sync_input()
        elif self.shows_loop:
            seen = loop_on_demand.context_for(pieces, namespace, self._seen)
        return self._awaiting_coroutines(seen) if self.implicit else seen

    def _seen(self) -> AbstractContextManager[None]:
        try:
            return nullcontext() if current_async_library() else self._opened_runner().sync_input()
        except OpenError:  # the first input that awaits tells why
            return nullcontext()

    @contextmanager
    def _awaiting_coroutines(self, seen: AbstractContextManager[None] | None) -> Iterator[None]:
        with awaiting_coroutines(self._wait_for), seen or nullcontext():
            yield

    def _wait_for(self, coro: Coroutine[Any, Any, Any]) -> Any:
        wait = self._way_inside()
        return self._run_coroutine(coro) if wait is None else wait(coro)

    def _way_inside(self, context: contextvars.Context | None = None) -> Callable[[Coroutine[Any, Any, Any]], Any] | None:
        """Return what waits for a coroutine where a library runs this already; None where nothing does, or has to.

        Args:
            context: Of the coroutine; where omitted, the one that this is called in.
        """
        library = current_async_library() if self.nests else None
        return portal() if library is None else self._wait_inside(library, context)

    def _wait_inside(self, library: str, context: contextvars.Context | None = None) -> Callable[[Coroutine[Any, Any, Any]], Any]:
        from awaitall.runners.inside import wait_inside

        try:
            return partial(self._wait_for_user, wait=wait_inside(library, context))
        except RunningLoopError as exc:
            refusal = RunningLoopError(f"{exc} {self.inside_a_loop}")
        raise refusal

    def _wait_for_user(self, coro: Coroutine[Any, Any, Any], wait: Callable[[Coroutine[Any, Any, Any]], Any]) -> Any:
        from awaitall.runners.inside import ForUser

        waiting = ForUser()
        self._nested.append(waiting)
        try:
            return waiting.wait(coro, wait)
        finally:
            self._nested.remove(waiting)

    def run_coroutine(self, coro: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine to its end on the runner in use, as an input that awaits it; return what it returns.

        Raises:
            What :meth:`run` does. The coroutine has been closed if it could not be run.
        """
        try:
            return self.run(Input(_AWAIT.pieces, True, getattr(coro, "__name__", None)), {"coroutine": coro})
        finally:
            if is_fresh_coroutine(coro):
                coro.close()

    def _run_coroutine(self, coro: Coroutine[Any, Any, Any], compiled: Input = _AWAIT) -> Any:
        runner = self._runner or self._opened_runner()
        self._hand_over.input = coro, compiled
        runner.hand_over = self._hand_over if self.hands_over else None
        try:
            if not self._tasks.results.shown_by:  # the usual case, with a microsecond less
                return runner.run(coro)
            with self._keeping_values():
                return runner.run(coro)
        except HeldError:
            raise
        except RunningLoopError as exc:
            if user_traceback(exc) is not None:
                raise  # what the input itself has raised
            refusal = RunningLoopError(f"{exc} {self.inside_a_loop}")
        raise refusal

    def _await(self, compiled: Input, namespace: dict[str, Any], locals: Any) -> Any:
        wait = self._way_inside(self.context)
        runner = None if wait is not None else self._runner or self._opened_runner()
        coro = compiled.aexecute(namespace, locals)
        try:
            return self._run_coroutine(coro, compiled) if wait is None else wait(coro)
        except (RuntimeError, TypeError) as exc:
            if (real := stop_iteration(exc, compiled.pieces)) is None:
                if runner is not None:
                    note_library(exc, runner)
                raise
        finally:
            if is_fresh_coroutine(coro):
                coro.close()  # in case a Ctrl-C was faster than what would have begun it
        raise_from_user(real)

    async def arun(self, source: Source, globals: dict[str, Any] | None = None, locals: Any = None) -> Any:
        """Run one input on the loop that is running already, in the task that awaits this; as :meth:`run` else.

        The context is that of the task. Cancelling the task cancels the input. A StopIteration that an awaiting input raises
        comes out as the RuntimeError that Python makes of it (PEP 479).
        """
        self._check_open()
        try:
            value = await self.compiler.compile(source).aexecute(*self._scope(globals, locals))
            return await value if self.implicit and is_fresh_coroutine(value) else value
        except (AttributeError, TypeError) as exc:
            if self.hints:
                note_coroutine(exc)
            raise

    def _scope(self, globals: dict[str, Any] | None, locals: Any) -> tuple[dict[str, Any], Any]:
        if globals is None:
            return self.namespace, self.locals if locals is None else locals
        return globals, locals

    def _bind_name(self, name: str, value: Any) -> None:
        if name not in self.names or self.names[name] is self._bound.get(name):
            self.namespace[name] = self._bound[name] = value

    @property
    def names(self) -> dict[str, Any]:
        """What the names in an input stand for: a copy, where inputs bind them elsewhere than in the namespace."""
        return self.namespace if self.locals is None or self.locals is self.namespace else {**self.namespace, **self.locals}


def _run_nested(compiled: Input, namespace: dict[str, Any], locals: Any) -> Any:
    """Run an input that another one runs; their context cannot be entered twice."""
    if compiled.is_async:
        raise RunningLoopError(
            "An input of this session is running already, so another one that awaits cannot be run inside it. "
            "Instead, await it: await session.arun(source)."
        )
    return compiled.execute(namespace, locals)
