"""The commands in an input that are awaited.

These are ``await $(ls)``, ``await !(ls)``, ``await ![ls]``, ``await $[ls]``, and what ``async for`` and ``async with`` take; each
may have options, ``await !(ls)(timeout=5)``. xonsh parses all of them, and makes of a command a call of one of its functions,
which starts processes and waits for them. Where such a call is awaited directly, it becomes the call that returns an awaitable
instead (:mod:`awaitall_xonsh.awaited_commands.command`). None of these meant anything before: what xonsh's functions return can
be neither awaited nor called. Names used here were seen in xonsh 0.23 to 0.25.
"""

from __future__ import annotations

import ast
from typing import Any, TypeVar

__all__ = ["await_commands"]

#: Functions of xonsh that a command may be, by the kind of capture.
_KINDS = {
    "subproc_captured_stdout": "stdout",
    "subproc_captured_object": "object",
    "subproc_captured_hiddenobject": "hiddenobject",
    "subproc_uncaptured": "uncaptured",
}

_Tree = TypeVar("_Tree", bound=ast.AST)


def await_commands(tree: _Tree) -> _Tree:
    """Replace the commands in a tree that are awaited by calls of ours."""
    result: _Tree = _Commands().visit(tree)
    return result


class _Commands(ast.NodeTransformer):
    def visit_Await(self, node: ast.Await) -> ast.AST:
        self.generic_visit(node)
        _make_awaitable(node.value)
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        for value in node.values:
            if found := _awaited(value):
                call = found[1]
                call.keywords.append(_at(ast.keyword("in_boolop", ast.Constant(True)), call))
        return node

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.AST:
        self.generic_visit(node)
        _make_awaitable(node.iter, "object", "stdout")
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        self.generic_visit(node)
        if node.is_async:
            _make_awaitable(node.iter, "object", "stdout")
        return node

    def visit_AsyncWith(self, node: ast.AsyncWith) -> ast.AST:
        self.generic_visit(node)
        for item in node.items:
            _make_awaitable(item.context_expr, "object", "hiddenobject")
        return node

    def _checked(self, node: Any) -> ast.AST:
        """Make the failure of ``![]`` an error where it is a statement or its right side, as xonsh has it; others see to it."""
        self.generic_visit(node)
        if (found := _awaited(node.value)) and found[0] == "hiddenobject":
            check = _at(ast.parse("__xonsh__.subproc_check_boolop(None)", mode="eval").body, node.value)
            check.args = [node.value]  # type: ignore[attr-defined]
            node.value = check
        return node  # type: ignore[no-any-return]

    visit_Expr = visit_Assign = visit_AugAssign = visit_AnnAssign = _checked  # noqa: N815


def _make_awaitable(node: ast.expr, *only: str) -> None:
    """Turn the call that a command is into one of ours: ``__import__('awaitall_xonsh').awaited_command(kind, ...)``."""
    match _without_options(node):
        case ast.Call(func=ast.Attribute(value=ast.Name("__xonsh__"), attr=name)) as call if kind := _KINDS.get(name):
            if not only or kind in only:
                call.func = _at(ast.parse("__import__('awaitall_xonsh').awaited_command", mode="eval").body, call.func)
                call.args.insert(0, _at(ast.Constant(kind), call))


def _awaited(node: ast.AST) -> tuple[str, ast.Call] | None:
    """Return the kind of a command that is awaited, and the call that it is, where this is one."""
    match node:
        case ast.Await():
            match _without_options(node.value):
                case ast.Call(func=ast.Attribute(attr="awaited_command"), args=[ast.Constant(value=str(kind)), *_]) as call:
                    return kind, call
    return None


def _without_options(node: ast.expr) -> ast.expr:
    """Return the command in ``!(cmd)(timeout=5)``."""
    match node:
        case ast.Call(func=ast.Call() as command):
            return command
    return node


_Node = TypeVar("_Node", bound=ast.AST)


def _at(node: _Node, place: ast.AST) -> _Node:
    for part in ast.walk(node):
        ast.copy_location(part, place)
    return node
