"""Ctrl-C in bpython, which owns the signal: while it paints, while it waits for keys, and while code runs."""

from __future__ import annotations

import pytest

from awaitall.testing.shell_fixtures import without_folders

from shells import Bpython, BpythonStartup

AIDS = '''\
import asyncio, sys

async def loud(number):
    """Print all the time, and let others run."""
    try:
        print("loud", number)
        while True:
            print(end="")
            await asyncio.sleep(0)
    finally:
        await asyncio.sleep(0)
        print("quiet", number)

async def rude(number):
    """Print all the time, and let nobody else run."""
    print("rude", number)
    while True:
        print(end="")

async def rude_when_struck_in_ours():
    """Print all the time; the Ctrl-C comes in code of the adapter that a print calls."""
    import awaitall_bpython.patches.output as module
    source = "def paintable(text): import signal; signal.raise_signal(signal.SIGINT); return text"
    exec(source, vars(module))
    output = sys.stdin.repl._awaitall_output
    print("struck")
    output._paintable = vars(module).pop("paintable")
    try:
        while True:
            print(end="")
    finally:
        del output._paintable

def chorus():
    """Print all the time in the background; give the task."""
    async def sing():
        while True:
            print(end="")
            await asyncio.sleep(0)
    return asyncio.ensure_future(sing())

async def ask(number):
    await asyncio.sleep(0)
    return input(f"your name, {number}? ")

async def ask_in_the_background():
    task = asyncio.ensure_future(ask(1))
    try:
        await asyncio.Event().wait()
    finally:
        await asyncio.wait([task])
        print("answer:", repr(task.exception()))

async def interrupted_on_the_way_to_the_keyboard():
    """What a Ctrl-C leaves behind that comes after bpython has looked for a repaint to do."""
    from curtsies.events import SigIntEvent
    try:
        print("begun")
        sys.stdin.repl.input_generator.sigints.append(SigIntEvent())
        print("painted")
        await asyncio.sleep(0)
        await asyncio.Event().wait()
    finally:
        print("ended")
'''


class CtrlC:
    @pytest.fixture
    def shell(self, start, tmp_path):
        (tmp_path / "noises.py").write_text(AIDS)
        shell = start()
        shell.terminal.keep_output()  # else a line that bpython has painted may be missing on the screen
        shell.run("from noises import *; from aids import *")
        return shell

    def press(self, shell, source, seen):
        """Press Ctrl-C once ``seen`` is on a line of its own; give what was printed in all."""
        before = len(shell.prompts(shell.terminal.text()))
        shell.submit(source)
        shell.terminal.wait_for(rf"(?m)^{seen}$")
        shell.terminal.key("c")
        return shell.answer(shell.wait_for_prompt(), before)

    def check_interrupt(self, answer):
        """One KeyboardInterrupt, with a traceback only if it hit code of the user's, and none of ours in it."""
        assert answer.endswith("KeyboardInterrupt")
        assert answer.count("KeyboardInterrupt") == 1
        assert "awaitall" not in without_folders(answer)

    def test_it_ends_an_await_that_prints_all_the_time(self, shell):
        for number in range(8):
            answer = self.press(shell, f"await loud({number})", f"loud {number}")
            # in bpython, print() writes the end of a line by itself, and Ctrl-C may come between
            assert answer.replace("\n", "").startswith(f"loud {number}quiet {number}")
            self.check_interrupt(answer)

    def test_it_ends_a_coroutine_that_prints_and_never_awaits(self, shell):
        for number in range(8):
            answer = self.press(shell, f"await rude({number})", f"rude {number}")
            self.check_interrupt(answer)
        assert shell.run("await f('alive')") == "'alive'"

    def test_one_that_comes_in_code_of_the_adapter_is_not_lost(self, shell):
        answer = shell.run("await rude_when_struck_in_ours()")
        assert answer.startswith("struck")
        self.check_interrupt(answer)
        assert shell.run("await f('alive')") == "'alive'"

    def test_a_task_that_prints_in_the_background_lives_on(self, shell):
        shell.run("task = chorus(); await f()")
        for number in range(8):
            answer = self.press(shell, f"print('on' + 'ward', {number}); await asyncio.Event().wait()", f"onward {number}")
            self.check_interrupt(answer)
        assert shell.run("await f(task.done())") == "False"

    def test_one_that_comes_on_the_way_to_the_keyboard_is_not_lost(self, shell):
        answer = shell.run("await interrupted_on_the_way_to_the_keyboard()")
        assert "ended" in answer
        self.check_interrupt(answer)
        assert shell.run("await f('alive')") == "'alive'"

    def test_input_in_a_coroutine(self, shell):
        shell.submit("await ask(1)")
        shell.terminal.wait_for(r"(?m)^your name, 1\?")
        shell.terminal.type("Ada")
        shell.terminal.wait_for(r"1\? Ada")
        shell.terminal.type("\r")
        assert "'Ada'" in shell.wait_for_prompt()

    def test_it_ends_input_in_a_coroutine(self, shell):
        for number in range(5):
            answer = self.press(shell, f"await ask({number})", rf"your name, {number}\?")
            self.check_interrupt(answer)
        assert shell.run("await f('alive')") == "'alive'"

    def test_it_ends_input_in_a_task_and_the_await_both(self, shell):
        answer = self.press(shell, "await ask_in_the_background()", r"your name, 1\?")
        assert answer.splitlines() == ["your name, 1? answer: KeyboardInterrupt()", "KeyboardInterrupt"]
        assert shell.run("await f('alive')") == "'alive'"

    def test_it_gives_up_the_line_at_the_prompt(self, shell):
        shell.terminal.type("await f(")
        shell.terminal.wait_for(r"(?m)^>>> await f\(")
        shell.terminal.key("c")
        assert "\nKeyboardInterrupt\n" in shell.wait_for_prompt()
        assert shell.run("await f('alive')") == "'alive'"


class TestCtrlC(CtrlC):
    shell_class = Bpython


class TestCtrlCWithAStartupFile(CtrlC):
    shell_class = BpythonStartup
