"""The escape sequences of the editor of the ``python`` prompt, for wine, which lacks them; ``usercustomize`` mends all else."""

from __future__ import annotations

import ctypes
import io
import re
import sys
from ctypes import wintypes

ENABLE_VIRTUAL_TERMINAL_PROCESSING = 4

SEQUENCE = re.compile(rb"\x1b\[(\??[0-9;]*)([A-Za-z])")

#: What a console shows a character in by default; each colour of a terminal's is red, green and blue from its lowest bit up.
GRAY = 7


def is_here():
    """Report whether this is a Python for Windows, run by wine."""
    return hasattr(sys, "getwindowsversion") and hasattr(ctypes.WinDLL("ntdll"), "wine_get_version")


def mend_console():
    """Carry out the escape sequences that this program writes: wine lets a program ask for that, and shows them as they are."""
    import msvcrt

    class Console(io._WindowsConsoleIO):
        def write(self, data):
            handle = wintypes.HANDLE(msvcrt.get_osfhandle(self.fileno()))
            mode = wintypes.DWORD()
            kernel.GetConsoleMode(handle, ctypes.byref(mode))
            if not mode.value & ENABLE_VIRTUAL_TERMINAL_PROCESSING:
                return super().write(data)
            texts = SEQUENCE.split(bytes(data))
            for text, argument, letter in zip(texts[::3], [*texts[1::3], b""], [*texts[2::3], b""], strict=True):
                if text:
                    super().write(text)
                carry_out(kernel, handle, argument.decode(), letter.decode())
            return len(data)

    kernel = ctypes.WinDLL("kernel32")
    io._WindowsConsoleIO = Console
    for number, name in ((1, "stdout"), (2, "stderr")):
        stream = getattr(sys, name)
        if stream.isatty():
            buffer = io.BufferedWriter(Console(number, "w", closefd=False))
            mended = io.TextIOWrapper(buffer, "utf-8", stream.errors, line_buffering=True)
            setattr(sys, name, mended)
            setattr(sys, f"__{name}__", mended)


def carry_out(kernel, handle, argument, letter):
    """Carry out a sequence, if it is one that moves the cursor, clears, or colours."""

    class Info(ctypes.Structure):
        """CONSOLE_SCREEN_BUFFER_INFO, wincon.h."""

        _fields_ = (
            ("size", wintypes._COORD),
            ("cursor", wintypes._COORD),
            ("color", wintypes.WORD),
            ("window", ctypes.c_short * 4),
            ("most", wintypes._COORD),
        )

    info = Info()
    kernel.GetConsoleScreenBufferInfo(handle, ctypes.byref(info))
    x, y = info.cursor.X, info.cursor.Y
    numbers = [int(number or 0) for number in argument.split(";")] if not argument.startswith("?") else [0]
    if letter in ("A", "B", "C", "D"):
        dx, dy = {"A": (0, -1), "B": (0, 1), "C": (1, 0), "D": (-1, 0)}[letter]
        steps = numbers[0] or 1
        x, y = min(max(x + dx * steps, 0), info.size.X - 1), min(max(y + dy * steps, 0), info.size.Y - 1)
        kernel.SetConsoleCursorPosition(handle, wintypes._COORD(x, y))
    elif letter == "H":
        kernel.SetConsoleCursorPosition(handle, wintypes._COORD(0, info.window[1]))
    elif letter in ("J", "K"):
        count = wintypes.DWORD(info.size.X * (info.window[3] - y if letter == "J" else 0) + info.size.X - x)
        done = wintypes.DWORD()
        kernel.FillConsoleOutputCharacterW(handle, ctypes.c_wchar(" "), count, wintypes._COORD(x, y), ctypes.byref(done))
        kernel.FillConsoleOutputAttribute(handle, wintypes.WORD(GRAY), count, wintypes._COORD(x, y), ctypes.byref(done))
    elif letter == "m":
        color = info.color
        for number in numbers:
            if number == 0:
                color = GRAY
            elif 30 <= number <= 37:
                color = color & ~GRAY | sum(bit for mask, bit in ((1, 4), (2, 2), (4, 1)) if number - 30 & mask)
        kernel.SetConsoleTextAttribute(handle, wintypes.WORD(color))
