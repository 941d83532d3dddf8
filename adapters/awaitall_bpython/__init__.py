"""Top-level ``await`` in bpython: start it with ``python -m awaitall_bpython``, or call :func:`enable` from PYTHONSTARTUP."""

from __future__ import annotations

__all__ = ["enable"]


def enable() -> None:
    """Let the running bpython await; twice is as good as once, and in any other shell it does nothing.

    Meant for the file that PYTHONSTARTUP names: ``import awaitall_bpython; awaitall_bpython.enable()``.
    """
    from awaitall_bpython.wiring import live_repl, wire

    if (repl := live_repl()) is not None:
        wire(repl)
