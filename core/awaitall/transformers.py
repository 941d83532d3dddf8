"""Apply what plugins offer to change the text and the tree of an input before it is compiled."""

from __future__ import annotations

import ast
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from awaitall.interrupts import FROM_OUTSIDE
from awaitall.tracebacks import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from awaitall.plugin_manager import PluginManager

__all__ = ["Transformers"]

_SOURCE, _TREE = "awaitall_source_transformers", "awaitall_ast_transformers"


class Transformers:
    """Calls the transformers of all plugins one after the other, in pluggy's order. One that fails changes nothing.

    A SyntaxError that a transformer raises refuses the input: nothing of it runs, and the shell shows the error.
    """

    def __init__(self, manager: PluginManager) -> None:
        self._manager = manager

    def callers(self) -> dict[str, Callable[[Any], Any]]:
        """Return the two functions that apply the transformers, by their hooks, where there are transformers."""
        functions: dict[str, Callable[[Any], Any]] = {_SOURCE: self.transform_source, _TREE: self.transform_tree}
        implemented = self._manager.callers("source_transformers", "ast_transformers")
        return {hook: function for hook, function in functions.items() if hook in implemented}

    def transform_source(self, source: str) -> str:
        """Return the text that all transformers have made of a text."""
        for transformer in self._manager.things(_SOURCE):
            source = self._apply(transformer, transformer, source, _check_text)
        return source

    def transform_tree(self, tree: ast.AST) -> ast.AST:
        """Return the tree that all transformers have made of a tree; each of them gets a module, as in IPython."""
        if not (transformers := self._manager.things(_TREE)):
            return tree
        module: Any = tree
        if isinstance(tree, ast.Expression):
            module = ast.Module([ast.copy_location(ast.Expr(tree.body), tree.body)], type_ignores=[])
        elif isinstance(tree, ast.Interactive):
            module = ast.Module(tree.body, type_ignores=[])
        for transformer in transformers:
            module = self._apply(transformer, _visited(transformer), module, _check_tree)
        return _as_kind_of(tree, module)

    def _apply(self, owned: object, transform: Callable[[Any], Any], given: Any, check: Callable[[Any], None]) -> Any:
        try:
            changed = transform(given)
            check(changed)
        except (SyntaxError, *FROM_OUTSIDE):
            raise
        except BaseException as exc:
            name = self._manager.owner(owned)
            self._manager.warn(f"plugin {name!r}: its transformer {owned!r} failed, so the input stays as it is: {one_line(exc)}")
            return given
        return changed


def _visited(transformer: Any) -> Callable[[ast.AST], ast.AST]:
    def transform(tree: ast.AST) -> ast.AST:
        changed = transformer.visit(deepcopy(tree))
        return _located(changed) if isinstance(changed, ast.AST) else changed

    return transform


def _located(tree: ast.AST) -> ast.AST:
    """Fill in the place of each new node, as IPython does. xonsh's own nodes have no end; a filled-in one may be too early."""
    for node in ast.walk(ast.fix_missing_locations(tree)):
        end = getattr(node, "end_lineno", None), getattr(node, "end_col_offset", None)
        if None not in end and end < (node.lineno, node.col_offset):  # type: ignore[attr-defined]
            node.end_lineno, node.end_col_offset = node.lineno, node.col_offset  # type: ignore[attr-defined]
    return tree


def _check_text(changed: object) -> None:
    if not isinstance(changed, str):
        raise TypeError(f"it must return the text, not {changed!r}")


def _check_tree(changed: Any) -> None:
    """Raise what makes a tree unusable; a SyntaxError is the user's, and comes when the input is compiled."""
    if not isinstance(changed, ast.Module):
        raise TypeError(f"it must return the module, not {changed!r}")
    try:
        compile(changed, "<input>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except SyntaxError:
        pass


def _as_kind_of(tree: ast.AST, module: ast.Module) -> ast.AST:
    if isinstance(tree, ast.Expression) and len(module.body) == 1 and isinstance(module.body[0], ast.Expr):
        return ast.Expression(module.body[0].value)
    return ast.Interactive(module.body) if isinstance(tree, (ast.Expression, ast.Interactive)) else module
