"""A session whose line commands take xonsh's language: ``%bg await ![make]``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xonsh.built_ins import XSH

from awaitall import Input, Session

if TYPE_CHECKING:
    import ast

__all__ = ["XonshSession"]


class XonshSession(Session):
    """The session of a xonsh process, or of a thread of it; xonsh itself compiles what it runs."""

    def compile(self, source: Any) -> Input:
        """Compile an input as xonsh understands it; names are looked up where the prompt binds them."""
        if not isinstance(source, str):
            return super().compile(source)
        compiled: Input = XSH.execer.compile_whole(source, set(XSH.ctx))
        return compiled

    def parse(self, source: str) -> tuple[ast.Module, str]:
        """Parse an input as xonsh understands it."""
        parsed: tuple[ast.Module, str] = XSH.execer.parse_whole(source, set(XSH.ctx))
        return parsed
