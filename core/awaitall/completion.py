"""Complete the attributes of what is awaited, ``(await client.get(url)).``, by annotations; it runs no code of the user's."""

from __future__ import annotations

import ast
import builtins
import inspect
import types
import typing
from collections.abc import Awaitable, Coroutine
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["attributes_of_awaited"]


def attributes_of_awaited(text: str, names: Mapping[str, Any]) -> dict[str, str]:
    """Return the attributes that may follow ``(await f()).``, each with the name of the type that has it.

    Args:
        text: The line up to the cursor. Where it does not end in an awaited expression in brackets, a dot and the begin of a
            name, there is nothing to complete.
        names: What names stand for.
    """
    before, dot, begun = text.rpartition(".")
    if not dot or (begun and not begun.isidentifier()) or not before.endswith(")"):
        return {}
    found = _awaited(before, names)
    if not isinstance(found, type):
        return {}
    attributes = {name: found.__name__ for cls in reversed(found.__mro__) for name in [*vars(cls), *_annotations(cls)]}
    hidden = not begun.startswith("_")
    return {
        name: attributes[name] for name in sorted(attributes) if name.startswith(begun) and not (hidden and name.startswith("_"))
    }


def _awaited(text: str, names: Mapping[str, Any]) -> Any:
    """Return the type of the awaited expression in brackets at the end of the text; None if it is not known."""
    for start in (i for i, character in enumerate(text) if character == "("):
        try:
            tree = ast.parse(text[start:], mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        if isinstance(tree, ast.Await):
            return _type_of(tree, names)
    return None


def _type_of(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """Return the class of what an expression gives, or None."""
    if isinstance(node, ast.Await):
        return _result_of(_annotation_of(node.value, names))
    if isinstance(node, ast.Call):
        return _plain(_annotation_of(node, names))
    known = _object(node, names)
    return None if known is None else type(known)


def _annotation_of(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """Return what is known of the type of an expression that is awaited: a class, or an annotation with arguments."""
    if not isinstance(node, ast.Call):
        return _type_of(node, names)
    function = _object(node.func, names)
    if isinstance(function, type):
        return function
    if isinstance(function, types.FunctionType):
        returned = _resolved(function.__annotations__.get("return"), function.__globals__)
        is_awaited = inspect.iscoroutinefunction(function) and returned is not None
        return types.GenericAlias(Coroutine, (Any, Any, returned)) if is_awaited else returned
    return None


def _object(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """Return the object that an expression stands for, if it is a name or an attribute that is simply there; else None."""
    if isinstance(node, ast.Name):
        return names.get(node.id, vars(builtins).get(node.id))
    if isinstance(node, ast.Attribute):
        owner = _object(node.value, names)
        if owner is None:
            owner = _type_of(node.value, names)
        return None if owner is None else _unwrapped(inspect.getattr_static(owner, node.attr, None))
    return None


def _unwrapped(found: Any) -> Any:
    if isinstance(found, (staticmethod, classmethod)):
        found = found.__func__
    return getattr(found, "__func__", found) if isinstance(found, types.MethodType) else found


def _resolved(annotation: Any, names: Mapping[str, Any]) -> Any:
    """Return what an annotation stands for; of one that is text, names, attributes and arguments are looked up."""
    if not isinstance(annotation, str):
        return annotation
    try:
        return _looked_up(ast.parse(annotation, mode="eval").body, names)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        return None


def _looked_up(node: ast.expr, names: Mapping[str, Any]) -> Any:
    match node:
        case ast.Subscript():
            generic = _object(node.value, names)
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            arguments = tuple(_looked_up(part, names) for part in parts)
            if generic in (typing.Optional, typing.Union):
                return generic[arguments if len(arguments) > 1 else arguments[0]]
            origin = typing.get_origin(generic) or generic
            return types.GenericAlias(origin, arguments) if isinstance(origin, type) else None
        case ast.BinOp(op=ast.BitOr()):
            return typing.Union[_looked_up(node.left, names), _looked_up(node.right, names)]  # noqa: UP007
        case ast.Constant(value=str(text)):
            return _resolved(text, names)
    return _object(node, names)


def _result_of(annotation: Any) -> Any:
    """Return the class of what an awaitable of this type gives."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if arguments and isinstance(origin, type) and issubclass(origin, Awaitable):
        return _plain(arguments[-1])  # as in Awaitable[T], Task[T] and Coroutine[Any, Any, T]
    if isinstance(annotation, type) and (wait := getattr(annotation, "__await__", None)) is not None:
        returned = _resolved(getattr(wait, "__annotations__", {}).get("return"), getattr(wait, "__globals__", {}))
        arguments = typing.get_args(returned)
        return _plain(arguments[2]) if len(arguments) == 3 else None
    return None


def _plain(annotation: Any) -> Any:
    """Return the class in an annotation: ``list`` of ``list[int]``, and ``C`` of ``C | None``."""
    if isinstance(annotation, type) and typing.get_origin(annotation) is None:
        return annotation
    origin = typing.get_origin(annotation)
    if origin in (types.UnionType, typing.Union):
        classes = [part for part in typing.get_args(annotation) if part is not type(None)]
        return _plain(classes[0]) if len(classes) == 1 else None
    return origin if isinstance(origin, type) else None


def _annotations(cls: type) -> list[str]:
    annotations = vars(cls).get("__annotations__", {})
    return list(annotations) if isinstance(annotations, dict) else []
