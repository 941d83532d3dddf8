"""A session: a namespace, a context and a runner, and the one way that every input takes through them."""

from __future__ import annotations

import contextvars
import itertools
import sys
import time
import weakref
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any

from awaitall import interrupts, lookout
from awaitall.compiling import Compiler, Display, Input
from awaitall.contracts import RunnerSpec
from awaitall.errors import ClosedError, HeldError, OpenError, RunningLoopError, UnknownTaskError, UnsupportedError
from awaitall.hints import is_fresh_coroutine, note_coroutine
from awaitall.keyboard import NoKeyboard
from awaitall.leaving import telling_what_is_left
from awaitall.pauses import Pauses
from awaitall.running import portal, running_library
from awaitall.tasks import BackgroundTask, task_name
from awaitall.threads import get_ident
from awaitall.tracebacks import note_library, one_line, raise_from_user, stop_iteration, user_traceback

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from types import CodeType, FrameType, TracebackType
    from typing import Self

    from awaitall.contracts import Runner
    from awaitall.runners.hosted import AsyncioHost, TrioHost

    Source = str | ast.Module | ast.Interactive | ast.Expression | CodeType | Input

__all__ = ["BaseSession", "current"]

#: The runners without a loop that an input which does not await could see.
_UNSEEN = frozenset({"trio", "curio", "sync"})

_current: contextvars.ContextVar[weakref.ref[BaseSession]] = contextvars.ContextVar("awaitall.session")


def current() -> BaseSession:
    """Return what :func:`awaitall.current_session` returns."""
    reference = _current.get(None)
    session = None if reference is None else reference()
    if session is None:
        raise LookupError("No session of awaitall is running this.")
    return session


