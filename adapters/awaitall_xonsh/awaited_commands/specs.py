"""The commands of a pipeline as xonsh specifies them, but for two look-ups that take longer than to start a process.

To make strings of the environment, xonsh looks at all variables for each variable that it does not know, and it expands each
folder of ``$PATH`` each time that it looks for a program. Here both are remembered until what they depend on changes, and the
first is done with fewer looks. The process is told the path of its program, which it would look for once more. Names used here
were seen in xonsh 0.23 to 0.25; where they are not there, all is done as xonsh does it.
"""

from __future__ import annotations

import os
from os.path import basename, dirname
from typing import Any

from xonsh.built_ins import XSH
from xonsh.environ import Env, EnvPath, VarPattern
from xonsh.procs import specs
from xonsh.procs.executables import locate_executable
from xonsh.procs.specs import SubprocSpec

from awaitall_xonsh.awaited_commands.process import Process

__all__ = ["quick_specs"]

#: Types of which a value is always the same text.
_CONSTANT = {bool, float, int, str, type(None), type(getattr(Env, "DELETE_VAR", None))}

#: What the strings have been made of, and the strings: those of the shell, and those of the last command that changes some.
_strings: tuple[Any, dict[str, str]] = None, {}
_changed: tuple[Any, dict[str, str]] = None, {}

#: The name of a program -> the folders of ``$PATH``, the states of those on which its location depends, and its location.
_locations: dict[str, tuple[Any, list[Any], str | None]] = {}


class _QuickSpecs:
    def __enter__(self) -> None:
        specs.SubprocSpec = _Spec

    def __exit__(self, *_: object) -> None:
        specs.SubprocSpec = SubprocSpec


class _Spec(SubprocSpec):
    def resolve_binary_loc(self) -> None:
        name = self.cmd[0] if self.alias is None else None if callable(self.alias) else self.alias[0]
        if location := _remembered_location(name):
            self.binary_loc = location
        else:
            super().resolve_binary_loc()

    def prep_env_subproc(self, kwargs: dict[str, Any]) -> None:
        kwargs["env"] = _as_strings(XSH.env, self.env or {})
        name = self.cmd[0]
        if (
            self.cls is Process
            and os.sep not in name
            and basename(self.binary_loc or "") == name
            and "PATH" not in (self.env or ())
        ):
            kwargs["executable"] = self.binary_loc

    def prep_preexec_fn(self, kwargs: dict[str, Any], pipeline_group: int | None = None) -> None:
        if self.cls is not Process:  # which has a process group of its own anyway
            super().prep_preexec_fn(kwargs, pipeline_group)


#: A context manager in which xonsh's ``cmds_to_specs()`` makes objects of a class of ours.
quick_specs = _QuickSpecs()


def _remembered_location(name: Any) -> str | None:
    folders = getattr(XSH.env.get("PATH"), "_l", None)
    if not (isinstance(name, str) and folders):
        return None
    location: str | None
    known_folders, states, location = _locations.get(name, (None, [], None))
    if folders == known_folders and states == [_state(folder) for folder in folders[: len(states)]]:
        return location
    if os.sep in name or any("~" in str(folder) or "$" in str(folder) for folder in folders):
        return None  # it depends on more than that
    states, location = [_state(folder) for folder in folders], locate_executable(name)
    if location and (found := _state(dirname(location))) in states:
        del states[states.index(found) + 1 :]  # what is in the folders behind it makes no difference
    _locations[name] = list(folders), states, location
    return location


def _state(folder: str) -> Any:
    try:
        found = os.stat(folder)
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns


def _as_strings(env: Any, changes: dict[str, Any]) -> dict[str, str]:
    """Return the environment as a program gets it, with some changes; the same object, if nothing has changed since."""
    global _strings, _changed
    try:
        variables, layers = env._vars, [*reversed(env._d.maps), *env._overlay_stack]
    except AttributeError:
        with env.swap(changes):
            return env.detype()  # type: ignore[no-any-return]
    values: dict[str, Any] = {}
    for layer in layers:
        values.update(layer)
    state: list[Any] = [*variables.values(), *map(type, values.values()), values]
    for name, value in values.items():
        if type(value) not in _CONSTANT:
            values[name] = _constant(env, name, value)
    if state != _strings[0]:
        _strings = state, _detype(env)
    if not changes:
        return _strings[1]
    made_of = [state, dict(changes), *map(type, changes.values())]
    if made_of != _changed[0] or not all(type(value) in _CONSTANT for value in changes.values()):
        with env.swap(changes):
            _changed = made_of, _detype(env)
    return _changed[1]


def _detype(env: Any) -> dict[str, str]:
    """Return what ``env.detype()`` does; the patterns that variables may match are looked for once, and not for each."""
    patterns = [value for value in env._d.values() if isinstance(value, VarPattern)]
    patterns += [var.default for name, var in env._vars.items() if isinstance(var.default, VarPattern) and name not in env._d]
    env._find_var_pattern = lambda name: next((pattern.to_var() for pattern in patterns if pattern.match(name)), None)
    try:
        return dict(env.detype())
    finally:
        del env._find_var_pattern


def _constant(env: Any, name: str, value: Any) -> Any:
    """Return what is equal to what it was before, only if the text of a variable is so, too."""
    items = value._l if type(value) is EnvPath else value if type(value) in (list, tuple) else None
    if items is not None and all(type(item) in _CONSTANT for item in items):
        return [*items, *map(type, items)]
    detyper = env.get_detyper(name)
    return detyper and detyper(value)
