"""A shell that a program opens by ``awaitall.embed()``."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from awaitall import ShellSpec, embed
from awaitall.errors import OpenError, UnknownShellError, UnsupportedError

from shells import Bpython, Console, Ptpython, need

PROGRAM = """
import asyncio
import sys
import awaitall
from aids import *

outside = 41


def function():
    inside = 1
    left = awaitall.embed({arguments})
    print("left:", left, "inside:", inside, "closed:", sys.stdin.closed)


function()
"""


class Embedded:
    """The program as it opens the shell of a class; the other base."""

    arguments = "{name!r}, banner='the banner'"

    def argv(self, *options):
        super().argv()  # writes the shell's own configuration
        arguments = self.arguments.format(name=self.name)
        return [sys.executable, "-c", PROGRAM.format(arguments=arguments)]


class EmbeddedConsole(Embedded, Console):
    name = "console"


class EmbeddedBpython(Embedded, Bpython):
    name = "bpython"


class EmbeddedPtpython(Embedded, Ptpython):
    """The user's own configuration makes it quiet, so that is read."""

    name = "ptpython"

    def argv(self, *options):
        arguments = super().argv()
        folder = self.home / ".config" / "ptpython"
        folder.mkdir(parents=True)
        (self.home / "config.py").rename(folder / "config.py")
        return arguments


class Suite:
    exit = "exit(5)"

    @pytest.fixture
    def shell(self, start):
        return start()

    def test_the_banner_is_shown(self, shell):
        assert "the banner" in shell.terminal.text()

    def test_an_await_sees_locals_and_globals(self, shell):
        assert shell.run("await f(inside) + outside") == "42"

    def test_tasks_go_on(self, shell):
        assert shell.run("await ticks()") == "True"

    def test_the_program_goes_on_when_the_user_leaves(self, shell):
        shell.leave()
        assert "left: None inside: 1" in shell.terminal.text()

    def test_exit_leaves_the_shell_alone(self, shell):
        shell.submit(self.exit)
        assert shell.terminal.wait_for_end() == 0
        assert re.search("left: (5|None) inside: 1 closed: False", shell.terminal.text())


class TestConsole(Suite):
    shell_class = EmbeddedConsole

    @pytest.mark.skipif(sys.version_info < (3, 13), reason="PEP 667")
    def test_what_is_bound_is_the_variable_of_the_caller(self, shell):
        shell.run("inside = await f(5)")
        shell.leave()
        assert "inside: 5" in shell.terminal.text()

    def test_tab_completes_the_names_of_the_caller(self, shell):
        shell.terminal.type("insi\t")
        shell.terminal.wait_for("> inside")


class TestBpython(Suite):
    shell_class = EmbeddedBpython

    @pytest.fixture
    def shell(self, start):
        need("bpython")
        return start()


class TestPtpython(Suite):
    shell_class = EmbeddedPtpython
    exit = "exit()"  # ptpython's own takes nothing

    @pytest.fixture
    def shell(self, start):
        need("ptpython")
        return start()

    @pytest.mark.skipif(sys.version_info < (3, 13), reason="PEP 667")
    def test_what_is_bound_is_the_variable_of_the_caller(self, shell):
        shell.run("inside = await f(5)")
        shell.leave()
        assert "inside: 5" in shell.terminal.text()


IN_A_LOOP = """
import asyncio, contextvars, signal, sys
import awaitall
from aids import *

user = contextvars.ContextVar("user", default="nobody")
beats = 0


async def heart():
    global beats
    try:
        while True:
            await asyncio.sleep(0.001)
            beats += 1
    finally:
        print("the heart has stopped")


async def beaten():
    target = beats + 5
    while beats < target:
        await asyncio.sleep(0.001)
    return "beaten"


async def log_in(name):
    user.set(name)


def state():
    wakeup = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(wakeup)
    handlers = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGWINCH)]
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    return [*handlers, wakeup, loop, task, task.cancelling(), sys.get_asyncgen_hooks(), loop.get_exception_handler(),
            sys.stdout.write.__qualname__, dict(contextvars.copy_context()), __builtins__.exit]


def function(queue):
    left = awaitall.embed({arguments})
    print("left:", left)


async def main():
    beating = asyncio.create_task(heart(), name="heart")
    if {listens}:
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, print, "the program was interrupted")
    queue = asyncio.Queue()
    queue.put_nowait("an item")
    found = state()
    function(queue)
    print("displaced:", [pair for pair in zip(found, state()) if pair[0] != pair[1]])
    print(await beaten())
    beating.cancel()


asyncio.run(main())
"""


class InALoop:
    """A program whose loop runs the code that opens the shell, and stands still at its prompt; the first base."""

    listens = False

    def argv(self, *options):
        *start, _ = super().argv()
        arguments = self.arguments.format(name=self.name)
        return [*start, IN_A_LOOP.replace("{arguments}", arguments).replace("{listens}", str(self.listens))]


class ConsoleInALoop(InALoop, EmbeddedConsole): ...


class BpythonInALoop(InALoop, EmbeddedBpython): ...


class PtpythonInALoop(InALoop, EmbeddedPtpython): ...


class ConsoleInAListeningLoop(InALoop, EmbeddedConsole):
    listens = True


