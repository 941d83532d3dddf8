"""Start bpython with an interpreter that awaits."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import bpython.curtsies
import bpython.curtsiesfrontend.repl

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> Any:
    """Run bpython's own ``main`` with its arguments; returns the exit status, as that does.

    The class is put where bpython looks it up, rather than handed over as an instance: bpython rewinds fully only with an
    interpreter that it has made by itself.
    """
    from awaitall_bpython.interp import AwaitInterp

    for module in (bpython.curtsies, bpython.curtsiesfrontend.repl):
        if not hasattr(module, "Interp"):
            print("awaitall: this bpython is not known, so top-level await stays off: pip install -U awaitall", file=sys.stderr)
            break
    else:
        bpython.curtsies.Interp = bpython.curtsiesfrontend.repl.Interp = AwaitInterp
    status = bpython.curtsies.main(None if argv is None else list(argv))
    # bpython 0.26 hands on the arguments of SystemExit as a tuple, which sys.exit() would print instead of returning it.
    return status[0] if isinstance(status, tuple) and len(status) == 1 else status or None
