"""What runners and their tasks are: the ground that everything else of awaitall stands on.

Nothing here imports an event loop, pluggy, or a session.
"""

from __future__ import annotations

import math
import sys
import traceback
from abc import ABC, abstractmethod
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from awaitall.errors import UnsupportedError

if TYPE_CHECKING:
    import contextvars
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
    from contextlib import AbstractContextManager
    from types import FrameType
    from typing import TypeAlias

    #: What names a runner; see :meth:`awaitall.Session.use`.
    AnyRunner: TypeAlias = "str | RunnerSpec | Callable[[Coroutine[Any, Any, Any]], Any] | type[AbstractEventLoop]"

__all__ = [
    "FEATURES",
    "EventSource",
    "HandedOver",
    "NoEvents",
    "Runner",
    "RunnerSpec",
    "RunnerTask",
    "TaskKeeper",
    "print_failure",
]

#: What a runner may be able to do beyond running a coroutine to its end, by the names that :attr:`Runner.features` uses.
FEATURES = {
    "suspend": "an input may wait for something",
    "background": "tasks live on after the input that started them, and spawn() starts one",
    "across": "what is bound to a task or a context can be entered in one input and left in another",
    "pump": "background tasks go on while the prompt waits for a key",
    "windows": "windows of GUI toolkits live while the loop runs",
    "cancel": "Ctrl-C cancels the input and lets its cleanup run; a second one gives the prompt back",
}


def print_failure(name: str, error: BaseException) -> None:
    """Print that a background task has failed, for a runner that no session has opened."""
    print(f"Task {name!r} in the background has failed:", file=sys.stderr)
    traceback.print_exception(error)


def _bind_nowhere(name: str, value: Any) -> None:
    """Do nothing, for a runner that no session has opened."""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """An input that goes on in the background, as a session knows it.

    Attributes:
        name: What the task is called.
        end: Called once, on the loop, with what the input has returned and the error that it has raised.
    """

    name: str
    end: Callable[[Any, BaseException | None], object]


class Runner(ABC):
    """Runs the inputs of one session, one at a time, all on the thread that opened it. Subclass it to write another one.

    Attributes:
        name: What it is called.
        library: The asynchronous library whose coroutines it runs, if it is for one.
        features: Which of :data:`FEATURES` it has; what a runner does not declare nobody asks of it.
        context: The context that every input runs in.
        report_failure: Called with the name of a background task that has failed, and its error; a session sets it to its own,
            which shows both as its shell shows errors. A runner calls it once for each error that nobody else will see.
        bind_name: Called with a name and a value that inputs are to have at hand, as trio's ``nursery``; a session sets it to
            its own, which leaves alone a name that the user has bound.
        event_source: What has events to handle beside the tasks, as the windows of GUI toolkits; a session sets it to its own. A
            runner with the feature ``"windows"`` looks at it whenever its loop begins to run, as :class:`EventSource` tells.
        hand_over: Called on the loop when Ctrl-Z is to hand the input that is being awaited over to the background, with the
            handle that :meth:`tasks` lists it with from now on and ``time.monotonic()`` of its start. :meth:`run` returns None
            then. If it gives None, the input is to be cancelled. A session sets it for each input; it is None where Ctrl-Z does
            what it always does.
    """

    name: str
    library: str | None = None
    features: frozenset[str] = frozenset()

    def __init__(self, context: contextvars.Context) -> None:
        self.context = context
        self.report_failure: Callable[[str, BaseException], object] = print_failure
        self.bind_name: Callable[[str, Any], object] = _bind_nowhere
        self.event_source: EventSource = NoEvents()
        self.hand_over: Callable[[Any, float], HandedOver | None] | None = None

    @abstractmethod
    def run(self, coro: Coroutine[Any, Any, Any], /) -> Any:
        """Run one input to its end and return its value, or raise what it raised.

        With the feature ``"cancel"``, Ctrl-C cancels the input, lets its cleanup run, and comes out as KeyboardInterrupt. A
        second Ctrl-C during a cleanup that does not end gives the caller the KeyboardInterrupt at once.

        Raises:
            ClosedError, WrongThreadError, RunningLoopError: the coroutine has been closed unrun.
        """

    def interrupt(self, frame: FrameType | None = None, /) -> bool:
        """Do what Ctrl-C does, for a host that owns SIGINT; False if no input is running, or without the feature ``"cancel"``.

        Safe to call in a signal handler, and from another thread. May raise KeyboardInterrupt, to stop code of the input that
        does not await, and was interrupted in ``frame``.

        Args:
            frame: The frame that the signal interrupted, as a signal handler gets it.
        """
        return False

    @property
    def interrupted(self) -> bool:
        """Whether a Ctrl-C is on its way to the input, and the loop has to run for it to get there."""
        return False

    def raise_if_interrupted(self, frame: FrameType | None, /) -> None:  # noqa: B027  # a runner may leave it out
        """Raise KeyboardInterrupt if a Ctrl-C is on its way to the input, and ``frame`` runs code of the input itself.

        A host calls it where its own code, called by the input, ends: a Ctrl-C that has struck there was not raised there.
        """

    def spawn(self, coro: Coroutine[Any, Any, Any], name: str | None = None, /) -> object:
        """Start a background task; called only with the feature ``"background"``, and also while no input is running.

        An error in the task ends nothing else; the runner calls :attr:`report_failure` once.

        Returns:
            The handle that :meth:`tasks` lists it with.
        """
        raise NotImplementedError

    def tasks(self) -> list[RunnerTask]:
        """List the tasks that have not ended, without those of the runner itself; with the feature ``"background"``."""
        raise NotImplementedError

    def cancel(self, handle: Any, /) -> None:
        """Cancel the task with this handle; called only with the feature ``"background"``. The task ends in its own time.

        Raises:
            UnsupportedError: the library can only cancel more than this task.
        """
        raise NotImplementedError

    def children(self) -> Mapping[Any, Collection[object]]:
        """Return for tasks, by their handles, the tasks that they wait for, those in their nurseries included.

        Called when tasks are listed, and not when one is looked for. By default nothing is known.
        """
        return {}

    async def wait(self, handle: Any, /) -> None:
        """Wait until the task with this handle has ended; awaited on the loop of the runner, in an input.

        By default it raises UnsupportedError, and so it may where the library cannot wait for a single task.
        """
        raise UnsupportedError(f"The runner {self.name!r} cannot wait for a task.")

    @property
    def nursery(self) -> Any:
        """What :attr:`awaitall.Session.nursery` gives; by default it raises UnsupportedError."""
        raise UnsupportedError(f"The runner {self.name!r} has no nursery; the runner 'trio' has.")

    def pump(self, fds: Sequence[int], timeout: float | None = None, /) -> None:
        """Run background tasks until one of the file descriptors is readable; called only with the feature ``"pump"``.

        Called by :meth:`awaitall.Session.pump` while no input is running. It never reads from the descriptors, and waits without
        polling. It returns early at any time it likes: the caller looks for itself.

        Args:
            fds: Of the terminal, or of whatever else tells that the prompt is over.
            timeout: In seconds.

        Raises:
            KeyboardInterrupt: Ctrl-C; it was meant for the prompt, and no task has noticed it.
            ClosedError, WrongThreadError, RunningLoopError: as for an input.
        """
        raise NotImplementedError

    def sync_input(self) -> AbstractContextManager[None]:
        """Return a context manager for an input that does not await; nothing of the runner may stand in its way."""
        return nullcontext()

    @abstractmethod
    def close(self, timeout: float = 5.0) -> list[str]:
        """Cancel what still runs, wait for its cleanup for at most ``timeout`` seconds, and shut the loop down.

        Returns:
            The names of the tasks that would not end in time. Never raises for them. A second call does nothing.
        """


