"""Keep the text of recent inputs where tracebacks look for it, under a name of its own for each input."""

from __future__ import annotations

import io
import linecache
from collections import deque
from itertools import count

__all__ = ["next_filename", "register_source", "split_lines"]

#: How many inputs are kept; about 0.25 KiB each for ordinary ones. Older inputs show no source line in tracebacks.
LIMIT = 1000

_numbers = count(1)
_kept: deque[str] = deque()


def next_filename() -> str:
    """Return a filename that no other input of this process has: ``<input-1>``, ``<input-2>`` and so on."""
    return f"<input-{next(_numbers)}>"


def register_source(filename: str, source: str) -> None:
    """Store the lines of ``source`` for tracebacks of code compiled under ``filename``.

    An entry without a modification time survives ``linecache.checkcache()`` (Lib/linecache.py), which ``traceback`` calls.
    """
    if len(_kept) >= LIMIT:
        linecache.cache.pop(_kept.popleft(), None)
    _kept.append(filename)
    linecache.cache[filename] = (len(source), None, split_lines(source), filename)


def split_lines(source: str) -> list[str]:
    """Split a text where Python's tokenizer does, and not at a form feed as ``str.splitlines``; each line ends in a newline."""
    if source.isprintable():  # one line, as most inputs are
        return [source + "\n"]
    return [line.rstrip("\n") + "\n" for line in io.StringIO(source, newline=None)]
