"""Find the plugins, and keep a broken one from taking anything else with it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, lru_cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from awaitall import hooks
from awaitall.contracts import Runner, RunnerSpec
from awaitall.errors import (
    AwaitallError,
    OpenError,
    UnknownCommandError,
    UnknownPluginError,
    UnknownRunnerError,
    UnknownShellError,
)
from awaitall.interrupts import FROM_OUTSIDE
from awaitall.plugin_manager import PluginManager, closest
from awaitall.runners import builtin
from awaitall.specs import CommandSpec, ShellSpec
from awaitall.tracebacks import one_line
from awaitall.transformers import Transformers

if TYPE_CHECKING:
    import contextvars
    from collections.abc import Callable, Iterable
    from importlib.metadata import EntryPoint

    from awaitall.contracts import AnyRunner

__all__ = ["Plugins", "loaded", "open_runner", "plugins", "resolve_runner"]

GROUP = "awaitall"


class Plugins:
    """The built-in runners and commands, and whatever is installed under the entry point group ``awaitall``.

    Attributes:
        manager: The pluggy manager; programs may register plugins of their own with it.
        failures: Entry point name -> the exception that kept it from loading.
    """

    def __init__(self) -> None:
        self.manager = PluginManager()
        self.manager.register(builtin, "awaitall runners")
        self.manager.register(import_module("awaitall.commands.builtin"), "awaitall commands")
        self.failures: dict[str, BaseException] = {}
        self._entries: list[EntryPoint] | None = None  # those that have not been loaded
        self._transformers = Transformers(self.manager)

    def publish(self) -> None:
        """Call the hooks of this registry along the way of each input, from now on."""
        self.manager.on_change = self._put_callers
        self._put_callers()

    def _put_callers(self) -> None:
        hooks.callers.clear()
        hooks.callers.update(self._transformers.callers())
        hooks.callers.update(self.manager.callers("before_run", "after_run", "display", "background_error", "runner_changed"))

    def load(self, names: Iterable[str] | None = None, *, of: str | None = None) -> None:
        """Load installed plugins, one by one, each once.

        pluggy's own ``load_setuptools_entrypoints`` ends at the first plugin that cannot be imported, so it is not used.

        Args:
            names: Those of the entry points; all of them where omitted.
            of: The distribution whose plugins are loaded; any where omitted.

        Raises:
            UnknownPluginError: no plugin of a name is installed; the others have been loaded.
        """
        if self._entries is None:
            from importlib.metadata import entry_points

            self._entries = list(entry_points(group=GROUP))
        wanted = None if names is None else list(names)
        for entry in list(self._entries):
            if (wanted is None or entry.name in wanted) and (of is None or (entry.dist and entry.dist.name == of)):
                self._entries.remove(entry)
                self._load(entry)
        for name in wanted or ():
            if not (name in self.failures or self.manager.has_plugin(name)):
                there = sorted(entry.name for entry in self._entries)
                raise UnknownPluginError(f"No plugin is called {name!r}. {closest(name, there) or 'Is it installed?'}")

    def _load(self, entry: EntryPoint) -> None:
        try:
            self.manager.register(entry.load(), entry.name)
        except FROM_OUTSIDE:
            raise
        except BaseException as exc:
            self.failures[entry.name] = exc
            self.manager.warn(f"plugin {entry.name!r} could not be loaded and is left out: {one_line(exc)}")

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

    def shell(self, name: str) -> ShellSpec:
        """Look a shell up by name, as :meth:`runner` does; all shells are those of installed plugins.

        Raises:
            UnknownShellError: with the closest name there is.
        """
        spec: ShellSpec = self._look_up(name, self.shells, UnknownShellError, "shell")
        return spec

    def runners(self) -> dict[str, RunnerSpec]:
        """Return the runners of the plugins that are loaded, by name."""
        return self.manager.offers("awaitall_runners", RunnerSpec)

    def commands(self) -> dict[str, CommandSpec]:
        """Return the line commands of the plugins that are loaded, by name."""
        return self.manager.offers("awaitall_commands", CommandSpec)

    def shells(self) -> dict[str, ShellSpec]:
        """Return the shells of the plugins that are loaded, by name."""
        return self.manager.offers("awaitall_shells", ShellSpec)

    def _look_up(self, name: str, offers: Callable[[], dict[str, Any]], error: type[AwaitallError], kind: str) -> Any:
        if spec := offers().get(name):
            return spec
        self.load()
        there = offers()
        if spec := there.get(name):
            return spec
        hint = closest(name, there) or "Install a plugin that offers it."
        raise error(f"No {kind} is called {name!r}; there are: {', '.join(sorted(there))}. {hint}")


def resolve_runner(runner: AnyRunner) -> RunnerSpec:
    """Turn whatever names a runner into its spec.

    A function becomes a runner that calls it for each input; a class of loops of asyncio, one that opens a loop of that class.
    Text that is the name of no runner may be the dotted path of either, as in IPython.

    Raises:
        UnknownRunnerError: no plugin offers a runner of the name. OpenError: its module cannot be imported. TypeError: it is
            nothing of the kind.
    """
    if isinstance(runner, RunnerSpec):
        return runner
    if isinstance(runner, str):
        try:
            return plugins().runner(runner)
        except UnknownRunnerError:
            if not callable(found := _imported(runner)):
                raise
            return replace(resolve_runner(found), name=runner)
    if not callable(runner):
        raise TypeError(f"A runner is given by its name, a RunnerSpec, a function or a class of loops, and not by {runner!r}")
    return _spec_of(runner)  # type: ignore[arg-type]  # of a class, mypy looks at the hash of its instances


def _imported(path: str) -> Any:
    """Return what a dotted path names, or None."""
    module, _, name = path.rpartition(".")
    if not (module and path.isascii() and all(part.isidentifier() for part in path.split("."))):
        return None
    try:
        return getattr(import_module(module), name, None)
    except ModuleNotFoundError:
        return None
    except FROM_OUTSIDE:
        raise
    except BaseException as exc:
        raise OpenError(f"The runner {path!r} cannot be used: {one_line(exc)}") from exc


@lru_cache(maxsize=32)
def _spec_of(runner: Any) -> RunnerSpec:
    """Return the spec of a function or of a class of loops, the same one each time, so that a session opens one runner for it."""
    name = getattr(runner, "__name__", repr(runner))
    if builtin.is_class_of_loops(runner):
        return RunnerSpec(name, partial(builtin.open_asyncio, loop_factory=runner, name=name), "the same on a loop of this class")
    from awaitall.runners.without_loop import FunctionRunner

    return RunnerSpec(name, partial(FunctionRunner, function=runner), "a function")


def open_runner(spec: RunnerSpec, context: contextvars.Context) -> Runner:
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
    """Return the one registry of this process; it is made when it is first asked for."""
    registry = Plugins()
    registry.publish()
    return registry


def loaded() -> Plugins:
    """Return the registry with all plugins that are installed."""
    registry = plugins()
    registry.load()
    return registry
