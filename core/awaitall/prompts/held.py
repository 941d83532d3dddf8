"""What is written while a prompt waits is held back, until it can be shown above the line being typed, in whole lines."""

from __future__ import annotations

import atexit
import io
import os
import re
import sys
import threading
from contextlib import suppress
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from awaitall.system import blocking_kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_Text = TypeVar("_Text", str, bytes)

__all__ = ["HeldLines", "HeldStreams", "without_overwritten"]

#: What a line shows no more: all before the last carriage return with something behind it.
_OVERWRITTEN = r"(?m)^[^\n]*\r(?=[^\r\n])"


def without_overwritten(text: _Text) -> _Text:
    """Return text, or bytes, without what its lines show no more, as a progress bar writes them over and over again."""
    if isinstance(text, str):
        return re.sub(_OVERWRITTEN, "", text)
    return re.sub(_OVERWRITTEN.encode(), b"", text)


class HeldLines:
    """What has been written and not been shown: whole lines in their order, and the line that is begun at each place.

    A place is whatever the caller tells writers apart by. All that is written to one place is either text or bytes.
    """

    def __init__(self) -> None:
        self._whole: list[tuple[Any, Any]] = []
        self._begun: dict[Any, list[Any]] = {}

    def add(self, place: Any, text: Any) -> None:
        """Hold text back. Of a line that is written over again and again, as a progress bar, only the last state is kept."""
        empty = text[:0]
        newline, carriage_return = ("\n", "\r") if isinstance(text, str) else (b"\n", b"\r")
        pieces = self._begun.setdefault(place, [])
        if newline not in text and carriage_return not in text:
            pieces.append(text)
            return
        text = without_overwritten(empty.join([*pieces, text]))
        whole, newline, begun = text.rpartition(newline)
        if newline:
            self._whole.append((place, whole + newline))
        pieces[:] = [begun]

    def take(self) -> list[tuple[Any, Any]]:
        """Return the whole lines, as pairs of a place and text, and forget them."""
        whole, self._whole = self._whole, []
        return whole

    def take_all(self) -> list[tuple[Any, Any]]:
        """As :meth:`take`, with the lines that are only begun; each gets an end."""
        for place, pieces in self._begun.items():
            if any(pieces):
                self.add(place, "\n" if isinstance(pieces[0], str) else b"\n")
        return self.take()

    def begun(self) -> dict[Any, list[Any]]:
        """Return the lines that are only begun, in their pieces, by their places."""
        return {place: list(pieces) for place, pieces in self._begun.items()}

    def take_begun(self, begun: dict[Any, list[Any]]) -> list[tuple[Any, Any]]:
        """As :meth:`take`, but of these lines that were begun those that nobody has gone on with; they get no end."""
        still = [place for place, pieces in begun.items() if self._begun[place] == pieces]
        return [(place, piece) for place in still for piece in self._begun.pop(place)]

    def __bool__(self) -> bool:
        """Report whether there are whole lines."""
        return bool(self._whole)


