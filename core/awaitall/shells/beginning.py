"""What a shell begins with whose start is not the beginning: names, and a loop on which something runs already."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from awaitall.session import Session

__all__ = ["beginning_with", "first_names", "lender"]

_names: Mapping[str, Any] = {}
_lender: Session | None = None


@contextmanager
def beginning_with(names: Mapping[str, Any], session: Session) -> Iterator[None]:
    """Return a context manager in which shells begin with these names, and run their inputs on the loop of a session."""
    global _names, _lender
    before = _names, _lender
    _names, _lender = names, session
    try:
        yield
    finally:
        _names, _lender = before


def first_names() -> dict[str, Any]:
    """Return the names that inputs are to find besides the shell's own: those of the application of ``awaitall --app``."""
    return dict(_names)


def lender() -> Session | None:
    """Return the session whose loop the sessions of a shell borrow; None where they open one of their own."""
    return _lender
