"""The loops of a session: which runner is in use, the tasks on it, the prompt that waits for it, and the end."""

from __future__ import annotations

import contextvars
import sys
import time
from contextlib import nullcontext, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from awaitall import hooks, interrupts
from awaitall.contracts import RunnerSpec
from awaitall.current_library import current_async_library
from awaitall.displays import kept_for
from awaitall.errors import AwaitallError, ClosedError, OpenError, RunningLoopError, UnsupportedError
from awaitall.failures import FailureReports
from awaitall.handing_over import HandingOver
from awaitall.leaving import telling_what_is_left
from awaitall.pauses import Pauses
from awaitall.task_list import TaskList
from awaitall.tasks import task_name
from awaitall.threads import get_ident
from awaitall.tracebacks import one_line
from awaitall.windows import Windows

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from contextlib import AbstractContextManager
    from traceback import StackSummary
    from types import FrameType, TracebackType
    from typing import Self

    from awaitall.contracts import AnyRunner, Runner, TaskKeeper
    from awaitall.results import TaskResult
    from awaitall.runners.foreground import HostForeground
    from awaitall.runners.hosted import AsyncioHost, TrioHost
    from awaitall.runners.inside import ForUser
    from awaitall.tasks import BackgroundTask

__all__ = ["LoopSession"]

#: The runners without a loop that an input which does not await could see.
_UNSEEN = frozenset({"trio", "curio", "sync"})


