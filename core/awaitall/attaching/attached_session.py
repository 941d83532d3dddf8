"""The session of an attached prompt, in the program: it awaits on the loop of the program, and never opens one."""

from __future__ import annotations

import builtins
import keyword
import sys
import traceback
from typing import Any

from awaitall.current_library import current_async_library
from awaitall.errors import UnsupportedError
from awaitall.session import Session
from awaitall.tracebacks import calls_user_code, task_traceback

__all__ = ["AttachedSession"]


class AttachedSession(Session):
    """Runs the inputs of one prompt with the names of the program.

    Args:
        namespace: The names, usually those of ``__main__``. What inputs bind stays there, as it is the user who binds it.

    Attributes:
        has_colors: Whether the prompt shows errors in colours.
    """

    def __init__(self, namespace: dict[str, Any]) -> None:
        super().__init__(namespace)
        self.outside = True  # sync inputs see the loop of the program, if there is one, and no other
        self.has_colors = False
        self.format_error = self._format
        self._last: list[object] = []

    def use(self, runner: object) -> None:
        """Refuse another loop than that of the program."""
        library = current_async_library()
        if library is None:
            raise UnsupportedError("The program runs no event loop now, so nothing can be awaited in it.")
        if library == "curio":
            raise UnsupportedError("The program runs on curio, where a prompt cannot await; it can on asyncio, uvloop and trio.")
        raise UnsupportedError(f"The program runs on {library}, and awaits the inputs of this prompt; nothing else can.")

    def keep(self, value: object) -> None:
        """Bind ``_``, unless that is a name of the program, as gettext has it."""
        if "_" not in self.namespace or self._is_ours(self.namespace["_"]):
            self._last[:] = [value]
            self.namespace["_"] = value

    def forget(self) -> None:
        """Take ``_`` out of the names of the program."""
        if "_" in self.namespace and self._is_ours(self.namespace["_"]):
            del self.namespace["_"]
        self._last.clear()

    def _is_ours(self, value: object) -> bool:
        return any(value is last for last in self._last)

    def _format(self, exc: BaseException) -> list[str]:
        colors: dict[str, Any] = {"colorize": True} if self.has_colors and sys.version_info >= (3, 13) else {}
        return traceback.format_exception(exc, **colors)

    @calls_user_code
    def represent(self, value: object) -> str:
        """Return how a value is shown."""
        return repr(value)

    def traceback_of(self, exc: BaseException) -> str:
        """Return an error as it is shown, from the user's frames on, if it has not been cut to them yet."""
        return "".join(self.format_error(exc.with_traceback(task_traceback(exc))))

    def words(self, text: str) -> dict[str, str]:
        """Return what the last word of a line may become: as :meth:`complete`, and in Python names and attributes, too."""
        words = self.complete(text)
        return words if words or text.startswith("%") else dict.fromkeys(self._names_after(_path_at_end(text)), "")

    def _names_after(self, path: str) -> list[str]:
        """Return the names that the last one of a path may become; the attributes before it are looked up."""
        *owners, begun = path.split(".")
        if owners:
            found: Any = self.names.get(owners[0], vars(builtins).get(owners[0]))
            for name in owners[1:]:
                found = getattr(found, name, None)
            there = set() if found is None else set(dir(found))
        else:
            there = {*keyword.kwlist, *vars(builtins), *self.names} if begun else set()
        return sorted(name for name in there if name.startswith(begun) and name.startswith("_") <= begun.startswith("_"))


def _path_at_end(text: str) -> str:
    """Return the names and the dots between them that a text ends in; empty if it ends in an attribute of something else."""
    start = len(text)
    while start and (text[start - 1].isidentifier() or text[start - 1].isdigit() or text[start - 1] == "."):
        start -= 1
    path = text[start:]
    return path if all(part.isidentifier() for part in path.split(".")[:-1]) else ""
