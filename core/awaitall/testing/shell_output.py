"""What must become of what tasks write while every prompt waits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from awaitall.testing.shell_fixtures import ShellFixtures

if TYPE_CHECKING:
    from awaitall.testing.shell import Shell

__all__ = ["OutputTests"]

#: Way by which a task may write a line -> what is typed for it to be the function ``write``.
WRITERS = {
    "print": ["write = print"],
    "logging": ["import logging; logging.basicConfig(format='%(message)s', force=True)", "write = logging.warning"],
    "a stream that was kept": ["out = sys.stdout", "def write(text):\n    print(text, file=out)"],
    "the first stdout": ["def write(text):\n    sys.__stdout__.write(text + '\\n')"],
    "the first stderr": ["def write(text):\n    sys.__stderr__.writelines([text, '\\n'])"],
    "bytes": ["def write(text):\n    sys.__stdout__.buffer.write(text.encode() + b'\\n')"],
    "a method that was kept": ["method = sys.stderr.write", "def write(text):\n    method(text + '\\n')"],
    "warnings": [
        "import warnings; warnings.simplefilter('always')",
        "warnings.formatwarning = lambda message, *_: f'{message}\\n'",
        "write = warnings.warn",
    ],
    "a thread": [
        "import threading",
        "def write(text):\n    thread = threading.Thread(target=print, args=[text])\n    thread.start()\n    thread.join()",
    ],
    "a progress bar": ["def write(text):\n    print('99 %', end='\\r', flush=True)\n    print(text)"],
}


class OutputTests(ShellFixtures):
    """Output above the line that is typed."""

    @pytest.mark.parametrize("writer", WRITERS)
    def test_what_a_task_writes_stands_above_the_line_that_is_typed(self, shell: Shell, writer: str) -> None:
        self.need("commands", "pumps", "edits", "multiline")
        if writer in self.not_in_the_shell:
            pytest.skip("not the terminal of this shell")
        shell.run("import sys")
        for source in WRITERS[writer]:
            shell.run(source)
        name = writer.replace(" ", "-")
        shell.run(f"%bg -q counting({name!r}, 10, write)")
        shell.terminal.type("6 * 9")
        shell.terminal.wait_for(rf"(?m)^{name} 3$")
        shell.terminal.key("b")
        shell.terminal.type("1")
        text = shell.terminal.wait_for(rf"(?m)^{name} 9$")
        assert re.findall(rf"(?m)^.*{name} \d+.*$", text)[-10:] == [f"{name} {number}" for number in range(10)]
        shell.terminal.wait_for(lambda text: shell.current_line(text) == f"{shell.prompt}6 * 19")
        assert shell.run("").strip() == "114"

    def test_a_task_that_captures_what_is_printed_goes_on_capturing(self, shell: Shell) -> None:
        self.need("commands", "pumps", "edits", "multiline")
        shell.run("import contextlib, io")
        shell.run(
            "async def captures():\n    with contextlib.redirect_stdout(io.StringIO()) as text:\n"
            "        await counting('omega', 5)\n"
            "    print('captured', text.getvalue().count('omega'))"
        )
        shell.run("%bg -q captures()")
        assert not re.findall(r"(?m)^omega", shell.terminal.wait_for(r"(?m)^captured 5$"))

    def test_half_a_line_is_shown_when_an_input_is_run(self, shell: Shell) -> None:
        self.need("commands", "pumps", "edits", "multiline")
        shell.run("import sys")
        shell.run("async def half():\n    print('ha' + 'lf', end='', flush=True)\n    print('who' + 'le', file=sys.stderr)")
        shell.run("%bg -q half()")
        text = shell.terminal.wait_for(r"(?m)^whole$")
        assert not re.findall(r"(?m)^half", text)
        assert shell.run("6 * 9") == "half\n54"

    def test_half_a_line_is_shown_at_the_end(self, fresh: Shell) -> None:
        self.need("commands", "pumps", "edits", "multiline")
        fresh.run("async def half():\n    print('ha' + 'lf', end='')\n    print('who' + 'le', file=sys.stderr)")
        fresh.run("import sys")
        fresh.run("%bg -q half()")
        fresh.terminal.wait_for(r"(?m)^whole$")
        assert fresh.leave() == 0
        assert len(re.findall(r"(?m)^half$", fresh.terminal.text())) == 1

    def test_many_lines_at_once_come_whole_and_in_order(self, fresh: Shell) -> None:
        self.need("commands", "pumps", "edits", "multiline")
        go = fresh.home / "go"
        fresh.run(
            "async def flood():\n    while not os.path.exists('go'):\n        await pause(0.01)\n"
            "    for number in range(1500):\n        print('sigma', number)"
        )
        fresh.run("import os")
        fresh.run("%bg -q flood()")
        fresh.terminal.type("6 * 9")
        fresh.wait_for_echo("6 * 9")
        go.touch()
        text = fresh.terminal.wait_for(r"(?m)^sigma 1499$")
        numbers = [int(number) for number in re.findall(r"(?m)^sigma (\d+)$", text)]
        assert numbers == list(range(1500))[-len(numbers) :]
        assert len(numbers) > 1000  # the others have left the emulated screen
        fresh.terminal.wait_for(rf"(?m)^{re.escape(fresh.prompt)}6 \* 9$")
        fresh.terminal.type("\r")
        fresh.terminal.wait_for(r"(?m)^54$")
