"""Find the plugins, and keep a broken one from taking anything else with it."""

from __future__ import annotations

import sys
from functools import cache, lru_cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pluggy

from awaitall import hookspecs, runners
from awaitall.errors import AwaitallError, OpenError, UnknownCommandError, UnknownRunnerError
from awaitall.hookspecs import CommandSpec, RunnerSpec
from awaitall.runners import Runner

if TYPE_CHECKING:
    import contextvars
    from collections.abc import Callable, Coroutine, Iterator

__all__ = ["Plugins", "as_spec", "opened", "plugins"]

GROUP = "awaitall"


class Plugins:
    """The built-in runners and commands, and whatever is installed under the entry point group ``awaitall``.

    Attributes:
        manager: The pluggy manager; programs may register plugins of their own with it.
        failures: Entry point name -> the exception that kept it from loading.
    """

    def __init__(self) -> None:
        self.manager = pluggy.PluginManager("awaitall")
        self.manager.add_hookspecs(hookspecs)
        self.manager.register(runners, "awaitall runners")
        self.manager.register(import_module("awaitall.commands"), "awaitall commands")
        self.failures: dict[str, Exception] = {}
        self._loaded = False

    def load(self) -> None:
        """Load the installed plugins, once, one by one.

        pluggy's own ``load_setuptools_entrypoints`` ends at the first plugin that cannot be imported, so it is not used.
        """
        if self._loaded:
            return
        self._loaded = True
        from importlib.metadata import entry_points

        for entry in entry_points(group=GROUP):
            try:
                self.manager.register(entry.load(), entry.name)
            except Exception as exc:
                self.failures[entry.name] = exc
                _warn(entry.name, "could not be loaded", exc)

    def runner(self, name: str) -> RunnerSpec:
        """Look a runner up by name; installed plugins are searched for only when no built-in runner has the name.

        Raises:
            UnknownRunnerError: with the closest name there is.
        """
        spec: RunnerSpec = self._look_up(name, self.runners, UnknownRunnerError, "runner")
        return spec

    def command(self, name: str) -> CommandSpec:
        """Look a line command up by name, as :meth:`runner` does.

        Raises:
            UnknownCommandError: with the closest name there is.
        """
        spec: CommandSpec = self._look_up(name, self.commands, UnknownCommandError, "command")
        return spec

    def runners(self) -> dict[str, RunnerSpec]:
        """Give the runners of the plugins that are loaded, by name."""
        return self._offers("awaitall_runners", RunnerSpec)

    def commands(self) -> dict[str, CommandSpec]:
        """Give the line commands of the plugins that are loaded, by name."""
        return self._offers("awaitall_commands", CommandSpec)

    def _look_up(self, name: str, offers: Callable[[], dict[str, Any]], error: type[AwaitallError], kind: str) -> Any:
        if spec := offers().get(name):
            return spec
        self.load()
        there = offers()
        if spec := there.get(name):
            return spec
        from difflib import get_close_matches

        close = get_close_matches(name, there, 1)
        hint = f"Did you mean {close[0]!r}?" if close else "Install a plugin that offers it."
        raise error(f"No {kind} is called {name!r}; there are: {', '.join(sorted(there))}. {hint}")

    def _offers(self, hook: str, kind: type[Any]) -> dict[str, Any]:
        return {spec.name: spec for name, function in self._hooks(hook) for spec in _ask(name, hook, function, kind)}

    def _hooks(self, hook: str) -> Iterator[tuple[str, Callable[[], object]]]:
        for impl in getattr(self.manager.hook, hook).get_hookimpls():
            yield impl.plugin_name, impl.function


def _ask(name: str, hook: str, function: Callable[[], object], kind: type[Any]) -> list[Any]:
    try:
        specs: list[Any] = list(function() or ())  # type: ignore[call-overload]
        for spec in specs:
            if not isinstance(spec, kind):
                raise TypeError(f"{hook}() gave {spec!r}, which is no {kind.__name__}")
    except Exception as exc:
        _warn(name, f"offers no {hook.removeprefix('awaitall_')}", exc)
        return []
    return specs


def _warn(name: str, what: str, exc: Exception) -> None:
    print(f"awaitall: plugin {name!r} {what} and is left out: {type(exc).__name__}: {exc}", file=sys.stderr)


def as_spec(runner: str | RunnerSpec | Callable[[Coroutine[Any, Any, Any]], Any]) -> RunnerSpec:
    """Turn whatever names a runner into its spec; a function becomes one that runs inputs by calling it.

    Raises:
        UnknownRunnerError: no plugin offers a runner of the name. TypeError: it is none of the three.
    """
    if isinstance(runner, RunnerSpec):
        return runner
    if isinstance(runner, str):
        return plugins().runner(runner)
    if not callable(runner):
        raise TypeError(f"A runner is given by its name, a RunnerSpec or a function, and not by {runner!r}")
    return _function_spec(runner)


@lru_cache(maxsize=32)
def _function_spec(function: Callable[[Coroutine[Any, Any, Any]], Any]) -> RunnerSpec:
    """Give the spec of a function, the same one each time, so that a session opens one runner for it."""
    from awaitall.runners.simple import FunctionRunner

    return RunnerSpec(getattr(function, "__name__", repr(function)), partial(FunctionRunner, function=function), "a function")


def opened(spec: RunnerSpec, context: contextvars.Context) -> Runner:
    """Open a runner.

    Raises:
        OpenError: its library is missing, its factory raised, or gave something that cannot run inputs.
    """
    try:
        runner = spec.factory(context)
    except OpenError:
        raise
    except Exception as exc:
        raise OpenError(f"The runner {spec.name!r} could not be opened: {type(exc).__name__}: {exc}") from exc
    if not isinstance(runner, Runner):
        raise OpenError(f"The runner {spec.name!r} cannot be used: its factory gave {runner!r}, which is no awaitall.Runner.")
    return runner


@cache
def plugins() -> Plugins:
    """Give the one registry of this process; made when it is first asked for."""
    return Plugins()
