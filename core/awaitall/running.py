"""Which asynchronous library is running already?"""

from __future__ import annotations

import sys

__all__ = ["running_library"]


def running_library() -> str | None:
    """Name the library that runs the code that calls this, if any; none is imported for it."""
    if (asyncio := sys.modules.get("asyncio")) and asyncio._get_running_loop() is not None:
        return "asyncio"
    if (trio := sys.modules.get("trio")) and trio.lowlevel.in_trio_task():
        return "trio"
    if (curio := sys.modules.get("curio")) and curio.meta.curio_running():
        return "curio"
    return None
