"""Top-level ``await`` for Python shells: detect it, compile it, run it on the event loop of your choice.

Importing this package imports nothing else: each public name loads its module when it is first used, so that a shell that
loads an adapter at start-up pays neither for an event loop nor for the plugin machinery.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from awaitall.compiling import Compiler, Input
    from awaitall.contracts import FEATURES, HandedOver, Runner, RunnerSpec, RunnerTask
    from awaitall.current_library import current_async_library
    from awaitall.detect import completeness, is_async
    from awaitall.errors import AwaitallError
    from awaitall.execute import aeval, aexec
    from awaitall.hookspecs import hookimpl
    from awaitall.outcome import Outcome
    from awaitall.runners.on_asyncio import AsyncioRunner
    from awaitall.session import Session, current_session
    from awaitall.specs import CommandSpec, ShellSpec

    __version__: str

__all__ = [
    "FEATURES",
    "AsyncioRunner",
    "AwaitallError",
    "CommandSpec",
    "Compiler",
    "HandedOver",
    "Input",
    "Outcome",
    "Runner",
    "RunnerSpec",
    "RunnerTask",
    "Session",
    "ShellSpec",
    "aembed",
    "aeval",
    "aexec",
    "breakpoint",
    "completeness",
    "current_async_library",
    "current_session",
    "embed",
    "hookimpl",
    "is_async",
    "serve",
]

_MODULE_OF = {
    "AsyncioRunner": "runners.on_asyncio",
    "AwaitallError": "errors",
    "CommandSpec": "specs",
    "Compiler": "compiling",
    "HandedOver": "contracts",
    "Input": "compiling",
    "FEATURES": "contracts",
    "Outcome": "outcome",
    "Runner": "contracts",
    "RunnerSpec": "contracts",
    "RunnerTask": "contracts",
    "Session": "session",
    "ShellSpec": "specs",
    "aembed": "embedding",
    "aeval": "execute",
    "aexec": "execute",
    "breakpoint": "debugger",
    "completeness": "detect",
    "current_async_library": "current_library",
    "current_session": "session",
    "embed": "embedding",
    "hookimpl": "hookspecs",
    "is_async": "detect",
    "serve": "attaching.serving",
}


def __getattr__(name: str) -> object:
    """Load the module that holds a public name (PEP 562); ``__version__`` is that of the installed distribution."""
    if name == "__version__":
        from importlib.metadata import version

        return version("awaitall")
    return _load(globals(), _MODULE_OF, name)


def _load(package: dict[str, object], module_of: dict[str, str], name: str) -> object:
    """Return a public name of a package of the core, and keep it there.

    Args:
        package: The globals of the package.
        module_of: The names, and the module below ``awaitall`` that holds each.
        name: The one that is asked for.
    """
    if name not in module_of:
        raise AttributeError(f"module {package['__name__']!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"awaitall.{module_of[name]}"), name)
    package[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
