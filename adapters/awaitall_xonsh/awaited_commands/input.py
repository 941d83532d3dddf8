"""What a command that is awaited reads: what it has been given, or what is written to it while it runs."""

from __future__ import annotations

import asyncio
import os
import sys
from contextvars import copy_context
from errno import EIO
from typing import TYPE_CHECKING, Any

import anyio
from xonsh.built_ins import XSH
from xonsh.procs.pipes import PipeChannel

from awaitall import current_async_library
from awaitall.shells.self_running import posix

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Iterable

    Given = str | bytes | Iterable[str | bytes] | AsyncIterable[str | bytes] | bool

__all__ = ["Input"]


#: The key by which a terminal is told that there is no more input, behind a whole line.
_END = b"\4"


class Input:
    """A pipe to the first program of a command, or what is typed at its terminal.

    Args:
        given: Text or bytes, or an iterable or async iterable of these; True if :meth:`write` is called instead.
        terminal: A terminal that the program has for itself; None for a pipe.

    Attributes:
        channel: The pipe, as xonsh knows pipes; of a terminal, the end that is written to.
        error: What iterating over what has been given has raised.
    """

    def __init__(self, given: Given, terminal: PipeChannel | None = None) -> None:
        self._given = given
        self._is_terminal = terminal is not None
        self.channel = PipeChannel.from_pipe() if terminal is None else PipeChannel(None, os.dup(terminal.read_fd))
        posix.set_blocking(self.channel.write_fd, False)
        self._last = b"\n"  # what has been written last
        self.error: BaseException | None = None
        self._scope = anyio.CancelScope()
        self._task: Any = None

    def start(self, fail: Callable[[], object]) -> None:
        """Start to write what has been given, in a task of its own, as a loop over lines has no place for a nursery.

        Args:
            fail: Called once iterating over what has been given has failed.
        """
        if self._given is True:
            return
        if current_async_library() == "trio":
            sys.modules["trio"].lowlevel.spawn_system_task(self._feed, fail, context=copy_context())
        else:
            self._task = asyncio.create_task(self._feed(fail))

    async def write(self, data: str | bytes) -> None:
        """Write text or bytes, which waits while the program does not read them.

        Raises:
            BrokenPipeError: the program has ended, or closed its input.
        """
        if isinstance(data, str):
            data = data.encode(XSH.env["XONSH_ENCODING"], XSH.env["XONSH_ENCODING_ERRORS"])
        rest = memoryview(data)
        while rest:
            if (fd := self.channel.write_fd) is None:
                raise BrokenPipeError("The input of this command is closed.")
            try:
                rest = rest[os.write(fd, rest) :]
            except BlockingIOError:
                await anyio.wait_writable(fd)
            except OSError as exc:
                if exc.errno != EIO:
                    raise
                raise BrokenPipeError("The terminal of this command is closed.") from exc
        self._last = data[-1:] or self._last

    def finish(self) -> None:
        """End the input, once all that has been given is written."""
        if self._given is True:
            self.end()

    def end(self) -> None:
        """End the input, here and now if it is a pipe; a terminal may take a moment to take the key for that."""
        if self._is_terminal:
            self._given = b""
            self.start(bool)
        else:
            self.close()

    def close(self) -> None:
        """Write no more."""
        self.channel.close_writer()

    def cancel(self) -> None:
        """Stop to write, and end the input."""
        self._scope.cancel()
        if self._task is None:
            self.close()

    async def _feed(self, fail: Callable[[], object]) -> None:
        with self._scope:
            try:
                await self._write_all()
                if self._is_terminal:
                    await self.write(_END if self._last == b"\n" else _END * 2)
            except BrokenPipeError:
                pass  # the program has read enough
            except anyio.get_cancelled_exc_class():
                raise
            except BaseException as exc:
                self.error = exc
                fail()
            finally:
                self.close()

    async def _write_all(self) -> None:
        given: Any = self._given
        if isinstance(given, str | bytes):
            await self.write(given)
        elif hasattr(given, "__aiter__"):
            try:
                async for part in given:
                    await self.write(part)
            finally:
                if hasattr(given, "aclose"):
                    await given.aclose()
        else:
            for part in given:
                await self.write(part)
