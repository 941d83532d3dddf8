"""What awaitall knows about xonsh. It loads the xontrib by itself, so it imports nothing of this."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

from awaitall import ShellSpec, hookimpl
from awaitall.shells import cannot_start, first_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["awaitall_shells"]

#: For rc.xsh, which is read before xonsh loads xontribs by itself.
_DISABLING = """\
if $XONTRIBS_AUTOLOAD_DISABLED is not True:
    $XONTRIBS_AUTOLOAD_DISABLED = [*($XONTRIBS_AUTOLOAD_DISABLED or []), "awaitall"]
"""

_DISABLED = re.compile(r"(?m)^[ \t]*\$XONTRIBS_AUTOLOAD_DISABLED[ \t]*=.*(?:awaitall|True)")


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
        wire="In a session: xontrib load awaitall. For good: awaitall enable xonsh, with XONTRIBS_AUTOLOAD_DISABLED not set",
        unwire="In a session: xontrib unload awaitall. For good: awaitall disable xonsh",
        requirement="'awaitall[xonsh]'",
        configuration=_configuration,
        disabling=_DISABLING,
    )


def _start(arguments: Sequence[str]) -> object:
    try:
        from xonsh.main import main
    except ImportError as exc:
        return cannot_start("xonsh", exc)
    from xonsh.events import events

    events.on_post_init(_load)
    status: object = main(list(arguments))
    return status


def _load(**_: object) -> None:
    """Load the xontrib where xonsh has not done so by itself: started with ``--no-rc``, or told not to."""
    if "awaitall_xonsh.wiring" not in sys.modules:  # xonsh takes a xontrib for loaded whose package is imported, as here
        from xonsh.xontribs import xontribs_load

        xontribs_load(["awaitall"])
    if names := first_names():
        from awaitall_xonsh.running import begin_with

        begin_with(names)


def _configuration() -> str:
    """Return the path of rc.xsh, which scripts read, too.

    It is the same on every system (``default_xonshrc`` and ``xonsh_config_dir`` in xonsh's environ.py, seen in 0.23 to 0.25).
    """
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser(os.path.join("~", ".config"))
    return os.path.join(os.environ.get("XONSH_CONFIG_DIR") or os.path.join(home, "xonsh"), "rc.xsh")


def _is_wired() -> bool:
    disabled = os.environ.get("XONTRIBS_AUTOLOAD_DISABLED", "")
    if disabled.lower() in ("1", "true", "yes") or "awaitall" in disabled:
        return False
    try:
        with open(_configuration(), encoding="utf-8", errors="replace") as file:
            return _DISABLED.search(file.read()) is None
    except OSError:
        return True
