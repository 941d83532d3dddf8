"""A Python console with top-level await, on the standard library alone: ``python -m awaitall``."""

from __future__ import annotations

from awaitall_console.console import Console
from awaitall_console.main import interact, main

__all__ = ["Console", "interact", "main"]
