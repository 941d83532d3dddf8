"""What awaitall knows about xonsh. It loads the xontrib by itself, so it imports nothing of this."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from awaitall import ShellSpec, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["awaitall_shells"]

_UNWIRE = "In a session: xontrib unload awaitall. For good, in rc.xsh: $XONTRIBS_AUTOLOAD_DISABLED = ['awaitall']"


@hookimpl
def awaitall_shells() -> Iterator[ShellSpec]:
    """Offer xonsh."""
    yield ShellSpec(
        "xonsh",
        "xonsh, with all of its own options",
        _start,
        package="xonsh",
        versions=">=0.23,<0.26",
        is_wired=_is_wired,
        wire="Nothing is to be done: xonsh loads the xontrib awaitall by itself. In a session: xontrib load awaitall",
        unwire=_UNWIRE,
    )


def _start(arguments: Sequence[str]) -> object:
    try:
        from xonsh.main import main
    except ImportError as exc:
        return f"awaitall: xonsh cannot be started ({exc}): pip install 'awaitall[xonsh]'"
    status: object = main(list(arguments))
    return status


def _is_wired() -> bool:
    disabled = os.environ.get("XONTRIBS_AUTOLOAD_DISABLED", "")
    return disabled.lower() not in ("1", "true", "yes") and "awaitall" not in disabled
