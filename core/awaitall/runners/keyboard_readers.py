"""What reads the keyboard on an event loop of asyncio's kind: prompts, and what must not do so while a prompt waits.

A reader that an input has left behind, by ``loop.add_reader(0, ...)`` or ``aioconsole.ainput()``, would take keys away from the
prompt. So such readers are suspended while the prompt waits, and have the keyboard again while an input is being awaited.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from awaitall.polling import telling_when_readable
from awaitall.system import blocking_kept, own_descriptor

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator

__all__ = ["KeyboardReaders", "watched"]


@contextmanager
def watched(
    loop: asyncio.AbstractEventLoop, fd: int, tell: Callable[[], object], add: Callable[..., object] | None = None
) -> Iterator[None]:
    """Return a context manager in which a loop watches a file descriptor, whoever else does so, for a prompt.

    Some loops wait for none (that of Windows), some not for a terminal (kqueue), which a thread does then.

    Args:
        loop: Of asyncio, or of uvloop.
        fd: The file descriptor; it stays in blocking mode.
        tell: Called on the loop when it is readable.
        add: The loop's ``add_reader()``, if that has been replaced.
    """
    with own_descriptor(fd) as own:  # a loop has one reader for each
        try:
            with blocking_kept(own):  # uvloop changes that, for everybody who has the same file open (uvloop#712)
                (add or loop.add_reader)(own, tell)
        except (NotImplementedError, OSError):
            with telling_when_readable([own], lambda: loop.call_soon_threadsafe(tell)):
                yield
            return
        try:
            yield
        finally:
            if not loop.is_closed():
                loop.remove_reader(own)


class KeyboardReaders:
    """The readers and read transports of a loop whose file is that of the keyboard.

    Takes note of them in public methods of the loop, replaced on the one instance. These methods also keep the terminal in
    blocking mode: asyncio and uvloop switch that off, for everybody who has the same file open, and for standard output, too.

    Args:
        loop: Of asyncio, or of uvloop.
        keyboard: The file descriptor that prompts read.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, keyboard: int = 0) -> None:
        self._keyboard = keyboard
        self._readers: dict[int, tuple[Callable[..., Any], tuple[Any, ...]]] = {}
        self._transports: WeakSet[Any] = WeakSet()
        self._paused: list[Any] | None = None  # transports; None while nothing is suspended
        self._loop = loop
        #: The loop's own ``add_reader()``, for a reader that is never suspended.
        self.add = loop.add_reader
        self._remove = loop.remove_reader
        loop.add_reader = self._add_reader  # type: ignore[method-assign, assignment]
        loop.remove_reader = self._remove_reader  # type: ignore[method-assign, assignment]
        loop.connect_read_pipe = self._connecting(loop.connect_read_pipe, self._note)  # type: ignore[method-assign]
        loop.connect_write_pipe = self._connecting(loop.connect_write_pipe)  # type: ignore[method-assign]

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Keep the readers from the keyboard for as long as the block runs, those included that begin in it."""
        self._paused = []
        for fd in self._readers:
            self._remove(fd)
        for transport in list(self._transports):
            self._pause(transport)
        try:
            yield
        finally:
            paused, self._paused = self._paused, None
            if not self._loop.is_closed():
                for fd, (callback, args) in self._readers.items():
                    self._add_blocking(fd, callback, args)
                for transport in paused:
                    transport.resume_reading()

    def _pause(self, transport: Any) -> None:
        if self._paused is not None and transport.is_reading() and not transport.is_closing():
            transport.pause_reading()
            self._paused.append(transport)

    def _add_reader(self, file: Any, callback: Callable[..., Any], *args: Any) -> None:
        if (fd := self._fd_of_keyboard(file)) is None:
            self.add(file, callback, *args)
            return
        if self._paused is None:
            self._add_blocking(fd, callback, args)
        self._readers[fd] = callback, args

    def _add_blocking(self, fd: int, callback: Callable[..., Any], args: tuple[Any, ...]) -> None:
        with blocking_kept(fd):
            self.add(fd, callback, *args)

    def _remove_reader(self, file: Any) -> bool:
        fd = file if isinstance(file, int) else file.fileno()
        known = self._readers.pop(fd, None) is not None
        return bool(self._remove(file)) or known

    def _connecting(self, connect: Any, note: Callable[[Any], None] = lambda transport: None) -> Any:
        async def connect_pipe(protocol_factory: Callable[[], Any], pipe: Any) -> tuple[Any, Any]:
            if (fd := self._fd_of_keyboard(pipe)) is None:
                return tuple(await connect(protocol_factory, pipe))
            with blocking_kept(fd):
                transport, protocol = await connect(protocol_factory, pipe)
            note(transport)
            return transport, protocol

        return connect_pipe

    def _note(self, transport: Any) -> None:
        self._transports.add(transport)
        self._pause(transport)

    def _fd_of_keyboard(self, file: Any) -> int | None:
        """Return the file descriptor of a file that is the same as the keyboard's, however often it has been opened."""
        try:
            fd: int = file if isinstance(file, int) else file.fileno()
            return fd if os.path.sameopenfile(fd, self._keyboard) else None
        except (OSError, ValueError, AttributeError):  # closed, or no file at all; the loop tells
            return None
