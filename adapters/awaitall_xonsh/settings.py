"""The settings of awaitall as xonsh has settings: environment variables, with types and documentation, and a prompt field."""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from xonsh.built_ins import XSH
from xonsh.tools import bool_to_str, is_bool, to_bool

from awaitall.shells import self_running

if TYPE_CHECKING:
    from xonsh.built_ins import XonshSession

    from awaitall import Session
    from awaitall.shells import Settings

__all__ = [
    "AUTOAWAIT",
    "HOLD_OUTPUT",
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
HOLD_OUTPUT = f"{_PREFIX}HOLD_OUTPUT"

#: Variable -> its default and what it is for.
VARIABLES: dict[str, tuple[str | bool, str]] = {
    _RUNNER: ("asyncio", "What runs the code that awaits: asyncio, trio, uvloop, curio, sync, or the runner of a plugin."),
    AUTOAWAIT: (True, "Whether await is allowed outside of functions."),
    f"{_PREFIX}OUTSIDE": (
        False,
        "Whether code that does not await sees no event loop; some libraries refuse to work in one.",
    ),
    f"{_PREFIX}IMPLICIT": (False, "Whether a coroutine that is the value of an input is awaited, as if await stood before it."),
    HOLD_OUTPUT: (True, "Whether what tasks print waits for the end of a program that has the terminal."),
}

#: The variables that a session has, too, where they are called as its attributes, but for the prefix.
_OF_SESSION = [name for name in VARIABLES if name != HOLD_OUTPUT]

#: The variable that names plugins, its default, and what it is for.
PLUGINS = f"{_PREFIX}PLUGINS"
_PLUGINS_DOC = "The plugins of awaitall that are there from the first input on; their names, with spaces between them."

#: Known without a look at the plugins, which takes their import.
_BUILT_IN = frozenset({"asyncio", "curio", "sync", "trio", "uvloop"})

#: Variable -> the value that the session of the shell knows.
_applied: dict[str, Any] = {}


def register(xsh: XonshSession) -> None:
    """Register the variables with xonsh, convert what has been inherited from another process, and add the prompt field."""
    for name, (default, doc) in VARIABLES.items():
        if name == _RUNNER:
            xsh.env.register(name, default=default, doc=doc, validate=_is_built_in, convert=_runner, detype=str)
        else:
            xsh.env.register(name, default=default, doc=doc, validate=is_bool, convert=to_bool, detype=bool_to_str)
    xsh.env.register(PLUGINS, default=[], doc=_PLUGINS_DOC, validate=_is_empty, convert=_load_plugins, detype=" ".join)
    for name in (*VARIABLES, PLUGINS):
        if xsh.env.is_manually_set(name):
            try:
                xsh.env[name] = xsh.env[name]
            except ValueError as exc:
                del xsh.env[name]
                print(f"awaitall: ${name} is {xsh.env[name]!r} now: {exc}", file=sys.stderr)
    xsh.env["PROMPT_FIELDS"]["autoawait"] = _prompt_field


def deregister(xsh: XonshSession) -> None:
    """Undo :func:`register`; what the user has set stays."""
    for name in (*VARIABLES, PLUGINS):
        xsh.env.deregister(name)
    xsh.env["PROMPT_FIELDS"].pop("autoawait", None)


@cache
def know_packages() -> None:
    """Name the packages that a user of xonsh has at hand anyway, which are no sign that a loop is wanted."""
    self_running.know_packages("awaitall_xonsh", "prompt_toolkit", "xonsh", "xontrib")


def get(name: str) -> Any:
    """Return the value of a variable, its default once it is no longer registered."""
    return XSH.env.get(name, VARIABLES[name][0])


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

    given = {_attribute(name): get(name) for name in _OF_SESSION}
    session = new_session(settings=cast("Settings", given), show_failure=_show_failure, kind=XonshSession)
    session.exit_on_termination = False  # xonsh has its own way to end by a signal
    return session


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
    for name in _OF_SESSION:
        value = get(name)
        if value == _applied.setdefault(name, value):
            continue
        if name != _RUNNER:
            setattr(session, _attribute(name), value)
        else:
            try:
                session.use(value)
            except Exception:
                XSH.env[name] = _applied[name]
                raise
        _applied[name] = value


def publish(session: Session) -> None:
    """Bring the variables up to the session of the shell, which a command has changed; a function as runner has no name there."""
    for name in _OF_SESSION:
        value = getattr(session, _attribute(name))
        if value != _applied.get(name):
            with suppress(ValueError):  # from _runner()
                XSH.env[name] = _applied[name] = value


def forget() -> None:
    """Forget what the session of the shell knows, as it has ended."""
    _applied.clear()


def _attribute(name: str) -> str:
    return name.removeprefix(_PREFIX).lower()


def _is_built_in(name: object) -> bool:
    return isinstance(name, str) and name in _BUILT_IN


def _runner(name: object) -> str:
    from awaitall.errors import UnknownRunnerError
    from awaitall.plugins import plugins

    try:
        return plugins().runner(str(name)).name
    except UnknownRunnerError as exc:
        raise ValueError(str(exc)) from None


def _is_empty(value: object) -> bool:
    """Make xonsh convert whatever else is assigned: that loads the plugins."""
    return value == []


def _load_plugins(names: object) -> list[str]:
    if not names:
        return []
    from awaitall.errors import UnknownPluginError

    try:
        return self_running.load_plugins(names)
    except UnknownPluginError as exc:
        raise ValueError(str(exc)) from None


def _prompt_field() -> str | None:
    """Return the name of the runner in use, with the number of background tasks if there are any; None if await is off."""
    if not get(AUTOAWAIT):
        return None
    if (running := session()) is None:
        return str(get(_RUNNER))
    from awaitall.errors import AwaitallError

    try:
        count = running.count_tasks()
    except AwaitallError:  # no tasks on this runner
        count = 0
    return f"{running.runner} {count}" if count else running.runner