class LoopSession:
    """What of :class:`awaitall.Session`, whose documentation this is, has to do with loops and not with inputs."""

    def __init__(self, runner: AnyRunner) -> None:
        self.context = contextvars.copy_context()
        self._runner: Runner | None = None
        self.runner = runner
        self._opened: dict[RunnerSpec, Runner] = {}
        self._lenders: dict[Runner, LoopSession] = {}  # of those that other sessions have opened, and close
        self._lent: set[int] = set()  # the tasks that were there before this session borrowed their loop
        self.lends = False  # to another session, which is open
        self.outside = False
        self.exit_on_termination = False
        self.hands_over = False
        self.grace = 5.0
        self.nests = False
        self._nested: list[ForUser | HostForeground] = []  # what is awaited inside the loop of a host
        self.stands_still = True
        self._hosts: dict[str, AsyncioHost | TrioHost] = {}
        self._failures = FailureReports(self)
        self._tasks = TaskList()
        self._hand_over = HandingOver(self._tasks, self._failures)
        self._pauses = Pauses()
        self.windows = Windows(self._failures)
        self._inside = False  # an input is running
        self._closed = False
        self._deferred_close: Callable[[], object] | None = None

    @property
    def show_failure(self) -> Callable[[str], object] | None:
        """Shows the text which tells that a background task has failed, as the shell shows errors; None for standard error."""
        return self._failures.show

    @show_failure.setter
    def show_failure(self, show: Callable[[str], object] | None) -> None:
        self._failures.show = show

    @property
    def format_error(self) -> Callable[[BaseException], list[str]]:
        """Returns the lines of a traceback, each with its end; as ``traceback.format_exception``, which it is at first."""
        return self._failures.format

    @format_error.setter
    def format_error(self, format: Callable[[BaseException], list[str]]) -> None:
        self._failures.format = format

    def _check_open(self) -> None:
        if self._closed:
            raise ClosedError("This session is closed; make another one to run the input.")

    @property
    def runner(self) -> str:
        """The name of the runner in use. Set to another one, nothing of it is imported before it has to run something."""
        return self._spec if isinstance(self._spec, str) else self._spec.name

    @runner.setter
    def runner(self, runner: AnyRunner) -> None:
        if self._runner is not None:
            self.use(runner)
        elif isinstance(runner, (str, RunnerSpec)):
            self._spec: str | RunnerSpec = runner
        else:
            from awaitall.plugins import resolve_runner

            self._spec = resolve_runner(runner)

    @property
    def shows_loop(self) -> bool:
        """Whether ``asyncio.get_running_loop()`` gives an input that does not await the loop of the runner."""
        return not self.outside and self.runner not in _UNSEEN

    @property
    def host(self) -> str | None:
        """The library whose loop runs in this thread already, where only :meth:`arun` can await inputs; None if none does."""
        return None if self._inside else current_async_library()

    def use(self, runner: AnyRunner) -> None:
        """Run the inputs from now on by another runner.

        The one used before stays open: its tasks stand still, and go on when it is used again.

        Args:
            runner: The name of a runner, a spec, a function ``f(coro) -> result`` that runs a coroutine by itself, or a
                class of event loops, such as ``asyncio.SelectorEventLoop``.

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
        spec = plugins.resolve_runner(runner)
        if spec not in self._opened:
            self._opened[spec] = plugins.open_runner(spec, self.context)
            self._connect(self._opened[spec])
        before = self.runner if self._runner is not None else None
        self._runner = self._opened[spec]
        self._spec = spec
        self._thread = get_ident()
        if self.exit_on_termination:
            interrupts.exit_on_termination()
        if before != self.runner:
            hooks.runner_changed(self, before, self.runner)

    def _connect(self, runner: Runner) -> None:
        runner.report_failure = self._failures
        runner.bind_name = self._bind_name
        runner.event_source = self.windows

    def borrow_loop(self, lender: LoopSession) -> None:
        """Run the inputs on the loop of another session, and in its context; :meth:`close` gives both back as they are.

        The tasks that this session has started are cancelled then, all others go on.

        Args:
            lender: A session of this thread, which stays open for longer than this one, and has no other borrower meanwhile.

        Raises:
            ClosedError, OpenError: as for an input that awaits.
        """
        self._check_open()
        runner = lender._opened_runner()
        assert isinstance(lender._spec, RunnerSpec)
        self.context = lender.context
        self.exit_on_termination = False  # the lender has seen to that
        self._opened[lender._spec] = runner
        self._lenders[runner] = lender
        lender.lends = True
        self._connect(runner)
        self.use(lender._spec)
        self._lent = {task.number for task in self.tasks_at_end()}

    def _give_back(self, runner: Runner) -> None:
        self._tasks.cancel_started(runner)
        self._lenders[runner]._connect(runner)
        self._lenders[runner].lends = False

    def _bind_name(self, name: str, value: Any) -> None:
        """Bind a name for inputs; only a session that runs inputs has a place for it."""

    def spawn(self, coro: Coroutine[Any, Any, Any], *, name: str | None = None, announce: bool = False) -> int:
        """Start a background task on the runner in use; it goes on while inputs are being awaited, and at the prompt.

        Where the loop of a host runs in this thread, it is started there.

        A task that fails is reported once, by :attr:`show_failure`. :meth:`result` gives what it has returned.

        Args:
            coro: What the task runs.
            name: What the task is called; as the coroutine where omitted.
            announce: Whether a line on standard error tells how it has ended: ``[1] done 3.2s → 7``.

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
        return self._tasks.spawn(runner, coro, name, announce)

    def tasks(self) -> list[BackgroundTask]:
        """List the tasks that have not ended, however they were started; UnsupportedError as for spawn.

        Those are on the loop of the host, if one runs in this thread, else on that of the runner in use.
        """
        if self._runner is None and self.host is None:
            return []
        return self._tasks.all(self._with_tasks())

    def tasks_at_end(self) -> list[BackgroundTask]:
        """List the tasks that :meth:`close` would cancel, on all runners that have been used; none of a host's loop.

        On a loop that is borrowed, those that were there before are none of them. A runner that fails has none: shells ask for
        them at their end, where nobody is kept by that.
        """
        found: list[BackgroundTask] = []
        for runner in self._runners_with_tasks():
            with suppress(Exception):
                found += [task for task in self._tasks.all(runner) if task.number not in self._lent]
        return found

    def count_tasks(self) -> int:
        """Return how many tasks :meth:`tasks` would list, without a look at each.

        It is 0 on a runner that keeps none, or fails: shells ask for this while they paint.
        """
        with suppress(Exception):
            return 0 if self._runner is None and self.host is None else len(self._with_tasks().tasks())
        return 0

    def stack(self, number: int) -> StackSummary:
        """Return where a task waits, as ``traceback`` has it: the user's frames and those of libraries, the innermost last.

        Raises:
            UnknownTaskError: there is no task of this number, or it has ended. UnsupportedError: as for :meth:`spawn`.
        """
        return self._tasks.stack(self._with_tasks(), number)

    def cancel(self, number: int, *, by: str = "Session.cancel()") -> None:
        """Cancel a task on the runner in use by its number; it ends when the loop runs.

        Args:
            number: As :meth:`tasks` lists it.
            by: What the line that tells of the end is to name as the reason.

        Raises:
            UnknownTaskError: there is none of this number, or it has ended. UnsupportedError: as for :meth:`spawn`, and where the
                library cannot cancel a single task.
        """
        self._tasks.cancel(self._with_tasks(), number, by)

    def cancel_spawned(self) -> None:
        """Cancel what :meth:`spawn` has started on the loop of a host, which outlives the session; called on that loop."""
        for host in self._hosts.values():
            host.cancel_spawned()

    def result(self, number: int) -> Any:
        """Return what a task has returned that :meth:`spawn` has started; the last 20 results are kept.

        Raises:
            UnknownTaskError: there is no result of this number, the task has not ended, or it was cancelled. Else what the task
                has raised.
        """
        return self._tasks.results.get(number).unwrap()

    async def wait(self, number: int) -> None:
        """Wait until a task has ended, on the loop that runs it; if the wait is cancelled, the task goes on.

        Raises:
            UnknownTaskError: there is no task of this number, or it has ended. UnsupportedError: as for :meth:`spawn`, and where
                the runner or the library cannot wait for a single task.
        """
        await self._tasks.wait(self._with_tasks(), number)

    async def wait_in_foreground(self, number: int) -> bool:
        """Print which task it is and wait for it as if it were the input: Ctrl-C cancels it, Ctrl-Z puts it back.

        Returns:
            False if it was put back into the background, which is printed.

        Raises:
            As :meth:`wait`.
        """
        name = next((f"[{number}] {task.name}" for task in self.tasks() if task.number == number), "")
        return await self._hand_over.wait_in_foreground(
            name, partial(self.wait, number), partial(self.cancel, number, by="Ctrl-C")
        )

    def _keeping_values(self) -> AbstractContextManager[None]:
        """Return a context manager around whatever runs the loop: what inputs in the background show is kept."""
        tasks = self._tasks.results.shown_by
        return kept_for(tasks) if tasks else nullcontext()

    @property
    def results(self) -> list[TaskResult]:
        """How the last tasks that :meth:`spawn` has started have ended, the oldest first."""
        return self._tasks.results.kept()

    @property
    def nursery(self) -> Any:
        """The nursery that stays open for the session, as trio has them: ``current_session().nursery.start_soon(f)``.

        What fails in it ends all that is in it, as in every nursery; :meth:`spawn` starts tasks that end by themselves. Raises
        UnsupportedError: the library of the runner in use has none, or has not begun.
        """
        return self._opened_runner().nursery

    def _with_tasks(self) -> TaskKeeper:
        if host := self.host:
            from awaitall.runners.hosted import hosted

            if host not in self._hosts:
                self._hosts[host] = hosted(host, self._failures)
            return self._hosts[host]
        runner = self._opened_runner()
        if "background" not in runner.features:
            raise UnsupportedError(
                f"The runner {self.runner!r} keeps no background tasks. Use another one, for example 'asyncio'."
            )
        return runner

    def _opened_runner(self) -> Runner:
        if self._runner is None:
            self.use(self._spec)
        assert self._runner is not None
        return self._runner

    @property
    def is_open(self) -> bool:
        """Whether a loop has been opened."""
        return self._runner is not None

    @property
    def has_awaited(self) -> bool:
        """Whether an input has awaited; a loop is opened for those as well that only name what may want one."""
        return self._hand_over.input is not None

    @property
    def pumps(self) -> bool:
        """Whether there is a loop that :meth:`pump` lets run.

        That is one that an input has used. Where there are windows to be kept alive, it is opened if there is none. Inside the
        loop of a host it is that one, unless that is to stand still.
        """
        if self.host is not None:
            return self.nests and not self.stands_still and not self._closed
        runner = self._runner or self._runner_for_windows()
        return (
            runner is not None
            and "pump" in runner.features
            and not (self._closed or self._inside)
            and get_ident() == self._thread
        )

    def keep_windows_alive(self, toolkit: str) -> None:
        """Prepare for the windows of a GUI toolkit, and handle their events on the loop from now on.

        The windows of a toolkit that is in use are kept alive anyway, from the next input or prompt on.

        Args:
            toolkit: ``"tk"`` or ``"qt"``; of the latter, the application is made if there is none.

        Raises:
            UsageError: the toolkit is not installed, or there is no display. ClosedError, OpenError: as for an input that awaits.
                UnsupportedError: the runner has no loop for that. RunningLoopError: the loop is that of the host.
        """
        self._check_open()
        if host := self.host:
            raise RunningLoopError(f"{host} is running in this thread already, and its program has to keep windows alive.")
        if "windows" not in self._opened_runner().features:
            raise UnsupportedError(f"The runner {self.runner!r} keeps no windows alive. Use another one, for example 'asyncio'.")
        self.windows.begin(toolkit)

    def _runner_for_windows(self) -> Runner | None:
        if self._closed or self._inside or not self.windows or self.host is not None:
            return None
        try:
            return self._opened_runner()
        except AwaitallError as exc:
            self.windows.on = False
            print(f"awaitall: windows stand still: {exc}", file=sys.stderr)
            return None

    def pump(self, fds: Sequence[int], timeout: float | None = None) -> None:
        """Run background tasks until one of the file descriptors is readable, for a prompt that waits for a key.

        Nothing is read from the descriptors. May return early, and does so at once if there is nothing to pump. If the runner
        fails, its tasks are paused, which is told once; each further call lets them go on if that is possible again.

        Args:
            fds: What the prompt waits for.
            timeout: In seconds.

        Raises:
            KeyboardInterrupt: Ctrl-C, meant for the prompt.
        """
        if self.pumps and (host := self.host):
            from awaitall.runners.inside import HostLoop

            self._pauses.pump(HostLoop(host), fds, timeout)
        elif self.pumps:
            assert self._runner is not None
            with self._keeping_values():
                self._pauses.pump(self._runner, fds, timeout)

    def pause(self, reason: str) -> None:
        """Report once that the tasks are paused at the prompt, for a prompt that cannot call :meth:`pump`."""
        self._pauses.tell(reason)

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
        return any(waiting.interrupt(frame) for waiting in self._waiting())

    @property
    def interrupted(self) -> bool:
        """Whether a Ctrl-C is on its way to an input, for a host that is about to block the loop: it would not get there."""
        return any(waiting.interrupted for waiting in self._waiting())

    def raise_if_interrupted(self, frame: FrameType | None) -> None:
        """Deliver a Ctrl-C that has struck code of the host, which the input has called: that is at its end now.

        Without this, an input that never awaits would not hear of it.

        Args:
            frame: The frame that the host returns to.

        Raises:
            KeyboardInterrupt: a Ctrl-C is on its way to the input, and the frame runs code of the input itself.
        """
        for waiting in self._waiting():
            waiting.raise_if_interrupted(frame)

    def _waiting(self) -> list[Runner | ForUser | HostForeground]:
        return [*self._nested, *self._opened.values()]

    def close(self, timeout: float | None = None) -> list[str]:
        """End the session: cancel its tasks, wait for their cleanup, close the loop.

        Args:
            timeout: For how long it waits at most, in seconds; :attr:`grace` where omitted.

        Returns:
            The names of the tasks that would not end. A second call does nothing. An input that closes its own session gets
            an empty list: the session is closed when the input has ended.
        """
        if self._closed:
            return []
        if self._inside:
            self._deferred_close = partial(self.close, timeout)
            return []
        self._closed = self._tasks.results.silent = True
        deadline = time.monotonic() + (self.grace if timeout is None else timeout)
        stuck = []
        for spec, runner in self._opened.items():
            try:
                if runner in self._lenders:
                    self._give_back(runner)
                else:
                    stuck += runner.close(max(0.0, deadline - time.monotonic()))
            except interrupts.FROM_OUTSIDE:
                raise
            except BaseException as exc:
                print(f"awaitall: the runner {spec.name!r} did not close: {one_line(exc)}", file=sys.stderr)
        if not (self._hosts or self._lenders):  # which go on, and begin what they have been given
            self._tasks.results.close()
        if self.exit_on_termination:
            interrupts.restore_termination_signals()
        return stuck

    def shutdown(self) -> None:
        """Close the session as a shell does at its end: name on standard error the tasks that would not end.

        A line tells what the session waits for, if that takes longer than a second; Ctrl-C ends the wait.
        """
        if self._inside:
            self._deferred_close = self.shutdown
            return
        with telling_what_is_left(self._names_of_tasks) if self._opened and not self._closed else nullcontext():
            stuck = self.close()
        if stuck:
            print(f"awaitall: left behind, as they would not end: {', '.join(stuck)}", file=sys.stderr)

    def _names_of_tasks(self) -> list[str]:
        return [task_name(task.name, task.coro) for runner in self._runners_with_tasks() for task in runner.tasks()]

    def _runners_with_tasks(self) -> list[Runner]:
        return [runner for runner in self._opened.values() if "background" in runner.features]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.close()
