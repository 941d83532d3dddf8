"""Top-level ``await`` in bpython: start it with ``python -m awaitall_bpython``, or call :func:`enable` from PYTHONSTARTUP."""

from __future__ import annotations

import atexit
import sys
import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Unpack

    from awaitall.shells import Settings

__all__ = ["embed", "enable"]


def enable(**settings: Unpack[Settings]) -> None:
    """Make the running bpython await; twice is as good as once, and in any other shell it does nothing.

    Meant for the file that PYTHONSTARTUP names: ``import awaitall_bpython; awaitall_bpython.enable()``. Plain python and
    ptpython read that file too: there this imports nothing, and bpython need not even be installed.

    Args:
        settings: As in ``enable(runner="trio")``; see :class:`awaitall.shells.Settings`. A wrong one costs one line.
    """
    if "bpython" not in sys.modules:
        return
    try:
        from awaitall_bpython.interp import close_sessions
        from awaitall_bpython.live import live_repl
        from awaitall_bpython.wiring import wire

        if (repl := live_repl()) is not None:
            wire(repl, settings)
    except Exception as exc:
        from awaitall.shells import say_off

        say_off(f"this bpython is not known ({exc})")
        return
    if repl is not None:
        # Python calls what was registered last first. The finalizers of event loops register with the first one (Lib/weakref.py).
        weakref.finalize(repl, bool)
        atexit.register(close_sessions)  # for an end by a signal, of which bpython tells nobody


def embed(
    locals_: dict[str, Any] | None = None,
    args: Sequence[str] = ("-i", "-q"),
    banner: str | None = None,
    **settings: Unpack[Settings],
) -> Any:
    """Open a bpython that awaits inside a program, as ``bpython.embed()`` opens one; return when the user leaves it.

    Args:
        locals_: The names that the inputs see and bind; a fresh ``__main__`` where omitted.
        args: bpython's own options.
        banner: What is printed first.
        settings: As for :func:`enable`.

    Returns:
        What the user has given to ``exit()``, or None.

    Raises:
        SystemExit: bpython is not installed.
    """
    from awaitall_bpython.launcher import main

    return main(list(args), locals_, banner, settings)
