"""What a shell can be started with, so that it lasts: the keywords of every adapter's ``enable()`` or ``interact()``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypedDict, cast

from awaitall.errors import AwaitallError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence
    from typing import Any

    from awaitall.base_session import BaseSession
    from awaitall.contracts import RunnerSpec

    AnyRunner = str | RunnerSpec | Callable[[Coroutine[Any, Any, Any]], Any]

__all__ = ["Settings", "apply", "checked", "load_plugins"]


class Settings(TypedDict, total=False):
    """Attributes of a :class:`awaitall.Session` by their names; what is left out is as ever.

    Attributes:
        runner: The name of a runner, a spec, or a function that runs a coroutine by itself.
        autoawait: Whether await is allowed at the top level.
        outside: Whether inputs that do not await see no loop.
        implicit: Whether a coroutine that is the value of an input is awaited.
        plugins: The entry points of plugins that are there from the first input on; other plugins that are installed are loaded
            when a runner, a command or a shell is looked up that is not there.
    """

    runner: AnyRunner
    autoawait: bool
    outside: bool
    implicit: bool
    plugins: Sequence[str]


def checked(given: Mapping[str, object]) -> Settings:
    """Return those settings that can be applied; each of the others costs one line on standard error.

    Plugins that are named are loaded. No event loop is imported, and no plugin unless one is named, or a runner that is not the
    default.
    """
    settings = {}
    for name, value in given.items():
        try:
            settings[name] = _checked(name, value)
        except (AwaitallError, TypeError) as exc:
            print(f"awaitall: {name}={value!r} is left out: {exc}", file=sys.stderr)
    return cast("Settings", settings)


def _checked(name: str, value: object) -> object:
    if name == "runner":
        return _runner(value)
    if name == "plugins":
        return load_plugins(value)
    if name not in Settings.__annotations__:
        from awaitall.plugin_manager import closest

        there = sorted(Settings.__annotations__)
        raise UsageError(f"No setting is called {name!r}; there are: {', '.join(there)}. {closest(name, there)}".rstrip())
    if not isinstance(value, bool):
        raise UsageError(f"The setting {name!r} is either True or False.")
    return value


def _runner(value: Any) -> str | RunnerSpec:
    if value == "asyncio":
        return "asyncio"
    from awaitall.plugins import resolve_runner
    from awaitall.runners.builtin import check_installed

    spec = resolve_runner(value)
    check_installed(spec)
    return spec


def load_plugins(names: Any) -> list[str]:
    """Load the plugins of these names, in a list or in text with spaces or commas between them; return a list.

    Raises:
        UnknownPluginError: one of them is not installed; the others have been loaded.
    """
    from awaitall.plugins import plugins

    found = names.replace(",", " ").split() if isinstance(names, str) else list(names)
    plugins().load(found)
    return found


def apply(session: BaseSession, settings: Settings) -> None:
    """Set up a session with what :func:`checked` has returned; a runner that cannot be opened costs one line."""
    for name, value in settings.items():
        if name == "plugins":
            continue  # they are loaded
        try:
            setattr(session, name, value)
        except AwaitallError as exc:
            print(f"awaitall: {exc}", file=sys.stderr)
