"""Top-level await in cmd2 applications: a line that is none of the application's commands is Python, and may await."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

import cmd2

from awaitall import ShellSpec, hookimpl
from awaitall.shells import Settings, add_settings, new_session
from awaitall_prompts.on_prompt_toolkit import pumping

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["AwaitCmd"]


class AwaitCmd(cmd2.Cmd):
    """The base of an application; Python finds the application itself under the name ``app``.

    Args:
        settings: As in ``AwaitCmd(settings={"runner": "trio"})``.
    """

    def __init__(self, *args: Any, settings: Settings | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        names = {"__name__": "__main__", "app": self}
        self.session = new_session(names, add_settings({}, settings or {}), packages=("awaitall_cmd2", "cmd2", "prompt_toolkit"))

    def cmdloop(self, *args: Any, **options: Any) -> int:
        """Run the application, and end the background tasks before it ends."""
        try:
            return super().cmdloop(*args, **options)
        finally:
            self.session.shutdown()

    def _raise_keyboard_interrupt(self) -> None:
        raise KeyboardInterrupt  # cmd2's own prints first, which fails if the signal has interrupted a print

    def _read_raw_input(self, prompt: Any, session: Any, **options: Any) -> str:
        if not self._is_tty_session(session):
            return super()._read_raw_input(prompt, session, **options)
        with pumping(self.session, session.app):  # in place of patch_stdout()
            return session.prompt(prompt, **options)

    def onecmd_plus_hooks(self, line: str, **options: Any) -> bool:
        """Run a line as a command if it begins with the name of one, else as Python; True ends the application."""
        if not line.strip() or self._is_command(line):
            return super().onecmd_plus_hooks(line, **options)
        try:
            while (outcome := self.session.evaluate_lines(line)) is None:
                line += "\n" + self._read_command_line(self.continuation_prompt)
        except (KeyboardInterrupt, EOFError):
            return False  # the rest of the input was not typed
        self.poutput(outcome.text, end="")
        if outcome.error is not None:
            traceback.print_exception(outcome.error)
        return False

    def _is_command(self, line: str) -> bool:
        shortcuts = tuple(shortcut for shortcut, _ in self.statement_parser.shortcuts)
        words = {*self.get_all_commands(), *self.aliases, *self.macros, "_eof"}
        return line.split()[0] in words or line.lstrip().startswith(shortcuts)


def _start(arguments: Sequence[str]) -> int:
    return AwaitCmd(allow_cli_args=False, startup_script="").cmdloop()


@hookimpl
def awaitall_shells() -> Iterator[ShellSpec]:
    """Offer a cmd2 application without commands of its own."""
    yield ShellSpec("cmd2", "an empty cmd2 application", _start, package="cmd2", versions=">=4,<5", wire="Derive from AwaitCmd")
