"""Record the pictures of the documentation: what is typed into real shells on real terminals, and what they show.

``python docs/pictures/record.py`` writes them anew. The same shells give the same bytes each time: how long a frame stays is
written here, and not measured.
"""

from __future__ import annotations

import contextlib
import platform
import re
import socket
import sys
import tempfile
import threading
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from film import Frame, svg

from awaitall.testing import Shell, Terminal

import shells

FOLDER = Path(__file__).parent
KEY, ENTER, SEEN, READ = 0.04, 0.5, 0.9, 1.6  # seconds: between two keys, at Enter, to see a line come, to read an answer


class Recorder:
    """Types into a shell that is at its first prompt, and keeps what it shows."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.screen = shell.terminal.screen
        self.frames: list[Frame] = []

    def keep(self, seconds: float, ready=lambda: True) -> None:
        """Keep what is shown when it is ready and the cursor is shown, which editors hide while they paint."""
        self.shell.terminal.wait_for(lambda _: ready() and not self.screen.cursor.hidden)
        self.frames.append(Frame.of(self.screen, seconds))

    def hold(self, seconds: float) -> None:
        """Show the last frame for that long."""
        self.frames[-1] = replace(self.frames[-1], seconds=seconds)

    def before_cursor(self) -> str:
        return self.screen.display[self.screen.cursor.y][: self.screen.cursor.x]

    def type(self, text: str) -> None:
        """Type a part of a line, key by key."""
        for end, key in enumerate(text, 1):
            self.shell.terminal.type(key)
            self.keep(KEY, lambda end=end: self.before_cursor().endswith(text[:end]))

    def enter(self, *lines: str, read: float = READ) -> None:
        """Type an input, leaving its indentation to the shell, and wait for the next prompt."""
        for line in lines[:-1]:
            self.type(line)
            row = self.screen.cursor.y
            self.shell.terminal.type("\r")
            self.keep(KEY, lambda row=row: self.screen.cursor.y > row and self.before_cursor().strip() == "...")
        self.type(lines[-1])
        self.hold(ENTER)
        self.shell.terminal.type("\r")
        self.prompt(read)

    def prompt(self, read: float = READ) -> None:
        """Wait for the next prompt."""
        self.shell.wait_for_prompt()
        self.keep(read, lambda: self.before_cursor() == self.shell.prompt)

    def see(self, line: str, typed: str) -> None:
        """Wait for a line that a task prints, and for the prompt with what is typed to stand below it."""
        self.keep(SEEN, lambda: line in self.shell.terminal.text() and self.before_cursor() == typed)


class SmallTerminal(Terminal):
    """As large as terminals are when they are opened."""

    def __init__(self, *argv, **options) -> None:
        super().__init__(*argv, **options, columns=80, lines=24)


class LowTerminal(Terminal):
    """A terminal of which a picture may stand between two paragraphs."""

    def __init__(self, *argv, **options) -> None:
        super().__init__(*argv, **options, columns=104, lines=14)


class PicturedShell(Shell):
    """A shell that may show more below the line that one types."""

    terminal_class = LowTerminal

    def current_line(self, text: str) -> str:
        return self.terminal.screen.display[self.terminal.screen.cursor.y].rstrip()


class Console(PicturedShell, shells.EditedConsole):
    """The console as ``python -m awaitall`` opens it."""

    terminal_class = SmallTerminal


class Xonsh(PicturedShell, shells.Xonsh):
    """xonsh with a prompt that names no machine."""

    prompt = "@ "
    more = None

    def submit(self, source: str) -> None:
        if "\n" in source:
            self.paste(source)
            self.terminal.wait_for(lambda _: self.color("sleep") == "green")  # red before xonsh has found the command
            self.terminal.type("\r\r")
        else:
            super().submit(source)

    def color(self, word: str) -> str:
        screen = self.terminal.screen
        return next(screen.buffer[y][row.index(word)].fg for y, row in enumerate(screen.display) if word in row)


class Ptpython(PicturedShell, shells.Ptpython):
    """ptpython with the line of the README in its configuration."""

    quiet = ""
    config = "from awaitall_ptpython import configure\n"


class Bpython(PicturedShell, shells.Bpython):
    """``python -m awaitall_bpython``."""


@contextlib.contextmanager
def feed(path: Path):
    """Serve whoever connects with the lines that are given to the function it yields."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen(1)
        clients: list[socket.socket] = []
        accepting = threading.Thread(target=lambda: clients.append(server.accept()[0]), daemon=True)
        accepting.start()

        def send(line: str) -> None:
            accepting.join()
            clients[0].sendall(f"{line}\n".encode())

        yield send
        for client in clients:
            client.close()