class SuiteInALoop:
    needs = None
    presses = 30

    @pytest.fixture
    def shell(self, start):
        if self.needs:
            need(self.needs)
        return start()

    def leave(self, shell):
        assert shell.leave() == 0
        text = shell.terminal.text()
        assert "displaced: []" in text
        assert re.search(r"(?m)^beaten$", text)
        assert shell.terminal.is_sane()

    def test_an_await_is_one_on_the_loop_of_the_program(self, shell):
        assert shell.run("await queue.get()") == "'an item'"
        assert shell.run("await beaten()") == "'beaten'"
        self.leave(shell)

    def test_between_the_inputs_the_program_stands_still(self, shell):
        shell.run("await beaten()")
        shell.run("before = beats")
        assert shell.run("beats == before") == "True"

    def test_a_context_variable_that_an_input_sets_the_next_ones_see(self, shell):
        shell.run("await log_in('ada')")
        assert shell.run("user.get()") == "'ada'"
        assert shell.run("await pause() or user.get()") == "'ada'"
        self.leave(shell)

    def test_tasks_are_those_of_the_program(self, shell):
        assert "heart" in shell.run("%tasks")

    def test_it_goes_on_at_the_prompt_where_the_user_wants_it(self, shell):
        shell.run("%autoawait running")
        shell.submit("%bg beaten()")
        shell.terminal.wait_for("→ 'beaten'")
        shell.run("from aids import *")
        shell.submit("await slow()")
        shell.terminal.wait_for(r"(?m)^waiting$")
        shell.terminal.key("c")
        shell.wait_for_prompt()
        assert shell.run("await pause() or 'alive'") == "'alive'"
        shell.run("%autoawait still")
        self.leave(shell)

    def test_a_storm_of_ctrl_c_leaves_the_program_alone(self, shell):
        for _ in range(30):
            shell.terminal.key("c")
        shell.settle()
        shell.run("from aids import *")
        shell.submit("await slow()")
        shell.terminal.wait_for(r"(?m)^waiting$")
        for _ in range(self.presses):
            shell.terminal.key("c")
        shell.settle()
        assert "the heart has stopped" not in shell.terminal.text()
        assert shell.run("await beaten()") == "'beaten'"
        self.leave(shell)
        assert "the program was interrupted" not in shell.terminal.text()

    def test_a_sync_input_is_stopped_at_once(self, shell):
        shell.submit("import time; print('asleep'); time.sleep(1000)")
        shell.terminal.wait_for(r"(?m)^asleep$")
        shell.terminal.key("c")
        shell.wait_for_prompt()
        assert shell.run("await beaten()") == "'beaten'"
        self.leave(shell)


class TestConsoleInALoop(SuiteInALoop):
    shell_class = ConsoleInALoop


class TestConsoleInAListeningLoop(SuiteInALoop):
    shell_class = ConsoleInAListeningLoop


class TestBpythonInALoop(SuiteInALoop):
    shell_class = BpythonInALoop
    needs = "bpython"
    presses = 1  # a second one, while bpython shows the traceback of the first, ends it, with us as without


class TestPtpythonInALoop(SuiteInALoop):
    shell_class = PtpythonInALoop
    needs = "ptpython"


class TestInside:
    """An embed inside an embed."""

    shell_class = EmbeddedConsole

    @pytest.mark.parametrize("before", ["1", "await f(1)"])
    def test_a_shell_inside_of_a_shell(self, start, before):
        shell = start()
        shell.run(before)
        shell.submit("awaitall.embed('console', banner='the inner one')")
        shell.terminal.wait_for("the inner one")
        shell.wait_for_prompt()
        assert shell.run("await f(inside) + outside") == "42"
        shell.terminal.key("d")
        shell.wait_for_prompt()
        assert shell.run("await f(2)") == "2"
        assert shell.leave() == 0


class InThread(EmbeddedConsole):
    arguments = "{name!r}"

    def argv(self, *options):
        *start, program = super().argv()
        threaded = "import threading\nthread = threading.Thread(target=function); thread.start(); thread.join()"
        return [*start, program.replace("\nfunction()\n", threaded)]


class TestThread:
    shell_class = InThread

    def test_in_another_thread_it_awaits_and_one_line_tells_where_ctrl_c_goes(self, start):
        shell = start()
        assert "awaitall: this is not the main thread, so Ctrl-C does not come here" in shell.terminal.text()
        assert shell.run("await f(inside)") == "1"


def test_a_shell_that_cannot_be_opened_there_is_refused():
    with pytest.raises(UnsupportedError, match=r"xonsh cannot be opened inside a program; these can: bpython, console, ptpython"):
        embed("xonsh")


def test_a_name_that_is_wrong_suggests_the_closest():
    with pytest.raises(UnknownShellError, match="Did you mean 'ptpython'"):
        embed("ptpythn")


def test_a_shell_that_is_not_installed_is_refused(monkeypatch):
    monkeypatch.setattr(ShellSpec, "installed", None)
    with pytest.raises(OpenError, match=r"ptpython is not installed: pip install 'awaitall\[ptpython\]'"):
        embed("ptpython")


@pytest.mark.parametrize(
    "call",
    [
        "import atexit; atexit.register(awaitall.embed, 'console', banner='')",
        "asyncio.run(call_soon())",
        "import threading; threading.Thread(target=awaitall.embed, args=['console'], kwargs={'banner': ''}).start()",
    ],
)
def test_a_caller_without_names_of_its_own_has_those_of_the_program(call):
    program = f"""
import asyncio, awaitall

async def call_soon():
    asyncio.get_running_loop().call_soon(lambda: None)
    asyncio.get_running_loop().call_soon(awaitall.embed, "console")
    await asyncio.sleep(0.01)

outside = 41
{call}
"""
    done = subprocess.run([sys.executable, "-c", program], input="outside + 1\n", capture_output=True, text=True, timeout=60)
    assert "42" in done.stdout
    assert "Traceback" not in done.stderr
