"""Our shells under test, each on a real terminal: how to start one, and what is particular to typing into it."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib.util import find_spec
from tempfile import TemporaryDirectory

import pytest

from awaitall.testing import Shell, Terminal
from awaitall.testing.terminal import TIMEOUT


def is_installed(library: str) -> bool:
    """Report whether a library can be imported; a folder of tests with its name, which would be found, too, has no origin."""
    spec = find_spec(library)
    return spec is not None and spec.origin is not None


def need(library: str) -> None:
    """Skip a test without the library of a shell."""
    if not is_installed(library):
        pytest.skip(f"{library} is not installed")


class EditedConsole(Shell):
    """``python -m awaitall``, which has the editor of the ``python`` prompt since 3.13."""

    #: What ``python`` is started with, before the options.
    started: tuple[str, ...] = ("-m", "awaitall")

    def argv(self, *options: str) -> list[str]:
        return [sys.executable, *self.started, *options]


class Console(EditedConsole):
    """``python -m awaitall`` on readline."""

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "PYTHON_BASIC_REPL": "1"}


class EditedAttached(EditedConsole):
    """``awaitall attach``: the prompt inside a program, by its number."""

    started = ("-m", "awaitall", "attach")


class Attached(Console):
    """The same on readline."""

    started = EditedAttached.started


class ConsoleOfProgram(Console):
    """A program that opens a console with settings."""

    settings = ""

    def argv(self, *options: str) -> list[str]:
        return [sys.executable, "-c", f"import awaitall_console; awaitall_console.interact({self.settings})", *options]


class Ptpython(Shell):
    """ptpython with a config.py of one line, plus a quiet screen."""

    config = "from awaitall_ptpython import configure as awaitall\n"
    quiet = """
def configure(repl):
    awaitall(repl)
    repl.show_status_bar = False
    repl.confirm_exit = False
    repl.enable_auto_suggest = False
    repl.enable_history_search = False
    repl.complete_while_typing = False
    repl.show_signature = False
