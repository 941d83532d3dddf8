"""A breakpoint at whose prompt inputs may await."""

from __future__ import annotations

import os
import pdb
import subprocess
import sys
import textwrap
from contextlib import suppress

import pytest

from awaitall.debugger import Debugger
from awaitall.testing import Terminal

from libraries import library_of

PROGRAM = """
import asyncio
import contextvars
import signal
import sys

user = contextvars.ContextVar("user", default="nobody")
beats = 0


async def heart():
    global beats
    while True:
        beats += 1
        await asyncio.sleep(0)


async def beaten(target):
    while beats < target:
        await asyncio.sleep(0)
    return "beaten"


async def slow():
    print("waiting")
    await asyncio.sleep(1000)


async def log_in(name):
    user.set(name)


async def busy():
    print("busy")
    while True:
        pass


def helper(queue):
    local = 5
    breakpoint()
    print("local:", local)


async def main():
    tasks = {asyncio.create_task(heart())}
    queue = asyncio.Queue()
    asyncio.get_running_loop().call_later(0.05, queue.put_nowait, "an item")
    before = state()
    helper(queue)
    print("as before:", state() == before, "user:", user.get(), "tasks:", sum(not task.done() for task in tasks))
    await asyncio.sleep(0)
    print("end")


def state():
    wakeup = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(wakeup)
    loop = asyncio.get_running_loop()
    return (asyncio.current_task(), loop, signal.getsignal(signal.SIGINT), wakeup, sys.get_asyncgen_hooks(), user.get(),
            asyncio.current_task().cancelling(), loop.get_exception_handler(), sys.stdout.write.__qualname__)


asyncio.run(main())
"""

IN_CALLBACKS = """
import asyncio

ran = []


def first():
    breakpoint()


async def main():
    loop = asyncio.get_running_loop()
    for callback in first, lambda: ran.append(1), lambda: ran.append(2):
        loop.call_soon(callback)
    await asyncio.sleep(0.01)
    print("ran:", ran)


asyncio.run(main())
"""

ELSEWHERE = """
import {library}


async def main():
    breakpoint()


{run}
"""


@pytest.fixture
def run(tmp_path):
    """Run a program, and type inputs at its breakpoint; give what is printed."""

    def run(program, *inputs):
        path = tmp_path / "program.py"
        path.write_text(program)
        typed = "".join(f"{line}\n" for line in [*inputs, "c"])
        env = {**os.environ, "PYTHONBREAKPOINT": "awaitall.breakpoint", "HOME": str(tmp_path)}
        done = subprocess.run([sys.executable, path], input=typed, env=env, capture_output=True, text=True, timeout=60)
        assert done.stderr == ""
        return done.stdout

    return run


def test_an_input_is_awaited_on_the_loop_of_the_program(run):
    assert "(Pdb) 'an item'" in run(PROGRAM, "await queue.get()")


def test_what_an_input_binds_is_the_variable_of_the_caller(run):
    assert "local: 7" in run(PROGRAM, "local = await asyncio.sleep(0, 7)")


def test_tasks_run_while_an_input_is_awaited(run):
    assert "(Pdb) True" in run(PROGRAM, "before = beats", "await asyncio.sleep(0.1)", "beats > before + 3")


def test_a_context_variable_that_an_input_sets_the_next_ones_see_and_the_program_too(run):
    printed = run(PROGRAM, "await log_in('ada')", "await asyncio.sleep(0, user.get())")
    assert "(Pdb) 'ada'" in printed
    assert "user: ada" in printed


def test_line_commands_are_for_the_tasks_of_the_program(run):
    assert "heart" in run(PROGRAM, "%tasks")


def test_a_line_command_that_awaits(run):
    assert "'an item'\n(Pdb)" in run(PROGRAM, "%time await queue.get()")


def test_await_can_be_switched_off(run):
    assert "*** SyntaxError" in run(PROGRAM, "%autoawait off", "await queue.get()")


