"""What a command writes, as the event loop reads it: all of it for those who want all, line by line for those who loop."""

from __future__ import annotations

import os
from errno import EIO
from io import BytesIO
from selectors import EVENT_READ, DefaultSelector
from typing import Any

import anyio

__all__ = ["Stream", "Streams"]

#: Bytes that are read at once.
_CHUNK = 2**16

#: Bytes at the end of a stream that are kept, while another stream is looped over and this one is not.
_KEPT = 2**16


class Stream:
    """What one file of a command has given and nobody has taken.

    Args:
        file: What the command writes to the other end of; None if it writes to somewhere else.

    Attributes:
        looped: Whether it is taken line by line. No more is read then before all lines have been taken.
        watched: Whether it is read from whenever something is there.
    """

    def __init__(self, file: Any) -> None:
        self.fd: int = -1 if file is None else file.fileno()
        self.ended = file is None
        self.looped = self.watched = False
        self._lines = BytesIO()  # whole ones, the next to be taken
        self._chunks: list[bytes] = []
        self.has_line = False  # whether there is a newline in the chunks

    def read(self) -> None:
        """Read what is there, which must be something."""
        try:
            chunk = os.read(self.fd, _CHUNK)
        except OSError as exc:
            if exc.errno != EIO:
                raise
            chunk = b""  # so ends a terminal
        if chunk:
            self._chunks.append(chunk)
            self.has_line = self.has_line or b"\n" in chunk
        else:
            self.ended = True

    def line(self) -> bytes | None:
        """Take the next line, with its newline, which the last one may lack; empty at the end; None if it has to be read."""
        if line := self._lines.readline():
            return line
        if not (self.has_line or self.ended):
            return None
        data = self.rest()
        end = len(data) if self.ended else data.rfind(b"\n") + 1
        if rest := data[end:]:
            self._chunks.append(rest)
        first = data.find(b"\n") + 1
        if first in (0, end):  # one line, which may be long
            return data[:end]
        self._lines = BytesIO(data[:end])
        return self._lines.readline()

    def rest(self) -> bytes:
        """Take all that is there."""
        data = self._lines.read() + b"".join(self._chunks)
        self._chunks.clear()
        self.has_line = False
        return data

    def all(self) -> bytes:
        """Return all that is there, and leave it there."""
        data = self.rest()
        self._chunks.append(data)
        self.has_line = b"\n" in data
        return data

    def forget(self) -> None:
        """Keep the end only, if there is much."""
        if len(self._chunks) * _CHUNK > 4 * _KEPT:
            self._chunks.append(self.rest()[-_KEPT:])
            self.has_line = b"\n" in self._chunks[0]


class Streams:
    """The two streams of a command, which several tasks may wait for; one of them reads for all.

    Args:
        output: Its lines, or all of it.
        errors: The same, of the other stream. While only the output is looped over, the end of the errors is kept.

    Attributes:
        lock: Held by the task that reads.
    """

    def __init__(self, output: Stream, errors: Stream) -> None:
        self._streams = output, errors
        # Of one stream it would tell nothing new. Where commands can be awaited, it is a file itself, which can be waited for.
        self._selector: Any = None if output.ended or errors.ended else DefaultSelector()
        self.lock = anyio.Lock(fast_acquire=True)
        self._is_all_kept = False
        for stream in self._streams:
            self._watch(stream)

    def close(self) -> None:
        """Read no more."""
        if self._selector:
            self._selector.close()

    async def line(self, stream: Stream) -> bytes:
        """Take the next line of a stream; empty at the end."""
        stream.looped = True
        while (line := stream.line()) is None:
            self._watch(stream)
            async with self.lock:
                if not (stream.has_line or stream.ended):
                    await self._read()
        return line

    async def read_all(self) -> None:
        """Read both streams to their ends, and keep it all."""
        self._is_all_kept = True
        for stream in self._streams:
            self._watch(stream)
        while not all(stream.ended for stream in self._streams):
            async with self.lock:
                if any(stream.watched for stream in self._streams):
                    await self._read()

    def _watch(self, stream: Stream) -> None:
        if not (stream.watched or stream.ended):
            stream.watched = True
            if self._selector:
                self._selector.register(stream.fd, EVENT_READ, stream)

    async def _read(self) -> None:
        if self._selector:
            await anyio.wait_readable(self._selector)
            ready = [key.data for key, _ in self._selector.select(0)]
        else:
            ready = [stream for stream in self._streams if stream.watched]
            await anyio.wait_readable(ready[0].fd)
        for stream in ready:
            stream.read()
            if stream.ended or (stream.looped and stream.has_line and not self._is_all_kept):
                stream.watched = False
                if self._selector:
                    self._selector.unregister(stream.fd)
            elif not (stream.looped or self._is_all_kept):
                stream.forget()
