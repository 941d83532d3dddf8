"""The commands of a pipeline as xonsh specifies them, but for how they get their environment and where their program is.

To make strings of the environment, xonsh looks at all of its variables once for each that it does not know, in search of patterns
such as ``*PATH``, which takes longer than to start a process. Here the patterns are collected first. Names used here were seen in
xonsh 0.23 to 0.25; where they are not there, all is done as xonsh does it.
"""

from __future__ import annotations

from os.path import basename
from typing import Any

from xonsh.built_ins import XSH
from xonsh.environ import VarPattern
from xonsh.procs.specs import SubprocSpec

__all__ = ["Spec"]


class Spec(SubprocSpec):
    """The class that a command is given before it is started."""

    def prep_env_subproc(self, kwargs: dict[str, Any]) -> None:
        """Put what :class:`~awaitall_xonsh.awaited_commands.process.Process` takes into ``kwargs``."""
        with XSH.env.swap(self.env) as env:
            kwargs["env"] = _as_strings(env)
        if self.binary_loc and basename(self.binary_loc) == basename(self.cmd[0]):
            kwargs["found"] = self.cmd[0]


def _as_strings(env: Any) -> dict[str, str]:
    try:
        variables, values, overlays = env._vars, dict(env._d), env._overlay_stack
    except AttributeError:
        overlays = True
    if overlays:
        return env.detype()  # type: ignore[no-any-return]
    defaults = (var.default for name, var in variables.items() if name not in values)
    patterns = [value for value in (*values.values(), *defaults) if isinstance(value, VarPattern)]
    masked = getattr(env, "DELETE_VAR", patterns)  # the value of what is not to be there; new in xonsh 0.25
    strings = {}
    for name, value in values.items():
        if type(value) is str and name not in variables and not any(pattern.match(name) for pattern in patterns):
            strings[name] = value
        elif value is not masked and (detyper := env.get_detyper(name)) and (text := detyper(value)) is not None:
            strings[name] = text
    return strings