class HeldStreams:
    """The standard streams as they are while a prompt waits: what is written to the terminal by them is held back.

    From :meth:`begin` to :meth:`end` the stream objects have a ``write`` of their own. So it makes no difference by which name
    somebody knows them, and since when: a handler of ``logging`` keeps the stream that it found when it was made. Their buffers
    have a ``write``, too, for bytes, and for a method of the stream that somebody has kept. ``sys.stdout`` and ``sys.stderr``
    stay what they are, and anybody may replace them meanwhile.

    Args:
        tell: Called in the thread that has written, whenever something has been held back; other writers wait meanwhile.
        passes: Whether what the thread that calls this writes right now is to pass, as it is the prompt's own.
    """

    def __init__(self, tell: Callable[[], object], passes: Callable[[], bool]) -> None:
        self._tell = tell
        self._passes = passes
        self._lines = HeldLines()
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._over = False
        self._put: list[tuple[Any, Any, Any]] = []
        self._begun_before: dict[Any, list[Any]] = {}

    def begin(self) -> None:
        """Hold back from now on what is written, at most until the process ends."""
        atexit.register(self.end)
        for stream in _terminals():
            buffer = stream.buffer
            place = _Place(buffer.write, buffer.flush, buffer.fileno())
            self._put_on(stream, self._write_text(stream, place))
            self._put_on(buffer, self._write_bytes(place))
            with suppress(OSError, ValueError):  # the terminal is gone
                stream.flush()  # to ours: another thread may be about to write the rest of the line
        self._begun_before = self._lines.begun()

    def _put_on(self, owner: Any, ours: Any) -> None:
        self._put.append((owner, vars(owner).get("write"), ours))
        owner.write = ours

    def _write_text(self, stream: Any, place: _Place) -> Callable[[str], Any]:
        theirs = stream.write

        def write(text: str) -> Any:
            if self._lets_pass():
                return theirs(text)
            stream.flush()  # to ours, what has been written by a method of the stream that somebody has kept
            self._hold(place, str.encode(text, stream.encoding, stream.errors))
            return len(text)

        return write

    def _write_bytes(self, place: _Place) -> Callable[[Any], Any]:
        def write(data: Any) -> Any:
            if self._lets_pass():
                return place.write(data)
            with memoryview(data) as view:
                self._hold(place, view.tobytes())
                return view.nbytes

        return write

    def _lets_pass(self) -> bool:
        # A child of a fork has nobody who would show what is held back.
        return self._over or self._passes() or os.getpid() != self._process

    def _hold(self, place: _Place, data: bytes) -> None:
        with self._lock:
            if self._over:  # since a moment ago
                place.write(data)
                return
            self._lines.add(place, data)
            self._tell()

    def __bool__(self) -> bool:
        """Report whether there are whole lines to be shown."""
        return bool(self._lines)

    def show_before(self) -> None:
        """Write the whole lines to the terminal, and once the lines begun before :meth:`begin`, while no prompt is there yet."""
        with self._lock:
            _write([*self._lines.take(), *self._lines.take_begun(self._begun_before)])
            self._begun_before = {}

    def show(self) -> None:
        """Write to the terminal the whole lines that are held back."""
        with self._lock:
            _write(self._lines.take())

    def end(self, *, below: bool = False) -> None:
        """Show all that is held back, half lines too, and hold back nothing more.

        Args:
            below: Whether the cursor may still stand in the line of the prompt; what is shown begins below it.
        """
        atexit.unregister(self.end)
        with self._lock:
            self._over = True
            lines = self._lines.take_all()
            if below and lines:
                lines.insert(0, (lines[0][0], b"\n"))
            _write(lines)
        for owner, before, ours in self._put:
            if vars(owner).get("write") is not ours:
                continue  # somebody has put their own on top, which stays, and ours lets everything pass
            del owner.write
            if before is not None:
                owner.write = before


class _Place:
    """Where bytes go that have been held back."""

    __slots__ = ("fd", "flush", "write")

    def __init__(self, write: Callable[[Any], Any], flush: Callable[[], Any], fd: int) -> None:
        self.write = write
        self.flush = flush
        self.fd = fd


def _terminals() -> Iterator[io.TextIOWrapper]:
    """Find the streams that write to a terminal; those that users have made write to one of these in the end."""
    streams = (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)
    for stream in {id(stream): stream for stream in streams}.values():
        try:
            if isinstance(stream, io.TextIOWrapper) and stream.isatty():
                yield stream
        except (OSError, ValueError):
            pass  # closed, or the terminal is gone


def _write(lines: list[tuple[_Place, bytes]]) -> None:
    for place, group in groupby(lines, itemgetter(0)):
        try:
            with blocking_kept(place.fd, during=True):  # a program that reads the same terminal may have changed that
                place.write(b"".join(map(itemgetter(1), group)))
                place.flush()
        except (OSError, ValueError):
            pass  # closed since, or the terminal is gone: whoever wrote has been told that it worked
