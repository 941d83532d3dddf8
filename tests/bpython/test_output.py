"""What is written in bpython by whom and how bpython alone would not survive it."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest

from shells import Bpython

#: Name -> what is printed without an end of the line, and what stands on the screen then.
HALF_LINES = {
    "a progress bar": ("'\\r1 %\\r', '2 %', sep=''", "2 %"),
    "a progress bar that returns": ("'10 %\\r', '2 %\\r', sep=''", "2 %"),
    "a tab": ("'a\\tb'", "a       b"),
    "colours": ("'\\033[31mred\\033[0m'", "red"),
    "other sequences": ("'\\033]0;title\\a\\033[2Kgone'", "gone"),
    "a bell and a backspace": ("'\\aon\\b'", "on"),
    "wide characters": ("'漢字'", "漢字"),
}

#: Name -> what is typed for ``f()`` to print "from the thread" there.
THREADS = {
    "awaited": "await asyncio.to_thread(f)",
    "in a sync input": "thread = threading.Thread(target=f); thread.start(); thread.join()",
    "at the idle prompt": "timer = threading.Timer(0.1, f); timer.start()",
    "from a task at the idle prompt": "task = asyncio.create_task(asyncio.to_thread(f))",
}


class TestOutput:
    shell_class = Bpython

    @pytest.mark.parametrize("name", HALF_LINES)
    def test_half_a_line_of_an_input_stands_before_the_prompt(self, shell, name):
        printed, seen = HALF_LINES[name]
        shell.submit(f"await f(); print({printed}, end='')")
        shell.terminal.wait_for(rf"(?m)^{seen}>>>$")
        shell.terminal.type("6 * 9\r")
        shell.terminal.wait_for(r"(?m)54\n>>>$")  # behind what is begun, as in bpython alone
        shell.seen = len(shell.prompts(shell.terminal.text()))

    @pytest.mark.parametrize("name", HALF_LINES)
    def test_half_a_line_of_a_task_waits_for_the_next_input(self, shell, name):
        printed, seen = HALF_LINES[name]
        shell.run(f"async def half():\n    print({printed}, end='')\n    print()\n    print({printed}, end='')")
        shell.run("%bg -q half()")
        shell.terminal.wait_for(rf"(?m)^{seen}\n>>>$")
        assert shell.run("6 * 9") == f"{seen}\n54"

    @pytest.mark.parametrize("name", THREADS)
    def test_a_thread_may_print(self, start, name):
        shell = start()
        shell.run("import asyncio, threading")
        shell.run("def f():\n    print('from', 'the thread')")
        shell.submit(THREADS[name])
        shell.terminal.wait_for(r"(?m)^from the thread\n>>>$")
        shell.seen = len(shell.prompts(shell.terminal.text()))
        assert shell.run("6 * 9") == "54"

    def test_a_thread_that_prints_disturbs_no_input(self, fresh):
        fresh.run("import threading, time")
        fresh.run("def noise():\n    for number in range(50):\n        print('noise', number)\n        time.sleep(0.01)")
        fresh.submit("threading.Thread(target=noise).start(); await f(input('name? '))")
        fresh.terminal.wait_for(r"name\?")
        while not re.search(r"name\? A", fresh.terminal.text()):  # bpython drops a key that comes before input() reads
            fresh.terminal.type("A")
            with suppress(AssertionError):
                fresh.terminal.wait_for(r"name\? A", timeout=5)
        fresh.terminal.wait_for(r"(?m)^noise 49$")
        fresh.terminal.type("da\r")
        fresh.terminal.wait_for(r"(?m)^'Ada'$")
        assert re.findall(r"(?m)^noise \d+$", fresh.terminal.text()) == [f"noise {number}" for number in range(50)]