"""

    def argv(self, *options: str) -> list[str]:
        path = self.home / "config.py"
        path.write_text(self.config + self.quiet)
        return [sys.executable, "-m", "ptpython", "--config-file", str(path), *options]

    def submit(self, source: str) -> None:
        if "\n" in source:
            self.paste(source)
            self.terminal.type("\x1b\r")
        else:
            super().submit(source)


#: Returns when its process group has the terminal: xonsh starts a command a moment before it gives it the terminal.
_IN_FRONT = "import os, time\nwhile os.tcgetpgrp(2) != os.getpgrp(): time.sleep(0.001)"


class Xonsh(Shell):
    """xonsh with the prompt_toolkit shell, started as it is installed."""

    prompt = "xsh> "
    kind = "prompt_toolkit"

    #: More lines of the rc file.
    rc = ""

    def submit(self, source: str) -> None:
        if "\n" in source and self.kind == "prompt_toolkit":
            self.paste(source)
            self.terminal.type("\r\r")
        else:
            super().submit(source)

    def command(self, line: str) -> str:
        return self.run(line)

    def type_lines(self, source: str, *, more: bool = False) -> None:
        """Type lines that are not complete, leaving their indentation to xonsh; then, unless ``more``, a blank one."""
        for line in source.split("\n"):
            before = self.continuations(self.terminal.text())
            self.terminal.type(line)
            self.wait_for_echo(line)
            self.terminal.type("\r")
            self.terminal.wait_for(lambda text, before=before: self.continuations(text) > before)
        if not more:
            self.clear_indentation(line)
            self.terminal.type("\r")

    def start_leaving(self) -> None:
        """Press Ctrl-D, and once more if xonsh asks about tasks."""
        before = self.terminal.text().count("force quit")
        self.terminal.key("d")
        with suppress(AssertionError):  # it has ended
            self.terminal.wait_for(lambda text: text.count("force quit") > before)
            self.wait_for_prompt()
            self.terminal.key("d")

    def clear_indentation(self, above: str) -> None:
        if self.kind != "prompt_toolkit" or self.terminal.screen.cursor.x > len(self.prompt):  # else it would join the lines
            super().clear_indentation(above)

    def start_command(self, *lines: str) -> None:
        """Run lines of sh as a command; wait until it says that it runs, and has the terminal."""
        (self.home / "command.sh").write_text("\n".join([f"{sys.executable} -c '{_IN_FRONT}'", "echo begun", *lines]))
        begun = self.terminal.text().count("\nbegun")
        self.submit(f"sh {self.home}/command.sh")
        self.terminal.wait_for(lambda text: text.count("\nbegun") > begun)
        self.terminal.wait_for(lambda _: not self.terminal.is_with_the_program())

    def stop_command(self) -> None:
        """Press Ctrl-Z until xonsh has the terminal; SIGCONT, which it sends to each process, takes back one before."""
        for timeout in (1, 2, 4, 8, 16):
            self.terminal.key("z")
            try:
                self.terminal.wait_for(lambda _: self.terminal.is_with_the_program(), timeout)
                return
            except AssertionError:
                continue
        raise AssertionError("the command does not stop")

    def argv(self, *options: str) -> list[str]:
        rc = self.home / "rc.xsh"
        more = " " if self.more is None else "."  # repeated
        rc.write_text(f"$PROMPT = {self.prompt!r}\n$MULTILINE_PROMPT = {more!r}\n$XONSH_SHOW_TRACEBACK = True\n{self.rc}")
        return [sys.executable, "-m", "xonsh", "--rc", str(rc), "--shell-type", self.kind, *options]

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "XONSH_DATA_DIR": str(self.home / "data")}


class AskedTerminal(Terminal):
    """Tells where the cursor is to who waits for that.

    Before each prompt, the readline shell of xonsh asks for it, and waits for half a second; what comes later would be typed. It
    writes nothing while it waits.
    """

    def feed(self, data: bytes) -> None:
        self._awaited = data.endswith(b"\x1b[6n")
        super().feed(data)

    def _answer(self, data: str) -> None:
        if self._awaited:
            super()._answer(data)


class XonshReadline(Xonsh):
    """xonsh with the readline shell."""

    kind = "readline"
    terminal_class = AskedTerminal


class XonshDumb(Xonsh):
    """xonsh with the dumb shell."""

    kind = "dumb"
    terminal_class = AskedTerminal


#: Where the completion of bpython keeps what it has read of Python's modules, for all shells of this process: it takes seconds.
CACHE = TemporaryDirectory()


class PaintedTerminal(Terminal):
    """Is looked at when bpython has painted all of the screen: it hides the cursor meanwhile."""

    def _read(self, timeout: float) -> None:
        super()._read(timeout)
        while self.screen.cursor.hidden:
            super()._read(TIMEOUT)


class Bpython(Shell):
    """``python -m awaitall_bpython``."""

    module = "awaitall_bpython"
    terminal_class = PaintedTerminal

    #: What bpython does not look into for the completion of imports. It does so for seconds after its start, at any prompt.
    skipped = "*"

    def argv(self, *options: str) -> list[str]:
        config = self.home / "bpython.ini"
        config.write_text(
            "[general]\nauto_display_list = False\nsingle_undo_time = -1\n"
            f"hist_file = {self.home / 'hist'}\nimport_completion_skiplist = {self.skipped}\n"
        )
        return [sys.executable, "-m", self.module, "--config", str(config), *options]

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "XDG_CACHE_HOME": CACHE.name}

    def clear_indentation(self, above: str) -> None:
        from bpython.repl import next_indentation

        # It comes a moment after the prompt, and would otherwise come after the key that takes it away.
        column = len(self.prompt) + 4 * next_indentation(above, 4)
        self.terminal.wait_for(lambda _: self.terminal.screen.cursor.x == column)
        super().clear_indentation(above)

    def clear_line(self) -> None:
        """Do nothing: bpython runs any line, and hangs where Enter comes in one go with another key that is no character."""

    def current_line(self, text: str) -> str:
        return next((line for line in reversed(text.splitlines()) if line.startswith((">>>", "..."))), "")

    def rewind(self, key: str, until) -> None:
        """Press a key that makes bpython run its history once more; it shows nothing of that before the end."""
        self.terminal.type(key)

        def done(text: str) -> bool:
            return until(text) and [line.strip() for line in self.prompts(text)[-1:]] == [self.prompt.strip()]

        text = self.terminal.wait_for(done)
        self.seen = len(self.prompts(text))

    def undo(self, line: str) -> None:
        """Take back the last input, which is ``line``."""
        expected = self.seen - 1
        self.rewind("\x12", lambda text: line not in text and len(self.prompts(text)) == expected)


class BpythonStartup(Bpython):
    """Plain ``bpython`` with two lines in the file that PYTHONSTARTUP names."""

    module = "bpython"
    settings = ""

    def environment(self) -> dict[str, str]:
        startup = self.home / "startup.py"
        startup.write_text(f"import awaitall_bpython\nawaitall_bpython.enable({self.settings})\n")
        return {**super().environment(), "PYTHONSTARTUP": str(startup)}
