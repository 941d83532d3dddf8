"""Colours, on terminals only."""

from __future__ import annotations

import os
import sys

__all__ = ["colored", "is_terminal"]

_CODES = {"red": "31", "green": "32", "yellow": "33", "bold": "1"}


def is_terminal() -> bool:
    """Report whether a person sees what is printed."""
    return sys.stdout is not None and sys.stdout.isatty()


def colored(text: str, color: str) -> str:
    """Return text that standard output shows in a colour: "red", "green", "yellow" or "bold"."""
    plain = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb" or not is_terminal()
    return text if plain or color not in _CODES else f"\x1b[{_CODES[color]}m{text}\x1b[0m"
