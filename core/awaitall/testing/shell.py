"""A shell under test on a real terminal: how to start it, type an input into it and see what it answers."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from awaitall.testing.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Shell"]

_PASTE = "\x1b[200~{}\x1b[201~"

#: What is counted up from to see a shell answer.
_SETTLED = 711110


class Shell:
    """A running shell. Subclass it, override :meth:`argv`, and name the prompts.

    It types line by line, as a person does into a ``python`` prompt; override :meth:`submit` for a shell that wants several lines
    otherwise. Every wait is for something to show on the screen.

    Args:
        home: The home of the shell, and the folder that it runs in.
        env: What the environment has besides that of the tests, and besides :meth:`environment`.
        options: Arguments of the shell.

    Attributes:
        prompt: What the shell shows when it waits for an input; no line that it prints may begin so.
        more: What it shows when it waits for another line of the same input, or None if it never does.
        introduced: Whether the user has been told already where the commands of awaitall are.
        home: As given.
        seen: How many prompts have been seen.
        terminal_class: The class of the terminal.
        terminal: The :class:`Terminal` that the shell runs on.
    """

    prompt = ">>> "
    more: str | None = "... "
    introduced = True
    terminal_class: type[Terminal] = Terminal

    def __init__(self, home: Path, env: Mapping[str, str] | None = None, *options: str) -> None:
        self.home = home
        self.seen = 0
        self._settled = 0
        if self.introduced:
            (home / ".state" / "awaitall").mkdir(parents=True, exist_ok=True)
            (home / ".state" / "awaitall" / "introduced").touch()
        self.terminal = self.terminal_class(*self.argv(*options), env={**self.environment(), **(env or {})}, cwd=str(home))
        self.wait_for_prompt()

    def argv(self, *options: str) -> list[str]:
        """Return the program that is the shell and its arguments; it may write its settings to ``self.home`` before."""
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        """Return what the environment of the shell has besides that of the tests."""
        folders = {"CONFIG": ".config", "DATA": ".local", "STATE": ".state"}
        return {"HOME": str(self.home), **{f"XDG_{name}_HOME": str(self.home / folder) for name, folder in folders.items()}}

    # -- the screen -----------------------------------------------------------------------------------------------------

    def prompts(self, text: str) -> list[str]:
        """Return the lines with a prompt."""
        return [line.removeprefix("^C") for line in text.splitlines() if self.is_prompt(line)]

    def is_prompt(self, line: str) -> bool:
        """Return whether a prompt stands on the line; the terminal's echo of Ctrl-C may stand before it."""
        return line.removeprefix("^C").startswith(self.prompt.rstrip())

    def is_continuation(self, line: str) -> bool:
        """Return whether the line is one more of an input that is being typed."""
        return self.more is not None and line.startswith(self.more.rstrip())

    def continuations(self, text: str) -> int:
        """Count the lines on which the shell has asked for one more."""
        return sum(self.is_continuation(line) for line in text.splitlines())

    def is_asking(self, text: str) -> bool:
        """Return whether the line with the cursor is a prompt."""
        line = self.current_line(text)
        return self.is_prompt(line) or self.is_continuation(line)

    def current_line(self, text: str) -> str:
        """Return the line with the cursor."""
        return text.splitlines()[-1] if text else ""

    def answer(self, text: str, before: int) -> str:
        """Return what stands on the screen below the prompt of a number, and above the next one."""
        lines = text.splitlines()
        starts = [number for number, line in enumerate(lines) if self.is_prompt(line)]
        between = lines[starts[before - 1] + 1 : starts[before]]
        return "\n".join(line for line in between if not self.is_continuation(line)).strip("\n")

    def wait_for_prompt(self, timeout: float | None = None) -> str:
        """Wait for one more prompt, with nothing typed behind it; return all text."""

        def back(text: str) -> bool:
            lines = self.prompts(text)
            return len(lines) > self.seen and lines[-1].strip() == self.prompt.strip()

        text = self.terminal.wait_for(back, timeout)
        self.seen = len(self.prompts(text))
        return text

    def settle(self) -> None:
        """Wait until the shell answers again, however many prompts come up before, and whatever Ctrl-C has left of a line.

        What is typed is a whole input whatever Ctrl-C takes of it; half a string would wait for its end.
        """
        for timeout in (1, 2, 4, 8, 16):  # an answer that comes late is followed by that of the next line
            self._settled += 1
            self.terminal.type(f"{_SETTLED + self._settled}+1\r")
            try:
                self.terminal.wait_for(rf"(?m)^{_SETTLED + self._settled + 1}$", timeout)
            except AssertionError:
                self.clear_line()
                continue
            self.wait_until_asked()
            return
        raise AssertionError(f"the shell does not answer; the screen:\n{self.terminal.text()}")

    def wait_until_asked(self) -> None:
        """Wait until nothing stands behind the last prompt, however many have come up."""
        text = self.terminal.wait_for(lambda text: self.prompts(text)[-1].strip() == self.prompt.strip())
        self.seen = len(self.prompts(text))

    # -- the keyboard ---------------------------------------------------------------------------------------------------

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
                self._wait_for_more(before + number)
        if len(lines) > 1:
            self.clear_indentation(lines[-1])
            self.terminal.type("\r")

    def _wait_for_more(self, count: int) -> None:
        self.terminal.wait_for(lambda text: self.continuations(text) > count)

    def clear_indentation(self, above: str) -> None:
        """Take away what the shell has indented by itself below a line."""
        self.terminal.key("u")
        self.terminal.wait_for(lambda _: self.terminal.screen.cursor.x <= len(self.prompt))

    def clear_line(self) -> None:
        """Take away what is on the line that is typed, wherever the cursor is."""
        self.terminal.type("\x15" if self.terminal.is_sane() else "\x05\x15")  # Ctrl-E is a key where the shell reads each key

    def paste(self, source: str) -> None:
        """Paste an input as terminals do, in brackets, so that the shell does not indent it once more."""
        last = source.split("\n")[-1].strip()
        count = self.terminal.text().count(last)
        self.terminal.type(_PASTE.format(source))
        self.terminal.wait_for(lambda text: text.count(last) > count)

    def wait_for_echo(self, line: str) -> None:
        """Wait until a line that has been typed is on the screen."""
        if line.strip():
            self.terminal.wait_for(lambda text: line.strip() in self.current_line(text))

    # -- an input and its answer ----------------------------------------------------------------------------------------

    def run(self, source: str) -> str:
        """Type an input, wait until the prompt is back, and return what was printed between the two."""
        before = self.seen
        self.submit(source)
        return self.answer(self.wait_for_prompt(), before)

    def run_line_by_line(self, source: str) -> str:
        """Type lines of which the last one completes the input by itself, and return what was printed."""
        before = self.seen
        more = self.continuations(self.terminal.text())
        first, *rest = source.split("\n")
        self.submit(first)
        for number, (above, line) in enumerate(pairwise([first, *rest])):
            self._wait_for_more(more + number)
            self.clear_indentation(above)
            self.submit(line)
        return self.answer(self.wait_for_prompt(), before)

    def command(self, line: str) -> str:
        """Type a line command, and return its answer."""
        return self.run(f"%{line}")

    def start_leaving(self) -> None:
        """Press Ctrl-D at the empty prompt; override this for a shell that asks before it ends."""
        self.terminal.key("d")

    def leave(self) -> int:
        """Leave the shell by Ctrl-D; return the exit status."""
        self.start_leaving()
        return self.terminal.wait_for_end()

    def close(self) -> None:
        """End the shell, if it still runs."""
        self.terminal.close()
