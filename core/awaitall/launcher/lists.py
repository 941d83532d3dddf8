"""``awaitall plugins`` and ``awaitall runners``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awaitall.errors import OpenError
from awaitall.launcher.colors import colored
from awaitall.plugins import GROUP, loaded
from awaitall.runners.builtin import check_installed
from awaitall.tracebacks import one_line

if TYPE_CHECKING:
    from awaitall.contracts import RunnerSpec

__all__ = ["distributions", "list_plugins", "list_runners", "missing"]


def distributions() -> dict[str, str]:
    """Return the plugins that are installed, by the names of their entry points, and the distribution of each."""
    from importlib.metadata import entry_points

    entries = sorted(entry_points(group=GROUP), key=lambda entry: entry.name)
    return {entry.name: f"{entry.dist.name} {entry.dist.version}" if entry.dist else "" for entry in entries}


def list_plugins() -> None:
    """Print the plugins that are installed, and the hooks that each implements."""
    registry = loaded()
    installed = distributions()
    for name, plugin in registry.manager.list_name_plugin():
        hooks = [caller.name.removeprefix("awaitall_") for caller in registry.manager.get_hookcallers(plugin) or ()]
        _print_row(name, installed.get(name, "built in"), ", ".join(sorted(hooks)))
    for name, exc in registry.failures.items():
        _print_row(name, installed.get(name, ""), colored(f"could not be loaded: {one_line(exc)}", "red"))


def list_runners() -> None:
    """Print the runners, and what is missing where one cannot be used."""
    for name, spec in sorted(loaded().runners().items()):
        _print_row(name, spec.summary, colored(missing(spec), "yellow"), width=50)


def missing(spec: RunnerSpec) -> str:
    """Return that the library of a runner is not installed, and what installs it; empty if it is there."""
    try:
        check_installed(spec)
    except OpenError as exc:
        return f"not installed: {str(exc).rpartition('): ')[2]}"
    return ""


def _print_row(name: str, second: str, third: str, width: int = 24) -> None:
    print(f"{name:<20} {second:<{width}} {third}".rstrip())
