"""What a user's own code finds in the prompt of xonsh while background tasks run: what it finds in plain xonsh."""

from __future__ import annotations

import pytest

from shells import Xonsh, XonshReadline

#: Key bindings of a user: each does what needs the main thread, and tells how it went.
BINDINGS = """
import signal, sqlite3, threading
from xonsh.procs.jobs import get_jobs
from prompt_toolkit.application import run_in_terminal

connection = sqlite3.connect(":memory:")
told = []
where = lambda: threading.current_thread().name

def tells_jobs():
    told.append((where(), len(get_jobs())))
    return ""

$RIGHT_PROMPT = tells_jobs
$BOTTOM_TOOLBAR = tells_jobs
$UPDATE_PROMPT_ON_KEYPRESS = True

@events.on_ptk_create
def bind(bindings, **_):
    @bindings.add("c-t")
    def insert(event):
        connection.execute("select 1")
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        event.current_buffer.insert_text(repr(where()))

    @bindings.add("c-o")
    def bring_back(event):
        run_in_terminal(lambda: __xonsh__.execer.exec("fg", glbs=__xonsh__.ctx))

    @bindings.add("c-y")
    def ask(event):
        run_in_terminal(lambda: answers.append(input("your name? ")))

answers = []
"""


class XonshWithBindings(Xonsh):
    rc = BINDINGS


class TestJobs:
    """A stopped job is kept: Ctrl-D tells of it, and ends the shell only when it is pressed once more."""

    shell_class = Xonsh

    @pytest.mark.parametrize("runner", ["none", "asyncio", "uvloop", "trio", "curio"])
    def test_a_stopped_job_is_not_lost(self, fresh, runner):
        if runner == "none":
            fresh.run("xontrib unload awaitall")
        else:
            fresh.command(f"autoawait {runner}")
            fresh.run("await pause()")
        fresh.start_command("exec sleep 1000")
        fresh.stop_command()
        fresh.wait_for_prompt()
        fresh.terminal.key("d")
        fresh.terminal.wait_for("unfinished job")
        fresh.settle()
        assert "stopped" in fresh.run("jobs")
        fresh.run("__import__('os').kill(__xonsh__.all_jobs[1]['pids'][0], 9)")

    def test_beside_an_input_that_was_handed_over_a_job_is_stopped_as_ever(self, fresh):
        fresh.run("import asyncio; gate = asyncio.Event()")
        fresh.submit("await opened(gate, 8)")
        fresh.terminal.wait_for(r"(?m)^waiting$")
        fresh.terminal.key("z")
        fresh.wait_for_prompt()
        fresh.start_command("exec sleep 1000")
        fresh.stop_command()
        fresh.wait_for_prompt()
        assert "stopped" in fresh.run("jobs")
        assert "await opened(gate, 8)" in fresh.run("%tasks")
        fresh.run("__import__('os').kill(__xonsh__.all_jobs[1]['pids'][0], 9)")

    def test_an_awaited_command_is_handed_over_and_is_no_job(self, fresh):
        fresh.run("__import__('os').mkfifo('pipe')")
        fresh.submit("await ![sh -c 'echo beg\"\"un; cat pipe']")
        fresh.terminal.wait_for(r"(?m)^begun$")
        fresh.terminal.key("z")
        fresh.wait_for_prompt()
        assert "[1] waiting" in fresh.run("%tasks")
        assert fresh.run("jobs") == ""
        (fresh.home / "pipe").write_text("from the pipe\n")
        fresh.terminal.wait_for("from the pipe")  # the process writes to the terminal by itself
        fresh.terminal.wait_for(r"(?m)^\[1\] done")

    def test_a_script_that_is_sourced_is_waited_for(self, fresh):
        script = (
            "print('wait' + 'ing')\nwhile not __import__('os').path.exists('go'):\n    await pause(0.01)\nprint('aft' + 'er')\n"
        )
        (fresh.home / "script.xsh").write_text(script)
        before = fresh.seen
        fresh.submit("source script.xsh")
        fresh.terminal.wait_for(r"(?m)^waiting$")
        fresh.terminal.key("z")
        fresh.terminal.wait_for(r"(?m)^\^Z")
        (fresh.home / "go").touch()
        assert "after" in fresh.answer(fresh.wait_for_prompt(), before)
        assert fresh.run("%tasks") == "no tasks"


class Exec:
    def test_exec_lets_tasks_clean_up(self, fresh):
        fresh.run("%bg slow()")
        fresh.run("await pause()")
        fresh.submit("exec echo replaced")
        fresh.terminal.wait_for_end()
        lines = fresh.terminal.text().splitlines()
        assert lines[-3:] == ["cancelled", "cleaned up", "replaced"]

    def test_exec_of_what_is_not_there_lets_tasks_live(self, fresh):
        fresh.run("task = asyncio.ensure_future(slow()); await pause()")
        assert "exec" in fresh.run("exec not-there")
        assert fresh.run("await f(task.done())") == "False"


class TestExec(Exec):
    shell_class = Xonsh


class TestExecReadline(Exec):
    shell_class = XonshReadline


class TestUsersCode:
    shell_class = XonshWithBindings

    @pytest.fixture(params=["asyncio", "uvloop", "trio", "curio"])
    def awaited(self, fresh, request):
        fresh.command(f"autoawait {request.param}")
        fresh.run("await pause()")
        return fresh

    def test_key_bindings_run_on_the_main_thread(self, awaited):
        awaited.terminal.key("t")
        awaited.terminal.wait_for("xsh> 'MainThread'")

    def test_functions_in_the_prompt_see_the_jobs(self, awaited):
        awaited.start_command("exec sleep 1000")
        awaited.stop_command()
        awaited.wait_for_prompt()
        awaited.run("told.clear(); 1")
        assert awaited.run("set(told)") == "{('MainThread', 1)}"
        awaited.run("__import__('os').kill(__xonsh__.all_jobs[1]['pids'][0], 9)")

    def test_a_key_brings_a_stopped_job_back_and_ctrl_z_stops_it_again(self, awaited):
        awaited.start_command("exec sleep 1000")
        awaited.stop_command()
        awaited.wait_for_prompt()
        awaited.terminal.key("o")
        awaited.terminal.wait_for(lambda _: not awaited.terminal.is_with_the_program())
        awaited.stop_command()
        awaited.settle()
        assert "stopped" in awaited.run("jobs")
        awaited.run("__import__('os').kill(__xonsh__.all_jobs[1]['pids'][0], 9)")

    def test_a_key_may_ask_for_a_line(self, awaited):
        awaited.terminal.key("y")
        awaited.terminal.wait_for(r"your name\?")
        awaited.terminal.type("Ada\r")
        awaited.settle()
        assert awaited.run("answers") == "['Ada']"
