"""How an input ended: one object that travels from the session to the plugins and to the shell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awaitall.tracebacks import raise_from_user

if TYPE_CHECKING:
    from awaitall.compiling import Input

__all__ = ["Outcome"]


class Outcome:
    """How an input ended, whether Python or a line command; what :meth:`awaitall.Session.evaluate` returns.

    Attributes:
        input: What was run; None for a line command, and for text that could not be compiled.
        value: Of the last expression.
        has_value: Whether the shell should show the value.
        error: What the input raised, with the traceback that begins at the user's line; None if it raised nothing.
        text: What a line command has to say, for the shell to print as it is; empty for Python.
        seconds: How long compiling and running took.
    """

    __slots__ = ("error", "input", "seconds", "text", "value")

    def __init__(self, input: Input | None = None, *, error: BaseException | None = None, text: str = "") -> None:
        self.input = input
        self.value: Any = None
        self.error = error
        self.text = text
        self.seconds = 0.0

    @property
    def has_value(self) -> bool:
        return self.error is None and self.input is not None and self.input.has_value

    def unwrap(self) -> Any:
        """Return the value, or raise the error; for :func:`awaitall.shells.user_traceback` nothing of this stands above it."""
        if self.error is None:
            return self.value
        error, self.error = self.error, None  # else the traceback would hold what holds it
        raise_from_user(error)
