"""Undo and reload: bpython runs its history once more, with a new interpreter."""

from __future__ import annotations

import sys
from typing import Any

from awaitall.shells import RUNTIME_PACKAGES

__all__ = ["close_session_before_replay", "keep_modules_on_reload"]


def close_session_before_replay(repl: Any) -> None:
    """Wrap the replay of the history: what its first run has left running ends before, and a new session begins."""
    original = repl.reevaluate

    def reevaluate(*args: Any, **kwargs: Any) -> None:
        if stuck := repl.interp.session.close():
            repl.status_bar.message(f"awaitall: left behind, as they would not end: {', '.join(stuck)}")
        repl.interp.renew()
        original(*args, **kwargs)

    repl.reevaluate = reevaluate


def keep_modules_on_reload(repl: Any) -> None:
    """Wrap reload, which forgets all modules that were imported since the start: it keeps ours, and the libraries we run."""
    original = repl.clear_modules_and_reevaluate

    def clear_modules_and_reevaluate() -> None:
        for name in list(sys.modules):
            top = name.partition(".")[0]
            if top in RUNTIME_PACKAGES or top.startswith("awaitall"):
                repl.original_modules.add(name)
        original()

    repl.clear_modules_and_reevaluate = clear_modules_and_reevaluate
