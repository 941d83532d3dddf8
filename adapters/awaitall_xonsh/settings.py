"""The settings of awaitall as xonsh has settings: environment variables, with types and documentation, and a prompt field."""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import cache, partial
from typing import TYPE_CHECKING, Any, cast

from xonsh.built_ins import XSH
from xonsh.tools import bool_to_str, is_bool, to_bool

from awaitall.shells import self_running

if TYPE_CHECKING:
    from xonsh.built_ins import XonshSession

    from awaitall import Session
    from awaitall.shells import Settings
    from awaitall.shells.self_running import Setting

__all__ = [
    "AUTOAWAIT",
    "DISPLAY",
    "HINTS",
    "HOLD_OUTPUT",
    "MEANINGS",
    "VARIABLES",
    "apply",
    "begin",
    "deregister",
    "forget",
    "get",
    "imported",
    "publish",
    "register",
    "session",
]

_PREFIX = "XONTRIB_AWAITALL_"
_RUNNER = f"{_PREFIX}RUNNER"
AUTOAWAIT = f"{_PREFIX}AUTOAWAIT"
DISPLAY = f"{_PREFIX}DISPLAY"
HINTS = f"{_PREFIX}HINTS"
HOLD_OUTPUT = f"{_PREFIX}HOLD_OUTPUT"

#: Variable -> the setting that it holds.
VARIABLES = {f"{_PREFIX}{setting.name.upper()}": setting for setting in self_running.SETTINGS.values() if setting.is_attribute}

#: Variable -> its default; one of them is no setting of a session.
_DEFAULTS = {HOLD_OUTPUT: True, **{name: setting.default for name, setting in VARIABLES.items()}}

#: Variable -> what it is for.
MEANINGS = {
    **{name: setting.meaning for name, setting in VARIABLES.items()},
    HOLD_OUTPUT: "Whether what tasks print waits for the end of a program that has the terminal.",
}

#: The variable that names plugins.
PLUGINS = f"{_PREFIX}PLUGINS"

#: Known without a look at the plugins, which takes their import.
_BUILT_IN = frozenset({"asyncio", "curio", "sync", "trio", "uvloop"})

#: Variable -> the value that the session of the shell knows.
_applied: dict[str, Any] = {}


def register(xsh: XonshSession) -> None:
    """Register the variables with xonsh, convert what has been inherited from another process, and add the prompt field.

    The default of each is what the user has configured for every shell.
    """
    for name, setting in VARIABLES.items():
        validate, convert, detype = _type_of(setting)
        xsh.env.register(name, default=_default(setting), doc=MEANINGS[name], validate=validate, convert=convert, detype=detype)
    doc = MEANINGS[HOLD_OUTPUT]
    xsh.env.register(HOLD_OUTPUT, default=True, doc=doc, validate=is_bool, convert=to_bool, detype=bool_to_str)
    plugins = self_running.SETTINGS["plugins"]
    xsh.env.register(
        PLUGINS, default=_default(plugins), doc=plugins.meaning, validate=_is_empty, convert=_load_plugins, detype=" ".join
    )
    for name in (*_DEFAULTS, PLUGINS):
        if xsh.env.is_manually_set(name):
            try:
                xsh.env[name] = xsh.env[name]
            except ValueError as exc:
                del xsh.env[name]
                print(f"awaitall: ${name} is {xsh.env[name]!r} now: {exc}", file=sys.stderr)
    xsh.env["PROMPT_FIELDS"]["autoawait"] = _prompt_field


def deregister(xsh: XonshSession) -> None:
    """Undo :func:`register`; what the user has set stays."""
    for name in (*_DEFAULTS, PLUGINS):
        xsh.env.deregister(name)
    xsh.env["PROMPT_FIELDS"].pop("autoawait", None)


def _default(setting: Setting) -> Any:
    """Return the value of a setting where its variable is not set; no plugin is loaded for one that needs none."""
    found = self_running.found().get(setting.name)
    if found is not None and setting.name in ("runner", "plugins") and not _is_built_in(found.value):
        found = self_running.configured(but=self_running.SETTINGS.keys() - {setting.name}).get(setting.name)
    return setting.default if found is None else getattr(found.value, "name", found.value)


@cache
def know_packages() -> None:
    """Name the packages that a user of xonsh has at hand anyway, which are no sign that a loop is wanted."""
    self_running.know_packages("awaitall_xonsh", "prompt_toolkit", "xonsh", "xontrib")


def get(name: str) -> Any:
    """Return the value of a variable, its default once it is no longer registered."""
    return XSH.env.get(name, _DEFAULTS[name])


