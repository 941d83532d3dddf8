"""Shells in a console of Windows, run by the Python that AWAITALL_WINDOWS_PYTHON names.

Wine makes a console of the terminal that it is started on: programs are told of its keys, and write to it, as on Windows.
"""

from __future__ import annotations

import os
import signal

import on_windows
import pytest

from awaitall.testing import Shell, Terminal
from awaitall.testing.shell_ctrl_c import CtrlCTests
from awaitall.testing.shell_end import EndTests

#: Starts the command on a terminal that edits no line and sends no signals, as wine itself sets it up, though a moment too late.
START = 'stty raw -echo; exec "$@"'

needs_windows = pytest.mark.skipif(on_windows.command() is None, reason="AWAITALL_WINDOWS_PYTHON names no Python for Windows")


class WindowsTerminal(Terminal):
    """A program of the Python for Windows, whatever Python it is said to be for."""

    #: What a line begins with where a prompt reads the keys, and among them Ctrl-C; else it is an event of the console.
    reads_keys: tuple[str, ...] = ()

    def __init__(self, python, *argv, **options):
        super().__init__("sh", "-c", START, "sh", on_windows.command(), *argv, **options)

    def key(self, letter):
        """Press Ctrl and a letter; wine reads nothing any more after a Ctrl-C, unless Alt is pressed as well."""
        line = self.screen.display[self.screen.cursor.y]
        if letter != "c":
            super().key(letter)
        elif line.startswith(self.reads_keys):
            self.type("\x1b\x03")
        else:  # with Alt, wine would send three events
            os.kill(self.child.pid, signal.SIGINT)

    def is_sane(self):
        """Return True: the modes of a console are not those of the terminal that it stands on."""
        return True


class KeysTerminal(WindowsTerminal):
    """A program that reads keys at its prompts."""

    reads_keys = (">>> ", "... ", "xsh> ")


class OnWindows:
    """Mixed into a shell, starts it there."""

    terminal_class = KeysTerminal

    def submit(self, source):
        """Type line by line: a console knows no pasting in brackets."""
        Shell.submit(self, source) if "\n" in source else super().submit(source)

    def environment(self):
        return {**super().environment(), "PYTHONUSERBASE": on_windows.installed(on_windows.command())}


class WindowsSuite(CtrlCTests):
    """What is asked of each shell there. A start takes its time, so most tests share one shell."""

    test_leaving_ends_what_is_still_running = EndTests.test_leaving_ends_what_is_still_running

    def test_a_busy_task_cannot_keep_the_prompt(self):
        pytest.skip("Ctrl-C is a key of the prompt")
