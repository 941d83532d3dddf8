"""The bpython that runs in this process, and the patches on it."""

from __future__ import annotations

import sys
from operator import attrgetter
from typing import Any

from awaitall_bpython.patches import PATCHES

__all__ = ["attach", "live_repl"]


def live_repl() -> Any:
    """Return the bpython into which user code of this process is typed, or None. It is reached by its stand-in for stdin."""
    return getattr(sys.stdin, "repl", None) if type(sys.stdin).__module__.startswith("bpython.") else None


def attach(repl: Any) -> None:
    """Apply the patches to a live bpython, once; print one line about those that it lacks the names for."""
    if getattr(repl, "_awaitall", False):
        return
    repl._awaitall = True
    missing = []
    for patch in PATCHES:
        try:
            attrgetter(*patch.needs)(repl)
        except AttributeError as exc:
            missing.append(str(exc))
        else:
            patch.apply(repl)
    if missing:
        print(f"awaitall: await works, but this bpython lacks what goes with it: {'; '.join(missing)}", file=sys.stderr)
