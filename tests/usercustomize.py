"""Imported by each Python that ``on_windows`` starts: wine, where that is what runs it, lacks a thing that trio asks for."""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder

#: The module of trio that asks.
ASKING = "trio._core._io_windows"


class Mending:
    """Finds that module as ever, and mends it when it has been executed."""

    def find_spec(self, name, path=None, target=None):
        spec = PathFinder.find_spec(name, path) if name == ASKING and is_wine() else None
        if spec is not None:
            execute = spec.loader.exec_module
            spec.loader.exec_module = lambda module: mend(execute(module) or module)
        return spec


def is_wine():
    """Report whether wine runs this Python."""
    import ctypes

    return hasattr(ctypes.WinDLL("ntdll"), "wine_get_version")


def mend(module):
    """Take a socket for what is below the layers of other programs: wine has no ``SIO_BASE_HANDLE``."""

    def underlying(sock, *, which=None):
        return module.ffi.cast("HANDLE", sock if isinstance(sock, int) else sock.fileno())

    module._get_underlying_socket = underlying


sys.meta_path.insert(0, Mending())
