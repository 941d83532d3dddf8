"""Act in the middle of an input, when it imports one of certain modules."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

__all__ = ["ImportWatch"]


class ImportWatch:
    """A finder for the front of ``sys.meta_path``: others find the modules, and an action follows the execution of some.

    Args:
        names: The full names of the modules.
        act: Called with each of the modules once its code has run, on the thread that imports it.
    """

    def __init__(self, names: Container[str], act: Callable[[ModuleType], object]) -> None:
        self._names = names
        self._act = act

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return what the finders behind this one know of the module, with a loader that acts."""
        if name not in self._names:
            return None
        for finder in sys.meta_path:
            spec = None if isinstance(finder, ImportWatch) else finder.find_spec(name, path, target)
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    spec.loader = _Loader(spec.loader, self._act)  # type: ignore[assignment]
                return spec
        return None


class _Loader:
    def __init__(self, loader: Any, act: Callable[[ModuleType], object]) -> None:
        self._loader = loader
        self._act = act

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def exec_module(self, module: ModuleType) -> None:
        """Load as the loader proper does, leave it in place of this one, and act."""
        self._loader.exec_module(module)
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._act(module)
