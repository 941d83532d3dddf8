"""What happens when bpython changes below the adapter."""

from __future__ import annotations

from shells import BpythonStartup


class Changed(BpythonStartup):
    """A bpython to come, that lacks something."""

    change = ""

    def environment(self):
        environment = super().environment()
        startup = self.home / "startup.py"
        startup.write_text(f"{self.change}\n{startup.read_text()}")
        return environment


class WithoutUndo(Changed):
    change = "from bpython.curtsiesfrontend import repl\nrepl.BaseRepl.reevaluate, kept = property(), repl.BaseRepl.reevaluate"


class WithoutInterpreter(Changed):
    change = "from bpython.curtsiesfrontend import interpreter\ndel interpreter.Interp"


class WithAnotherCompiler(Changed):
    change = "import codeop, functools, sys\nsys.stdin.repl.interp.compile = functools.partial(codeop.compile_command)"


class WithInterpreter(Changed):
    change = """\
import sys
from bpython.curtsiesfrontend.interpreter import Interp

class Shouting(Interp):
    def runsource(self, source, *args, **kwargs):
        return super().runsource(source.lower(), *args, **kwargs)

sys.stdin.repl.interp.__class__ = Shouting
"""


class TestWithInterpreter:
    shell_class = WithInterpreter

    def test_a_class_of_somebodys_own_runs_first_and_awaits(self, fresh):
        assert fresh.run("AWAIT F(5)") == "5"


class TestWithoutUndo:
    shell_class = WithoutUndo

    def test_it_costs_one_line_and_await_works(self, fresh):
        assert fresh.terminal.text().count("awaitall:") == 1
        assert "awaitall: await works, but this bpython lacks what goes with it" in fresh.terminal.text()
        assert fresh.run("await f(1)") == "1"


class TestWithoutInterpreter:
    shell_class = WithoutInterpreter

    def test_it_costs_one_line_and_bpython_works(self, start):
        shell = start()
        assert shell.terminal.text().count("awaitall:") == 1
        assert "so await stays off: pip install -U awaitall" in shell.terminal.text()
        assert shell.run("1 + 1") == "2"


class TestWithAnotherCompiler(TestWithoutInterpreter):
    """The adapter fails in the middle of its wiring."""

    shell_class = WithAnotherCompiler


class Looking(BpythonStartup):
    """It looks for modules at its first prompts, as it does unless it is told not to."""

    skipped = ".git"


class TestLooking:
    shell_class = Looking

    def test_tasks_and_inputs_go_on_while_it_looks_for_modules(self, fresh):
        fresh.run("%bg -q counting('beta', 5)")
        fresh.terminal.wait_for(r"(?m)^beta 4$")
        assert fresh.run("await f(5)") == "5"


class TestThisBpython:
    shell_class = BpythonStartup

    def test_it_lacks_nothing(self, fresh):
        assert "awaitall:" not in fresh.terminal.text()
        fresh.run("import sys; from operator import attrgetter; from awaitall_bpython.patches import PATCHES")
        assert fresh.run("{attrgetter(*patch.needs)(sys.stdin.repl) and None for patch in PATCHES}") == "{None}"
