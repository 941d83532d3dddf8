"""What ``xontrib load awaitall`` finds where xonsh does not look at entry points."""

from __future__ import annotations

from awaitall_xonsh import _load_xontrib_, _unload_xontrib_

__all__ = ["_load_xontrib_", "_unload_xontrib_"]
