"""Windows live beside the tasks in our shells; each adapter's tests run it in their shell on a real terminal.

There need not be a display: Qt has a platform without one, and an interpreter of Tcl has timers without a window.
"""

from __future__ import annotations

import subprocess
import sys
from functools import cache

import pytest

from awaitall.system import termios
from awaitall.testing.shell_fixtures import ShellFixtures

#: What a module of the user's has that counts the beats of a timer of a toolkit.
BEATS = """
import asyncio

count = 0

def beat():
    global count
    count += 1
    if count == 5:
        print("five", "beats")

async def watch(where):
    for _ in range(3):
        before = count
        while count == before:
            await asyncio.sleep(0.01)
    print("alive", where)
"""

#: Toolkit -> what the module has besides to make the timer.
TIMERS = {
    "tk": """
import tkinter

interpreter = tkinter.Tcl()

def again():
    beat()
    interpreter.tk.call("after", 10, name)

name = interpreter.register(again)
again()
""",
    "qt": """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget

application = QApplication.instance() or QApplication([])
window = QWidget()
window.show()
timer = QTimer()
timer.timeout.connect(beat)
timer.start(10)
""",
}

PACKAGES = {"tk": "tkinter", "qt": "PySide6.QtWidgets"}


@cache
def is_importable(module):
    """Whether a module can be imported; not in this process, as Qt's would take Python's hook for windows here."""
    return subprocess.run([sys.executable, "-c", f"import {module}"], stderr=subprocess.DEVNULL).returncode == 0


def need(module):
    """Skip a test where a module cannot be imported."""
    if not is_importable(module):
        pytest.skip(f"{module} cannot be imported")


class WindowSuite(ShellFixtures):
    """Subclass it with the class of a shell."""

    @pytest.fixture(params=sorted(TIMERS))
    def toolkit(self, request):
        need(PACKAGES[request.param])
        return request.param

    @pytest.fixture
    def shell_with_toolkit(self, start, tmp_path, toolkit):
        """A shell that has imported nothing yet, in a folder with a module that makes a timer."""
        (tmp_path / "beats.py").write_text(BEATS + TIMERS[toolkit])
        return start(env={"QT_QPA_PLATFORM": "offscreen"})

    @pytest.fixture
    def beating(self, shell_with_toolkit):
        """The shell with the timer running."""
        shell_with_toolkit.run("from beats import *; import beats")
        return shell_with_toolkit

    def test_a_window_lives_at_the_prompt_before_anything_is_awaited(self, beating):
        beating.terminal.wait_for(r"(?m)^five beats$")

    def test_a_window_and_a_task_go_on_at_the_prompt(self, beating):
        beating.run("%bg -q watch('at the prompt')")
        beating.terminal.wait_for(r"(?m)^alive at the prompt$")
        assert "paused" not in beating.terminal.text()

    def test_a_window_lives_while_an_input_is_awaited(self, beating):
        assert "alive in an await" in beating.run("await watch('in an await')")

    def test_the_keys_go_to_the_prompt_and_the_shell_ends_as_ever(self, beating):
        assert "5" in beating.run("await asyncio.sleep(0, 5)").splitlines()  # the timer may print beside it
        assert "2" in beating.run("1 + 1").splitlines()
        assert beating.leave() == 0

    def test_windows_that_are_left_alone_stand_still_during_an_await(self, beating):
        beating.run("%gui off")
        assert beating.run("before = beats.count; await asyncio.sleep(0.1); beats.count - before") == "0"
        assert "gui is `Off`" in beating.run("%gui")
        beating.run("%gui on")
        assert "alive once more" in beating.run("await watch('once more')")

    def test_a_callback_of_qt_that_exits_leaves_the_terminal_to_the_next_program(self, shell_with_toolkit, toolkit):
        if toolkit != "qt":
            pytest.skip("a callback of tkinter that exits ends nothing")
        shell_with_toolkit.run("from beats import *; await asyncio.sleep(0)")
        shell_with_toolkit.submit("import sys; QTimer.singleShot(100, sys.exit)")
        assert shell_with_toolkit.terminal.wait_for_end() == 0
        modes = termios.tcgetattr(shell_with_toolkit.terminal.child.child_fd)[3]
        assert modes & termios.ICANON
        assert modes & termios.ECHO

    def test_the_command_tells_whose_windows_live(self, beating, toolkit):
        beating.run("await asyncio.sleep(0)")
        assert f"gui is `On`, and keeps the windows of `{toolkit}` alive" in beating.run("%gui")
