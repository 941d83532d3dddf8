"""Open one of the shells that plugins offer inside a program."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from awaitall.errors import UnsupportedError
from awaitall.threads import in_main_thread

if TYPE_CHECKING:
    from typing import Unpack

    from awaitall.contracts import ShellSpec
    from awaitall.settings import Settings

__all__ = ["embed"]


def embed(
    shell: str | None = None,
    *,
    banner: str | None = None,
    namespace: dict[str, Any] | None = None,
    **settings: Unpack[Settings],
) -> Any:
    """Open a shell on the names of the code that calls this; return when the user leaves it.

    Inputs see the caller's globals and locals. In a module, what they bind is bound there. In a function, what they bind are
    local names: since Python 3.13 the caller's own variables (PEP 667), before that copies. Functions and classes that are
    defined in the shell see globals alone, as those that ``exec()`` defines; bpython has one namespace, a copy of both.

    Args:
        shell: The name of a shell; where omitted, one that the user has set up to await, else the console.
        banner: What is printed first.
        namespace: What the inputs see instead, and where they bind names.
        settings: As in ``embed(runner="trio")``; see :class:`awaitall.shells.Settings`. A wrong one costs one line.

    Returns:
        What the user has left with, if the shell tells that; else None.

    Raises:
        UnknownShellError: no shell has this name. UnsupportedError: it cannot be opened inside a program.
    """
    spec = _chosen(shell)
    frame = sys._getframe(1)
    scope = (frame.f_globals, frame.f_locals) if namespace is None else (namespace, namespace)
    del frame  # else it would be kept until the shell ends
    if not in_main_thread():
        print("awaitall: this is not the main thread, so Ctrl-C does not come here", file=sys.stderr)
    assert spec.embed is not None
    return spec.embed(*scope, banner, settings)


def _chosen(name: str | None) -> ShellSpec:
    from awaitall.plugins import plugins

    registry = plugins()
    registry.load()
    able = {spec.name: spec for spec in registry.shells().values() if spec.embed is not None}
    if name is not None:
        spec = registry.shell(name)
        if spec.embed is None:
            raise UnsupportedError(f"{name} cannot be opened inside a program; these can: {', '.join(sorted(able))}.")
        return spec
    if sys.stdin is not None and sys.stdin.isatty():
        for spec in able.values():
            if spec.package is not None and spec.installed and spec.is_wired():
                return spec
    return next(spec for spec in able.values() if spec.package is None)