def imported(module: str, function: str) -> Any:
    """Return a function of ours if its module has been imported; the first code that awaits does that, perhaps in a thread."""
    return getattr(sys.modules.get(f"awaitall_xonsh.{module}"), function, None)


def session() -> Session | None:
    """Return the session of the shell, if it has begun."""
    of_shell = imported("running", "session")
    return None if of_shell is None else of_shell()


def begin() -> Session:
    """Return a new session with the settings that the variables hold."""
    from awaitall.shells import new_session
    from awaitall_xonsh.session import XonshSession

    variables = {setting.name: name for name, setting in VARIABLES.items()}
    given = {name: get(variable) for name, variable in variables.items()}
    given["plugins"], variables["plugins"] = XSH.env.get(PLUGINS, []), PLUGINS
    origins = {name: _origin(name, variable) for name, variable in variables.items()}
    session = new_session(settings=cast("Settings", given), show_failure=_show_failure, kind=XonshSession, origins=origins)
    session.exit_on_termination = False  # xonsh has its own way to end by a signal
    return session


def _origin(name: str, variable: str) -> str:
    if XSH.env.is_manually_set(variable):
        return f"${variable}"
    found = self_running.found().get(name)
    return "default" if found is None else found.origin


def _show_failure(text: str) -> None:
    env = XSH.env
    if env.get("XONSH_INTERACTIVE") and env.get("COLOR_RESULTS") and env.get("SHELL_TYPE") != "dumb":
        from awaitall_prompts.colors import print_traceback

        print_traceback(text, env.get("XONSH_COLOR_STYLE"))
    else:
        print(text, end="", file=sys.stderr)


def apply(session: Session) -> None:
    """Bring the session of the shell up to the variables, where those have changed since.

    Raises:
        OpenError: the library of the runner is missing; the variable is as it was before.
    """
    for name in VARIABLES:
        value = get(name)
        if value == _applied.setdefault(name, value):
            continue
        if name != _RUNNER:
            setattr(session, VARIABLES[name].name, value)
        else:
            try:
                session.use(value)
            except Exception:
                XSH.env[name] = _applied[name]
                raise
        _applied[name] = value


def publish(session: Session) -> None:
    """Bring the variables up to the session of the shell, which a command has changed; a function as runner has no name there."""
    for name in VARIABLES:
        value = getattr(session, VARIABLES[name].name)
        if value != _applied.get(name):
            with suppress(ValueError):  # from _runner()
                XSH.env[name] = _applied[name] = value


def forget() -> None:
    """Forget what the session of the shell knows, as it has ended."""
    _applied.clear()


def _is_built_in(name: object) -> bool:
    return isinstance(name, str) and name in _BUILT_IN


def _runner(name: object) -> str:
    from awaitall.errors import AwaitallError
    from awaitall.plugins import resolve_runner

    try:
        return resolve_runner(str(name)).name
    except AwaitallError as exc:
        raise ValueError(str(exc)) from None


def _is_empty(value: object) -> bool:
    """Make xonsh convert whatever else is assigned: that loads the plugins."""
    return value == []


def _fits(setting: Setting, value: object) -> bool:
    from awaitall.errors import UsageError

    try:
        self_running.check_type(setting, value)
    except UsageError:
        return False
    return True


def _is_seconds(value: object) -> bool:
    return isinstance(value, float) and _fits(self_running.SETTINGS["grace"], value)


def _load_plugins(names: object) -> list[str]:
    if not names:
        return []
    from awaitall.errors import UnknownPluginError

    try:
        return self_running.load_plugins(names)
    except UnknownPluginError as exc:
        raise ValueError(str(exc)) from None


def _chosen(setting: Setting, value: object) -> Any:
    self_running.check_type(setting, value)
    return value


def _seconds(value: Any) -> float:
    number = float(value)
    self_running.check_type(self_running.SETTINGS["grace"], number)
    return number


def _type_of(setting: Setting) -> tuple[Any, Any, Any]:
    """Return what xonsh has to know of a variable: whether a value is of its type, what makes it one, and text of it."""
    if isinstance(setting.default, bool):
        return is_bool, to_bool, bool_to_str
    if isinstance(setting.default, float):
        return _is_seconds, _seconds, str
    if setting.choices:
        return partial(_fits, setting), partial(_chosen, setting), str
    return _is_built_in, _runner, str


def _prompt_field() -> str | None:
    """Return the name of the runner in use, with the number of background tasks if there are any; None if await is off."""
    if not get(AUTOAWAIT):
        return None
    if (running := session()) is None:
        return str(get(_RUNNER))
    from awaitall.shells import count_of_tasks

    count = count_of_tasks(running)
    return f"{running.runner} {count}" if count else running.runner
