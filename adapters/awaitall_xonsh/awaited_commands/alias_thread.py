"""An alias in a pipeline that is awaited. It is a function, which cannot be awaited, so it runs in a thread."""

from __future__ import annotations

import sys
import threading
from typing import Any

from xonsh.procs.proxies import STDERR_DISPATCHER, STDOUT_DISPATCHER, ProcProxyThread

__all__ = ["AliasThread"]


class AliasThread(ProcProxyThread):
    """An alias that is a function, in a thread.

    xonsh puts its dispatchers in place of ``sys.stdout`` and ``sys.stderr`` meanwhile, and what it found there back in the end,
    which leaves the wrong things behind where several threads overlap. So they are in place before the first and after the last.
    """

    _lock = threading.Lock()
    _count = 0
    _found: tuple[Any, Any]

    def run(self) -> None:
        """Call the function; whatever becomes of it, those who read from it come to an end."""
        cls = AliasThread
        with cls._lock:
            if cls._count == 0:
                cls._found = sys.stdout, sys.stderr
                STDOUT_DISPATCHER.default, STDERR_DISPATCHER.default = cls._found
                sys.stdout, sys.stderr = STDOUT_DISPATCHER, STDERR_DISPATCHER
            cls._count += 1
        try:
            super().run()
        finally:
            for channel in self._wait_and_getattr("spec").pipe_channels:
                channel.close_writer()
            with cls._lock:
                cls._count -= 1
                if cls._count == 0:
                    sys.stdout, sys.stderr = cls._found