class EventSource(Protocol):
    """Something that has events to handle beside the tasks of a loop.

    When the loop begins to run, for an input or for the prompt, the runner asks whether the source is true. If so, it calls
    :meth:`handle` between two steps of tasks, in the context of the inputs, and again after the seconds that this returns, for
    as long as the loop runs.
    """

    def __bool__(self) -> bool: ...

    def handle(self) -> float:
        """Handle the events that there are, without waiting; return in how many seconds to call this again. Raises nothing."""
        ...


class NoEvents:
    """A source without events."""

    def __bool__(self) -> bool:
        return False

    def handle(self) -> float:
        """Handle nothing."""
        return math.inf


class TaskKeeper(Protocol):
    """What the tasks of a session are kept by: a runner, or the loop of a program that runs already."""

    def spawn(self, coro: Coroutine[Any, Any, Any], name: str | None = None, /) -> object:
        """Start a task; return its handle."""

    def tasks(self) -> list[RunnerTask]:
        """Return the tasks that have not ended."""
        ...

    def children(self) -> Mapping[Any, Collection[object]]:
        """Return for tasks, by their handles, the tasks that they wait for."""
        ...

    def cancel(self, handle: Any, /) -> None:
        """Cancel the task with this handle."""

    async def wait(self, handle: Any, /) -> None:
        """Wait until the task with this handle has ended."""


@dataclass(frozen=True, slots=True)
class RunnerTask:
    """A task that has not ended, as its runner knows it.

    Attributes:
        handle: Whatever identifies it to the runner, the same object each time.
        name: What it is called.
        state: One word: ``"waiting"``, ``"ready"``, ``"cancelled"`` while it is still ending.
        coro: What it runs.
        began: ``time.monotonic()`` of its start, or None where nobody knows.
        created: ``file:line`` of the code that has started it, or None where nobody knows.
    """

    handle: object
    name: str
    state: str
    coro: Any
    began: float | None = None
    created: str | None = None


@dataclass(frozen=True, slots=True)
class RunnerSpec:
    """A runner on offer.

    Attributes:
        name: What users call it; one word, lower case.
        factory: Opens a runner. Called on the thread that will run the inputs, at the first input that awaits, with the
            context that every input of the session runs in. Import the event loop here and not earlier.
        summary: One line for lists of runners.
    """

    name: str
    factory: Callable[[contextvars.Context], Runner]
    summary: str = ""
