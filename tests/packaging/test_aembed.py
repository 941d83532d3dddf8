"""A shell in a task of a running program: ``await awaitall.aembed()``."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from awaitall.testing.shell_ctrl_c import CtrlCTests

from shells import Console, Ptpython

pytest.importorskip("trio")
pytest.importorskip("uvloop")

#: The same in both programs.
TASKS = """\
async def heart():
    global beats
    try:
        while True:
            await {library}.sleep(0.001)
            beats += 1
    finally:
        print("the heart has stopped")


async def log_in(name):
    user.set(name)


async def fail():
    await {library}.sleep(0.2)
    raise ValueError("elsewhere")


async def late():
    await pause(0.3)
    print("late")


async def beaten(count=5):
    target = beats + count
    while beats < target:
        await {library}.sleep(0.001)
    return "beaten"
"""

ASYNCIO = """
import asyncio, contextvars, signal, sys
import awaitall
from aids import *

user = contextvars.ContextVar("user", default="nobody")
beats = 0


def state():
    wakeup = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(wakeup)
    handlers = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGWINCH)]
    loop = asyncio.get_running_loop()
    return [*handlers, wakeup, loop, asyncio.current_task(), asyncio.current_task().cancelling(), sys.get_asyncgen_hooks(),
            __import__("readline").get_completer(), loop.get_exception_handler(), loop.slow_callback_duration,
            sys.stdout.write.__qualname__, __builtins__.exit, dict(contextvars.copy_context())]


{tasks}

async def main():
    inside = 1
    me = asyncio.current_task()
    cancel = lambda: asyncio.get_running_loop().call_later(0.2, me.cancel)
    beating = asyncio.create_task(heart(), name="heart")
    {before}
    found = state()
    try:
        left = await awaitall.aembed({arguments})
        print("left:", left, "user:", user.get())
    except asyncio.CancelledError:
        print("cancelled:", me.uncancel())
    print("displaced:", [pair for pair in zip(found, state()) if pair[0] != pair[1]])
    print(await beaten())
    while any(task.get_name().startswith("late") for task in asyncio.all_tasks()):
        await asyncio.sleep(0.01)
    {after}
    beating.cancel()


{run}
"""

TRIO = """
import contextvars, signal, sys
import trio
import awaitall
from aids import *

user = contextvars.ContextVar("user", default="nobody")
beats = 0


def state():
    wakeup = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(wakeup)
    handlers = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGWINCH)]
    return [*handlers, wakeup, trio.lowlevel.current_task(), sys.get_asyncgen_hooks(),
            sys.stdout.write.__qualname__, __builtins__.exit]


{tasks}

async def main():
    inside = 1
    me = trio.lowlevel.current_task()

    def cancel():
        scope.deadline = trio.current_time() + 0.2

    async with trio.open_nursery() as nursery:
        nursery.start_soon(heart)
        found = state()
        with trio.CancelScope() as scope:
            left = await awaitall.aembed({arguments})
            print("left:", left, "user:", user.get())
        if scope.cancelled_caught:
            print("cancelled: 0")
        print("displaced:", [pair for pair in zip(found, state()) if pair[0] != pair[1]])
        print(await beaten())
        await trio.sleep(0.4)
        nursery.cancel_scope.cancel()


trio.run(main)
"""


class OnAsyncio:
    """A program that opens the shell of a class in a task; the other base."""

    program = ASYNCIO
    library = "asyncio"
    me = "asyncio.current_task()"
    before = after = "pass"
    start = "asyncio.run(main())"

    def argv(self, *options):
        super().argv()  # writes the shell's own configuration
        program = self.program
        for name, value in {
            "{tasks}": TASKS,
            "{library}": self.library,
            "{arguments}": f"{self.name!r}, banner='the banner'",
            "{before}": self.before,
            "{after}": self.after,
            "{run}": self.start,
        }.items():
            program = program.replace(name, value)
        (self.home / "p.py").write_text(program)
        return [sys.executable, "p.py"]


class OnUvloop(OnAsyncio):
    start = "import uvloop; uvloop.run(main())"


class OnTrio(OnAsyncio):
    program = TRIO
    library = "trio"
    me = "trio.lowlevel.current_task()"


class InConsole(Console):
    name = "console"


class InPtpython(Ptpython):
    """The user's own configuration makes it quiet, so that is read."""

    name = "ptpython"

    def argv(self, *options):
        arguments = super().argv()
        folder = self.home / ".config" / "ptpython"
        folder.mkdir(parents=True)
        (self.home / "config.py").rename(folder / "config.py")
        return arguments


