"""The runners that awaitall brings along, offered through the same hook as a stranger's."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

from awaitall.contracts import RunnerSpec
from awaitall.errors import OpenError
from awaitall.hookspecs import hookimpl

if TYPE_CHECKING:
    import contextvars
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Iterator

    from awaitall.contracts import Runner


@hookimpl
def awaitall_runners() -> Iterator[RunnerSpec]:
    """Offer the built-in runners; a library is imported when its runner is opened."""
    yield RunnerSpec("asyncio", open_asyncio, "one persistent asyncio loop, every input in the same task")
    yield RunnerSpec("uvloop", _open_uvloop, "the same on uvloop")
    yield RunnerSpec("trio", _open_trio, "one persistent trio, every input in the same task")
    yield RunnerSpec("curio", _open_curio, "one persistent curio kernel")
    yield RunnerSpec("sync", _open_sync, "no loop: for coroutines that never wait")


def open_asyncio(
    context: contextvars.Context, loop_factory: Callable[[], AbstractEventLoop] | None = None, name: str = "asyncio"
) -> Runner:
    """Open a runner on asyncio; arguments as for :class:`awaitall.runners.on_asyncio.AsyncioRunner`."""
    try:
        from awaitall.runners.on_asyncio import AsyncioRunner
    except ImportError as exc:
        raise OpenError.for_import(f"The runner {name!r}", "asyncio", exc) from exc
    return AsyncioRunner(context, loop_factory, name)


def is_class_of_loops(thing: object) -> bool:
    """Report whether something is a class of event loops of asyncio, which is imported already then."""
    events = sys.modules.get("asyncio.events")
    return events is not None and isinstance(thing, type) and issubclass(thing, events.AbstractEventLoop)


def _open_uvloop(context: contextvars.Context) -> Runner:
    try:
        if _uvloop() == "winloop":
            from winloop import new_event_loop
        else:
            from uvloop import new_event_loop
    except ImportError as exc:
        raise OpenError.for_import("The runner 'uvloop'", "uvloop", exc) from exc
    return open_asyncio(context, new_event_loop, "uvloop")


def _uvloop() -> str:
    """Return the name of the library: there is no uvloop for Windows, and winloop is the same there."""
    return "uvloop" if _is_there("uvloop") or not _is_there("winloop") else "winloop"


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
    from awaitall.runners.without_loop import SyncRunner

    return SyncRunner(context)


def check_installed(spec: RunnerSpec) -> None:
    """Raise what opening a built-in runner would raise, if its library is not installed; the library is not imported."""
    library = _uvloop() if spec.factory is _open_uvloop else spec.name
    if spec.factory in (_open_uvloop, _open_trio, _open_curio) and not _is_there(library):
        raise OpenError.for_import(f"The runner {library!r}", library, ModuleNotFoundError(f"No module named {library!r}"))


def _is_there(library: str) -> bool:
    try:
        return find_spec(library) is not None
    except ValueError:  # something of the name is in sys.modules, and no import has put it there
        return sys.modules.get(library) is not None
