"""Which thread is this?

The module ``threading`` answers for greenlets once gevent's ``monkey.patch_all()`` has run, and what was noted before then is of
no thread any more. So Python's own functions are kept here.
"""

from __future__ import annotations

import threading
from _thread import get_ident

__all__ = ["can_start", "get_ident", "in_main_thread"]

_MAIN = threading.main_thread().ident


def in_main_thread() -> bool:
    """Report whether the code that calls this runs on the main thread, the one that handles signals."""
    return get_ident() == _MAIN


def can_start() -> bool:
    """Report whether ``threading.Thread`` starts a thread, and not one of gevent's greenlets, which wait for this thread."""
    return threading.get_ident is get_ident
