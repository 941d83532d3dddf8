"""The settings of a shell: the one table of them, and how a session takes them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple, TypedDict, cast

from awaitall.errors import AwaitallError, UsageError
from awaitall.shown import DISPLAYS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from awaitall.base_session import BaseSession
    from awaitall.contracts import AnyRunner, RunnerSpec
    from awaitall.shown import Display


__all__ = ["SETTINGS", "Setting", "Settings", "apply", "check_type", "checked", "load_plugins", "settled"]

#: The longest time that may be given, in seconds: a day.
LONGEST = 86400.0


class Setting(NamedTuple):
    """A setting: the parser of the file, the environment variables, ``%settings`` and the documentation go by this.

    Attributes:
        name: As it is written in the file, and as a keyword of ``enable()``.
        default: Of the type that every value has.
        meaning: A sentence.
        ipython: What IPython calls it, if it has it.
        is_attribute: Whether a session has an attribute of the name.
        choices: The words that a text may be; any where empty.
    """

    name: str
    default: bool | float | str | list[str]
    meaning: str
    ipython: str = ""
    is_attribute: bool = True
    choices: tuple[str, ...] = ()

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"AWAITALL_{self.name.upper()}"

    @property
    def type_words(self) -> str:
        """What a value has to be, in words."""
        return f"one of {', '.join(self.choices)}" if self.choices else _TYPES[type(self.default)]


_TYPES = {
    bool: "true or false",
    float: f"a number of seconds from 0 to {LONGEST:.0f}",
    list: "a list of names",
    str: "text",
}

#: All settings, by their names.
SETTINGS = {
    setting.name: setting
    for setting in (
        Setting(
            "runner",
            "asyncio",
            "What runs the inputs that await: asyncio, uvloop, trio, curio, sync, the runner of a plugin, or a dotted path.",
            "InteractiveShell.loop_runner",
        ),
        Setting("autoawait", True, "Whether await is allowed at the top level.", "InteractiveShell.autoawait"),
        Setting(
            "outside", False, "Whether inputs that do not await see no event loop; some libraries refuse to work where one runs."
        ),
        Setting("implicit", False, "Whether a coroutine that is the value of an input is awaited, as if await stood before it."),
        Setting(
            "display",
            "last_expr",
            "Which values of an input are shown; none, or what is assigned, too (last_expr_or_assign).",
            "InteractiveShell.ast_node_interactivity",
            choices=DISPLAYS,
        ),
        Setting("hints", True, "Whether a line tells of a coroutine that nobody has awaited, and once that there is %help."),
        Setting("grace", 5.0, "How many seconds the tasks have for their cleanup when the shell ends."),
        Setting(
            "plugins",
            [],
            "The plugins that are there from the first input on.",
            "InteractiveShellApp.extensions",
            is_attribute=False,
        ),
        Setting(
            "banner",
            True,
            "Whether the console tells at its start what it is.",
            "TerminalIPythonApp.display_banner",
            is_attribute=False,
        ),
    )
}


class Settings(TypedDict, total=False):
    """The keywords of ``enable()`` and ``interact()``, by their types; what they mean is said in :data:`SETTINGS`.

    A runner may also be a spec, a function that runs a coroutine by itself, or a class of event loops. Plugins that are installed
    and not named are loaded when a runner, a command or a shell is looked up that is not there.
    """

    runner: AnyRunner
    autoawait: bool
    outside: bool
    implicit: bool
    display: Display
    hints: bool
    grace: float
    plugins: Sequence[str]


def checked(given: Mapping[str, object]) -> Settings:
    """Return those settings that can be applied; each of the others costs one line on standard error.

    Plugins that are named are loaded. No event loop is imported, and no plugin unless one is named, or a runner that is not the
    default.
    """
    settings = {}
    for name, value in given.items():
        try:
            settings[name] = _checked(name, value)
        except (AwaitallError, TypeError) as exc:
            print(f"awaitall: {name}={value!r} is left out: {exc}", file=sys.stderr)
    return cast("Settings", settings)


def _checked(name: str, value: object) -> object:
    setting = known(name)
    if name not in ("runner", "plugins"):  # which may be given in other ways here
        check_type(setting, value)
    return settled(name, value)


def known(name: str) -> Setting:
    """Return the setting of a name.

    Raises:
        UsageError: with the closest name there is.
    """
    if name not in SETTINGS:
        from awaitall.plugin_manager import closest

        there = f"No setting is called {name!r}; there are: {', '.join(sorted(SETTINGS))}."
        raise UsageError(f"{there} {closest(name, SETTINGS)}".rstrip())
    return SETTINGS[name]


def check_type(setting: Setting, value: object) -> None:
    """Raise UsageError if a value is of another type than the setting."""
    if isinstance(setting.default, float):
        fits = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= LONGEST
    elif isinstance(setting.default, list):
        fits = isinstance(value, list) and all(isinstance(name, str) for name in value)
    else:
        fits = type(value) is type(setting.default) and (not setting.choices or value in setting.choices)
    if not fits:
        raise UsageError(f"The setting {setting.name!r} is {setting.type_words}.")


def settled(name: str, value: object) -> object:
    """Return the value of a setting as a session takes it: plugins that it names are loaded, and a runner is looked up.

    Raises:
        AwaitallError, TypeError: there is no such runner or plugin.
    """
    if name == "runner":
        return _runner(value)
    return load_plugins(value) if name == "plugins" else value


def _runner(value: Any) -> str | RunnerSpec:
    if value == "asyncio":
        return "asyncio"
    from awaitall.plugins import resolve_runner
    from awaitall.runners.builtin import check_installed

    spec = resolve_runner(value)
    check_installed(spec)
    return spec


def load_plugins(names: Any) -> list[str]:
    """Load the plugins of these names, in a list or in text with spaces or commas between them; return a list.

    Raises:
        UnknownPluginError: one of them is not installed; the others have been loaded.
    """
    from awaitall.plugins import plugins

    found = names.replace(",", " ").split() if isinstance(names, str) else list(names)
    plugins().load(found)
    return found


def apply(session: BaseSession, settings: Mapping[str, object], origins: str | Mapping[str, str] = "enable()") -> None:
    """Set up a session with what :func:`checked` has returned; a runner that cannot be opened costs one line.

    Args:
        session: Remembers where each setting comes from, for ``%settings``.
        settings: By their names.
        origins: Where all of them come from, or each by its name.
    """
    for name, value in settings.items():
        if SETTINGS[name].is_attribute:
            try:
                setattr(session, name, value)
            except AwaitallError as exc:
                print(f"awaitall: {exc}", file=sys.stderr)
                continue
            value = getattr(session, name)
        session.origins[name] = value, origins if isinstance(origins, str) else origins[name]
