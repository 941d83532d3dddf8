"""When does the loop come to life, for inputs that do not await?

``asyncio.create_task(f())`` and ``aiohttp.ClientSession()`` await nothing, and yet want a loop. A user who has nothing to do with
such things gets none: making one takes time, files and the import of asyncio. So the loop comes to life

* with the first input that names asyncio, or anything of a library that is not part of Python, once asyncio is imported;
* in the middle of an input that imports asyncio, by whatever library.
"""

from __future__ import annotations

import dis
import sys
from contextlib import ExitStack, contextmanager
from opcode import opmap
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any

from awaitall.imports import ImportWatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager

__all__ = ["context_for", "know_packages"]

_IMPORT = opmap["IMPORT_NAME"]

#: Packages whose objects are no sign that the user wants a loop.
_NO_SIGN = {"__main__", "builtins", "awaitall"}


def know_packages(*names: str) -> None:
    """Add packages of a shell, whose objects a user has at hand; naming one of them is no sign that a loop is wanted."""
    _NO_SIGN.update(names)


def _may_want_a_loop(code: CodeType, namespace: Mapping[str, Any]) -> bool:
    for name in code.co_names:
        if name == "asyncio" or _is_foreign(namespace.get(name)):
            return True
    for const in code.co_consts:
        if isinstance(const, CodeType) and _may_want_a_loop(const, namespace):
            return True
    return any(map(_is_foreign_name, _imports(code)))


def _imports(code: CodeType) -> list[str]:
    """Return the names of the modules that code imports at its top level."""
    if not code.co_names or _IMPORT not in code.co_code[::2]:
        return []
    return [instruction.argval for instruction in dis.get_instructions(code) if instruction.opname == "IMPORT_NAME"]


def _is_foreign(value: object) -> bool:
    name = value.__name__ if isinstance(value, ModuleType) else getattr(type(value), "__module__", None)
    if name in ("builtins", "type", "function"):
        name = getattr(value, "__module__", None)
    return isinstance(name, str) and _is_foreign_name(name)


def _is_foreign_name(name: str) -> bool:
    top = name.partition(".")[0]
    return top == "asyncio" or (top not in sys.stdlib_module_names and top not in _NO_SIGN)


def context_for(
    pieces: Iterable[CodeType], namespace: Mapping[str, Any], enter: Callable[[], AbstractContextManager[None]]
) -> AbstractContextManager[None] | None:
    """Return a context manager in which to run an input without await, while there is no loop yet; None if it needs none.

    Args:
        pieces: The code of the input. Nothing of it is run.
        namespace: What its global names stand for.
        enter: Makes the loop, and gives the context manager in which it is seen. Called when the loop is to come to life.
    """
    if "asyncio" not in sys.modules:
        return _until_the_import_of_asyncio(enter) if any(map(_imports, pieces)) else None
    return enter() if any(_may_want_a_loop(code, namespace) for code in pieces) else None


@contextmanager
def _until_the_import_of_asyncio(enter: Callable[[], AbstractContextManager[None]]) -> Iterator[None]:
    with ExitStack() as stack:
        watch = ImportWatch({"asyncio"}, lambda asyncio: stack.enter_context(enter()))
        sys.meta_path.insert(0, watch)
        try:
            yield
        finally:
            sys.meta_path.remove(watch)