class ConsoleOnAsyncio(OnAsyncio, InConsole): ...


class ConsoleOnUvloop(OnUvloop, InConsole): ...


class ConsoleOnTrio(OnTrio, InConsole): ...


class PtpythonOnAsyncio(OnAsyncio, InPtpython): ...


class PtpythonOnUvloop(OnUvloop, InPtpython): ...


class TimedConsole(ConsoleOnAsyncio):
    program = ASYNCIO.replace("left = await", "async with asyncio.timeout(None) as limit: left = await").replace(
        "except asyncio.CancelledError:", "except TimeoutError:"
    )


class TestTimed:
    shell_class = TimedConsole

    def test_a_timeout_around_it_closes_the_prompt(self, start):
        shell = start()
        shell.submit("limit.reschedule(asyncio.get_running_loop().time() + 0.2)")  # not before the prompt is there
        assert shell.terminal.wait_for_end() == 0
        assert "cancelled: 0" in shell.terminal.text()
        the_program_is_as_before(shell)


def the_program_is_as_before(shell):
    text = shell.terminal.text()
    assert "displaced: []" in text
    assert re.search(r"(?m)^beaten$", text)
    assert shell.terminal.is_sane()


class Suite:
    """What holds in every shell, on every loop."""

    def test_the_banner_is_shown(self, shell):
        assert "the banner" in shell.terminal.text()

    def test_an_await_is_one_on_the_loop_of_the_program_with_its_names(self, shell):
        assert shell.run("await beaten() + str(inside)") == "'beaten1'"

    @pytest.mark.parametrize("source", ["{} is me", "await pause() or {} is me"])
    def test_all_inputs_run_in_the_task_that_has_opened_the_shell(self, shell, source):
        assert shell.run(source.format(shell.me)) == "True"

    def test_a_context_variable_that_an_input_sets_the_next_ones_see(self, fresh):
        fresh.run("await log_in('ada')")
        assert fresh.run("user.get()") == "'ada'"
        assert fresh.run("await pause() or user.get()") == "'ada'"
        fresh.leave()
        assert "user: ada" in fresh.terminal.text()

    def test_the_program_goes_on_while_the_prompt_waits_and_while_one_types(self, shell):
        shell.run("before = beats")
        told = shell.terminal.text().count("→ 'beaten'")
        shell.run("%bg beaten(20)")
        shell.terminal.type("beats > before")
        shell.terminal.wait_for(lambda text: text.count("→ 'beaten'") > told)
        shell.wait_for_echo("beats > before")
        before = shell.seen
        shell.terminal.type("\r")
        assert shell.answer(shell.wait_for_prompt(), before) == "True"

    def test_the_program_goes_on_while_the_prompt_waits_for_a_first_key(self, fresh):
        fresh.submit("%bg beaten(20)")
        fresh.terminal.wait_for("→ 'beaten'")

    @pytest.mark.parametrize("before", ["", "await pause() or "])
    def test_the_current_session_is_that_of_the_shell(self, shell, before):
        source = f"{before}awaitall.current_session() is session"
        shell.run("session = awaitall.current_session()")
        assert shell.run(source) == "True"

    def test_what_a_task_of_the_program_prints_appears_above_the_line(self, fresh):
        fresh.run("%bg -q counting('alpha')")
        fresh.terminal.type("6 * 9")
        fresh.terminal.wait_for(r"(?m)^alpha 20$")
        fresh.terminal.wait_for(r">>> 6 \* 9$")

    def test_tasks_are_those_of_the_program(self, shell):
        assert re.search(r"(?m)^\[\d\] (waiting|ready) +\S+ +\S*heart +", shell.run("%tasks"))

    def test_a_task_in_the_background_goes_on_after_the_shell(self, fresh):
        fresh.run("%bg -q late()")
        fresh.leave()
        assert re.search(r"(?m)^late$", fresh.terminal.text())

    def test_no_other_runner_can_be_used(self, shell):
        assert "is running in this thread already" in shell.run("%autoawait curio")

    @pytest.mark.parametrize("source", ["exit()", "quit()", "import sys; sys.exit(3)", "await pause(); raise SystemExit"])
    def test_who_leaves_leaves_the_program_running(self, fresh, source):
        fresh.submit(source)
        assert fresh.terminal.wait_for_end() == 0
        assert "left: None" in fresh.terminal.text()
        the_program_is_as_before(fresh)

    def test_at_the_end_of_the_file_nothing_of_the_program_is_displaced(self, fresh):
        fresh.run("await pause()")
        assert fresh.leave() == 0
        the_program_is_as_before(fresh)

    # -- Ctrl-C ---------------------------------------------------------------------------------------------------------

    def test_ctrl_c_clears_the_line(self, fresh):
        fresh.terminal.type("half a line")
        fresh.wait_for_echo("half a line")
        fresh.terminal.key("c")
        fresh.wait_for_prompt()
        assert fresh.run("await beaten()") == "'beaten'"

    def test_a_storm_of_ctrl_c_leaves_the_program_alone(self, fresh):
        for _ in range(50):
            fresh.terminal.key("c")
        fresh.settle()
        fresh.submit("await slow()")
        fresh.terminal.wait_for(r"(?m)^waiting$")
        for _ in range(50):
            fresh.terminal.key("c")
        fresh.settle()
        assert "the heart has stopped" not in fresh.terminal.text()
        assert fresh.run("await beaten()") == "'beaten'"
        assert fresh.leave() == 0
        the_program_is_as_before(fresh)

    def test_a_task_that_an_input_has_cancelled_is_its_own_affair(self, fresh):
        if isinstance(fresh, OnTrio):
            pytest.skip("trio cancels no tasks")
        fresh.run("task = asyncio.create_task(pause(100)); _ = task.cancel()")
        assert "CancelledError" in fresh.run("await task")
        assert fresh.run("await beaten()") == "'beaten'"

    def test_a_sync_input_is_stopped_at_once(self, fresh):
        fresh.submit("import time; say('asleep'); time.sleep(1000)")
        fresh.terminal.wait_for(r"(?m)^asleep$")
        fresh.terminal.key("c")
        fresh.wait_for_prompt()
        assert fresh.run("await beaten()") == "'beaten'"

    # -- the program cancels the task -----------------------------------------------------------------------------------

    @pytest.mark.parametrize("source", ["cancel() and None", "cancel(); await pause(100)"])
    def test_if_the_task_is_cancelled_the_prompt_closes(self, fresh, source):
        fresh.submit(source)
        assert fresh.terminal.wait_for_end() == 0
        assert re.search(r"(?m)^cancelled: 0$", fresh.terminal.text())
        the_program_is_as_before(fresh)

    def test_a_line_that_is_half_typed_ends_where_the_program_goes_on(self, fresh):
        fresh.run("cancel() and None")
        fresh.terminal.type("half")
        assert fresh.terminal.wait_for_end() == 0
        assert re.search(r"(?m)^cancelled: 0$", fresh.terminal.text())


