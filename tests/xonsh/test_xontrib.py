"""The xontrib on and off, alone and beside others that change the same objects of xonsh."""

from __future__ import annotations

import re

from shells import Xonsh

OFF = "xontrib unload awaitall"
ON = "xontrib load awaitall"

#: What another xontrib does: swap the class of the execer for one of its own.
OTHER = "class Other(type({0})):\n    pass"


class TestXontrib:
    shell_class = Xonsh

    def test_it_is_listed_once(self, fresh):
        assert fresh.run("xontrib list").count("awaitall") == 1

    def test_xonfig_shows_the_runner(self, fresh):
        fresh.command("autoawait trio")
        assert re.search(r"awaitall runner +\| trio", fresh.run("xonfig info"))

    def test_off_it_ends_background_tasks(self, fresh):
        fresh.run("task = asyncio.ensure_future(slow()); await f()")
        assert fresh.run(OFF).splitlines()[:2] == ["cancelled", "cleaned up"]

    def test_off_xonsh_is_as_it_was(self, fresh):
        fresh.run("from xonsh.shells import base_shell; from xonsh import codecache, execer")
        fresh.run("await f(1)")
        fresh.run(OFF)
        assert fresh.run("type(__xonsh__.execer) is execer.Execer") == "True"
        assert fresh.run("type(__xonsh__.execer.ctxtransformer).__module__") == "'xonsh.parsers.ast'"
        fresh.run("functions = base_shell.run_compiled_code, codecache.run_compiled_code")
        assert fresh.run("{f.__code__.co_filename == codecache.__file__ for f in functions}") == "{True}"
        assert fresh.run("signal = __import__('signal'); signal.getsignal(2).__module__") == "'_signal'"

    def test_off_the_command_is_gone(self, fresh):
        fresh.run(OFF)
        assert "not found: 'autoawait'" in fresh.run("autoawait")

    def test_the_command_has_help(self, fresh):
        assert "show or switch top-level await" in fresh.run("autoawait --help")

    def test_a_question_mark_shows_the_help(self, fresh):
        assert "switch top-level await" in fresh.run("autoawait?")

    def test_other_commands_are_aliases(self, fresh):
        fresh.run("await f()")
        assert fresh.run("tasks") == "no tasks"

    def test_an_alias_of_the_users_is_not_replaced(self, fresh):
        fresh.run(OFF)
        fresh.run("aliases['tasks'] = 'echo mine'")
        fresh.run(ON)
        assert fresh.run("tasks") == "mine"
        fresh.run(OFF)
        assert fresh.run("tasks") == "mine"

    def test_a_program_is_not_replaced(self, fresh):
        (fresh.home / "tasks").write_text("#!/bin/sh\necho program\n")
        (fresh.home / "tasks").chmod(0o755)
        fresh.run(OFF)
        fresh.run(f"$PATH.append({str(fresh.home)!r})")
        fresh.run(ON)
        assert fresh.run("tasks") == "program"

    def test_the_command_is_completed(self, fresh):
        fresh.terminal.type("autoawait tri\t")
        fresh.terminal.wait_for(r"xsh> autoawait trio")
        fresh.terminal.type("\r")
        fresh.wait_for_prompt()
        assert fresh.run("autoawait") == "autoawait is `On`, and set to use `trio`"

    def test_a_wrong_name_is_a_failure_of_the_command(self, fresh):
        assert "Did you mean 'trio'?" in fresh.run("autoawait tiro || echo failed")
        assert "\nfailed\n" in fresh.terminal.text()

    def test_off_and_on_again(self, fresh):
        fresh.run(OFF)
        fresh.run(ON)
        assert fresh.run("await f(1)") == "1"

    def test_twice_is_as_good_as_once(self, fresh):
        fresh.run(ON)
        fresh.run(ON)
        assert fresh.run("[c.__name__ for c in type(__xonsh__.execer).__mro__].count('AwaitExecer'), await f(1)") == "(2, 1)"
        fresh.run(OFF)
        assert fresh.run("type(__xonsh__.execer).__module__") == "'xonsh.execer'"

    def test_it_works_on_top_of_another(self, fresh):
        self.load_another(fresh, after=OFF)
        fresh.run(ON)
        assert fresh.run("await f(1)") == "1"
        fresh.run(OFF)
        assert fresh.run("type(__xonsh__.execer) is Other") == "True"

    def test_it_works_below_another(self, fresh):
        self.load_another(fresh)
        assert fresh.run("await f(1)") == "1"

    def test_below_another_it_can_be_switched_off_and_on(self, fresh):
        self.load_another(fresh)
        fresh.run(OFF)
        assert fresh.run("type(__xonsh__.execer) is Other, __xonsh__.execer.active") == "(True, False)"
        fresh.run(ON)
        assert fresh.run("await f(1)") == "1"

    def load_another(self, shell, after="1"):
        shell.run(after)
        shell.run(OTHER.format("__xonsh__.execer"))
        shell.run("__xonsh__.execer.__class__ = Other")

    def test_a_runner_that_cannot_be_opened_costs_a_line_and_goes_on(self, fresh):
        fresh.run("import sys; sys.modules['curio'] = None; await f(1)")
        fresh.run("$XONTRIB_AWAITALL_RUNNER = 'curio'")
        answer = fresh.run("1 + 1").splitlines()
        assert answer[0].startswith("awaitall: this runs without an event loop: OpenError: ")
        assert answer[-1] == "2"
        assert fresh.run("await f(2)") == "2"

    def test_an_error_of_what_is_awaited_implicitly_is_shown(self, fresh):
        fresh.command("autoawait implicit")
        assert fresh.run("boom()").endswith("ValueError: boom")
        assert fresh.run("f(3)") == "3"

    def check_that_it_is_off(self, shell):
        """One line tells so, and xonsh works."""
        assert shell.terminal.text().count("is not what this awaitall knows") == 1
        assert shell.run("type(__xonsh__.execer).__module__") == "'xonsh.execer'"
        assert shell.run("echo alive") == "alive"

    def test_a_xonsh_to_come_costs_one_line_and_goes_on(self, fresh):
        fresh.run(OFF)
        fresh.run("import awaitall_xonsh; from xonsh.shells import base_shell as base; known = base.run_compiled_code")
        fresh.run("del base.run_compiled_code; awaitall_xonsh._load_xontrib_(__xonsh__); base.run_compiled_code = known")
        self.check_that_it_is_off(fresh)

    def test_a_failure_in_the_middle_of_loading_costs_one_line_and_changes_nothing(self, fresh):
        fresh.run(OFF)
        fresh.run("import awaitall_xonsh; from awaitall_xonsh import wiring; kept = wiring.unthreadable")
        fresh.run("wiring.unthreadable = None; awaitall_xonsh._load_xontrib_(__xonsh__); wiring.unthreadable = kept")
        self.check_that_it_is_off(fresh)
        fresh.run(ON)
        assert fresh.run("await f(1)") == "1"

    def test_it_leaves_the_end_by_a_signal_to_xonsh(self, fresh):
        fresh.run("import signal; ends = signal.SIGTERM, signal.SIGHUP; found = [*map(signal.getsignal, ends)]")
        assert fresh.run("await f(1)") == "1"
        assert fresh.run("found == [*map(signal.getsignal, ends)]") == "True"

    def test_a_command_that_another_reads_as_a_product_stays_a_command(self, fresh):
        """The xontrib coconut hands ``echo @ (await f())`` to the parser."""
        fresh.run("parser = __xonsh__.execer.parser; parse = parser.parse")
        fresh.run("parser.parse = lambda s, **o: parse(s if s.startswith('![') else s.replace('@(', '@ ('), **o)")
        assert fresh.run("echo @(await f('x'))") == "x"
        assert fresh.run("echo @(await f('abc')) | tr a-z A-Z") == "ABC"
        assert "NameError: name 'nope' is not defined" in fresh.run("echo @(await nope)")
        assert "NameError: name 'nope' is not defined" in fresh.run("nope @ (await f(1))")
        assert "NameError: name 'nope' is not defined" in fresh.run("await f(1) @ nope")
