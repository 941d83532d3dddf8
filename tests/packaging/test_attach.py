"""A prompt inside programs that run already: prepared for it by one line, or not at all."""

from __future__ import annotations

import errno
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager, suppress
from importlib.util import find_spec

import pytest

from awaitall.attaching.channel import socket_of
from awaitall.attaching.entering import connected
from awaitall.attaching.processes import examined
from awaitall.attaching.remote_session import RemoteSession
from awaitall.errors import UnsupportedError

from shells import Attached, EditedAttached

unprepared = pytest.mark.skipif(not hasattr(sys, "remote_exec"), reason="sys.remote_exec() is there since Python 3.14")

#: What all programs begin with. On a line that it reads from standard input, each tells what is otherwise than before the prompt.
BEGIN = """
import os, signal, sys, threading

beats = 0


def state(tasks):
    wakeup = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(wakeup)
    fds = {}
    for fd in os.listdir("/proc/self/fd"):
        try:
            fds[fd] = os.readlink(f"/proc/self/fd/{fd}")
        except OSError:
            pass
    return [
        sys.stdin, sys.stdout, sys.stderr, sys.displayhook, sys.excepthook, sys.path[:], sys.meta_path[:], sys.argv[:], wakeup,
        [signal.getsignal(signum) for signum in sorted(signal.valid_signals())], sys.gettrace(), sys.getprofile(),
        threading.enumerate(), fds, tasks, sorted(vars(__builtins__)), "readline" in sys.modules, "_" in globals(), os.getcwd(),
    ]


def tell(tasks):
    print("displaced:", [pair for pair in zip(found, state(tasks)) if pair[0] != pair[1]], flush=True)


def ready(tasks):
    global found
    found = state(tasks)
    print("ready", flush=True)
"""

ASYNCIO = (
    BEGIN
    + """
import asyncio


async def heart():
    global beats
    while True:
        await asyncio.sleep(0.01)
        beats += 1


def tasks():
    return sorted(task.get_name() for task in asyncio.all_tasks())


async def main():
    global beating
    {prepare}
    beating = asyncio.create_task(heart(), name="heart")
    lines = asyncio.Queue()
    asyncio.get_running_loop().add_reader(0, lambda: lines.put_nowait(os.read(0, 100)))
    ready(tasks())
    while await lines.get() == b"state\\n":
        tell(tasks())


{run}
print("ended", flush=True)
"""
)

TRIO = (
    BEGIN
    + """
import trio


async def heart():
    global beats
    while True:
        await trio.sleep(0.01)
        beats += 1


def tasks():
    root = trio.lowlevel.current_root_task()
    return sorted(task.name for nursery in root.child_nurseries for task in nursery.child_tasks)


async def main():
    {prepare}
    async with trio.open_nursery() as nursery:
        nursery.start_soon(heart)
        ready(tasks())
        while True:
            await trio.lowlevel.wait_readable(0)
            if os.read(0, 100) != b"state\\n":
                break
            tell(tasks())
        nursery.cancel_scope.cancel()


trio.run(main)
print("ended", flush=True)
"""
)

PLAIN = (
    BEGIN
    + """
{prepare}
ready(())
while os.read(0, 100) == b"state\\n":
    tell(())
print("ended", flush=True)
"""
)

SERVE = "__import__('awaitall').serve()"


class Program:
    """A program in another process.

    Args:
        source: Of the program.
        options: Of Python.
    """

    def __init__(self, source: str, home, *options: str, env=None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *options, "-c", source],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "XDG_STATE_HOME": str(home), **(env or {})},
        )
        self.pid = self.process.pid
        assert self.line() == "ready"

    def line(self) -> str:
        return self.process.stdout.readline().rstrip("\n")

    def ask(self, question: str = "state") -> str:
        """Return what the program answers to a line."""
        self.process.stdin.write(f"{question}\n")
        self.process.stdin.flush()
        return self.line()

    def wait_until_as_it_was(self) -> None:
        deadline = time.monotonic() + 10
        while (answer := self.ask()) != "displaced: []":
            assert time.monotonic() < deadline, answer

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def launch(tmp_path):
    programs = []

    def launch(source, *options, **keywords):
        programs.append(Program(source, tmp_path, *options, **keywords))
        return programs[-1]

    yield launch
    for program in programs:
        program.end()


