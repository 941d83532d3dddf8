"""A real console of Windows for tests: a program of the Python that AWAITALL_WINDOWS_PYTHON names, and a terminal of ours.

Run as a program, this joins the two: it is on the terminal, and has ``pseudo_console`` run the command in a console of Windows.
"""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
import threading
from pathlib import Path

from awaitall.system import fcntl, termios

#: The command that runs the Python for Windows, or nothing.
PYTHON = os.environ.get("AWAITALL_WINDOWS_PYTHON", "")

_FOLDER = Path(__file__).parent


class InWindowsConsole:
    """Put before the class of a shell that ``python -m`` starts: it runs in a console of Windows.

    The keys of a line come before Enter, as who types sends them: prompt_toolkit takes both at a time for a paste there.
    """

    def argv(self, *options):
        _, _, *arguments = super().argv(*options)
        return [sys.executable, __file__, _windows_path(_FOLDER / "mended.py"), *arguments]

    def clear_indentation(self, above):
        """Do nothing: what takes a line away on other systems is a character here."""


def _windows_path(path):
    """Return the name that a file has for wine."""
    return "Z:" + str(path).replace("/", "\\")


def main(*arguments):
    """Run it, and end as it does."""
    import tty

    columns, lines = _size()
    environment = {name: value for name, value in os.environ.items() if name not in ("TERM", "COLORTERM")}
    bridge = _windows_path(_FOLDER / "pseudo_console.py")
    command = [PYTHON, "-S", bridge, "new", str(columns), str(lines), *arguments]
    modes = termios.tcgetattr(0)
    tty.setraw(0)
    console = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, start_new_session=True
    )
    threading.Thread(target=_pass_keys, args=(console.stdin,), daemon=True).start()
    while shown := os.read(console.stdout.fileno(), 65536):
        while shown:
            shown = shown[os.write(1, shown) :]
    status = console.wait()
    termios.tcsetattr(0, termios.TCSANOW, modes)
    os._exit(status)


def _size():
    lines, columns = struct.unpack("HH", fcntl.ioctl(0, termios.TIOCGWINSZ, b"\0" * 4))
    return columns, lines


def _pass_keys(console):
    while keys := os.read(0, 10000):
        for each in re.split(b"(\x03)", keys):
            if each == b"\x03":
                _tell(console, b"C")
            elif each:
                _tell(console, b"K", each)


def _tell(console, kind, data=b""):
    os.write(console.fileno(), kind + len(data).to_bytes(2) + data)


if __name__ == "__main__":
    main(*sys.argv[1:])