def test_tasks_stand_still_between_the_inputs(run):
    assert "(Pdb) 0" in run(PROGRAM, "import time", "time.sleep(0.01)", "beats")


def test_nothing_is_displaced_afterwards(run):
    printed = run(PROGRAM, "await queue.get()")
    assert "as before: True" in printed
    assert printed.endswith("end\n")


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        (["await nope()"], "*** NameError: name 'nope' is not defined"),
        (["await asyncio.sleep(0))"], "*** SyntaxError: "),
        (["async for x in local:", "  pass", ""], "*** TypeError: 'async for' requires an object with __aiter__ method, got int"),
        (["await asyncio.wait_for(asyncio.sleep(9), 0.01)"], "*** TimeoutError"),
        (["[await asyncio.sleep(0, i) for i in range(2)]"], "[0, 1]"),
        (["for i in range(2):", "  print('item', await asyncio.sleep(0, i))", ""], "item 0\nitem 1\n"),
        (["for i in range(2):", "  print('item', i)", ""], "item 0\nitem 1\n"),
        (["local + 1"], "(Pdb) 6"),
        (["p local + 2"], "(Pdb) 7"),
    ],
)
def test_an_input_is_answered(run, lines, answer):
    printed = run(PROGRAM, *lines)
    assert answer in printed
    assert printed.endswith("end\n")


def test_the_stack_is_that_of_the_program(run):
    printed = run(PROGRAM, "up", "await queue.get()")
    assert "-> helper(queue)\n(Pdb) 'an item'" in printed


def test_callbacks_that_were_ready_are_run_once(run):
    assert "ran: [1, 2]\n" in run(IN_CALLBACKS, "await asyncio.sleep(0)")


def test_without_a_loop_all_inputs_are_awaited_on_one(run):
    inputs = "loop = await asyncio.sleep(0, {0})", "await asyncio.sleep(0, loop is {0})"
    printed = run("import asyncio\nbreakpoint()\n", *(line.format("asyncio.get_running_loop()") for line in inputs))
    assert "(Pdb) True" in printed


@pytest.mark.parametrize(
    ("library", "start"),
    [("uvloop", "uvloop.run(main())"), ("trio", "trio.run(main)"), ("curio", "curio.run(main)")],
)
def test_where_the_loop_cannot_be_run_from_inside_a_line_says_what_helps(run, library, start):
    pytest.importorskip(library)
    printed = run(ELSEWHERE.format(library=library, run=start), "import asyncio", "await asyncio.sleep(0)")
    assert f"RunningLoopError: {library} is running in this thread already, and cannot be run from inside." in printed
    assert "await greenback.ensure_portal()" in printed


def test_with_a_portal_an_input_is_awaited_on_trio(run):
    pytest.importorskip("greenback")
    program = ELSEWHERE.format(library="greenback, trio", run="trio.run(main)")
    program = program.replace("    breakpoint()", "    await greenback.ensure_portal()\n    breakpoint()")
    assert "(Pdb) 'Task'" in run(program, "await trio.sleep(0) or type(trio.lowlevel.current_task()).__name__")


@pytest.fixture
def terminal(tmp_path):
    """A terminal with the program at its breakpoint."""
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    env = {"PYTHONBREAKPOINT": "awaitall.breakpoint", "HOME": str(tmp_path)}
    terminal = Terminal(sys.executable, str(path), env=env, cwd=str(tmp_path))
    terminal.wait_for(r"\(Pdb\) *$")
    yield terminal
    terminal.close()


def test_ctrl_c_cancels_what_is_awaited_and_the_program_goes_on(terminal):
    terminal.type("await slow()\r")
    terminal.wait_for("(?m)^waiting$")
    terminal.key("c")
    terminal.wait_for(r"\*\*\* KeyboardInterrupt\n\(Pdb\) *$")
    terminal.type("c\r")
    assert terminal.wait_for_end() == 0
    assert "as before: True user: nobody tasks: 1\nend" in terminal.text()


