"""``exec`` and ``eval`` that await: what bpo-34616 asked of Python, without a session and on whatever loop is running."""

from __future__ import annotations

from types import CodeType
from typing import TYPE_CHECKING, Any

from awaitall.detect import awaits, compile_awaitable

if TYPE_CHECKING:
    import ast
    from collections.abc import Mapping

__all__ = ["aeval", "aexec"]


async def aexec(
    source: str | ast.Module | CodeType, globals: dict[str, Any], locals: Mapping[str, object] | None = None, /
) -> None:
    """Execute statements that may await at their top level; the awaitable twin of :func:`exec`.

    Runs in the task that awaits it, on asyncio, trio, curio or anything else that drives coroutines; a source that awaits
    nothing runs through without suspending.

    Args:
        source: Text, a module tree, or code compiled with ``ast.PyCF_ALLOW_TOP_LEVEL_AWAIT``.
        globals: The namespace; ``__builtins__`` is added to it as ``exec`` does.
        locals: Another mapping for the names bound at the top level; ``globals`` where omitted.

    Raises:
        SyntaxError: before any of it has run. Whatever the statements raise comes out as it is, but for StopIteration,
            which no coroutine can raise (PEP 479): it comes out as RuntimeError.
    """
    await _run(source, "exec", globals, locals)


async def aeval(
    source: str | ast.Expression | CodeType, globals: dict[str, Any], locals: Mapping[str, object] | None = None, /
) -> Any:
    """Evaluate one expression that may await; the awaitable twin of :func:`eval`.

    Arguments, errors and context as for :func:`aexec`. As with ``eval``, spaces and tabs before the expression are ignored.
    """
    return await _run(source.lstrip(" \t") if isinstance(source, str) else source, "eval", globals, locals)


async def _run(source: str | ast.AST | CodeType, mode: str, globals: dict[str, Any], locals: Any) -> Any:
    code = source if isinstance(source, CodeType) else compile_awaitable(source, "<string>", mode)
    value = eval(code, globals, locals)
    return await value if awaits(code) else value
