"""A Python console with top-level await, on the standard library alone: ``python -m awaitall``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from awaitall_console.app import ainteract, interact, main
    from awaitall_console.console import Console

__all__ = ["Console", "ainteract", "interact", "main"]


def __getattr__(name: str) -> object:
    """Load the module that holds a public name (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module 'awaitall_console' has no attribute {name!r}")
    from awaitall_console import app, console

    return getattr(console if name == "Console" else app, name)
