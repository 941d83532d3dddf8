"""Which values of an input are shown, where the code of the input shows them by itself, as at the ``python`` prompt."""

from __future__ import annotations

import ast
from typing import Any, Literal, cast, get_args

__all__ = ["DISPLAYS", "Display", "assigned_name", "changes_prompt", "with_display"]

Display = Literal["last_expr", "last_expr_or_assign", "last", "all", "none"]

#: IPython's words, ``ast_node_interactivity``.
DISPLAYS: tuple[str, ...] = get_args(Display)


def changes_prompt(display: str) -> bool:
    """Report whether such a prompt shows other values than it does by itself: it shows each expression that is a statement."""
    return display in ("last_expr_or_assign", "none")


def with_display(tree: ast.Interactive, display: str) -> ast.Interactive:
    """Return the tree of an input that shows what a policy says, and not what the prompt does by itself."""
    if display == "none":
        return ast.Interactive([_Muted().visit(statement) for statement in tree.body])
    if display == "last_expr_or_assign" and tree.body and (name := assigned_name(tree.body[-1])):
        shown = ast.copy_location(ast.Expr(ast.copy_location(ast.Name(name, ast.Load()), tree.body[-1])), tree.body[-1])
        return ast.Interactive([*tree.body, shown])
    return tree


def assigned_name(node: ast.stmt) -> str | None:
    """Return the name that a statement assigns to, if it is one name."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AugAssign(target=ast.Name(id=name)):
            return name
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
            return name
    return None


class _Muted(ast.NodeTransformer):
    """Replaces the value of each expression that would be shown by None, which is not."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr:
        def at_value(made: Any) -> Any:
            return ast.copy_location(made, node.value)

        pair = at_value(ast.Tuple([node.value, at_value(ast.Constant(None))], ast.Load()))
        return cast("ast.Expr", at_value(ast.Expr(at_value(ast.Subscript(pair, at_value(ast.Constant(1)), ast.Load())))))

    def _leave(self, node: Any) -> Any:
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = visit_Lambda = _leave  # noqa: N815
