"""Who leaves xonsh while background tasks run is asked as about unfinished jobs, by xonsh itself."""

from __future__ import annotations

import pytest

from shells import Xonsh, XonshDumb, XonshReadline

#: xonsh prints an empty line to another stream, which may come anywhere.
ASKED = r"""xonsh: there {}
+-----
(?:.*\n)*?{{'num': 'task 1', 'status': 'waiting', 'cmd': '{}', 'pids': \[\]}}
+-----
+Type "exit" or press "ctrl-d" again to force quit\."""


def left(shell):
    """Press Ctrl-D and wait for the end; give the status."""
    shell.terminal.key("d")
    return shell.terminal.wait_for_end()


class Leaving:
    @pytest.fixture
    def shell(self, fresh):
        """A shell with a task that has begun."""
        fresh.run("%bg -q slow()")
        fresh.run("await pause()")
        return fresh

    def asked(self, shell, which="is an unfinished job", task=r"slow\(\)"):
        shell.terminal.wait_for(ASKED.format(which, task))
        shell.wait_for_prompt()

    def test_ctrl_d_asks_about_tasks_and_the_next_one_leaves(self, shell):
        shell.terminal.key("d")
        self.asked(shell)
        assert "slow()" in shell.terminal.text()
        assert "cleaned up" not in shell.terminal.text()
        assert left(shell) == 0
        assert "cleaned up" in shell.terminal.text()

    def test_no_task_is_killed_as_a_process(self, shell):
        shell.run("import xonsh.procs.jobs; xonsh.procs.jobs._hup = lambda job: print('ki' + 'lled', job)")
        shell.terminal.key("d")
        self.asked(shell)
        assert left(shell) == 0
        assert "killed" not in shell.terminal.text()

    def test_exit_asks_too(self, shell):
        shell.submit("exit")
        self.asked(shell)
        shell.submit("exit")
        assert shell.terminal.wait_for_end() == 0

    def test_a_command_between_makes_it_ask_again(self, shell):
        shell.terminal.key("d")
        self.asked(shell)
        assert "slow()" in shell.run("%tasks")
        before = shell.terminal.text().count("force quit")
        shell.terminal.key("d")
        shell.terminal.wait_for(lambda text: text.count("force quit") > before)
        shell.wait_for_prompt()
        assert left(shell) == 0

    def test_the_tasks_go_on_after_the_question(self, fresh):
        fresh.run("import asyncio; gate = asyncio.Event()")
        fresh.run("%bg -q opened(gate, 8)")
        fresh.run("await pause()")
        fresh.terminal.key("d")
        self.asked(fresh, task=r"opened\(gate, 8\)")
        fresh.run("gate.set(); await pause()")
        assert fresh.run("%tasks") == "no tasks"
        assert fresh.run("jobs") == ""
        assert left(fresh) == 0

    def test_not_all_of_very_many_tasks_are_named(self, fresh):
        fresh.run("import asyncio; tasks = [asyncio.create_task(pause(1000)) for _ in range(30)]")
        fresh.run("await pause()")
        fresh.terminal.key("d")
        fresh.terminal.wait_for("and 10 more tasks")
        fresh.wait_for_prompt()
        assert left(fresh) == 0

    def test_with_jobs_it_is_one_question(self, shell):
        shell.run("sleep 1000 &")
        shell.terminal.key("d")
        self.asked(shell, "are unfinished jobs")
        assert "sleep 1000" in shell.run("jobs")
        assert "task" not in shell.run("jobs")
        shell.run("__import__('os').kill(__xonsh__.all_jobs[1]['pids'][0], 9)")

    def test_without_tasks_nobody_is_asked(self, fresh):
        fresh.run("await f(1)")
        assert left(fresh) == 0
        assert "unfinished" not in fresh.terminal.text()


class TestLeaving(Leaving):
    shell_class = Xonsh


class TestLeavingReadline(Leaving):
    shell_class = XonshReadline


class TestLeavingDumb(Leaving):
    shell_class = XonshDumb


class WithoutHistory(Xonsh):
    """A xonsh that keeps no history, by which it knows whether it asks for the second time."""

    def environment(self):
        return {**super().environment(), "XONSH_HISTORY_BACKEND": "dummy"}


class TestLeavingWithoutHistory:
    shell_class = WithoutHistory

    def test_nobody_is_kept_in_the_shell(self, fresh):
        fresh.run("%bg -q slow()")
        fresh.run("await pause()")
        assert left(fresh) == 0
        assert "cleaned up" in fresh.terminal.text()


TASK_OF_RC = """\
import asyncio

async def tell():
    await asyncio.sleep(0.1)
    print("from" + " rc")
    await asyncio.sleep(1000)

task = asyncio.ensure_future(tell())
await asyncio.sleep(0)
"""


class WithTaskOfRc(Xonsh):
    """A xonsh whose second rc file starts a task; the first one loads awaitall."""

    rc = "xontrib load awaitall\n"

    def argv(self, *options):
        second = self.home / "second.xsh"
        second.write_text(TASK_OF_RC)
        arguments = super().argv(*options)
        arguments.insert(arguments.index("--rc") + 2, str(second))
        return arguments


class TestLeavingAtOnce:
    shell_class = WithTaskOfRc

    def test_tasks_of_rc_files_go_on_at_the_prompt(self, start):
        start().terminal.wait_for(r"(?m)^from rc$")

    def test_the_second_ctrl_d_leaves_where_no_command_has_been_typed(self, start):
        shell = start()
        shell.terminal.key("d")
        shell.terminal.wait_for("force quit")
        shell.wait_for_prompt()
        assert left(shell) == 0


SCRIPT = "task = asyncio.ensure_future(slow())\nawait pause()\n_ = aliases['exit']([])\n"


@pytest.mark.parametrize("way", ["a script", "-c", "piped"])
def test_scripts_are_not_asked(script, way):
    source = f"import asyncio; from aids import *\n{SCRIPT}"
    if way == "piped":
        done = script.run(input=source)
    else:
        done = script.run("-c", source) if way == "-c" else script.run(script.write("script.xsh", source))
    assert (done.returncode, done.stderr) == (0, "")
    assert [line for line in done.stdout.splitlines() if line] == ["waiting", "cancelled", "cleaned up"]  # 0.23 prints one more