class EndSuite:
    """What holds where a program on asyncio ends while the prompt waits."""

    def test_an_exit_elsewhere_in_the_program_closes_the_prompt(self, fresh):
        fresh.run("_ = asyncio.get_running_loop().call_later(0.2, sys.exit, 3)")
        text = fresh.terminal.wait_for(r"(?m)^cancelled: 0\ndisplaced: \[\]$")  # asyncio.run() cancels all tasks
        assert "the heart has stopped" in text
        assert fresh.terminal.is_sane()


class TestConsoleOnAsyncio(Suite, EndSuite):
    shell_class = ConsoleOnAsyncio

    def test_tab_completes_the_names_of_the_caller(self, fresh):
        fresh.terminal.type("insi\t")
        fresh.terminal.wait_for("> inside")

    def test_the_last_line_comes_back(self, fresh):
        fresh.run("await f('a line')")
        fresh.terminal.type("\x1b[A")
        fresh.wait_for_echo("await f('a line')")

    def test_an_input_of_several_lines(self, fresh):
        assert fresh.run("for x in range(2):\n    print(await f(x))") == "0\n1"

    def test_a_shell_inside_of_a_shell(self, fresh):
        fresh.submit("await awaitall.aembed('console', banner='the inner one')")
        fresh.terminal.wait_for("the inner one")
        fresh.wait_for_prompt()
        assert fresh.run("await beaten()") == "'beaten'"
        fresh.terminal.key("d")
        fresh.wait_for_prompt()
        assert fresh.run("await beaten()") == "'beaten'"

    def test_the_debugger_leaves_no_handler_behind(self, fresh):
        fresh.submit("breakpoint()")
        fresh.terminal.wait_for(r"\(Pdb\)$")
        fresh.terminal.type("c\r")
        fresh.wait_for_prompt()
        assert fresh.run("await beaten()") == "'beaten'"
        assert fresh.leave() == 0
        the_program_is_as_before(fresh)

    def test_a_second_shell_in_another_task_is_refused(self, fresh):
        fresh.run("other = asyncio.create_task(awaitall.aembed('console'))")
        assert "UnsupportedError: A shell is open in another task already" in fresh.run("await other")


