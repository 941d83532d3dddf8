"""Background tasks go on while xonsh waits for a command, and job control is what it is without them."""

from __future__ import annotations

import sys

import pytest

from shells import Xonsh, XonshReadline

#: Name -> the prompt's input: it prints what a server says that runs as a background task. ``say`` asks it.
COMMANDS = {
    "typed": "@(say)",
    "in braces": "![@(say)]",
    "uncaptured": "$[@(say)]",
    "captured": "print($(@(say)))",
    "its object": "r = !(@(say)); r.end(); print(r.out)",
    "its object, looked at": "print(!(@(say)).out)",
    "a pipeline": "@(say) | cat",
    "the end of a pipeline": "echo 1 | @(say)",
    "a pipeline, captured": "print($(@(say) | cat))",
    "its status": "@(say) and echo well",
    "an alias in a thread": "saying",
    "an alias in a thread, captured": "print($(saying))",
    "a string alias": "said",
    "source": "source asks.xsh",
}

AIDS = """
import socket, sys
async def serve():
    async def answer(reader, writer):
        writer.write(b"the server speaks\\n")
        writer.close()
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    with open("port", "w") as file:
        file.write(str(server.sockets[0].getsockname()[1]))
    return server
"""

SAY = """
import pathlib, socket
port = int(pathlib.Path("port").read_text())
print(socket.create_connection(("127.0.0.1", port), timeout=20).makefile().read(), end="", flush=True)
"""

TYPED = """
import ask
say = [{python!r}, 'say.py']
aliases['said'] = say
aliases['saying'] = lambda args: print(ask.say(), end='')
"""

ASK = """
import pathlib, socket
def say():
    port = int(pathlib.Path("port").read_text())
    return socket.create_connection(("127.0.0.1", port), timeout=20).makefile().read()
"""


#: A task that prints when it is told to begin, and then creates a file.
PRINTING = """
import asyncio
begun = []
def begin():
    begun.append(True)
async def soon():
    while not begun:
        await asyncio.sleep(0.001)
    print("printed by a task")
    open({!r}, "x").close()
"""


#: A program that has the terminal until that file is there.
PROGRAM = """
import os, time
print("begins", flush=True)
while not os.path.exists({!r}):
    time.sleep(0.01)
print("ends")
"""


class XonshWithoutWaitid(Xonsh):
    """xonsh on a Python that has no ``os.waitid()``, as 3.11 and 3.12 on macOS."""

    rc = "import os\ndel os.waitid\n"


class Waiting:
    @pytest.fixture(scope="class", params=[True, False], ids=["threads", "no threads"])
    @classmethod
    def serving(cls, new_shell, request):
        """A shell with a server that runs as a background task."""
        with new_shell() as shell:
            folder = shell.home
            (folder / "serving.py").write_text("import asyncio\n" + AIDS)
            (folder / "say.py").write_text(SAY)
            (folder / "ask.py").write_text(ASK)
            (folder / "asks.xsh").write_text(f"{sys.executable} say.py\n")
            shell.run(f"cd {folder}")
            shell.run(f"import sys; sys.path.insert(0, {str(folder)!r}); from serving import serve")
            for line in TYPED.format(python=sys.executable).strip().splitlines():
                shell.run(line)
            shell.run(f"$THREAD_SUBPROCS = {request.param}")
            shell.run("server = await serve()")
            yield shell

    @pytest.mark.parametrize("name", COMMANDS)
    def test_a_server_answers_a_command(self, serving, name):
        if "alias in a thread" in name and serving.run("$THREAD_SUBPROCS") == "False":
            pytest.skip("it runs on the main thread then, where it keeps the tasks from running")
        assert "the server speaks" in serving.run(COMMANDS[name])


class TestWaiting(Waiting):
    shell_class = Xonsh


class TestWaitingReadline(Waiting):
    shell_class = XonshReadline


class TestWaitingWithoutWaitid(Waiting):
    shell_class = XonshWithoutWaitid


