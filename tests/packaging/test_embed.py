"""A shell that a program opens by ``awaitall.embed()``."""

from __future__ import annotations

import re
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