@pytest.fixture
def attach(tmp_path):
    shells = []

    def attach(program, shell_class=Attached):
        shells.append(shell_class(tmp_path, None, str(program.pid)))
        return shells[-1]

    yield attach
    for shell in shells:
        shell.terminal.close()


@contextmanager
def entered(pid):
    """Return a session of a prompt without a shell."""
    session = RemoteSession({})
    session.connect(connected(examined(pid)))
    with closing(session):
        yield session


def refusal_of(pid) -> str:
    """Return what the command says that cannot attach."""
    command = [sys.executable, "-m", "awaitall", "attach", str(pid)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    return done.stderr


class Suite:
    """Programs on a loop."""

    library = "asyncio"
    prepare = SERVE
    leaving = "def leave(): asyncio.current_task().cancel()"

    @property
    def source(self) -> str:
        run = "__import__('uvloop').run(main())" if self.library == "uvloop" else "asyncio.run(main())"
        program = TRIO if self.library == "trio" else ASYNCIO
        return program.replace("{prepare}", self.prepare or "pass").replace("{run}", run)

    @property
    def module(self) -> str:
        return "trio" if self.library == "trio" else "asyncio"

    @pytest.fixture
    def program(self, launch):
        if find_spec(self.library) is None:
            pytest.skip(f"{self.library} is not installed")
        return launch(self.source)

    @pytest.fixture
    def shell(self, program, attach):
        shell = attach(program)
        shell.run(f"import {self.module} as lib")
        return shell

    def test_the_banner_tells_where_one_is(self, program, shell):
        text = shell.terminal.text()
        assert f"Attached to {program.pid}" in text
        assert f"and {self.library}, which goes on" in text

    def test_an_input_awaits_on_the_loop_of_the_program(self, shell):
        shell.run("before = beats")
        assert shell.run("await lib.sleep(0.2)") == ""
        assert shell.run("beats > before + 3") == "True"

    def test_all_inputs_run_in_one_task(self, shell):
        shell.run("import contextvars")
        shell.run("user = contextvars.ContextVar('user')")
        shell.run("token = user.set('ada')")
        shell.run("await lib.sleep(0)")
        assert shell.run("user.get(), user.reset(token)") == "('ada', None)"

    def test_an_input_has_several_lines(self, shell):
        assert shell.run("for i in range(2):\n    await lib.sleep(0)\n    print(i)") == "0\n1"

    def test_a_traceback_begins_at_the_line_of_the_user(self, shell):
        lines = shell.run("await lib.sleep(0); 1 / 0").splitlines()
        assert lines[:2] == ["Traceback (most recent call last):", lines[1]]
        assert lines[1].startswith('  File "<input-')
        assert lines[-1] == "ZeroDivisionError: division by zero"
        assert "awaitall" not in "".join(lines)

    def test_what_an_input_prints_is_shown_here_and_nowhere_else(self, program, shell):
        assert shell.run("import sys; print('to me'); print('me, too', file=sys.stderr)") == "to me\nme, too"
        shell.leave()
        assert program.ask() == "displaced: []"

    def test_what_the_program_prints_goes_where_it_always_goes(self, program, shell):
        assert program.ask().startswith("displaced: [")
        assert "displaced" not in shell.run("1")

    def test_the_last_value_has_a_name(self, shell):
        shell.run("await lib.sleep(0) or 41")
        assert shell.run("_ + 1") == "42"

    def test_the_tasks_are_those_of_the_program(self, shell):
        answer = shell.run("%tasks")
        assert "heart" in answer
        assert "awaitall" not in answer

    def test_a_task_tells_where_it_waits(self, shell):
        number = next(line for line in shell.run("%tasks").splitlines() if "heart" in line).partition("]")[0].strip("[")
        assert "in heart" in shell.run(f"%where {number}")

    def test_a_background_task_is_told_of_above_the_prompt(self, shell):
        shell.run("async def later():\n    await lib.sleep(0.3)\n    print('from a task')\n    return 7")
        shell.run("%bg later()")
        shell.terminal.wait_for(r"from a task\n(.*\n)*\[\d+\] done .*→ 7")

    def test_time_takes_an_await(self, shell):
        assert "Wall time" in shell.run("%time await lib.sleep(0.01)")

    def test_tab_completes_names_of_the_program(self, shell):
        shell.terminal.type("bea\t")
        shell.terminal.wait_for("> beat")

    def test_tab_completes_attributes(self, shell):
        shell.terminal.type("lib.slee\t")
        shell.terminal.wait_for(r"> lib\.sleep")

    def test_ctrl_c_cancels_an_await_and_nothing_else(self, shell):
        shell.submit("print('waits'); await lib.sleep(100)")
        shell.terminal.wait_for("(?m)^waits$")
        shell.terminal.type("\x03")
        assert shell.answer(shell.wait_for_prompt(), shell.seen - 1).endswith("KeyboardInterrupt")
        shell.run("before = beats")
        shell.run("await lib.sleep(0.1)")
        assert shell.run("beats > before") == "True"

    @pytest.mark.parametrize("busy", ["while True: pass", "while True: print(end='\\r')", "time.sleep(100)"])
    def test_ctrl_c_stops_an_input_that_does_not_await(self, shell, busy):
        shell.run("import contextvars, threading, time")
        shell.run(  # told by another thread, so that the input itself is busy by then, and not in the code of its print
            "def f():\n    run = contextvars.copy_context().run\n"
            f"    threading.Timer(0.1, run, [print, 'begun']).start()\n    {busy}"
        )
        shell.submit("f()")
        shell.terminal.wait_for("(?m)^begun$")
        shell.terminal.type("\x03")
        assert shell.answer(shell.wait_for_prompt(), shell.seen - 1).endswith("KeyboardInterrupt")

    def test_a_storm_of_ctrl_c_hurts_nobody(self, program, shell):
        shell.run("async def f():\n    for i in range(1000): await lib.sleep(0.001)")
        for _ in range(5):
            shell.submit("await f()")
            for _ in range(20):
                shell.terminal.type("\x03")
            shell.settle()
        shell.leave()
        program.wait_until_as_it_was()

    def test_ctrl_d_leaves_the_program_as_it_was(self, program, shell):
        assert shell.run("1 + 1") == "2"  # which is bound
        shell.run("%bg lib.sleep(100)")
        assert shell.leave() == 0
        program.wait_until_as_it_was()

    def test_exit_leaves_the_prompt_alone(self, program, shell):
        shell.submit("exit()")
        assert shell.terminal.wait_for_end() == 0
        program.wait_until_as_it_was()

    # In one piece: of what comes after the end of the prompt, the program would print the rest.
    @pytest.mark.parametrize(
        "input", ["1", "%bg lib.sleep(100)", r"__import__('sys').stdout.write('waits\n'); await lib.sleep(100)"]
    )
    def test_a_prompt_that_is_killed_leaves_the_program_as_it_was(self, program, shell, input):
        shell.submit(input)
        shell.terminal.wait_for(r"(?m)^1$|^\[\d+\] lib|^waits$")
        os.kill(shell.terminal.child.pid, signal.SIGKILL)
        program.wait_until_as_it_was()

    def test_another_prompt_can_come_later_and_at_the_same_time(self, program, shell, attach):
        shell.run("x = 1")
        other = attach(program)
        assert other.run("x + 1") == "2"
        assert "awaitall" not in other.run("%tasks")
        shell.leave()
        assert other.run("print(x)") == "1"
        other.leave()
        assert attach(program).run("x + 2") == "3"

    def test_a_name_of_the_program_stays_its_own(self, program, shell):
        shell.run("_ = 'translated'")
        shell.run("1 + 1")
        assert shell.run("_") == "'translated'"

    def test_the_end_of_the_program_ends_the_prompt(self, program, shell):
        assert program.ask("end") == "ended"
        shell.terminal.wait_for("the program has ended the connection")
        shell.terminal.type("\r")
        assert shell.terminal.wait_for_end() == 0

    def test_standard_input_is_not_waited_for(self, shell):
        answer = shell.run("input()")
        assert answer.endswith("waiting for a line would stop the program.")
        assert "streams.py" not in answer

    @pytest.mark.parametrize("end", ["raise GeneratorExit", "raise BaseException", "leave()"])
    def test_an_input_that_ends_the_task_of_the_prompt_does_not_end_the_prompt(self, program, end):
        with entered(program.pid) as session:
            session.evaluate(self.leaving)
            for number in range(20):
                session.evaluate(end)
                assert session.evaluate(f"{number}").text == f"{number}\n"

    def test_another_loop_is_refused(self, shell):
        assert "awaits the inputs of this prompt" in shell.run(
            "%autoawait trio" if self.module == "asyncio" else "%autoawait asyncio"
        )


STUBBORN = """\
async def f():
    told = False
    while True:
        try:
            told = told or print('begun\\n', end='') or True
            await lib.sleep(100)
        except BaseException:
            pass"""


class TestAsyncio(Suite):
    def test_an_input_that_does_not_end_can_be_left(self, program, shell):
        shell.run(STUBBORN)
        shell.submit("await f()")
        shell.terminal.wait_for("(?m)^begun$")
        warned = "the input does not end"
        while warned not in shell.terminal.text():
            shell.terminal.type("\x03")
            with suppress(AssertionError):
                shell.terminal.wait_for(warned, timeout=0.5)
        if "left, as the input does not end" not in shell.terminal.text():
            shell.terminal.type("\x03")
        assert shell.terminal.wait_for_end() == 0
        assert program.ask().startswith("displaced")

    def test_a_task_is_waited_for_in_the_foreground(self, shell):
        shell.run("%bg -q lib.sleep(100)")
        number = next(line for line in shell.run("%tasks").splitlines() if "lib.sleep" in line).partition("]")[0].strip("[")
        shell.submit(f"%fg {number}")
        shell.terminal.wait_for(rf"(?m)^\[{number}\] lib\.sleep\(100\)$")
        shell.terminal.type("\x03")
        shell.wait_for_prompt()
        shell.run("await lib.sleep(0)")
        assert "lib.sleep" not in shell.run("%tasks")

    def test_the_editor_shows_what_tasks_print_above_the_input(self, program, attach):
        shell = attach(program, EditedAttached)
        shell.run("import asyncio")
        shell.run("t = asyncio.get_running_loop().call_later(0.3, print, 'from the loop')")
        shell.terminal.wait_for("(?m)^from the loop$")
        assert shell.run("1 + 1") == "2"

    @pytest.mark.skipif(sys.version_info < (3, 13), reason="tracebacks have colours since Python 3.13")
    def test_a_traceback_has_the_colors_of_the_editor(self, program, attach):
        shell = attach(program, EditedAttached)
        shell.run("1 / 0")
        assert re.search(rb"\x1b\[[\d;]+mZeroDivisionError", shell.terminal.raw)

    def test_the_end_of_the_program_ends_the_editor(self, program, attach):
        shell = attach(program, EditedAttached)
        program.ask("end")
        shell.terminal.wait_for("the program has ended the connection")
        if sys.version_info < (3, 13):
            shell.terminal.type("\r")
        assert shell.terminal.wait_for_end() == 0
        if sys.version_info >= (3, 13):  # nothing of the prompt is left for what is written next
            assert shell.terminal.text().endswith("the program has ended the connection")

    def test_a_task_of_the_program_is_cancelled_by_its_number(self, shell):
        number = next(line for line in shell.run("%tasks").splitlines() if "heart" in line).partition("]")[0].strip("[")
        shell.run(f"%cancel {number}")
        shell.run("await asyncio.wait([beating])")
        assert shell.run("beating.cancelled()") == "True"

    def test_a_hundred_prompts_leave_nothing(self, program, tmp_path):
        for _ in range(100):
            with entered(program.pid) as session:
                assert session.evaluate("1 + 1").text == "2\n"
        with entered(program.pid) as session:
            session.evaluate("import gc, awaitall.attaching.conversation as module")
            session.evaluate("gc.collect()")
            count = session.evaluate("sum(isinstance(each, module.Conversation) for each in gc.get_objects())").text
        assert count == "1\n"
        program.wait_until_as_it_was()


class TestUvloop(Suite):
    library = "uvloop"


class TestTrio(Suite):
    library = "trio"
    leaving = "def leave(): trio.lowlevel.current_task().parent_nursery.cancel_scope"


SUCCESSION = """
import asyncio, os, time
import awaitall


async def main():
    loop = asyncio.get_running_loop()
    read = loop.create_future()
    loop.add_reader(0, lambda: read.done() or read.set_result(os.read(0, 100)))
    await read


awaitall.serve()
print("ready", flush=True)
{run}
print("between", flush=True)
os.read(0, 100)
asyncio.run(main())
print("ended", flush=True)
"""


class TestSuccession:
    """Programs that run one loop after another."""

    @pytest.mark.parametrize(
        "run",
        ["asyncio.run(main())", "loop = asyncio.new_event_loop(); loop.run_until_complete(main()); loop.close()"],
        ids=["run", "run_until_complete"],
    )
    def test_a_prompt_outlives_a_loop(self, launch, attach, run):
        program = launch(SUCCESSION.replace("{run}", run))
        shell = attach(program)
        shell.run("import asyncio")
        assert shell.run("await asyncio.sleep(0, 1)") == "1"
        assert program.ask() == "between"
        assert shell.run("1 + 1") == "2"
        assert "runs no event loop now" in shell.run("await asyncio.sleep(0)")
        program.process.stdin.write("go on\n")
        program.process.stdin.flush()
        deadline = time.monotonic() + 10
        while (answer := shell.run("await asyncio.sleep(0, 2)")) != "2":
            assert time.monotonic() < deadline, answer
        assert program.ask() == "ended"
        assert program.process.stdout.read() == ""

    def test_a_loop_in_another_thread_is_that_of_the_program(self, launch, attach):
        program = launch(
            BEGIN
            + "import asyncio\n"
            + f"{SERVE}\n"
            + "threading.Thread(target=asyncio.run, args=[asyncio.sleep(1000)], daemon=True).start()\n"
            + "ready(())\nos.read(0, 100)\n"
        )
        shell = attach(program)
        shell.run("import asyncio")
        assert shell.run("await asyncio.sleep(0, threading.current_thread() is threading.main_thread())") == "False"


class TestPlain:
    """Programs without a loop."""

    @pytest.fixture
    def program(self, launch):
        return launch(PLAIN.replace("{prepare}", SERVE))

    @pytest.fixture
    def shell(self, program, attach):
        return attach(program)

    def test_the_banner_tells_that_there_is_no_loop(self, shell):
        assert "without an event loop" in shell.terminal.text()

    def test_an_input_runs_while_the_program_waits(self, shell):
        assert shell.run("beats + 1") == "1"

    def test_an_await_says_why_not(self, shell):
        shell.run("import asyncio")
        answer = shell.run("await asyncio.sleep(0)")
        assert answer.endswith("The program runs no event loop now, so nothing can be awaited in it.")

    def test_no_loop_is_opened_behind_the_back_of_the_program(self, shell):
        shell.run("import asyncio")
        assert shell.run("asyncio.get_running_loop()").endswith("no running event loop")
        assert "no event loop" in shell.run("%bg asyncio.sleep(0)")

    def test_ctrl_c_stops_an_input(self, shell):
        shell.submit("print('begun'); import time; time.sleep(100)")
        shell.terminal.wait_for("(?m)^begun$")
        shell.terminal.type("\x03")
        assert shell.answer(shell.wait_for_prompt(), shell.seen - 1).endswith("KeyboardInterrupt")
        assert shell.run("1 + 1") == "2"

    def test_a_prompt_that_is_killed_leaves_the_program_as_it_was(self, program, shell):
        os.kill(shell.terminal.child.pid, signal.SIGKILL)
        program.wait_until_as_it_was()


@unprepared
class TestUnpreparedAsyncio(TestAsyncio):
    prepare = ""

    def test_a_program_without_awaitall_gets_it_from_here(self, launch, attach):
        shell = attach(launch(self.source, "-S"))
        assert shell.run("import sys; any('-packages' in path for path in sys.path)") == "False"
        assert "heart" in shell.run("%tasks")
        assert shell.run("import pexpect").endswith("No module named 'pexpect'")


@unprepared
class TestUnpreparedUvloop(TestUvloop):
    prepare = ""


@unprepared
class TestUnpreparedTrio(TestTrio):
    prepare = ""


@unprepared
class TestUnpreparedPlain(TestPlain):
    @pytest.fixture
    def program(self, launch):
        program = PLAIN.replace("{prepare}", "").replace("os.read(0, 100)", "read()")
        return launch(
            """
import select


def read():
    while not select.select([0], [], [], 0.05)[0]:
        pass
    return os.read(0, 100)


"""
            + program
        )


class TestServe:
    def test_the_socket_is_where_only_the_user_can_enter(self, launch):
        program = launch(PLAIN.replace("{prepare}", SERVE))
        path = socket_of(program.pid)
        assert os.stat(os.path.dirname(path)).st_mode & 0o777 == 0o700
        assert os.stat(path).st_mode & 0o777 == 0o600
        program.ask("end")
        program.process.wait()
        assert not os.path.exists(path)

    def test_it_is_switched_off_by_a_variable(self, launch):
        program = launch(PLAIN.replace("{prepare}", SERVE), env={"AWAITALL_SERVE": "0"})
        assert not os.path.exists(socket_of(program.pid))

    def test_twice_is_as_good_as_once(self, launch, attach):
        program = launch(PLAIN.replace("{prepare}", f"{SERVE}; {SERVE}"))
        assert attach(program).run("1 + 1") == "2"

    def test_a_socket_that_is_left_behind_is_deleted(self, launch, attach):
        killed = launch(PLAIN.replace("{prepare}", SERVE))
        killed.end()
        assert os.path.exists(socket_of(killed.pid))
        launch(PLAIN.replace("{prepare}", SERVE))
        assert not os.path.exists(socket_of(killed.pid))

    def test_a_socket_of_another_process_of_the_number_is_not_asked(self, launch):
        program = launch(PLAIN.replace("{prepare}", "pass"), "-X", "disable-remote-debug")
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(socket_of(program.pid))
        assert "awaitall.serve()" in refusal_of(program.pid)

    def test_a_process_that_is_forked_serves_for_itself(self, launch):
        fork = f"{SERVE}\nif os.fork():\n    os.wait()\n    os._exit(0)\n{SERVE}"
        program = launch(PLAIN.replace("{prepare}", fork))
        with open(f"/proc/{program.pid}/task/{program.pid}/children") as file:
            child = int(file.read())
        for pid in (child, program.pid):
            with entered(pid) as session:
                assert session.evaluate("os.getpid()").text == f"{pid}\n"
        program.ask("end")

    def test_another_use_of_the_signal_is_left_alone(self, launch, tmp_path):
        taken = "signal.signal(signal.SIGURG, print)\ntry:\n    " + SERVE + "\nexcept Exception as exc:\n    refused = str(exc)"
        program = launch(PLAIN.replace("{prepare}", taken) + "print(refused)")
        program.ask("end")
        assert "handles SIGURG itself" in program.line()

    def test_importing_awaitall_loads_nothing_of_it(self):
        code = "import sys, awaitall; print(any('attaching' in name for name in sys.modules))"
        assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


class TestRefusals:
    def test_there_is_no_such_process(self):
        assert refusal_of(99999999) == "awaitall: There is no process 99999999.\n"

    def test_what_may_not_be_looked_at_is_refused_in_a_line(self, monkeypatch, launch):
        program = launch(PLAIN.replace("{prepare}", ""))

        def refuse(path):
            raise PermissionError(errno.EACCES, "Permission denied", path)

        monkeypatch.setattr(os, "readlink", refuse)
        with pytest.raises(UnsupportedError, match=f"^{program.pid} may not be looked at, as it has dropped"):
            examined(program.pid)

    def test_it_is_no_python(self):
        with subprocess.Popen(["sleep", "100"]) as process:
            assert refusal_of(process.pid) == f"awaitall: {process.pid} is no Python program: sleep 100\n"
            process.kill()

    @pytest.mark.skipif(hasattr(sys, "remote_exec"), reason="it would be let in")
    def test_a_program_on_an_older_python_is_to_serve(self, launch):
        assert "needs 3.14 or newer: have it call awaitall.serve()" in refusal_of(launch(PLAIN.replace("{prepare}", "")).pid)

    @pytest.mark.skipif(os.geteuid() != 0 or not os.path.exists("/bin/sleep"), reason="root alone becomes another user")
    def test_it_is_of_another_user(self):
        with subprocess.Popen(["/bin/sleep", "100"], user=65534, group=65534, extra_groups=[]) as process:
            assert f"{process.pid} runs as nobody, and one attaches to one's own programs alone: sudo -u nobody" in refusal_of(
                process.pid
            )
            process.kill()

    @unprepared
    @pytest.mark.parametrize("off", ["-X disable-remote-debug", "PYTHON_DISABLE_REMOTE_DEBUG"])
    def test_remote_debugging_is_off(self, launch, off):
        options, env = ((), {off: "1"}) if off.startswith("PYTHON") else (off.split(), None)
        program = launch(PLAIN.replace("{prepare}", ""), *options, env=env)
        assert f"has remote debugging switched off by {off}: start it without that" in refusal_of(program.pid)

    @unprepared
    def test_a_program_that_runs_no_python_code_is_left_alone(self, launch):
        program = launch(
            PLAIN.replace("{prepare}", "").replace('os.read(0, 100) == b"state\\n"', "__import__('time').sleep(6) or 1")
        )
        assert "runs no Python code just now, and nothing is left in it" in refusal_of(program.pid)
        assert program.line() == "displaced: []"


class TestList:
    @pytest.fixture
    def rows(self):
        """Gives the line of a program, and whether it stands below those that can be attached to."""

        def rows(program):
            command = [sys.executable, "-m", "awaitall", "attach"]
            listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            able, _, others = listed.partition("\n\n")
            return [next((line for line in part.splitlines() if str(program.pid) in line), None) for part in (able, others)]

        return rows

    def test_it_tells_of_those_that_serve(self, launch, rows):
        able, other = rows(launch(PLAIN.replace("{prepare}", SERVE)))
        assert "serves" in able
        assert other is None

    @pytest.mark.skipif(hasattr(sys, "remote_exec"), reason="it can be attached to")
    def test_it_tells_why_the_others_cannot(self, launch, rows):
        able, other = rows(launch(PLAIN.replace("{prepare}", "")))
        assert able is None
        assert f"Python {sys.version_info.major}.{sys.version_info.minor}" in other

    @unprepared
    @pytest.mark.parametrize(
        ("library", "source"), [("asyncio", ASYNCIO.replace("{run}", "asyncio.run(main())")), ("trio", TRIO), ("no loop", PLAIN)]
    )
    def test_it_tells_which_loop_runs(self, launch, rows, library, source):
        assert library in rows(launch(source.replace("{prepare}", "pass")))[0]