class JobControl:
    """The same with a task that ticks all the time on each runner, and without awaitall."""

    @pytest.fixture(scope="class", params=["off", "asyncio", "uvloop", "trio", "curio"])
    @classmethod
    def busy(cls, new_shell, request):
        with new_shell() as shell:
            if request.param == "off":
                shell.run("xontrib unload awaitall")
            else:
                shell.command(f"autoawait {request.param}")
                shell.run("import threading, trio, curio; await ticks()")
            yield shell

    def test_the_status_of_a_command(self, busy):
        busy.run("sh -c 'exit 3'")
        assert busy.run("$LAST_RETURN_CODE") == "3"

    @pytest.mark.parametrize("threads", [True, False], ids=["threads", "no threads"])
    def test_ctrl_c_ends_a_command(self, busy, threads):
        busy.run(f"$THREAD_SUBPROCS = {threads}")
        busy.start_command("exec sleep 1000")
        busy.terminal.key("c")
        busy.wait_for_prompt()
        assert "sleep" not in busy.run("jobs")

    @pytest.mark.parametrize("threads", [True, False], ids=["threads", "no threads"])
    def test_ctrl_z_stops_a_command_and_fg_goes_on_with_it(self, busy, threads):
        busy.run(f"$THREAD_SUBPROCS = {threads}")
        busy.start_command("exec sleep 1000")
        busy.stop_command()
        busy.wait_for_prompt()
        assert "stopped" in busy.run("jobs")
        busy.submit("fg")
        busy.terminal.wait_for(lambda _: not busy.terminal.is_with_the_program())
        busy.terminal.key("c")
        busy.wait_for_prompt()
        assert "sleep" not in busy.run("jobs")

    def test_a_program_reads_the_keyboard(self, busy):
        busy.run("$THREAD_SUBPROCS = False")  # in a thread, xonsh and the program read the same terminal
        busy.start_command("read line", "echo got $line")
        busy.terminal.type("Ada\r")
        assert "got Ada" in busy.wait_for_prompt()

    def test_an_alias_in_a_thread_reads_the_keyboard(self, busy):
        busy.run("aliases['asks'] = lambda args: print('got', input('your ' + 'name? '))")
        text = busy.terminal.text()
        busy.submit("asks")
        busy.terminal.wait_for(lambda now: now.count("your name?") > text.count("your name?"))
        busy.terminal.type("Bob\r")
        busy.terminal.wait_for(lambda now: now.count("got Bob") > text.count("got Bob"))
        busy.wait_for_prompt()


class TestJobControl(JobControl):
    shell_class = Xonsh


class TestJobControlReadline(JobControl):
    shell_class = XonshReadline


class TestJobControlWithoutWaitid(JobControl):
    shell_class = XonshWithoutWaitid


class Output:
    @pytest.fixture
    def shown(self, fresh):
        """What the terminal shows of a program that ends when a task has printed."""
        printed, program = fresh.home / "printed", fresh.home / "program.py"
        program.write_text(PROGRAM.format(str(printed)))
        (fresh.home / "printing.py").write_text(PRINTING.format(str(printed)))
        fresh.run(f"import sys; sys.path.insert(0, {str(fresh.home)!r}); from printing import soon, begin")
        fresh.run("$THREAD_SUBPROCS = False")
        fresh.run("%bg -q soon()")

        def show(brackets="$[{}]"):
            return fresh.run("begin(); " + brackets.format(f"{sys.executable} {program}")).splitlines()

        return show

    @pytest.mark.parametrize("brackets", ["$[{}]", "![{}]", "$[true | {}]"])
    def test_what_tasks_print_waits_for_the_end_of_a_program_that_has_the_terminal(self, shown, brackets):
        assert shown(brackets) == ["begins", "ends", "printed by a task"]

    def test_what_tasks_print_does_not_wait_if_the_user_says_so(self, fresh, shown):
        fresh.run("$XONTRIB_AWAITALL_HOLD_OUTPUT = False")
        lines = shown()
        assert sorted(lines) == ["begins", "ends", "printed by a task"]
        assert lines[-1] == "ends"


class TestOutput(Output):
    shell_class = Xonsh


class TestOutputWithoutWaitid(Output):
    shell_class = XonshWithoutWaitid


class TestOutputReadline(Output):
    shell_class = XonshReadline
