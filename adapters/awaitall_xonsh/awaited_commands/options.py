"""How commands that are awaited are run: where, with which environment, how long."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from awaitall.errors import UsageError

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping

__all__ = ["Options", "command_options", "current"]


@dataclass(frozen=True, slots=True)
class Options:
    """What :func:`command_options` takes."""

    cwd: str | os.PathLike[str] | None = None
    env: Mapping[str, Any] | None = None
    timeout: float | None = None
    grace: float = 2.0

    def changed(self, changes: dict[str, Any], *others: str) -> Options:
        """Return these options with some changed; the environment is added to.

        Args:
            changes: Name -> value.
            *others: Names of options that are none of these.

        Raises:
            UsageError: there is no option of such a name.
        """
        names = [field.name for field in fields(self)]
        for name in changes:
            if name not in names:
                raise UsageError(f"Commands have no option {name!r}; there are: {', '.join(sorted([*names, *others]))}.")
        if "env" in changes:
            changes = {**changes, "env": {**(self.env or {}), **(changes["env"] or {})}}
        return replace(self, **changes)


_DEFAULT = Options()

_options: ContextVar[Options] = ContextVar("options of commands")


def current() -> Options:
    """Return the options of the current task."""
    return _options.get(_DEFAULT)


@contextmanager
def command_options(**options: Any) -> Iterator[None]:
    """Set options for the commands that are awaited in a block, by this task and by the tasks that it starts there.

    Args:
        **options: ``cwd``, the folder where programs run, a ``str`` or path. ``env``, a mapping of environment variables that are
            added to those of the shell. ``timeout``, the seconds after which a command is cancelled and raises TimeoutError.
            ``grace``, the seconds between SIGTERM and SIGKILL when a command is cancelled; 2 if it is not given.

    Raises:
        UsageError: there is no such option.
    """
    token = _options.set(current().changed(options))
    try:
        yield
    finally:
        _options.reset(token)
