"""Start one of the shells that plugins offer, those of awaitall included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awaitall.errors import AwaitallError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["main"]


def main(arguments: Sequence[str]) -> Any:
    """Start the shell of a name, ``["xonsh", "--no-rc"]``, or the one that takes no other package; return its exit status.

    Args:
        arguments: The name of a shell, if the first one is no option, and the arguments of that shell.
    """
    if not arguments or arguments[0].startswith("-"):
        if {"-h", "--help"} & set(arguments):
            print(_help())
            return None
        return _default()(arguments)
    from awaitall.plugins import plugins

    name, *rest = arguments
    try:
        return plugins().shell(name).start(rest)
    except AwaitallError as exc:
        return f"awaitall: {exc}"


def _default() -> Callable[[Sequence[str]], Any]:
    """Return what starts the shell that takes no other package; it is named by the entry points of awaitall itself."""
    from importlib.metadata import distribution

    (entry,) = distribution("awaitall").entry_points.select(group="awaitall.default")
    start: Callable[[Sequence[str]], Any] = entry.load()
    return start


def _help() -> str:
    from awaitall.plugins import plugins

    registry = plugins()
    registry.load()
    shells = "\n".join(f"  {spec.name:<10} {spec.summary}" for spec in registry.shells().values())
    return f"usage: python -m awaitall [SHELL] [ARGUMENT ...]\n\nStart a shell with top-level await:\n\n{shells}"
