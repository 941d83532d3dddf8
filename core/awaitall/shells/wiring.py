"""Wire a live shell: replace the class of an object where the shell has no hook, or print the one line that tells why not.

An object whose class is replaced keeps its state, ``super()`` works in the methods of the new class, and the old class comes
back later. No class of the shell is changed, so other objects of it are what they were.
"""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["cannot_start", "replace_class", "restore_class", "say_off"]

_REPLACED = "_awaitall_replaced"


def replace_class(instance: Any, ours: type, *, base: type | None = None) -> None:
    """Replace the class of a live object, to override methods; do nothing if it has them already.

    Args:
        instance: Keeps everything that it has.
        ours: The methods. Stands in front of the class of the object.
        base: The class of the shell, from which ``ours`` may be derived. An object whose class is derived from it by somebody
            else keeps that class in front: what that class overrides runs, and its ``super()`` comes to ``ours``.
    """
    cls = type(instance)
    if issubclass(cls, ours):
        return
    theirs_in_front = base is not None and cls is not base and issubclass(cls, base)
    bases = (cls, ours) if theirs_in_front else (ours, cls)
    instance.__class__ = type(ours.__name__, bases, {_REPLACED: cls})


def restore_class(instance: Any, ours: type) -> bool:
    """Undo :func:`replace_class`.

    Returns:
        False if somebody has put another class on top meanwhile. That class stays, and so does ``ours`` below it.
    """
    cls = type(instance)
    if ours not in cls.__bases__ or _REPLACED not in vars(cls):
        return not isinstance(instance, ours)
    instance.__class__ = vars(cls)[_REPLACED]
    return True


def cannot_start(name: str, exc: ImportError) -> str:
    """Return the line which says that a shell of awaitall cannot be started, and what to install.

    Args:
        name: Of the shell, of its package, and of the extra of awaitall that installs it.
        exc: What the import of the shell has raised.
    """
    what = "is not installed" if exc.name == name and isinstance(exc, ModuleNotFoundError) else f"cannot be started ({exc})"
    return f"awaitall: {name} {what}: pip install 'awaitall[{name}]'"


def say_off(reason: object, cure: str = "pip install -U awaitall") -> None:
    """Print one line: the shell goes on without await.

    Args:
        reason: "this is xonsh 0.22, and top-level await needs 0.23 or newer"; an exception is described by its message.
        cure: What to type.
    """
    print(f"awaitall: {reason}, so await stays off: {cure}", file=sys.stderr)