class TestConsoleOnUvloop(Suite):
    shell_class = ConsoleOnUvloop


class TestConsoleOnTrio(Suite):
    shell_class = ConsoleOnTrio

    def test_a_failure_elsewhere_in_the_program_closes_the_prompt(self, fresh):
        fresh.run("nursery.start_soon(fail)")
        assert fresh.terminal.wait_for_end() == 1
        assert "ValueError: elsewhere" in fresh.terminal.text()
        assert fresh.terminal.is_sane()

    def test_a_scope_is_entered_in_one_input_and_left_in_another(self, fresh):
        fresh.run("scope = trio.CancelScope(); _ = scope.__enter__()")
        fresh.submit("await slow()")
        fresh.terminal.wait_for(r"(?m)^waiting$")
        fresh.terminal.key("c")
        fresh.wait_for_prompt()
        assert "cleaned up" in fresh.terminal.text()
        assert fresh.run("_ = scope.__exit__(None, None, None)") == ""
        assert fresh.run("await beaten()") == "'beaten'"


class TestPtpythonOnAsyncio(Suite, EndSuite):
    shell_class = PtpythonOnAsyncio


class TestPtpythonOnUvloop(Suite):
    shell_class = PtpythonOnUvloop


class TestCtrlCInConsole(CtrlCTests):
    shell_class = ConsoleOnAsyncio


class TestCtrlCInConsoleOnUvloop(CtrlCTests):
    shell_class = ConsoleOnUvloop


class TestCtrlCInConsoleOnTrio(CtrlCTests):
    shell_class = ConsoleOnTrio

    @pytest.mark.skip(reason="trio waits for the thread, and there is no other task for the inputs that follow")
    def test_the_prompt_comes_back_from_a_thread_that_does_not_return(self):
        pass

    def test_a_thread_is_waited_for_without_a_busy_loop(self, fresh):
        fresh.run("import threading, time; gate = threading.Event()")
        fresh.run("_ = threading.Timer(1, gate.set).start(); began = time.process_time()")
        fresh.submit("await waiting_for_a_thread(gate)")
        fresh.terminal.wait_for(r"(?m)^waiting for the thread$")
        fresh.terminal.key("c")
        fresh.wait_for_prompt()
        assert "KeyboardInterrupt" in fresh.terminal.text()
        assert fresh.run("time.process_time() - began < 0.5") == "True"


