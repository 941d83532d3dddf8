"""Imported by each Python that ``on_windows`` starts: mends wine, where that is what runs it."""

from __future__ import annotations

import ctypes
import sys
from importlib.machinery import PathFinder

#: The module of trio that asks for what wine lacks.
ASKING = "trio._core._io_windows"

#: The bit of a screen's mode.
PROCESSES_SEQUENCES = 4


class Mending:
    """Finds that module as ever, and mends it when it has been executed."""

    def find_spec(self, name, path=None, target=None):
        spec = PathFinder.find_spec(name, path) if name == ASKING else None
        if spec is not None:
            execute = spec.loader.exec_module
            spec.loader.exec_module = lambda module: mend(execute(module) or module)
        return spec


def mend(module):
    """Take a socket for what is below the layers of other programs: wine has no ``SIO_BASE_HANDLE``."""

    def underlying(sock, *, which=None):
        return module.ffi.cast("HANDLE", sock if isinstance(sock, int) else sock.fileno())

    module._get_underlying_socket = underlying


def set_console_mode(handle, mode):
    """Take no escape sequences, as consoles before Windows 10: wine says that it does, and shows them as text."""
    mode = getattr(mode, "value", mode)
    is_screen = not kernel32.GetNumberOfConsoleInputEvents(handle, ctypes.byref(ctypes.c_ulong()))
    return 0 if is_screen and mode & PROCESSES_SEQUENCES else kernel32.SetConsoleMode(handle, mode)


if hasattr(ctypes.WinDLL("ntdll"), "wine_get_version"):
    sys.meta_path.insert(0, Mending())
    kernel32 = ctypes.WinDLL("kernel32")
    ctypes.windll.kernel32.SetConsoleMode = set_console_mode
    ctypes.windll.kernel32.SetConsoleHistoryInfo = lambda info: 1  # xonsh wants it, and wine lacks it