def test_ctrl_c_at_the_prompt_does_not_reach_the_program(terminal):
    # One that comes just before readline waits is not noticed (Modules/readline.c), so a person presses it once more.
    while "--KeyboardInterrupt--" not in terminal.text():
        terminal.key("c")
        with suppress(AssertionError):
            terminal.wait_for(r"--KeyboardInterrupt--\n\(Pdb\) *$", timeout=1)
    terminal.type("c\r")
    assert terminal.wait_for_end() == 0
    assert "as before: True user: nobody tasks: 1\nend" in terminal.text()


class Prompts:
    """Lines typed at the prompts of the debugger; each time the next prompt is waited for."""

    def __init__(self, terminal):
        self._terminal = terminal
        self._count = 1

    def wait(self, what=""):
        self._count += 1
        self._terminal.wait_for(lambda text: text.count("(Pdb)") == self._count and text.endswith("(Pdb)"))

    def run(self, line):
        self._terminal.type(f"{line}\r")
        self.wait()
        return self._terminal.text().split(f"(Pdb) {line}\n")[-1].removesuffix("(Pdb)").strip()


BEATEN = "%bg beaten(beats + 20)"


def test_tasks_go_on_at_the_prompt_and_while_one_types_where_the_user_wants_it(terminal):
    prompts = Prompts(terminal)
    assert prompts.run("%autoawait").endswith("the running loop of `asyncio`, which stands still at the prompt")
    assert prompts.run("%autoawait running") == ""
    assert prompts.run("%autoawait").endswith("the running loop of `asyncio`, which goes on at the prompt")
    terminal.type(f"{BEATEN}\r")
    terminal.wait_for("→ 'beaten'")  # with nothing typed
    terminal.type(f"{BEATEN}\r")
    terminal.type("half a line")
    terminal.wait_for(lambda text: text.count("→ 'beaten'") == 2)
    terminal.wait_for(r"\(Pdb\) half a line$")


def test_and_stand_still_again(terminal):
    prompts = Prompts(terminal)
    prompts.run("%autoawait running")
    prompts.run("%autoawait still")
    before = prompts.run("beats")
    assert prompts.run("beats") == before


def until(terminal, line, answer):
    """Type a line until it is answered: what comes after a Ctrl-C that nobody has seen yet is thrown away by the terminal."""
    while True:
        terminal.type(f"{line}\r")
        with suppress(AssertionError):
            return terminal.wait_for(answer, timeout=2)


@pytest.mark.parametrize("mode", ["still", "running"])
def test_a_storm_of_ctrl_c_leaves_the_tasks_alone(terminal, mode):
    Prompts(terminal).run(f"%autoawait {mode}")
    for _ in range(50):
        terminal.key("c")
    until(terminal, "6 * 7", "(?m)^42$")
    terminal.type("await slow()\r")
    terminal.wait_for("(?m)^waiting$")
    terminal.keep_output()  # else the next Ctrl-C may throw away what tells of the first
    for _ in range(50):
        terminal.key("c")
    until(terminal, "6 * 8", "(?m)^48$")
    assert "*** KeyboardInterrupt" in terminal.text()
    terminal.type("c\r")
    assert terminal.wait_for_end() == 0
    assert "as before: True user: nobody tasks: 1\nend" in terminal.text()


def test_ctrl_c_stops_an_await_that_never_gives_way(terminal):
    terminal.type("await busy()\r")
    terminal.wait_for("(?m)^busy$")
    terminal.key("c")
    terminal.wait_for(r"\*\*\* KeyboardInterrupt\n\(Pdb\) *$")


@pytest.mark.parametrize("runner", ["asyncio", "uvloop"])
def test_in_an_input_without_await_the_loop_of_the_session_is_run(run, runner):
    library_of(runner)
    program = f"""
        from awaitall import Session
        session = Session(runner={runner!r})
        session.run("import asyncio; loop = await asyncio.sleep(0, asyncio.get_running_loop())")
        session.run("breakpoint()")
        print(session.run("await asyncio.sleep(0, 'goes on')"))
        session.close()
    """
    printed = run(textwrap.dedent(program), "await asyncio.sleep(0, loop is asyncio.get_running_loop())")
    assert "(Pdb) True" in printed
    assert printed.endswith("goes on\n")


