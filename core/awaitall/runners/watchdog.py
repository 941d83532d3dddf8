"""Name what blocks the loop: a task that holds up all others, and the prompt, for more than a second."""

from __future__ import annotations

import sys
import threading
import time
import weakref
from typing import TYPE_CHECKING

from awaitall.system import before_fork, leave_signals_to_others
from awaitall.tasks import caller, duration, short_path
from awaitall.threads import can_start, get_ident

if TYPE_CHECKING:
    from types import FrameType, TracebackType

    from awaitall.runners.loop_runner import LoopRunner

__all__ = ["Watchdog"]

#: Seconds between two looks, and seconds that the loop has to answer.
INTERVAL = 1.0

#: Seconds that a fork waits for the thread to end, which may be printing.
_PATIENCE = 1.0


#: Those that watch.
_watching: weakref.WeakSet[Watchdog] = weakref.WeakSet()


class Watchdog:
    """Looks once a second, in a thread, for as long as there are tasks and the loop runs, whether that runs code of the user's.

    If it does, the loop is asked to answer; one that does not within a second is blocked, and the line that blocks it is looked
    up. So a loop that waits costs a glance at a frame each second, and a loop that works is not slowed down: to be told of its
    work each time would cost more, and uvloop does not tell.

    While the loop stands still, so does the thread. Before ``os.fork()`` it ends: a process with threads cannot be forked safely,
    and Python warns of it. It is there again when the loop runs again.

    Args:
        runner: What is watched.

    Attributes:
        runs: Counts the times that the loop has begun or ceased to run, by a block with this as its context manager: it is odd
            while the loop runs.
        held: By which task and at which line the loop is blocked, while it is.
    """

    def __init__(self, runner: LoopRunner) -> None:
        self._runner = weakref.ref(runner)
        self._thread_of_loop = get_ident()
        self._over = threading.Event()
        self._answer = threading.Event()
        self._wake = threading.Event()
        self._asleep = False
        self._thread: threading.Thread | None = None
        self.runs = 0
        self.held: str | None = None

    def __enter__(self) -> None:
        self.runs += 1
        if self._asleep:
            self._asleep = False
            self._wake.set()
            self.start()

    def __exit__(self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.runs += 1

    def start(self) -> None:
        """Watch until there are no tasks any more."""
        if self._thread is not None or not can_start():
            return
        thread = threading.Thread(target=self._watch, name="awaitall watchdog", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # an interpreter that is ending starts no threads, since 3.12
            return
        self._thread = thread
        _watching.add(self)

    def stop(self) -> None:
        """Cease for good."""
        self._end(None)

    def pause(self) -> None:
        """Cease until the loop runs again."""
        if self._thread is not None and self._thread is not threading.current_thread():
            self._end(_PATIENCE)
            self._thread, self._asleep, self._over = None, True, threading.Event()

    def _end(self, timeout: float | None) -> None:
        self._over.set()
        self._answer.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def _watch(self) -> None:
        leave_signals_to_others()  # they are to wake the loop
        over = self._over
        while not over.wait(INTERVAL):
            runner = self._runner()
            if runner is None or not runner.has_started_tasks():
                self._thread = None
                return
            if self.runs % 2 and caller(self._frame()) is not None:
                self._ask(runner, self.runs)
            del runner
            self._sleep(over)

    def _sleep(self, over: threading.Event) -> None:
        """Wait until the loop runs."""
        self._wake.clear()
        self._asleep = True
        if self.runs % 2 == 0 and not over.is_set():
            self._wake.wait()
        self._asleep = False

    def _ask(self, runner: LoopRunner, run: int) -> None:
        """Ask the loop to answer, and report what holds it up if it does not."""
        asked = seen = time.monotonic()
        self._answer = answer = threading.Event()
        try:
            runner.ask(answer)
        except RuntimeError:  # the loop has been closed
            return
        while not answer.wait(INTERVAL) and self.runs == run:
            self.held = self.held or _described(runner, self._frame())
            seen = time.monotonic()
        if self.held is not None and not self._over.is_set():
            seconds = duration((time.monotonic() if answer.is_set() else seen) - asked)
            print(f"awaitall: all tasks were held up for at least {seconds}, {self.held}", file=sys.stderr)
        self.held = None

    def _frame(self) -> FrameType | None:
        return sys._current_frames().get(self._thread_of_loop)


def _pause_all() -> None:
    for watchdog in list(_watching):
        watchdog.pause()


before_fork(_pause_all)


def _described(runner: LoopRunner, frame: FrameType | None) -> str | None:
    """Return by which task and at which line the loop is blocked in a frame; None if that is no code of the user's."""
    line = caller(frame)
    if line is None:
        return None
    running = set()
    while frame is not None:
        running.add(frame)
        frame = frame.f_back
    names = [name for name, coro in runner.started_tasks() if getattr(coro, "cr_frame", None) in running]
    by = f"by {names[0]!r}, " if names else "by an input, " if runner.runs_input else ""
    return f"{by}at {short_path(line)}"