def alive_prompt(home: Path) -> str:
    """A task prints while the prompt waits, while one types, and while an input is awaited that Ctrl-C cancels."""
    with feed(home / "prices") as send:
        shell = Console(home, {"AWAITALL_BANNER": "off"})
        try:
            film = Recorder(shell)
            film.keep(ENTER, lambda: film.before_cursor() == shell.prompt)
            film.enter("import asyncio", read=ENTER)
            film.enter('reader, writer = await asyncio.open_unix_connection("prices")', read=ENTER)
            film.enter(
                "async def watch():",
                "async for line in reader:",
                "print(line.decode().strip())",
                "",
                read=ENTER,
            )
            film.enter("%bg watch()")
            for price in ("bread 2.10", "milk  1.35"):
                send(price)
                film.see(price, ">>> ")
            film.type("6 *")
            send("bread 2.15")
            film.see("bread 2.15", ">>> 6 *")
            film.enter(" 7")
            film.type("await asyncio.sleep(3600)")
            film.hold(ENTER)
            row = film.screen.cursor.y
            shell.terminal.type("\r")
            film.keep(KEY, lambda: film.screen.cursor.y > row and film.before_cursor() == "")
            for price in ("milk  1.30", "bread 2.05"):
                send(price)
                film.see(price, "")
            shell.terminal.key("c")
            film.prompt()
            send("milk  1.25")
            film.see("milk  1.25", ">>> ")
            film.enter("%autoawait trio", read=ENTER)
            film.enter("import trio", read=ENTER)
            film.enter('await trio.Path("prices").is_socket()', read=3)
            return svg(film.frames, "The prompt of awaitall: tasks go on while one types", made_with())
        finally:
            shell.close()


def still(shell: Shell, title: str, *sources: str, until: str) -> str:
    """Return a picture of inputs and their answers, when the screen shows ``until``."""
    try:
        for source in sources:
            shell.run(source)
        while not re.search(until, shell.terminal.text()) or shell.terminal.screen.cursor.hidden:
            shell.terminal.key("e")  # at the end of a line it does nothing, and the screen is painted once more
            shell.terminal.read_what_is_there()
        screen = shell.terminal.screen
        first = next(y for y, row in enumerate(screen.display) if row.startswith(shell.prompt))
        last = max(y for y, row in enumerate(screen.display) if row.strip())
        return svg([Frame.of(screen, 1).cut(first, last)], title, made_with())
    finally:
        shell.close()


def xonsh(home: Path) -> str:
    nap = "async def nap(seconds):\n    await ![sleep @(seconds)]\n    return seconds"
    naps = "await asyncio.gather(nap(0.1), nap(0.2), nap(0.1))"
    return still(Xonsh(home), "Awaited commands in xonsh", "import asyncio", nap, naps, until=r"\[0\.1")


def ptpython(home: Path) -> str:
    sources = ("import asyncio", "%bg -q asyncio.sleep(3600)", 'await asyncio.sleep(0.1, "slept")')
    return still(Ptpython(home), "ptpython, whose status bar counts the tasks", *sources, until="1 background task.* 4/4")


def bpython(home: Path) -> str:
    sources = ("import asyncio", 'task = asyncio.create_task(asyncio.sleep(0.1, "done"))', "await task")
    return still(Bpython(home), "bpython", *sources, until="'done'")


#: File -> function that records it in a home of its own.
PICTURES = {"alive-prompt.svg": alive_prompt, "xonsh.svg": xonsh, "ptpython.svg": ptpython, "bpython.svg": bpython}


def made_with() -> str:
    """Return the versions of what the pictures show."""
    shells = ", ".join(f"{name} {version(name)}" for name in ("bpython", "ptpython", "xonsh"))
    return f"Made with {platform.python_implementation()} {platform.python_version()}, {shells}"


def record(name: str) -> str:
    """Return a picture as the shells of this environment show it now."""
    with tempfile.TemporaryDirectory() as home:
        return PICTURES[name](Path(home))


if __name__ == "__main__":
    for name in PICTURES:
        (FOLDER / name).write_text(record(name), encoding="utf-8")
        print(name)
