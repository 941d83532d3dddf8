"""Find the plugins, and keep a broken one from taking anything else with it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import cache, lru_cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pluggy

from awaitall import hookspecs
from awaitall.contracts import CommandSpec, Runner, RunnerSpec
from awaitall.errors import AwaitallError, OpenError, UnknownCommandError, UnknownRunnerError
from awaitall.interrupts import FROM_OUTSIDE
from awaitall.runners import builtin
from awaitall.tracebacks import one_line

if TYPE_CHECKING:
    import contextvars
    from collections.abc import Callable, Coroutine, Iterator
    from importlib.metadata import EntryPoint

__all__ = ["Plugins", "as_spec", "opened", "plugins"]

GROUP = "awaitall"

#: Hook -> what it offers.
_THINGS = {"awaitall_runners": "runners", "awaitall_commands": "commands"}


class Plugins:
    """The built-in runners and commands, and whatever is installed under the entry point group ``awaitall``.

    Attributes:
        manager: The pluggy manager; programs may register plugins of their own with it.
        failures: Entry point name -> the exception that kept it from loading.
    """

    def __init__(self) -> None:
        self.manager = pluggy.PluginManager("awaitall")
        self.manager.add_hookspecs(hookspecs)
        self.manager.register(builtin, "awaitall runners")
        self.manager.register(import_module("awaitall.commands"), "awaitall commands")
        self.failures: dict[str, BaseException] = {}
        self._entries: Iterator[EntryPoint] | None = None  # those that have not been loaded
        self._offered: dict[pluggy.HookImpl, list[Any]] = {}  # what each hook of each plugin has given; it is called once
        self._warned: set[str] = set()

    def load(self) -> None:
        """Load the installed plugins, once, one by one.

        pluggy's own ``load_setuptools_entrypoints`` ends at the first plugin that cannot be imported, so it is not used.
        """
        if self._entries is None:
            from importlib.metadata import entry_points

            self._entries = iter(entry_points(group=GROUP))
        for entry in self._entries:
            try:
                self.manager.register(entry.load(), entry.name)
            except FROM_OUTSIDE:
                raise
            except BaseException as exc:
                self.failures[entry.name] = exc
                self._warn(f"plugin {entry.name!r} could not be loaded and is left out: {one_line(exc)}")

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
        """Return the runners of the plugins that are loaded, by name."""
        return self._offers("awaitall_runners", RunnerSpec)

    def commands(self) -> dict[str, CommandSpec]:
        """Return the line commands of the plugins that are loaded, by name."""
        return self._offers("awaitall_commands", CommandSpec)

    def _look_up(self, name: str, offers: Callable[[], dict[str, Any]], error: type[AwaitallError], kind: str) -> Any:
        if spec := offers().get(name):
            return spec
        self.load()
        there = offers()
        if spec := there.get(name):
            return spec
        hint = closest(name, there) or "Install a plugin that offers it."
        raise error(f"No {kind} is called {name!r}; there are: {', '.join(sorted(there))}. {hint}")

    def _offers(self, hook: str, kind: type[Any]) -> dict[str, Any]:
        """Ask each plugin by itself, where pluggy would ask all of them and end at the first one that fails."""
        self._find_unknown_hooks()
        found: dict[str, Any] = {}
        owners: dict[str, str] = {}
        for impl in getattr(self.manager.hook, hook).get_hookimpls():
            if impl not in self._offered:
                self._offered[impl] = self._ask(impl, hook, kind)
            for spec in self._offered[impl]:
                if spec.name in found:
                    what = f"its {_THINGS[hook][:-1]} {spec.name!r} takes the place of that of plugin {owners[spec.name]!r}"
                    self._warn(f"plugin {impl.plugin_name!r}: {what}")
                found[spec.name], owners[spec.name] = spec, impl.plugin_name
        return found

    def _ask(self, impl: pluggy.HookImpl, hook: str, kind: type[Any]) -> list[Any]:
        """Call one hook of one plugin; return what is right of what it gives."""
        plugin, things = f"plugin {impl.plugin_name!r}", _THINGS[hook]
        try:
            if impl.wrapper or impl.hookwrapper:
                raise TypeError("it is a hook wrapper, and there is nothing to wrap: use @hookimpl without wrapper")
            specs: Any = impl.function()
            if specs is None:
                return []
            if isinstance(specs, str) or not isinstance(specs, Iterable):
                raise TypeError(f"it must return or yield {kind.__name__} objects, not {specs!r}")
            flaws = [(spec, _flaw(spec, kind)) for spec in specs]
        except FROM_OUTSIDE:
            raise
        except BaseException as exc:
            self._warn(f"{plugin}: {hook}() failed, so its {things} are ignored: {one_line(exc)}")
            return []
        for flaw in filter(None, (flaw for _, flaw in flaws)):
            self._warn(f"{plugin}: one of its {things} is ignored: {flaw}")
        return [spec for spec, flaw in flaws if not flaw]

    def _find_unknown_hooks(self) -> None:
        """Report misspelt hooks, as ``PluginManager.check_pending()`` does, which ends at the first."""
        for hook, caller in vars(self.manager.hook).items():
            if not caller.has_spec():
                for impl in caller.get_hookimpls():
                    if not impl.optionalhook:
                        hint = closest(hook, _THINGS)
                        self._warn(f"plugin {impl.plugin_name!r}: there is no hook {hook}, so it is never called. {hint}".strip())

    def _warn(self, text: str) -> None:
        if text not in self._warned:
            self._warned.add(text)
            print(f"awaitall: {text}", file=sys.stderr)


def closest(name: str, names: Iterable[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, names, 1)
    return f"Did you mean {close[0]!r}?" if close else ""


def _flaw(spec: Any, kind: type[Any]) -> str | None:
    """Return what makes something on offer unusable, if anything does."""
    if not isinstance(spec, kind):
        return f"{spec!r} is no {kind.__name__}"
    if not (isinstance(spec.name, str) and spec.name.split() == [spec.name]):
        return f"its name must be one word, not {spec.name!r}"
    for attribute in ("factory", "run", "complete"):
        if hasattr(spec, attribute) and not callable(value := getattr(spec, attribute)):
            return f"{spec.name!r} needs a function as its {attribute!r}, not {value!r}"
    return None


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
    except (OpenError, *FROM_OUTSIDE):
        raise
    except BaseException as exc:
        raise OpenError(f"The runner {spec.name!r} could not be opened: {one_line(exc)}") from exc
    if not isinstance(runner, Runner):
        raise OpenError(f"The runner {spec.name!r} cannot be used: its factory gave {runner!r}, which is no awaitall.Runner.")
    return runner


@cache
def plugins() -> Plugins:
    """Give the one registry of this process; made when it is first asked for."""
    return Plugins()
