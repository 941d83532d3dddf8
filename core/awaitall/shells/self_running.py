"""For a shell that compiles and executes the inputs by itself, as xonsh does. A name is loaded when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from awaitall import _load

if TYPE_CHECKING:
    from awaitall.configuration import configured, found
    from awaitall.hooks import transform_source, transform_tree
    from awaitall.interrupts import sigint
    from awaitall.loop_on_demand import know_packages
    from awaitall.settings import SETTINGS, Setting, check_type, load_plugins
    from awaitall.shells.observed import observed
    from awaitall.shown import with_display
    from awaitall.stdin_guard import owning_keyboard
    from awaitall.system import SIGKILL, fcntl, is_terminal_given, lacking, posix, termios
    from awaitall.threads import in_main_thread
    from awaitall.windows import toolkit_is_imported
    from awaitall.yields import intercept_yields

__all__ = [
    "SETTINGS",
    "SIGKILL",
    "Setting",
    "check_type",
    "configured",
    "fcntl",
    "found",
    "in_main_thread",
    "intercept_yields",
    "is_terminal_given",
    "know_packages",
    "lacking",
    "load_plugins",
    "observed",
    "owning_keyboard",
    "posix",
    "sigint",
    "termios",
    "toolkit_is_imported",
    "transform_source",
    "transform_tree",
    "with_display",
]

_MODULE_OF = {
    "SETTINGS": "settings",
    "SIGKILL": "system",
    "Setting": "settings",
    "check_type": "settings",
    "configured": "configuration",
    "fcntl": "system",
    "found": "configuration",
    "in_main_thread": "threads",
    "intercept_yields": "yields",
    "is_terminal_given": "system",
    "know_packages": "loop_on_demand",
    "lacking": "system",
    "load_plugins": "settings",
    "observed": "shells.observed",
    "owning_keyboard": "stdin_guard",
    "posix": "system",
    "sigint": "interrupts",
    "termios": "system",
    "toolkit_is_imported": "windows",
    "transform_source": "hooks",
    "transform_tree": "hooks",
    "with_display": "shown",
}


def __getattr__(name: str) -> object:
    """Load the module that holds a name of this page (PEP 562)."""
    return _load(globals(), _MODULE_OF, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
