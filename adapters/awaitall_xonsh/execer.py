"""Compile inputs that await.

xonsh parses ``await`` and leaves it to ``compile()`` to refuse it; the tree it has made by then is compiled once more with
top-level await allowed. Inputs that do not await take xonsh's own way and pay nothing.

What comes out has to be run by ``exec()`` and ``eval()`` in many places of xonsh, which would drop a coroutine. So it is a *shim*:
ordinary code that carries the awaiting code as a constant and calls :func:`awaitall_xonsh.run_shim` with it. Names used here were
seen unchanged in xonsh 0.14 to 0.25.
"""

from __future__ import annotations

import ast
import threading
from typing import TYPE_CHECKING, Any

from awaitall.detect import awaits, compile_awaitable
from xonsh.built_ins import XSH
from xonsh.execer import Execer
from xonsh.parsers.ast import CtxAwareTransformer, gather_load_store_names

if TYPE_CHECKING:
    from types import CodeType

__all__ = ["AwaitExecer", "AwaitTransformer"]

_parsed = threading.local()


class AwaitExecer(Execer):
    """The methods of the one execer of a xonsh session that differ from xonsh's own."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        _parsed.tree = tree = super().parse(*args, **kwargs)
        return tree

    def compile(
        self,
        input: str,
        mode: str = "exec",
        glbs: Any = None,
        locs: Any = None,
        stacklevel: int = 2,
        filename: str | None = None,
        transform: bool = True,
        compile_empty_tree: bool = True,
    ) -> CodeType | None:
        _parsed.tree = None
        name = self.filename if filename is None else filename
        try:
            code: CodeType | None = super().compile(
                input, mode, glbs, locs, stacklevel + 1, filename, transform, compile_empty_tree
            )
            return code
        except SyntaxError:
            if mode != "single" or _parsed.tree is None:
                raise
            shim = _shim_for(_parsed.tree, name, mode)
            if shim is None:
                raise
        finally:
            _parsed.tree = None
        return shim


def _shim_for(tree: ast.AST, filename: str, mode: str) -> CodeType | None:
    """Compile what plain ``compile()`` has refused; None if it is not the await that it refused."""
    try:
        code = compile_awaitable(tree, filename, mode)
    except SyntaxError:
        return None
    return _shim((code,), filename) if awaits(code) else None


def _shim(codes: tuple[CodeType, ...], filename: str) -> CodeType:
    call = compile("__import__('awaitall_xonsh').run_shim('CODES', globals(), locals())", filename, "exec")
    consts = tuple(codes if const == "CODES" else const for const in call.co_consts)
    return call.replace(co_consts=consts, co_name="<await>")


class AwaitTransformer(CtxAwareTransformer):
    """Decides whether a line is Python or a command: a name below an await is Python's, known or not."""

    def is_in_scope(self, node: ast.AST) -> bool:
        if super().is_in_scope(node):
            return True
        awaited = [each for each in ast.walk(node) if isinstance(each, ast.Await)]
        if not awaited or _is_command("await"):
            return False
        self.contexts.append(set().union(*(gather_load_store_names(each)[0] for each in awaited)))
        try:
            known: bool = super().is_in_scope(node)
            return known
        finally:
            self.contexts.pop()


def _is_command(name: str) -> bool:
    return name in XSH.aliases or XSH.commands_cache.locate_binary(name) is not None