@pytest.mark.parametrize("runner", ["trio", "curio"])
def test_in_an_input_without_await_the_loops_of_others_cannot_be_run(run, runner):
    library_of(runner)
    program = f"""
        from awaitall import Session
        session = Session(runner={runner!r})
        session.run("import {runner}; await {runner}.sleep(0)")
        session.run("breakpoint()")
        print(session.run("(await {runner}.sleep(0), 'goes on')[1]"))
        session.close()
    """
    printed = run(textwrap.dedent(program), f"await {runner}.sleep(0)")
    assert f"RunningLoopError: {runner} is running in this thread already, and cannot be run from inside." in printed
    assert printed.endswith("goes on\n")


IN_THREAD = """
import asyncio, threading


async def main():
    queue = asyncio.Queue()
    queue.put_nowait("an item")
    breakpoint()


def without_a_loop():
    breakpoint()


thread = threading.Thread(target={target})
thread.start()
thread.join()
print("end")
"""


@pytest.mark.parametrize(
    ("target", "source"),
    [("lambda: asyncio.run(main())", "await queue.get()"), ("without_a_loop", "await asyncio.sleep(0, 'an item')")],
)
def test_in_another_thread_inputs_are_awaited_and_a_line_tells_where_ctrl_c_goes(run, target, source):
    printed = run(IN_THREAD.replace("{target}", target), source)
    assert "awaitall: this is not the main thread, so Ctrl-C does not come here" in printed
    assert "(Pdb) 'an item'" in printed
    assert printed.endswith("end\n")


def test_in_both_threads_one_after_the_other(run):
    program = IN_THREAD.replace("{target}", "without_a_loop") + "breakpoint()\n"
    printed = run(program, "await asyncio.sleep(0, 'an item')", "c", "await asyncio.sleep(0, 'another')")
    assert "(Pdb) 'another'" in printed


CLOSING = """
import asyncio


async def main():
    try:
        await asyncio.sleep(1000)
    finally:
        breakpoint()
        print("cleaned up")


async def start():
    global task
    task = asyncio.create_task(main())
    await asyncio.sleep(0)

asyncio.run(start())
print("end")
"""


def test_on_a_loop_that_is_closing_inputs_are_awaited(run):
    printed = run(CLOSING, "await asyncio.sleep(0, 'slept')")
    assert "(Pdb) 'slept'" in printed
    assert printed.endswith("cleaned up\nend\n")


def test_once_the_loop_is_closed_they_are_awaited_on_another_one(run):
    program = (
        "import asyncio\nloop = asyncio.new_event_loop()\nloop.run_until_complete(asyncio.sleep(0))\nloop.close()\nbreakpoint()\n"
    )
    assert "(Pdb) 'slept'" in run(program, "await asyncio.sleep(0, 'slept')")


def test_an_input_may_close_the_prompt_by_ending_the_program(run):
    printed = run(PROGRAM, "await asyncio.sleep(0); raise SystemExit")
    assert "*** SystemExit" in printed
    assert printed.endswith("end\n")


def test_a_caller_without_a_frame_costs_one_line(tmp_path):
    program = "import atexit, awaitall\natexit.register(awaitall.breakpoint)\n"
    done = subprocess.run([sys.executable, "-c", program], input="c\n", capture_output=True, text=True, timeout=60)
    assert done.stderr == "awaitall: no code of Python's has called breakpoint(), so there is nothing to look at\n"


def test_a_ctrl_c_that_pdb_lets_through_opens_the_prompt_again(monkeypatch):
    """It does so while it tells of one before, and the program would end."""
    opened = []

    def interaction(self, frame, traceback):
        opened.append(frame)
        if len(opened) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(pdb.Pdb, "interaction", interaction)
    Debugger().interaction("frame")
    assert opened == ["frame", "frame"]