class TestCtrlCInPtpython(CtrlCTests):
    shell_class = PtpythonOnAsyncio

    @pytest.mark.skip(reason="a task that never awaits keeps ptpython, which is on its loop, from seeing any key")
    def test_a_busy_task_cannot_keep_the_prompt(self):
        pass


HANDLES_SIGINT = """
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, print, "the program was interrupted")
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, print, "the program was told to end")
"""


class HandlesSigint:
    """A program whose loop listens to signals; the other base."""

    before = HANDLES_SIGINT
    after = "import os; os.kill(os.getpid(), signal.SIGINT); await asyncio.sleep(0.1)"


class ConsoleOfListener(HandlesSigint, ConsoleOnAsyncio): ...


class ConsoleOfListenerOnUvloop(HandlesSigint, ConsoleOnUvloop): ...


class PtpythonOfListener(HandlesSigint, PtpythonOnAsyncio): ...


class PtpythonOfListenerOnUvloop(HandlesSigint, PtpythonOnUvloop): ...


class ListenerSuite:
    """What holds where the program has given its loop a handler of SIGINT."""

    def test_the_program_hears_of_no_ctrl_c_until_the_shell_is_left(self, fresh):
        fresh.submit("await slow()")
        fresh.terminal.wait_for(r"(?m)^waiting$")
        fresh.terminal.key("c")
        fresh.wait_for_prompt()
        fresh.run("import os; os.kill(os.getpid(), signal.SIGTERM)")
        fresh.run("await beaten()")
        assert "cleaned up" in fresh.terminal.text()
        assert "the program was told to end" in fresh.terminal.text()
        assert "the program was interrupted" not in fresh.terminal.text()
        assert fresh.leave() == 0
        the_program_is_as_before(fresh)
        assert fresh.terminal.text().count("the program was interrupted") == 1


class TestConsoleOfListener(ListenerSuite):
    shell_class = ConsoleOfListener

    def test_nor_at_the_prompt(self, fresh):
        fresh.terminal.type("half")
        fresh.wait_for_echo("half")
        fresh.terminal.key("c")
        fresh.wait_for_prompt()
        fresh.run("await beaten()")
        assert "the program was interrupted" not in fresh.terminal.text()


class TestConsoleOfListenerOnUvloop(ListenerSuite):
    shell_class = ConsoleOfListenerOnUvloop


class TestPtpythonOfListener(ListenerSuite):
    shell_class = PtpythonOfListener


class TestPtpythonOfListenerOnUvloop(ListenerSuite):
    shell_class = PtpythonOfListenerOnUvloop


class InThread:
    """A program whose loop runs in another thread; the other base."""

    start = "import threading; thread = threading.Thread(target=asyncio.run, args=[main()]); thread.start(); thread.join()"


class ConsoleInThread(InThread, ConsoleOnAsyncio):
    program = ASYNCIO.replace("signal.set_wakeup_fd(-1)", "0").replace("signal.set_wakeup_fd(wakeup)", "pass")


class TestInThread:
    shell_class = ConsoleInThread

    def test_it_awaits_and_one_line_tells_where_ctrl_c_goes(self, fresh):
        assert "awaitall: this is not the main thread, so Ctrl-C does not come here" in fresh.terminal.text()
        assert fresh.run("await beaten()") == "'beaten'"
        assert fresh.leave() == 0
        the_program_is_as_before(fresh)


STOPS = """
import asyncio, time
import awaitall
from aids import *

async def open_shell():
    await awaitall.aembed({name!r})

loop = asyncio.new_event_loop()
task = loop.create_task(open_shell())
stop = loop.stop
loop.run_forever()
print("the loop has stopped")
"""


class ConsoleOnStoppingLoop(InConsole):
    def argv(self, *options):
        super().argv()
        (self.home / "p.py").write_text(STOPS.format(name=self.name))
        return [sys.executable, "p.py"]


class PtpythonOnStoppingLoop(InPtpython):
    def argv(self, *options):
        super().argv()
        (self.home / "p.py").write_text(STOPS.format(name=self.name))
        return [sys.executable, "p.py"]


