"""The shells under test, each on a real terminal: how to start one, type an input into it and see what it answers."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

from terminal import Terminal

PASTE = "\x1b[200~{}\x1b[201~"


class Shell:
    """A running shell; the base class types line by line, as a person does into a ``python`` prompt."""

    prompt = ">>> "
    more = "... "

    def __init__(self, home: Path, env: dict[str, str] | None = None, *options: str):
        self.home = home
        self.seen = 0
        self.terminal = Terminal(*self.argv(*options), env={**self.environment(), **(env or {})}, cwd=str(home))
        self.wait_for_prompt()

    def argv(self, *options: str) -> list[str]:
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        return {"HOME": str(self.home), "XDG_CONFIG_HOME": str(self.home / ".config"), "XDG_DATA_HOME": str(self.home / ".local")}

    def prompts(self, text: str) -> list[str]:
        return [line.removeprefix("^C") for line in text.splitlines() if self.is_prompt(line)]

    def is_prompt(self, line: str) -> bool:
        """Whether a prompt stands on the line; the terminal's echo of Ctrl-C may stand before it."""
        return line.removeprefix("^C").startswith(self.prompt.rstrip())

    def continuations(self, text: str) -> int:
        return sum(line.startswith(self.more.rstrip()) for line in text.splitlines())

    def wait_for_prompt(self, timeout: float | None = None) -> str:
        """Wait for one more prompt, with nothing typed behind it."""

        def back(text: str) -> bool:
            lines = self.prompts(text)
            return len(lines) > self.seen and lines[-1].strip() == self.prompt.strip()

        text = self.terminal.wait_for(back, timeout)
        self.seen = len(self.prompts(text))
        return text

    def submit(self, source: str) -> None:
        """Type an input and press Enter, without waiting for what comes of it."""
        lines = source.split("\n")
        self.terminal.wait_for(self.is_asking)  # what a task prints takes the prompt away for a moment
        before = self.continuations(self.terminal.text())
        for number, line in enumerate(lines):
            if number:
                self.clear_indentation(lines[number - 1])
            self.terminal.type(line)
            self.wait_for_echo(line)
            self.terminal.type("\r")
            if len(lines) > 1:
                self.terminal.wait_for(lambda text, more=before + number: self.continuations(text) > more)
        if len(lines) > 1:
            self.clear_indentation(lines[-1])
            self.terminal.type("\r")

    def is_asking(self, text: str) -> bool:
        """Whether the line with the cursor is a prompt."""
        line = self.current_line(text)
        return self.is_prompt(line) or line.startswith(self.more.rstrip())

    def clear_indentation(self, above: str) -> None:
        """Take away what the shell has indented by itself below a line."""
        self.terminal.key("u")
        self.terminal.wait_for(lambda _: self.terminal.screen.cursor.x <= len(self.prompt))

    def paste(self, source: str) -> None:
        """Paste an input as terminals do, in brackets, so that the shell does not indent it once more."""
        last = source.split("\n")[-1].strip()
        count = self.terminal.text().count(last)
        self.terminal.type(PASTE.format(source))
        self.terminal.wait_for(lambda text: text.count(last) > count)

    def wait_for_echo(self, line: str) -> None:
        if line.strip():
            self.terminal.wait_for(lambda text: line.strip() in self.current_line(text))

    def current_line(self, text: str) -> str:
        return text.splitlines()[-1] if text else ""

    def run(self, source: str) -> str:
        """Type an input, wait until the prompt is back, and give what was printed between the two."""
        before = self.seen
        self.submit(source)
        return self.answer(self.wait_for_prompt(), before)

    def run_line_by_line(self, source: str) -> str:
        """Type lines of which the last one completes the input by itself, and give what was printed."""
        before = self.seen
        more = self.continuations(self.terminal.text())
        first, *rest = source.split("\n")
        self.submit(first)
        for number, (above, line) in enumerate(pairwise([first, *rest])):
            self.terminal.wait_for(lambda text, seen=more + number: self.continuations(text) > seen)
            self.clear_indentation(above)
            self.submit(line)
        return self.answer(self.wait_for_prompt(), before)

    def answer(self, text: str, before: int) -> str:
        lines = text.splitlines()
        starts = [number for number, line in enumerate(lines) if self.is_prompt(line)]
        between = lines[starts[before - 1] + 1 : starts[before]]
        return "\n".join(line for line in between if not line.startswith(self.more.rstrip())).strip("\n")

    def command(self, line: str) -> str:
        """Type a line command, and give its answer."""
        return self.run(f"%{line}")

    def leave(self) -> int:
        """Press Ctrl-D at the empty prompt; give the exit status."""
        self.terminal.key("d")
        return self.terminal.wait_for_end()

    def close(self) -> None:
        self.terminal.close()


class Console(Shell):
    """``python -m awaitall``."""

    def argv(self, *options: str) -> list[str]:
        return [sys.executable, "-m", "awaitall", *options]


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


class Xonsh(Shell):
    """xonsh with the prompt_toolkit shell, started as it is installed."""

    prompt = "xsh> "
    kind = "prompt_toolkit"

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

    def clear_indentation(self, above: str) -> None:
        if self.kind != "prompt_toolkit" or self.terminal.screen.cursor.x > len(self.prompt):  # else it would join the lines
            super().clear_indentation(above)

    def argv(self, *options: str) -> list[str]:
        rc = self.home / "rc.xsh"
        rc.write_text(f"$PROMPT = {self.prompt!r}\n$XONSH_SHOW_TRACEBACK = True\n$MULTILINE_PROMPT = '.'\n")
        return [sys.executable, "-m", "xonsh", "--rc", str(rc), "--shell-type", self.kind, *options]

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "XONSH_DATA_DIR": str(self.home / "data")}


class XonshReadline(Xonsh):
    """xonsh with the readline shell."""

    kind = "readline"


class XonshDumb(Xonsh):
    """xonsh with the dumb shell."""

    kind = "dumb"


class Bpython(Shell):
    """``python -m awaitall_bpython``."""

    module = "awaitall_bpython"

    #: What bpython does not look into for the completion of imports. It does so for seconds after its start, at any prompt.
    skipped = "*"

    def argv(self, *options: str) -> list[str]:
        config = self.home / "bpython.ini"
        config.write_text(
            "[general]\nauto_display_list = False\nsingle_undo_time = -1\n"
            f"hist_file = {self.home / 'hist'}\nimport_completion_skiplist = {self.skipped}\n"
        )
        return [sys.executable, "-m", self.module, "--config", str(config), *options]

    def clear_indentation(self, above: str) -> None:
        from bpython.repl import next_indentation

        # It comes a moment after the prompt, and would otherwise come after the key that takes it away.
        column = len(self.prompt) + 4 * next_indentation(above, 4)
        self.terminal.wait_for(lambda _: self.terminal.screen.cursor.x == column)
        super().clear_indentation(above)

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
    skipped = ".git"

    def environment(self) -> dict[str, str]:
        startup = self.home / "startup.py"
        startup.write_text(f"import awaitall_bpython\nawaitall_bpython.enable({self.settings})\n")
        return {**super().environment(), "PYTHONSTARTUP": str(startup)}
