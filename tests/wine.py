"""Windows is tested under wine, which lacks a thing that trio asks of it."""

from __future__ import annotations

import ctypes
import sys


def is_here():
    """Report whether this is a Python for Windows, run by wine."""
    return hasattr(sys, "getwindowsversion") and hasattr(ctypes.WinDLL("ntdll"), "wine_get_version")


def mend_trio():
    """Have trio take a socket for what is below the layers of other programs: wine has no ``SIO_BASE_HANDLE``."""
    from trio._core import _io_windows

    def underlying(sock, *, which=None):
        return _io_windows.ffi.cast("HANDLE", sock if isinstance(sock, int) else sock.fileno())

    _io_windows._get_underlying_socket = underlying


def mend_prompt_toolkit():
    """Have prompt_toolkit call the console's functions: wine takes escape sequences for characters, and says that it does not."""
    from prompt_toolkit.input import win32
    from prompt_toolkit.output import windows10

    windows10.is_win_vt100_enabled = win32._is_win_vt100_input_enabled = lambda: False
