"""A process with pipes that gets a signal: from the system, or on Windows from a console, which it has to itself."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

#: The signals that a console of Windows sends -> the events by which it does.
EVENTS = {"SIGINT": "CTRL_C_EVENT", "SIGBREAK": "CTRL_BREAK_EVENT"}

#: What the parent there ends with if the console refuses; wine's knows of Ctrl-C alone.
REFUSED = 77

#: That parent: it starts a command, gives it what it is to read, and sends an event when it is told to.
PARENT = f"""
import os, signal, subprocess, sys
for signum in (signal.SIGINT, signal.SIGBREAK):
    signal.signal(signum, lambda signum, frame: None)
child = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE)
child.stdin.write(sys.argv[1].encode())
child.stdin.close()
event = sys.stdin.readline().strip()
try:
    if event:
        os.kill(0, getattr(signal, event))
except (OSError, SystemError):
    child.kill()
    sys.exit({REFUSED})
sys.exit((child.wait() ^ 1 << 31) - (1 << 31))
"""


#: Whether signals come from a console.
IN_CONSOLE = hasattr(subprocess, "CREATE_NO_WINDOW")


def need_signal(name):
    """Skip a test of a signal that can be sent by nobody."""
    if not hasattr(signal, name):
        pytest.skip(f"there is no {name}")
    if IN_CONSOLE and name not in EVENTS:
        pytest.skip(f"no console sends {name}")


class Signalled:
    """A process that is to get a signal.

    Args:
        command: What is started.
        typed: What it reads.
        options: For :class:`subprocess.Popen`.
    """

    def __init__(self, command, typed="", **options):
        if IN_CONSOLE:
            command = [sys.executable, "-c", PARENT, typed, *command]
            options["creationflags"] = subprocess.CREATE_NO_WINDOW
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
        )
        if not IN_CONSOLE:
            self.process.stdin.write(typed)
            self.process.stdin.flush()

    def send(self, name):
        """Send a signal by its name, and wait for the end; give the status, and what was printed since, on both streams."""
        if not IN_CONSOLE:
            self.process.send_signal(getattr(signal, name))
        ended = self.wait(f"{EVENTS[name]}\n" if IN_CONSOLE else "")
        if IN_CONSOLE and self.process.returncode == REFUSED:
            pytest.skip(f"this console sends no {name}")
        return ended

    def wait(self, told=""):
        """Wait for the end, as :meth:`send` does."""
        printed = self.process.communicate(told, timeout=60)
        return self.process.returncode, *printed
