"""Where plugins take part in the way of an input. Without such a plugin each of these is one look into an empty dict.

:mod:`awaitall.plugins` fills :data:`callers`; :mod:`awaitall.hookspecs` documents the hooks. Nothing here imports pluggy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable

__all__ = [
    "after_run",
    "background_error",
    "before_run",
    "callers",
    "changes_trees",
    "display",
    "runner_changed",
    "transform_source",
    "transform_tree",
]

#: Hook -> the function that calls all its implementations; only the hooks along the way of an input that some plugin implements.
callers: dict[str, Callable[..., Any]] = {}


def transform_source(source: str) -> str:
    """Return a text as the source transformers of the plugins have changed it."""
    caller = callers.get("awaitall_source_transformers")
    text: str = source if caller is None else caller(source)
    return text


def changes_trees() -> bool:
    """Report whether a plugin offers AST transformers."""
    return "awaitall_ast_transformers" in callers


def transform_tree(tree: ast.AST) -> Any:
    """Return a tree as the AST transformers of the plugins have changed it; of the same kind if that is possible."""
    caller = callers.get("awaitall_ast_transformers")
    return tree if caller is None else caller(tree)


def before_run(session: object, input: object) -> None:
    """Report to plugins that an input is about to run."""
    if caller := callers.get("awaitall_before_run"):
        caller(session=session, input=input)


def after_run(session: object, outcome: object) -> None:
    """Report to plugins how an input has ended."""
    if caller := callers.get("awaitall_after_run"):
        caller(session=session, outcome=outcome)


def display(session: object, value: object) -> object:
    """Return what is to be shown for a value."""
    caller = callers.get("awaitall_display")
    shown = None if caller is None or value is None else caller(session=session, value=value)
    return value if shown is None else shown


def background_error(session: object, name: str, error: BaseException) -> None:
    """Report to plugins that a background task has failed."""
    if caller := callers.get("awaitall_background_error"):
        caller(session=session, name=name, error=error)


def runner_changed(session: object, old: str | None, new: str) -> None:
    """Report to plugins that a session uses another runner."""
    if caller := callers.get("awaitall_runner_changed"):
        caller(session=session, old=old, new=new)
