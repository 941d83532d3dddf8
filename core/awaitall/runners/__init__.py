"""What a runner is, and the runners that awaitall brings along, offered through the same hook as a stranger's."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from contextlib import nullcontext
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from awaitall.errors import OpenError, UnsupportedError
from awaitall.hookspecs import RunnerSpec, hookimpl

if TYPE_CHECKING:
    import contextvars
    from collections.abc import Callable, Coroutine, Iterator, Sequence
    from contextlib import AbstractContextManager
    from types import FrameType

    from awaitall.tasks import RunnerTask

__all__ = ["FEATURES", "Runner"]

#: What a runner may be able to do beyond running a coroutine to its end, by the names that :attr:`Runner.features` uses.
FEATURES = {
    "suspend": "an input may wait for something",
    "background": "tasks live on after the input that started them, and spawn() starts one",
    "across": "what is bound to a task or a context can be entered in one input and left in another",
    "pump": "background tasks go on while the prompt waits for a key",
    "cancel": "Ctrl-C cancels the input and lets its cleanup run; a second one gives the prompt back",
}


def print_failure(text: str) -> None:
    """Print that a background task has failed, where no shell has a style of its own for that."""
    print(text, end="", file=sys.stderr)


class Runner(ABC):
    """Runs the inputs of one session, one at a time, all on the thread that opened it. Subclass it to write another one.

    Attributes:
        name: What it is called.
        library: The asynchronous library whose coroutines it runs, if it is for one.
        features: Which of :data:`FEATURES` it has; what a runner does not declare nobody asks of it.
        context: The context that every input runs in.
        show_failure: Shows the text which tells that a background task has failed; a session sets it to its own.
    """

    name: str
    library: str | None = None
    features: frozenset[str] = frozenset()

    def __init__(self, context: contextvars.Context) -> None:
        self.context = context
        self.show_failure: Callable[[str], object] = print_failure

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

    def spawn(self, coro: Coroutine[Any, Any, Any], name: str | None = None, /) -> object:
        """Start a background task; called only with the feature ``"background"``, and also while no input is running.

        An error in the task ends nothing else, and is told on standard error once.

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

    @property
    def nursery(self) -> Any:
        """What :attr:`awaitall.Session.nursery` gives; by default it raises UnsupportedError."""
        raise UnsupportedError(f"The runner {self.name!r} has no nursery; the runner 'trio' has.")

    def pump(self, fds: Sequence[int], timeout: float | None = None, /) -> None:
        """Let background tasks run until one of the file descriptors is readable; called only with the feature ``"pump"``.

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
        """Surround an input that does not await; nothing of the runner may stand in its way."""
        return nullcontext()

    @abstractmethod
    def close(self, timeout: float = 5.0) -> list[str]:
        """Cancel what still runs, wait for its cleanup for at most ``timeout`` seconds, and shut the loop down.

        Returns:
            The names of the tasks that would not end in time. Never raises for them. A second call does nothing.
        """


@hookimpl
def awaitall_runners() -> Iterator[RunnerSpec]:
    """Offer the built-in runners; a library is imported when its runner is opened."""
    yield RunnerSpec("asyncio", _open_asyncio, "one persistent asyncio loop, every input in the same task")
    yield RunnerSpec("uvloop", _open_uvloop, "the same on uvloop")
    yield RunnerSpec("trio", _open_trio, "one persistent trio, every input in the same task")
    yield RunnerSpec("curio", _open_curio, "one persistent curio kernel")
    yield RunnerSpec("sync", _open_sync, "no loop: for coroutines that never wait")


def _open_asyncio(context: contextvars.Context) -> Runner:
    try:
        from awaitall.runners.on_asyncio import AsyncioRunner
    except ImportError as exc:
        raise OpenError.for_import("The runner 'asyncio'", "asyncio", exc) from exc
    return AsyncioRunner(context)


def _open_uvloop(context: contextvars.Context) -> Runner:
    try:
        from uvloop import new_event_loop
    except ImportError as exc:
        raise OpenError.for_import("The runner 'uvloop'", "uvloop", exc) from exc
    from awaitall.runners.on_asyncio import AsyncioRunner

    return AsyncioRunner(context, new_event_loop, "uvloop")


def _open_trio(context: contextvars.Context) -> Runner:
    try:
        from awaitall.runners.on_trio import TrioRunner
    except ImportError as exc:
        raise OpenError.for_import("The runner 'trio'", "trio", exc) from exc
    return TrioRunner(context)


def _open_curio(context: contextvars.Context) -> Runner:
    try:
        from awaitall.runners.on_curio import CurioRunner
    except ImportError as exc:  # also what curio 1.6 gives on Python 3.12 and newer
        raise OpenError.for_import("The runner 'curio'", "curio", exc) from exc
    return CurioRunner(context)


def _open_sync(context: contextvars.Context) -> Runner:
    from awaitall.runners.simple import SyncRunner

    return SyncRunner(context)


def check_installed(spec: RunnerSpec) -> None:
    """Raise what opening a built-in runner would raise, if its library is not installed; the library is not imported."""
    library = spec.name
    if spec.factory in (_open_uvloop, _open_trio, _open_curio) and not _is_there(library):
        raise OpenError.for_import(f"The runner {library!r}", library, ModuleNotFoundError(f"No module named {library!r}"))


def _is_there(library: str) -> bool:
    try:
        return find_spec(library) is not None
    except ValueError:  # something of the name is in sys.modules, and no import has put it there
        return sys.modules.get(library) is not None
