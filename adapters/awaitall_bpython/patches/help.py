"""The keys of bpython that help: what there is (F1), what stands behind a name (F2), and the background tasks (F4)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import greenlet
from curtsies.configfile_keynames import keymap

from awaitall import AwaitallError
from awaitall.shells import command_line

if TYPE_CHECKING:
    from awaitall import Session

__all__ = ["help_with_commands", "show_tasks_by_key"]

KEY = "F4"

#: Seconds until the screen is painted once more after tasks were cancelled; the loop runs meanwhile, and they end.
PAUSE = 0.1

_INTRODUCTION = "await, async for and async with work at the prompt, and tasks go on meanwhile. With them come:"
_QUESTION = "Cancel which tasks? (or all) [none] "


def help_with_commands(repl: Any) -> None:
    """Wrap the help: it tells of await and lists the line commands. The source of a line command is how it is used."""
    version_help_text, show_source = repl.version_help_text, repl.show_source

    def with_commands() -> str:
        return f"{version_help_text()}\n{_INTRODUCTION}\n{repl.interp.session.command('help')}"

    def show_source_or_usage() -> None:
        if (line := command_line(repl.current_line)) is None:
            show_source()
            return
        name = line.strip().partition(" ")[0].rstrip("?")
        try:
            repl.pager(repl.interp.session.run_command(f"help {name}"))
        except AwaitallError as exc:
            repl.status_bar.message(str(exc))

    repl.version_help_text = with_commands
    repl.show_source = show_source_or_usage


def show_tasks_by_key(repl: Any) -> None:
    """Wrap the handling of keys: one more lists the background tasks, and asks which to cancel, unless the user has taken it."""
    config, original = repl.config, repl.process_key_event
    if KEY in [value for name, value in vars(config).items() if name.endswith("_key")]:
        return
    config.background_tasks_key = KEY  # for the list of keys in the help

    def process_key_event(key: Any) -> Any:
        if key in keymap[KEY] and not repl.status_bar.has_focus and not repl.stdin.has_focus:
            return _show_tasks(repl)
        return original(key)

    repl.process_key_event = process_key_event


def _show_tasks(repl: Any) -> None:
    session: Session = repl.interp.session
    if not session.count_tasks():
        repl.status_bar.message("no background tasks")
        return
    print(session.command("tasks"), end="")
    greenlet.greenlet(_ask_which_to_cancel).switch(repl, session)


def _ask_which_to_cancel(repl: Any, session: Session) -> None:
    chosen = repl.status_bar.file_prompt(_QUESTION)
    if isinstance(chosen, str) and chosen.strip():
        try:
            session.run_command(f"cancel {chosen}")
        except AwaitallError as exc:
            repl.status_bar.message(str(exc))
        else:
            repl.schedule_refresh(time.time() + PAUSE)