class BaseSession:
    """All of :class:`awaitall.Session`, whose documentation this is, but for line commands, which stand above it."""

    def __init__(
        self,
        namespace: dict[str, Any] | None = None,
        *,
        runner: str | RunnerSpec | Callable[[Coroutine[Any, Any, Any]], Any] = "asyncio",
        display: Display = "last_expr",
    ) -> None:
        self.namespace: dict[str, Any] = {"__name__": "__main__", "__doc__": None} if namespace is None else namespace
        self.locals: Any = None
        self.show_failure: Callable[[str], object] | None = None
        self.context = contextvars.copy_context()
        self.context.run(_current.set, weakref.ref(self))
        self._compiler = Compiler(display)
        self._runner: Runner | None = None
        self.runner = runner
        self._opened: dict[RunnerSpec, Runner] = {}
        self.outside = False
        self.implicit = False
        self.exit_on_termination = False
        self._hosts: dict[str, AsyncioHost | TrioHost] = {}
        self.inside_a_loop = "Instead, await it: await session.arun(source)."
        self._numbers: weakref.WeakKeyDictionary[object, int] = weakref.WeakKeyDictionary()
        self._count = itertools.count(1)
        self._pauses = Pauses()
        self._inside = False
        self._closed = False
        self._at_end: Callable[[], object] = _nothing

    @property
    def autoawait(self) -> bool:
        """Whether await is allowed at the top level; switched off, an await is the SyntaxError that plain Python gives."""
        return self._compiler.autoawait

    @autoawait.setter
    def autoawait(self, on: bool) -> None:
        self._compiler.autoawait = on

    def compile(self, source: Source) -> Input:
        """Compile an input without running it; :meth:`run` takes the result. Raises as :meth:`awaitall.Compiler.compile`."""
        return self._compiler.compile(source)

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
        compiled = self._compiler.compile(source)
        namespace, names = self._scope(globals, locals)
        if self._inside:
            return _run_nested(compiled, namespace, names)
        try:
            self._inside = True
            if not compiled.is_async:
                value = self._execute(compiled, namespace, names)
            elif self.implicit:
                with self._implicitly(nullcontext()):
                    value = self._await(compiled, namespace, names)
            else:
                value = self._await(compiled, namespace, names)
            return self._wait_for(value) if self.implicit and is_fresh_coroutine(value) else value
        except (AttributeError, TypeError) as exc:
            note_coroutine(exc)
            raise
        finally:
            self._inside = False
            self._at_end()

    def _execute(self, compiled: Input, namespace: dict[str, Any], locals: Any) -> Any:
        if (surroundings := self._surroundings(compiled.pieces, namespace)) is None:
            return self.context.run(compiled.execute, namespace, locals)
        with surroundings:
            return self.context.run(compiled.execute, namespace, locals)

    def sync_input(self, pieces: Iterable[CodeType], namespace: dict[str, Any]) -> AbstractContextManager[None]:
        """Surround an input that does not await, for a host that runs those by itself; :meth:`run` does it for its own.

        It sees the loop of the runner in use as the running one, unless :attr:`outside` is set. See :mod:`awaitall.lookout` for
        when there is one.

        Args:
            pieces: The code of the input.
            namespace: What its global names stand for.
        """
        return self._surroundings(pieces, namespace) or nullcontext()

    def _surroundings(self, pieces: Iterable[CodeType], namespace: dict[str, Any]) -> AbstractContextManager[None] | None:
        seen = None
        if self.outside:
            pass
        elif self._runner is not None:
            seen = self._runner.sync_input()
        elif self.shows_loop:
            seen = lookout.surroundings(pieces, namespace, self._seen)
        return self._implicitly(seen or nullcontext()) if self.implicit else seen

    def _seen(self) -> AbstractContextManager[None]:
        try:
            return nullcontext() if running_library() else self._opened_runner().sync_input()
        except OpenError:  # the first input that awaits tells why
            return nullcontext()

    @contextmanager
    def _implicitly(self, surroundings: AbstractContextManager[None]) -> Iterator[None]:
        """Await the coroutines that an input shows by ``sys.displayhook``, and show what they give."""
        show = sys.displayhook
        coros = []

        def collect(value: object) -> None:
            if is_fresh_coroutine(value):
                coros.append(value)
            else:
                show(value)

        sys.displayhook = collect
        try:
            with surroundings:
                yield
        finally:
            sys.displayhook = show
        for coro in coros:
            show(self._wait_for(coro))

    def _wait_for(self, coro: Coroutine[Any, Any, Any]) -> Any:
        wait_for = portal()
        return self._run_coroutine(coro) if wait_for is None else wait_for(coro)

    def _run_coroutine(self, coro: Coroutine[Any, Any, Any]) -> Any:
        try:
            return self._opened_runner().run(coro)
        except HeldError:
            raise
        except RunningLoopError as exc:
            if user_traceback(exc) is not None:
                raise  # what the input itself has raised
            refusal = RunningLoopError(f"{exc} {self.inside_a_loop}")
        raise refusal

    def _await(self, compiled: Input, namespace: dict[str, Any], locals: Any) -> Any:
        if (wait_for := portal()) is not None:
            return wait_for(compiled.aexecute(namespace, locals))
        runner = self._opened_runner()
        coro = compiled.aexecute(namespace, locals)
        try:
            return self._run_coroutine(coro)
        except (RuntimeError, TypeError) as exc:
            if (real := stop_iteration(exc, compiled.pieces)) is None:
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
            value = await self._compiler.compile(source).aexecute(*self._scope(globals, locals))
            return await value if self.implicit and is_fresh_coroutine(value) else value
        except (AttributeError, TypeError) as exc:
            note_coroutine(exc)
            raise

    def _scope(self, globals: dict[str, Any] | None, locals: Any) -> tuple[dict[str, Any], Any]:
        if globals is None:
            return self.namespace, self.locals if locals is None else locals
        return globals, locals

    def _check_open(self) -> None:
        if self._closed:
            raise ClosedError("This session is closed; make another one to run the input.")

    @property
    def runner(self) -> str:
        """The name of the runner in use. Set to another one, nothing of it is imported before it has to run something."""
        return self._wanted if isinstance(self._wanted, str) else self._wanted.name

    @runner.setter
    def runner(self, runner: str | RunnerSpec | Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
        if self._runner is not None:
            self.use(runner)
        elif isinstance(runner, (str, RunnerSpec)):
            self._wanted: str | RunnerSpec = runner
        else:
            from awaitall.plugins import as_spec

            self._wanted = as_spec(runner)

    @property
    def shows_loop(self) -> bool:
        """Whether ``asyncio.get_running_loop()`` gives an input that does not await the loop of the runner."""
        return not self.outside and self.runner not in _UNSEEN

    @property
    def host(self) -> str | None:
        """The library whose loop runs in this thread already, where only :meth:`arun` can await inputs; None if none does."""
        return None if self._inside else running_library()

    def use(self, runner: str | RunnerSpec | Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
        """Run the inputs from now on by another runner.

        The one used before stays open: its tasks stand still, and go on when it is used again.

        Args:
            runner: The name of a runner, a spec, or a function ``f(coro) -> result`` that runs a coroutine by itself.

        Raises:
            UnknownRunnerError: with the closest name there is. OpenError: it cannot be opened. RunningLoopError: inputs are
                awaited on the loop of the host. The old runner stays in use.
        """
        self._check_open()
        if host := self.host:
            raise RunningLoopError(f"{host} is running in this thread already, and awaits the inputs; nothing else can.")
        try:
            from awaitall import plugins
        except ImportError as exc:
            raise OpenError.for_import("Top-level await", "pluggy", exc) from exc
        spec = plugins.as_spec(runner)
        if spec not in self._opened:
            self._opened[spec] = plugins.opened(spec, self.context)
            if self.show_failure is not None:
                self._opened[spec].show_failure = self.show_failure
        self._runner = self._opened[spec]
        self._wanted = spec
        self._thread = get_ident()
        if self.exit_on_termination:
            interrupts.exit_on_termination()

    def spawn(self, coro: Coroutine[Any, Any, Any], *, name: str | None = None) -> int:
        """Start a background task on the runner in use; it goes on while inputs are being awaited, and at the prompt.

        Where the loop of a host runs in this thread, it is started there.

        If it fails, that is told on standard error, once.

        Returns:
            The number of the task, as :meth:`tasks` lists it.

        Raises:
            ClosedError, OpenError: as for an input that awaits. UnsupportedError: the runner keeps no tasks, or the host's
                library does not. The coroutine is closed then.
        """
        try:
            self._check_open()
            runner = self._with_tasks()
        except BaseException:
            coro.close()
            raise
        return self._number(runner.spawn(coro, name))

    def tasks(self) -> list[BackgroundTask]:
        """List the tasks that have not ended, however they were started; UnsupportedError as for spawn.

        Those are on the loop of the host, if one runs in this thread, else on that of the runner in use.
        """
        if self._runner is None and self.host is None:
            return []
        return [BackgroundTask.of(task, self._number(task.handle)) for task in self._with_tasks().tasks()]

    def cancel(self, number: int) -> None:
        """Cancel a task on the runner in use by its number; it ends when the loop runs.

        Raises:
            UnknownTaskError: there is none of this number, or it has ended. UnsupportedError: as for :meth:`spawn`, and where the
                library cannot cancel a single task.
        """
        runner = self._with_tasks()
        for task in runner.tasks():
            if self._number(task.handle) == number:
                runner.cancel(task.handle)
                return
        raise UnknownTaskError(f"No task {number}; %tasks lists them.")

    @property
    def nursery(self) -> Any:
        """The nursery that stays open for the session, as trio has them: ``current_session().nursery.start_soon(f)``.

        What fails in it ends all that is in it, as in every nursery; :meth:`spawn` starts tasks that end by themselves. Raises
        UnsupportedError: the library of the runner in use has none, or has not begun.
        """
        return self._opened_runner().nursery

    def _number(self, handle: object) -> int:
        if handle not in self._numbers:
            self._numbers[handle] = next(self._count)
        return self._numbers[handle]

    def _with_tasks(self) -> Runner | AsyncioHost | TrioHost:
        if host := self.host:
            from awaitall.contracts import print_failure
            from awaitall.runners.hosted import hosted

            if host not in self._hosts:
                self._hosts[host] = hosted(host, self.show_failure or print_failure)
            return self._hosts[host]
        runner = self._opened_runner()
        if "background" not in runner.features:
            raise UnsupportedError(
                f"The runner {self.runner!r} keeps no background tasks. Use another one, for example 'asyncio'."
            )
        return runner

    def _opened_runner(self) -> Runner:
        if self._runner is None:
            self.use(self._wanted)
        assert self._runner is not None
        return self._runner

    @property
    def pumps(self) -> bool:
        """Whether there is a loop that :meth:`pump` lets run: one that an input has used, and not inside another loop."""
        runner = self._runner
        return (
            runner is not None
            and "pump" in runner.features
            and not (self._closed or self._inside)
            and get_ident() == self._thread
            and self.host is None
        )

    def pump(self, fds: Sequence[int], timeout: float | None = None) -> None:
        """Let background tasks run until one of the file descriptors is readable, for a prompt that waits for a key.

        Nothing is read from the descriptors. May return early, and does so at once if there is nothing to pump. If the runner
        fails, its tasks are paused, which is told once; each further call lets them go on if that is possible again.

        Args:
            fds: What the prompt waits for.
            timeout: In seconds.

        Raises:
            KeyboardInterrupt: Ctrl-C, meant for the prompt.
        """
        if not self.pumps:
            return
        stdin = sys.stdin
        sys.stdin = NoKeyboard(stdin)
        try:
            if self._pauses.last:
                self._runner.pump(fds, 0.0)  # type: ignore[union-attr]
                self._pauses.end()
            self._runner.pump(fds, timeout)  # type: ignore[union-attr]
        except Exception as exc:
            self._pauses.begin(exc)
            self._pauses.wait(fds, timeout)
        finally:
            sys.stdin = stdin

    def pause(self, reason: str) -> None:
        """Report once that the tasks are paused at the prompt, for a prompt that cannot call :meth:`pump`."""
        self._pauses.tell(reason)

    @property
    def names(self) -> dict[str, Any]:
        """What the names in an input stand for: a copy, where inputs bind them elsewhere than in the namespace."""
        return self.namespace if self.locals is None or self.locals is self.namespace else {**self.namespace, **self.locals}

    def interrupt(self, frame: FrameType | None = None) -> bool:
        """Do what Ctrl-C does, for a host that handles SIGINT itself.

        Args:
            frame: The frame that the signal interrupted.

        Returns:
            False if no input is being awaited: then the host does what it always does.

        Raises:
            KeyboardInterrupt: to stop code of the input that does not await.
        """
        # Not only the one in use: an input may have changed it.
        return any(runner.interrupt(frame) for runner in self._opened.values())

    @property
    def interrupted(self) -> bool:
        """Whether a Ctrl-C is on its way to an input, for a host that is about to block the loop: it would not get there."""
        return any(runner.interrupted for runner in self._opened.values())

    def close(self, timeout: float = 5.0) -> list[str]:
        """End the session: cancel its tasks, wait for their cleanup for at most ``timeout`` seconds, close the loop.

        Returns:
            The names of the tasks that would not end. A second call does nothing. An input that closes its own session gets
            an empty list: the session is closed when the input has ended.
        """
        if self._closed:
            return []
        if self._inside:
            self._at_end = partial(self.close, timeout)
            return []
        self._closed = True
        deadline = time.monotonic() + timeout
        stuck = []
        for spec, runner in self._opened.items():
            try:
                stuck += runner.close(max(0.0, deadline - time.monotonic()))
            except interrupts.FROM_OUTSIDE:
                raise
            except BaseException as exc:
                print(f"awaitall: the runner {spec.name!r} did not close: {one_line(exc)}", file=sys.stderr)
        if self.exit_on_termination:
            interrupts.die_on_termination()
        return stuck

    def shutdown(self) -> None:
        """Close the session as a shell does at its end: name on standard error the tasks that would not end.

        A line tells what the session waits for, if that takes longer than a second; Ctrl-C ends the wait.
        """
        if self._inside:
            self._at_end = self.shutdown
            return
        with telling_what_is_left(self._names_of_tasks) if self._opened and not self._closed else nullcontext():
            stuck = self.close()
        if stuck:
            print(f"awaitall: left behind, as they would not end: {', '.join(stuck)}", file=sys.stderr)

    def _names_of_tasks(self) -> list[str]:
        runners = [runner for runner in self._opened.values() if "background" in runner.features]
        return [task_name(task.name, task.coro) for runner in runners for task in runner.tasks()]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


def _run_nested(compiled: Input, namespace: dict[str, Any], locals: Any) -> Any:
    """Run an input that another one runs; their context cannot be entered twice."""
    if compiled.is_async:
        raise RunningLoopError(
            "An input of this session is running already, so another one that awaits cannot be run inside it. "
            "Instead, await it: await session.arun(source)."
        )
    return compiled.execute(namespace, locals)


def _nothing() -> None:
    """What an input usually leaves to be done when it has ended."""
