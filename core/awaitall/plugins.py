"""Find the plugins, and keep a broken one from taking anything else with it."""

from __future__ import annotations

import sys
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import pluggy

from awaitall import hookspecs, runners
from awaitall.errors import OpenError, UnknownRunnerError
from awaitall.hookspecs import RunnerSpec
from awaitall.runners import Runner

if TYPE_CHECKING:
    import contextvars
    from collections.abc import Callable, Coroutine, Iterator

__all__ = ["Plugins", "as_spec", "opened", "plugins"]

GROUP = "awaitall"


class Plugins:
    """The built-in runners, and whatever is installed under the entry point group ``awaitall``.

    Attributes:
        manager: The pluggy manager; programs may register plugins of their own with it.
        failures: Entry point name -> the exception that kept it from loading.
    """

    def __init__(self) -> None:
        self.manager = pluggy.PluginManager("awaitall")
        self.manager.add_hookspecs(hookspecs)
        self.manager.register(runners, "awaitall")
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
        if spec := self._offers().get(name):
            return spec
        self.load()
        offers = self._offers()
        if spec := offers.get(name):
            return spec
        from difflib import get_close_matches

        close = get_close_matches(name, offers, 1)
        hint = f"Did you mean {close[0]!r}?" if close else "Install a plugin that offers it."
        raise UnknownRunnerError(f"No runner is called {name!r}; there are: {', '.join(sorted(offers))}. {hint}")

    def _offers(self) -> dict[str, RunnerSpec]:
        return {spec.name: spec for name, hook in self._hooks("awaitall_runners") for spec in _ask(name, hook)}

    def _hooks(self, hook: str) -> Iterator[tuple[str, Callable[[], object]]]:
        for impl in getattr(self.manager.hook, hook).get_hookimpls():
            yield impl.plugin_name, impl.function


def _ask(name: str, hook: Callable[[], object]) -> list[RunnerSpec]:
    try:
        specs: list[RunnerSpec] = list(hook() or ())  # type: ignore[call-overload]
        for spec in specs:
            if not isinstance(spec, hookspecs.RunnerSpec):
                raise TypeError(f"awaitall_runners() gave {spec!r}, which is no RunnerSpec")
    except Exception as exc:
        _warn(name, "offers no runners", exc)
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
    from awaitall.runners.simple import FunctionRunner

    return RunnerSpec(getattr(runner, "__name__", repr(runner)), partial(FunctionRunner, function=runner), "a function")


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
