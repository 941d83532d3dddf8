"""Top-level ``await`` in bpython: start it with ``python -m awaitall_bpython``, or call :func:`enable` from PYTHONSTARTUP."""

from __future__ import annotations

import atexit
import sys
import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Unpack

    from awaitall.settings import Settings

__all__ = ["enable"]


def enable(**settings: Unpack[Settings]) -> None:
    """Let the running bpython await; twice is as good as once, and in any other shell it does nothing.

    Meant for the file that PYTHONSTARTUP names: ``import awaitall_bpython; awaitall_bpython.enable()``. Plain python and
    ptpython read that file too: there this imports nothing, and bpython need not even be installed.

    Args:
        settings: As in ``enable(runner="trio")``; see :class:`awaitall.settings.Settings`. A wrong one costs one line.
    """
    if "bpython" not in sys.modules:
        return
    try:
        from awaitall_bpython.interp import close_sessions
        from awaitall_bpython.wiring import live_repl, wire
    except ImportError as exc:
        say_off(exc)
        return
    if (repl := live_repl()) is not None:
        wire(repl, settings)
        # Python calls what was registered last first. The finalizers of event loops register with the first one (Lib/weakref.py).
        weakref.finalize(repl, bool)
        atexit.register(close_sessions)  # for an end by a signal, of which bpython tells nobody


def say_off(reason: Exception) -> None:
    """Tell in one line that bpython goes on without await."""
    print(f"awaitall: this bpython is not known ({reason}), so await stays off: pip install -U awaitall", file=sys.stderr)