class StoppingSuite:
    """What holds where the program lets its loop stop while the prompt waits."""

    def test_the_terminal_is_sane_and_nothing_hangs(self, fresh):
        fresh.submit("loop.call_later(0.2, stop) and None")
        assert fresh.terminal.wait_for_end() == 0
        assert "the loop has stopped" in fresh.terminal.text()
        assert fresh.terminal.is_sane()


class TestConsoleOnStoppingLoop(StoppingSuite):
    shell_class = ConsoleOnStoppingLoop


class TestPtpythonOnStoppingLoop(StoppingSuite):
    shell_class = PtpythonOnStoppingLoop


SMALL = """
import asyncio, sys
import awaitall
library = sys.argv[1]

async def main():
    for name in sys.argv[2:]:
        try:
            await awaitall.aembed(name, banner="")
        except Exception as exc:
            print(f"{type(exc).__name__}: {exc}")
    print("the rest:", sys.stdin.readline() if sys.stdin else None)

if library == "asyncio":
    asyncio.run(main())
elif library == "none":
    try:
        main().send(None)
    except StopIteration:
        pass
else:
    __import__(library).run(main)
"""


def small(*arguments, **options):
    """Run a program without a terminal; return what it prints."""
    argv = [sys.executable, "-c", SMALL, *arguments]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_without_a_terminal_lines_are_read_and_no_more_than_are_used():
    typed = "x = await asyncio.sleep(0, 20)\nprint(x + 1)\nexit()\nfor the program\n"
    shown = small("asyncio", "console", input=typed)
    assert "21" in shown
    assert "the rest: for the program" in shown


def test_with_a_file_as_the_keyboard(tmp_path):
    (tmp_path / "file").write_text("print(await asyncio.sleep(0, 20))\n")
    with open(tmp_path / "file") as file:
        assert "20" in small("asyncio", "console", stdin=file)


def test_without_standard_input_it_is_left_at_once():
    assert "the rest: None" in small("asyncio", "console", preexec_fn=lambda: os.close(0))


@pytest.mark.parametrize(
    ("library", "shell", "message"),
    [
        ("asyncio", "bpython", "UnsupportedError: bpython cannot be opened in a task of asyncio; these can: console, ptpython."),
        ("asyncio", "xonsh", "UnsupportedError: xonsh cannot be opened in a task of asyncio; these can: console, ptpython."),
        ("trio", "ptpython", "UnsupportedError: ptpython cannot be opened in a task of trio; these can: console."),
        (
            "none",
            "console",
            "A shell can be opened in a task of asyncio, uvloop or trio; here runs none of them.",
        ),
        ("asyncio", "ptpythn", "UnknownShellError: No shell is called 'ptpythn'"),
    ],
)
def test_what_cannot_be_opened_is_refused_in_one_line(library, shell, message):
    assert message in small(library, shell, stdin=subprocess.DEVNULL)


SERVED = """
import asyncio, signal
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from ptpython.repl import embed
from awaitall_ptpython import enable

answers = {}


async def serve(name, typed, pipe):
    with create_app_session(input=pipe, output=DummyOutput()):
        names = {"handler": signal.getsignal(signal.SIGINT), "signal": signal, "asyncio": asyncio}
        pipe.send_text(typed)
        await embed(names, configure=enable, return_asyncio_coroutine=True)
        answers[name] = names["answer"]


async def main():
    with create_pipe_input() as first, create_pipe_input() as second:
        await asyncio.gather(
            serve("first", "await asyncio.sleep(0.1)\\ranswer = signal.getsignal(signal.SIGINT) == handler\\r\\x04y", first),
            serve("second", "answer = await asyncio.sleep(0.01, 5)\\r\\x04y", second),
        )
    print(answers)


asyncio.run(main())
"""


def test_two_that_are_served_over_connections_leave_sigint_to_the_program(tmp_path):
    env = {**os.environ, "HOME": str(tmp_path)}
    argv = [sys.executable, "-c", SERVED]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, env=env)
    assert done.stdout.strip().endswith("{'second': 5, 'first': True}"), done.stderr
