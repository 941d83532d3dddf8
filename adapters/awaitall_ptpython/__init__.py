"""Top-level ``await`` in ptpython: ``from awaitall_ptpython import configure`` is all that config.py needs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Unpack

    from ptpython.python_input import PythonInput

    from awaitall.settings import Settings

__all__ = ["configure", "disable", "enable"]


def enable(repl: PythonInput, **settings: Unpack[Settings]) -> None:
    """Let a ptpython prompt await.

    Call it from your own ``configure(repl)`` in config.py, or pass it as ``embed(configure=enable)``; twice is as good as once,
    and the settings of the second call are added to those of the first.
    In ptipython it does nothing, as IPython awaits by itself. A ptpython it does not know costs one line and stays as it is.

    Args:
        repl: What ptpython hands to ``configure``.
        settings: As in ``enable(repl, runner="trio")``; see :class:`awaitall.settings.Settings`. A wrong one costs one line.
    """
    from ptpython.repl import PythonRepl

    from awaitall_ptpython.repl import AwaitRepl, missing_names, replaced_names

    if not isinstance(repl, PythonRepl):
        return
    if isinstance(repl, AwaitRepl):
        repl.set_up(settings)
        return
    if missing := missing_names(repl):
        print(
            f"awaitall: this ptpython has no {missing[0]}, so top-level await stays off; 3.0.24 or newer is needed: "
            "pip install -U ptpython",
            file=sys.stderr,
        )
        return
    if replaced := replaced_names(repl):
        print(
            f"awaitall: {replaced[0]} of this ptpython has been replaced, so top-level await stays off; "
            "call enable(repl) before that, or override it in a class",
            file=sys.stderr,
        )
        return
    AwaitRepl.swap_in(repl, settings)


def disable(repl: PythonInput) -> None:
    """Make a prompt again what it was before :func:`enable`, and end its background tasks."""
    from awaitall_ptpython.repl import AwaitRepl

    if isinstance(repl, AwaitRepl):
        repl.swap_out()


configure = enable
