"""Where settings come from that last: one file of the user's, and environment variables above it.

Every shell looks for the file at its start, and platformdirs is not there for every shell: so its answer is computed here, and a
test compares the two. A shell without the file pays for a look at the file system, and imports nothing.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from functools import cache
from reprlib import repr as short_repr
from typing import TYPE_CHECKING, Any, NamedTuple

from awaitall.errors import AwaitallError, UsageError
from awaitall.settings import SETTINGS, check_type, known, settled

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

    from awaitall.settings import Setting

__all__ = ["Found", "config_directory", "configured", "file_path", "found", "read"]

#: So many lines are told about one file; the rest is counted.
_MANY = 5

_WORDS = {"1": True, "on": True, "true": True, "yes": True, "0": False, "off": False, "false": False, "no": False}


class Found(NamedTuple):
    """The value of a setting, and where it stands: ``"/home/me/.config/awaitall/config.toml:3"``, ``"AWAITALL_RUNNER"``."""

    value: object
    origin: str


def config_directory(application: str, author: str | None = None) -> str:
    """Return the directory for the configuration of an application, as ``platformdirs.user_config_dir()`` names it.

    Args:
        author: Part of the path on Windows; the name of the application where omitted.
    """
    if sys.platform == "win32":
        home = os.environ.get("LOCALAPPDATA") or os.path.expanduser(r"~\AppData\Local")
        return os.path.join(home, author or application, application)
    own = os.environ.get("XDG_CONFIG_HOME", "").strip()
    default = "~/Library/Application Support" if sys.platform == "darwin" else "~/.config"
    return os.path.join(own or os.path.expanduser(default), application)


def file_path() -> str:
    """Return the path of the file, which need not be there."""
    return os.path.join(config_directory("awaitall"), "config.toml")


def configured(but: Container[str] = ()) -> dict[str, Found]:
    """Return the settings of the user that a session can take; each of the others costs one line, once in a process.

    Args:
        but: Names that are set otherwise; nothing is looked up for them.
    """
    usable = {}
    for name, (value, origin) in list(found().items()):
        if name not in but:
            try:
                usable[name] = Found(settled(name, value), origin)
            except (AwaitallError, TypeError) as exc:
                del found()[name]
                _say(f"{_told(name, value, origin)}: {exc}")
    return usable


@cache
def found() -> dict[str, Found]:
    """Return what :func:`read` returned when this was first called; what is wrong with it has been told on standard error."""
    return read(_say)


def read(complain: Callable[[str], object]) -> dict[str, Found]:
    """Return the settings in the file and in the environment, as far as their types fit; no runner or plugin is looked up.

    Args:
        complain: Called with a line about each thing that is left out.
    """
    return {**_in_file(file_path(), complain), **_in_environment(os.environ, complain)}


def _say(text: str) -> None:
    print(f"awaitall: {text}", file=sys.stderr)


def _told(name: str, value: object, origin: str) -> str:
    return (
        f"{origin}={value!r} is left out"
        if origin.startswith("AWAITALL_")
        else f"{origin}: {name}={short_repr(value)} is left out"
    )


def _in_file(path: str, complain: Callable[[str], object]) -> dict[str, Found]:
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise OSError("it is no file")  # to open a pipe would wait for whoever writes
        with open(path, "rb") as file:
            data = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as exc:
        complain(f"{path} cannot be read, so its settings are left out: {exc.strerror or exc}")
        return {}
    try:
        import tomllib

        text = data.decode("utf-8-sig")
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as exc:  # UnicodeDecodeError and TOMLDecodeError are a ValueError
        complain(f"{path} is no TOML, so its settings are left out: {' '.join(str(exc).split())}")
        return {}
    good, wrong = _sorted_out(path, text, content)
    for line in wrong[:_MANY]:
        complain(line)
    if len(wrong) > _MANY:
        complain(f"{path}: {len(wrong) - _MANY} more are left out")
    return good


def _sorted_out(path: str, text: str, content: Mapping[str, Any]) -> tuple[dict[str, Found], list[str]]:
    good, wrong = {}, []
    for name, value in content.items():
        origin = f"{path}:{_line_of(name, text)}"
        try:
            setting = known(name)
            check_type(setting, value)
        except UsageError as exc:
            wrong.append(f"{_told(name, value, origin)}: {exc}")
        else:
            good[name] = Found(float(value) if isinstance(setting.default, float) else value, origin)
    return good, wrong


def _line_of(key: str, text: str) -> int:
    """Return the number of the line on which a key of a TOML file begins; the parser does not tell."""
    begun = re.search(rf"""(?m)^[ \t\[]*["']?{re.escape(key)}["']?[ \t]*[]=.]""", text)
    return 1 if begun is None else text.count("\n", 0, begun.end()) + 1


def _in_environment(environment: Mapping[str, str], complain: Callable[[str], object]) -> dict[str, Found]:
    good = {}
    for setting in SETTINGS.values():
        if text := environment.get(setting.variable):  # one that is empty counts as not set
            try:
                value = _parsed(setting, text)
                check_type(setting, value)
            except ValueError:
                complain(f"{setting.variable}={text!r} is left out: The setting {setting.name!r} is {setting.type_words}.")
            else:
                good[setting.name] = Found(value, setting.variable)
    for name in environment:
        key = name.removeprefix("AWAITALL_").lower()
        if name.startswith("AWAITALL_") and key not in SETTINGS:
            from awaitall.plugin_manager import closest

            if hint := closest(key, SETTINGS):  # others may have variables of their own
                complain(f"{name} is left out: no setting is called {key!r}. {hint}")
    return good


def _parsed(setting: Setting, text: str) -> Any:
    """Return the value in the text of a variable; raises ValueError."""
    if isinstance(setting.default, bool):
        return _WORDS.get(text.lower())
    if isinstance(setting.default, float):
        return float(text)
    return text.replace(",", " ").split() if isinstance(setting.default, list) else text
