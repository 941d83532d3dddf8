"""On a system that awaitall does not know, xonsh stays as it is; only who types an await is told why that is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xonsh.execer import Execer

if TYPE_CHECKING:
    from types import CodeType

    from xonsh.built_ins import XonshSession

__all__ = ["explain", "forget"]


class ExplainingExecer(Execer):
    """Refuses what xonsh refuses, and adds a line if that is an await.

    Attributes:
        reason: Why nothing is awaited.
    """

    reason: object = None

    def compile(self, input: str, *args: Any, **options: Any) -> CodeType | None:
        """Compile as xonsh does."""
        try:
            code: CodeType | None = super().compile(input, *args, **options)
        except SyntaxError as exc:
            if exc.msg.startswith(("'await' outside", "'async ", "asynchronous comprehension")):
                exc.add_note(f"awaitall: this system is not known ({self.reason}), so await stays off: pip install -U awaitall")
            raise
        return code


def explain(xsh: XonshSession, reason: object) -> None:
    """Have awaits explained from now on, unless another xontrib has put an execer of its own in place."""
    if type(xsh.execer) is Execer:
        ExplainingExecer.reason = reason
        xsh.execer.__class__ = ExplainingExecer


def forget(xsh: XonshSession) -> None:
    """Undo :func:`explain`."""
    if type(xsh.execer) is ExplainingExecer:
        xsh.execer.__class__ = Execer
