"""The place of ``PyOS_InputHook``, a function in C that Python calls while ``input()`` waits for a key.

Toolkits put theirs there, to handle the events of their windows, and prompts put ours there for as long as they wait. Python has
no access to the place but in C (Python/pythonrun.c and Include/internal/pycore_pythonrun.h, 3.11 to 3.15).
"""

from __future__ import annotations

import ctypes
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["HookPlace", "address_of_others", "emptied"]

#: Our functions that are in place -> the address of what each has replaced, or None.
_replaced: dict[int, int | None] = {}


def _place() -> ctypes.c_void_p:
    return ctypes.c_void_p.in_dll(ctypes.pythonapi, "PyOS_InputHook")


def address_of_others() -> int | None:
    """Return the address of the function that another library has in place, or will have there again after our prompt."""
    address = _place().value or 0
    return _replaced.get(address, address) or None


@contextmanager
def emptied() -> Iterator[ctypes.c_void_p]:
    """Return a context manager with the place, empty for a toolkit to fill it; after the block what was there is there again."""
    place = _place()
    before, place.value = place.value, None
    try:
        yield place
    finally:
        place.value = before


class HookPlace:
    """The place, for one prompt.

    Args:
        address: That of the function of the prompt, which takes nothing and returns an int.
    """

    def __init__(self, address: int) -> None:
        self._address = address
        self._place = _place()

    @property
    def ours(self) -> bool:
        """Whether the function of the prompt is in place."""
        return self._place.value == self._address

    def begin(self) -> None:
        """Install the function in place of what is there."""
        _replaced[self._address] = self._place.value
        self._place.value = self._address

    def suspend(self) -> None:
        """Leave the place empty for a moment."""
        self._place.value = None

    def resume(self) -> None:
        """Install the function again."""
        self._place.value = self._address

    def end(self) -> None:
        """Restore what was there; a second call does nothing."""
        if self._address in _replaced:
            self._place.value = _replaced.pop(self._address)
