"""What the tests of a shell begin with: how the shell is started, and what it is able to do."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from awaitall.testing.shell import Shell

    NewShell = Callable[[], AbstractContextManager[Shell]]

__all__ = ["IMPORTS", "ShellFixtures", "StartShell", "one_shell", "starting", "without_folders"]

#: What is typed into a shell first.
IMPORTS = "import asyncio; from aids import *"

#: What a shell may be unable to do, by the attributes of the suite, and why a test of it is skipped.
_ABILITIES = {
    "multiline": "inputs have one line",
    "commands": "there are no line commands",
    "pumps": "tasks stand still at the prompt",
    "interrupts": "Ctrl-C is what the shell makes of it",
    "ends": "tasks are left alone when the shell ends",
    "edits": "the terminal edits the line, and not the shell",
    "signals": "SIGTERM and SIGHUP kill the shell at once",
    "hints": "a coroutine that is shown gets no hint",
    "history": "no history is kept",
}


class StartShell(Protocol):
    """Starts a shell."""

    def __call__(self, *options: str, env: Mapping[str, str] | None = None) -> Shell:
        """Start it with these arguments, and with this in its environment."""


@contextmanager
def starting(shell_class: type[Shell], home: Path, path: str) -> Iterator[StartShell]:
    """Return what starts shells of a class; they are closed at the end of the block.

    Args:
        shell_class: Of the shells.
        home: The home of all of them.
        path: Their PYTHONPATH.
    """
    started = []

    def start(*options: str, env: Mapping[str, str] | None = None) -> Shell:
        shell = shell_class(home, {"PYTHONPATH": path, **(env or {})}, *options)
        started.append(shell)
        return shell

    yield start
    for shell in started:
        shell.close()


@contextmanager
def one_shell(shell_class: type[Shell], home: Path, path: str) -> Iterator[Shell]:
    """Return a shell with the aids imported; arguments as for :func:`starting`."""
    with closing(shell_class(home, {"PYTHONPATH": path})) as shell:
        shell.run(IMPORTS)
        yield shell


class ShellFixtures:
    """The attributes and fixtures of :class:`awaitall.testing.ShellSuite`."""

    shell_class: type[Shell]
    has_colors = True
    multiline = True
    commands = True
    pumps = True
    interrupts = True
    ends = True
    edits = True
    signals = True
    hints = True
    history = True

    unlike_the_shell: frozenset[str] = frozenset()
    not_in_the_shell: frozenset[str] = frozenset()

    def need(self, *names: str) -> None:
        """Skip a test of what this shell is unable to do."""
        for name in names:
            if not getattr(self, name):
                pytest.skip(f"{name} = False: {_ABILITIES[name]}")

    @pytest.fixture(scope="class")
    @classmethod
    def aids(cls, tmp_path_factory: pytest.TempPathFactory) -> str:
        """The folder of the module ``aids``, for PYTHONPATH."""
        folder = tmp_path_factory.mktemp("path")
        shutil.copy(Path(__file__).with_name("aids.py"), folder)
        return str(folder)

    @pytest.fixture
    def start(self, aids: str, tmp_path: Path) -> Iterator[StartShell]:
        """Start a shell of the class that the tests are for; options and environment as given."""
        with starting(self.shell_class, tmp_path, aids) as start:
            yield start

    @pytest.fixture
    def fresh(self, start: StartShell) -> Shell:
        """A shell of its own, with the aids imported."""
        shell = start()
        shell.run(IMPORTS)
        return shell

    @pytest.fixture(scope="class")
    @classmethod
    def new_shell(cls, aids: str, tmp_path_factory: pytest.TempPathFactory) -> NewShell:
        """Return a context manager with a shell of the class that the tests are for, with the aids imported."""

        return lambda: one_shell(cls.shell_class, tmp_path_factory.mktemp("home"), aids)

    @pytest.fixture(scope="class")
    @classmethod
    def shell(cls, new_shell: NewShell) -> Iterator[Shell]:
        """One shell for all tests of a class that leave nothing behind but names."""
        with new_shell() as shell:
            yield shell

    @pytest.fixture(scope="class")
    @classmethod
    def shell_with_ticks(cls, new_shell: NewShell) -> Iterator[Shell]:
        """One shell for all tests of Ctrl-C, with a task in the background."""
        with new_shell() as shell:
            shell.run("import threading; await ticks()")
            yield shell
            if cls.ends:
                assert shell.leave() == 0

    @pytest.fixture
    def ticking(self, shell_with_ticks: Shell) -> Iterator[Shell]:
        """The shell with a task in the background, which goes on whatever the test does."""
        yield shell_with_ticks
        assert shell_with_ticks.run("await ticks()") == "True"


def without_folders(text: str) -> str:
    """Return a text without the folders of this Python and of the project under test, which may be called awaitall themselves."""
    return text.replace(sys.prefix, "").replace(os.getcwd(), "")
