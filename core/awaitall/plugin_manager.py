"""pluggy's plugin manager, in which a hook that fails costs one line and its own effect, and no other plugin."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import pluggy

from awaitall import hookspecs
from awaitall.interrupts import FROM_OUTSIDE
from awaitall.tracebacks import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

__all__ = ["PluginManager", "closest"]

_T = TypeVar("_T")

#: Hook -> what it offers, and what that has to be. Such a hook of a plugin is called once.
_THINGS = {
    "awaitall_ast_transformers": ("transformers", "objects with a method visit"),
    "awaitall_commands": ("commands", "CommandSpec objects"),
    "awaitall_runners": ("runners", "RunnerSpec objects"),
    "awaitall_shells": ("shells", "ShellSpec objects"),
    "awaitall_source_transformers": ("transformers", "functions"),
}


class PluginManager(pluggy.PluginManager):
    """Calls hooks as pluggy does, wrappers, ``tryfirst`` and ``trylast`` included, each implementation in a guard of its own.

    Attributes:
        on_change: Called when a plugin has been registered or unregistered.
    """

    def __init__(self) -> None:
        super().__init__("awaitall")
        self.on_change: Callable[[], object] = _nothing
        self._warned: set[str] = set()
        self._owners: dict[int, tuple[str, object]] = {}  # of what is on offer, which is kept, so that its number is its own
        self.add_hookspecs(hookspecs)

    def register(self, plugin: object, name: str | None = None) -> str | None:
        """Register a plugin; a hook that is misspelt costs a line.

        Raises:
            ValueError: another plugin has the name. PluginValidationError: a hook takes arguments that there are not.
        """
        try:
            registered = super().register(plugin, name)
        except pluggy.PluginValidationError:
            if self.is_registered(plugin):  # in part, by pluggy 1.5
                super().unregister(plugin)
            raise
        for caller in self.get_hookcallers(plugin) or ():
            for implementation in caller.get_hookimpls():
                if implementation.plugin is plugin:
                    if not caller.has_spec() and not implementation.optionalhook:
                        hint = closest(caller.name, _hooks())
                        text = f"there is no hook {caller.name}, so it is never called. {hint}".strip()
                        self.warn(f"plugin {registered!r}: {text}")
                    implementation.function = self._guarded(implementation, caller.name)  # type: ignore[misc]
        self.on_change()
        return registered

    def unregister(self, plugin: object | None = None, name: str | None = None) -> Any:
        """Unregister a plugin, as pluggy does."""
        removed = super().unregister(plugin, name)
        self.on_change()
        return removed

    def callers(self, *names: str) -> dict[str, Callable[..., Any]]:
        """Return those of these hooks that some plugin implements, with what calls all implementations."""
        found = {f"awaitall_{name}": getattr(self.hook, f"awaitall_{name}") for name in names}
        return {name: caller for name, caller in found.items() if caller.get_hookimpls()}

    def offers(self, hook: str, kind: type[_T]) -> dict[str, _T]:
        """Return what all plugins offer by a hook, by name; of two things with one name the one that pluggy puts first."""
        found: dict[str, Any] = {}
        for thing in reversed(self.things(hook)):
            if (flaw := _flaw(thing, kind)) is not None:
                self.warn(f"plugin {self.owner(thing)!r}: one of its {_THINGS[hook][0]} is ignored: {flaw}")
                continue
            if (name := thing.name) in found:
                text = f"its {_THINGS[hook][0][:-1]} {name!r} takes the place of that of plugin {self.owner(found[name])!r}"
                self.warn(f"plugin {self.owner(thing)!r}: {text}")
            found[name] = thing
        return found

    def things(self, hook: str) -> list[Any]:
        """Return what all plugins offer by a hook, in the order in which pluggy calls them."""
        return [thing for things in getattr(self.hook, hook)() for thing in things or ()]

    def owner(self, thing: object) -> str:
        """Return the name of the plugin that has offered something."""
        return self._owners.get(id(thing), ("of a hook wrapper", None))[0]

    def warn(self, text: str) -> None:
        """Print a line on standard error, once."""
        if text not in self._warned:
            self._warned.add(text)
            print(f"awaitall: {text}", file=sys.stderr)

    def _guarded(self, implementation: pluggy.HookImpl, hook: str) -> Callable[..., Any]:
        plugin = implementation.plugin_name
        function: Callable[..., Any] = implementation.function

        def blame(exc: BaseException) -> None:
            effect = f"its {_THINGS[hook][0]} are ignored" if hook in _THINGS else "that is ignored"
            self.warn(f"plugin {plugin!r}: {hook}() failed, so {effect}: {one_line(exc)}")

        if implementation.hookwrapper:
            self.warn(f"plugin {plugin!r}: its wrapper of {hook} is ignored: use @hookimpl(wrapper=True)")
            return _pass_through
        if implementation.wrapper:
            return _guarded_wrapper(function, blame)
        if hook in _THINGS:
            return self._offering(function, plugin, _THINGS[hook][1], blame)

        @wraps(function)
        def guarded(*args: Any) -> Any:
            try:
                return function(*args)
            except FROM_OUTSIDE:
                raise
            except BaseException as exc:
                blame(exc)

        return guarded

    def _offering(
        self, function: Callable[..., Any], plugin: str, kind: str, blame: Callable[[BaseException], None]
    ) -> Callable[..., Any]:
        """Call a function once, and remember what it offers, and that this plugin does."""
        offered: list[list[Any]] = []

        @wraps(function)
        def guarded(*args: Any) -> list[Any]:
            if not offered:
                try:
                    offered.append(_listed(function(*args), kind))
                except FROM_OUTSIDE:
                    raise
                except BaseException as exc:
                    blame(exc)
                    offered.append([])
                self._owners.update({id(thing): (plugin, thing) for thing in offered[0]})
            return offered[0]

        return guarded


def _listed(things: Any, kind: str) -> list[Any]:
    if things is None:
        return []
    if isinstance(things, str) or not isinstance(things, Iterable):
        raise TypeError(f"it must return or yield {kind}, not {things!r}")
    return list(things)


def _guarded_wrapper(
    function: Callable[..., Generator[None, Any, Any]], blame: Callable[[BaseException], None]
) -> Callable[..., Generator[None, Any, Any]]:
    @wraps(function)
    def guarded(*args: Any) -> Generator[None, Any, Any]:
        try:
            wrapper = function(*args)
            next(wrapper)
        except FROM_OUTSIDE:
            raise
        except BaseException as exc:
            blame(exc)
            return (yield)
        result = yield
        try:
            wrapper.send(result)
        except StopIteration as ended:
            return ended.value
        except FROM_OUTSIDE:
            raise
        except BaseException as exc:
            blame(exc)
        else:
            blame(RuntimeError("a hook wrapper yields once"))
            wrapper.close()
        return result

    return guarded


def _pass_through(*args: object) -> Generator[None, Any, None]:
    yield


def _hooks() -> list[str]:
    return [name for name in vars(hookspecs) if name.startswith("awaitall_")]


def closest(name: str, names: Iterable[str]) -> str:
    """Return a question with the one of the names that is most like a name; empty if none is."""
    from difflib import get_close_matches

    close = get_close_matches(name, names, 1)
    return f"Did you mean {close[0]!r}?" if close else ""


def _flaw(spec: Any, kind: type[Any]) -> str | None:
    """Return what makes something on offer unusable, if anything does."""
    if not isinstance(spec, kind):
        return f"{spec!r} is no {kind.__name__}"
    if not (isinstance(spec.name, str) and spec.name.split() == [spec.name]):
        return f"its name must be one word, not {spec.name!r}"
    for attribute in ("factory", "run", "complete", "start", "is_wired", "configuration", "trouble"):
        if hasattr(spec, attribute) and not callable(value := getattr(spec, attribute)):
            return f"{spec.name!r} needs a function as its {attribute!r}, not {value!r}"
    return None


def _nothing() -> None:
    """Do nothing when the plugins change."""
