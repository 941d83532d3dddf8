"""Top-level ``await`` in ptpython: ``from awaitall_ptpython import configure`` is all that config.py needs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Unpack

    from ptpython.python_input import PythonInput

    from awaitall.shells import Settings

__all__ = ["configure", "configure_after", "disable", "enable", "run_files"]


def enable(repl: PythonInput, **settings: Unpack[Settings]) -> None:
    """Make a ptpython prompt await.

    Call it from your own ``configure(repl)`` in config.py, or pass it as ``embed(configure=enable)``; twice is as good as once,
    and the settings of the second call are added to those of the first.
    In ptipython it does nothing, as IPython awaits by itself. A ptpython it does not know costs one line and stays as it is.

    Args:
        repl: What ptpython hands to ``configure``.
        settings: As in ``enable(repl, runner="trio")``; see :class:`awaitall.shells.Settings`. A wrong one costs one line.
    """
    from awaitall.shells import say_off

    try:
        from ptpython.repl import PythonRepl

        from awaitall_ptpython.repl import AwaitRepl, missing_names, replaced_names

        if isinstance(repl, AwaitRepl):
            repl.set_up(settings)
        elif not isinstance(repl, PythonRepl):
            pass
        elif missing := missing_names(repl):
            say_off(f"this ptpython has no {missing[0]}, and 3.0.24 or newer is needed", "pip install -U ptpython")
        elif replaced := replaced_names(repl):
            cure = "call enable(repl) before that, or override it in a class"
            say_off(f"{replaced[0]} of this ptpython has been replaced", cure)
        else:
            AwaitRepl.swap_in(repl, settings)
    except Exception as exc:
        say_off(f"this ptpython is not known ({exc})")


def disable(repl: PythonInput) -> None:
    """Make a prompt again what it was before :func:`enable`, and end its background tasks."""
    from awaitall_ptpython.repl import AwaitRepl

    if isinstance(repl, AwaitRepl):
        repl.swap_out()


configure = enable


def configure_after(theirs: Callable[[PythonInput], object] | None) -> Callable[[PythonInput], None]:
    """Return a ``configure`` that calls the user's, if there is one, and then :func:`enable`.

    What ``awaitall enable ptpython`` writes into config.py calls this.
    """

    def configured(repl: PythonInput) -> None:
        if theirs is not None:
            theirs(repl)
        enable(repl)

    return configured


def run_files(repl: PythonInput, paths: Iterable[str | os.PathLike[str]]) -> None:
    """Run files that may await, in a prompt that :func:`enable` has made await; an error is shown as that of an input."""
    from awaitall_ptpython.repl import AwaitRepl

    if isinstance(repl, AwaitRepl):
        for path in paths:
            repl.run_file(os.fspath(path))
