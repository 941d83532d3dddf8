"""What an adapter takes from awaitall, on one page. An adapter brings top-level await into one shell.

A shell that hands over what the user has entered needs three lines::

    session = new_session(namespace, settings)
    outcome = session.evaluate(text)      # or evaluate_lines(), for a shell that reads line by line
    ...                                   # print outcome.text, show outcome.value or outcome.error
    session.shutdown()                    # at the end of the shell

The rest of this page is for what shells do besides: settings, prompts during which tasks go on, classes of live objects that are
replaced, errors, and line commands. :meth:`awaitall.Session.interrupt` is for a shell that handles SIGINT by itself, and
:meth:`awaitall.Session.complete` completes line commands. For a shell that executes inputs by itself, as xonsh does, see
:mod:`awaitall.shells.self_running`; for one that runs files, :mod:`awaitall.shells.programs`; for a new kind of prompt,
:mod:`awaitall.prompts`.

Importing this imports no event loop, no shell, and not pluggy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from awaitall import _load

if TYPE_CHECKING:
    from awaitall.compiling import CommandCompiler
    from awaitall.configuration import config_directory
    from awaitall.detect import command_line
    from awaitall.prompts.input_hook import tasks_during_input
    from awaitall.prompts.line_thread import read_line
    from awaitall.prompts.reader_thread import read_in_thread
    from awaitall.settings import Settings
    from awaitall.shells.beginning import first_names
    from awaitall.shells.sessions import RUNTIME_PACKAGES, add_settings, new_session
    from awaitall.shells.status import status_of
    from awaitall.shells.wiring import cannot_start, replace_class, restore_class, say_off
    from awaitall.tracebacks import user_traceback

__all__ = [
    "RUNTIME_PACKAGES",
    "CommandCompiler",
    "Settings",
    "add_settings",
    "cannot_start",
    "command_line",
    "config_directory",
    "first_names",
    "new_session",
    "read_in_thread",
    "read_line",
    "replace_class",
    "restore_class",
    "say_off",
    "status_of",
    "tasks_during_input",
    "user_traceback",
]

_MODULE_OF = {
    "CommandCompiler": "compiling",
    "RUNTIME_PACKAGES": "shells.sessions",
    "Settings": "settings",
    "add_settings": "shells.sessions",
    "cannot_start": "shells.wiring",
    "command_line": "detect",
    "config_directory": "configuration",
    "first_names": "shells.beginning",
    "new_session": "shells.sessions",
    "read_in_thread": "prompts.reader_thread",
    "read_line": "prompts.line_thread",
    "replace_class": "shells.wiring",
    "restore_class": "shells.wiring",
    "say_off": "shells.wiring",
    "status_of": "shells.status",
    "tasks_during_input": "prompts.input_hook",
    "user_traceback": "tracebacks",
}


def __getattr__(name: str) -> object:
    """Load the module that holds a name of this page (PEP 562)."""
    return _load(globals(), _MODULE_OF, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
