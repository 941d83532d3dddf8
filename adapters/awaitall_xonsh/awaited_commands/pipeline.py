"""The life of a pipeline that is awaited: its processes are started, read from, waited for, and ended if need be."""

from __future__ import annotations

import signal
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
import anyio.to_thread
from xonsh.built_ins import XSH
from xonsh.procs.pipelines import CommandPipeline, HiddenCommandPipeline
from xonsh.procs.proxies import ProcProxy

from awaitall import current_async_library
from awaitall.errors import UnsupportedError
from awaitall.shells.self_running import SIGKILL
from awaitall_xonsh import settings, sigint
from awaitall_xonsh.awaited_commands import options
from awaitall_xonsh.awaited_commands.alias_thread import AliasThread
from awaitall_xonsh.awaited_commands.hints import hint
from awaitall_xonsh.awaited_commands.process import Process
from awaitall_xonsh.awaited_commands.streams import Stream, Streams

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from xonsh.procs.pipes import PipeChannel

    from awaitall_xonsh.awaited_commands.input import Input

__all__ = ["Pipeline"]

#: Seconds for processes to be gone after SIGKILL, which they are at once unless the system holds them.
_KILLED = 1.0

_T = TypeVar("_T")


class Pipeline:
    """A pipeline that has not been started.

    Args:
        specs: The commands, as xonsh specifies them.
    """

    def __init__(self, specs: list[Any]) -> None:
        self._specs = specs
        self._options = options.current()
        self._input: Input | None = None
        self._terminal: PipeChannel | None = None  # of its own
        self._pipeline: Any = None
        self._processes: list[Process] = []
        self._output, self._errors = Stream(specs[-1].captured_stdout), Stream(specs[-1].captured_stderr)
        self._streams: Streams | None = None
        self._encoding = XSH.env["XONSH_ENCODING"], XSH.env["XONSH_ENCODING_ERRORS"]
        self._deadline: float | None = None
        self._is_in_block = False
        self._ended = self._closed = False

    def __del__(self) -> None:
        """End what a loop over the lines has left behind; that is now, in CPython, and needs no event loop."""
        if not self._closed:
            self.send_signal(signal.SIGTERM)
            for process in self._processes:
                process.abandon()
            self._close()

    def send_signal(self, signum: int) -> None:
        """Send a signal to all that still runs."""
        if not self._ended:
            _signal(self._processes, signum)

    async def _step(self, action: Callable[[], Awaitable[_T]]) -> _T:
        """Do something with the command, which is started if need be, in the time that it has.

        If that fails or is cancelled, the command is cancelled, unless a block sees to that.
        """
        try:
            self._start()
            if self._deadline is None:
                return await action()
            with anyio.CancelScope(deadline=self._deadline):
                return await action()
            raise TimeoutError(f"{self._specs[-1].get_command_str()} has not ended within {self._options.timeout} seconds.")
        except BaseException as exc:
            if not self._is_in_block or isinstance(exc, TimeoutError):
                await self._cancel()
            raise

    def _start(self) -> None:
        if self._pipeline is not None:
            return
        _check_exit()
        if (library := current_async_library()) not in ("asyncio", "trio"):
            raise UnsupportedError(
                f"Commands can be awaited on asyncio, uvloop and trio only, where anyio runs, and this is "
                f"{library or 'no event loop'}: autoawait asyncio."
            )
        for spec in self._specs:
            if self._options.env:
                spec.env = {**self._options.env, **(spec.env or {})}
            if spec.cls is not ProcProxy:
                spec.cls = AliasThread if spec.is_proxy else Process
        with sigint.preserve_handler():
            is_hidden = self._specs[-1].captured == "hiddenobject"
            self._pipeline = (HiddenCommandPipeline if is_hidden else CommandPipeline)(self._specs)
        if self._pipeline.proc is None:  # not found; xonsh has said so
            self._output.ended = self._errors.ended = True
        self._streams = Streams(self._output, self._errors)
        if self._options.timeout is not None:
            self._deadline = anyio.current_time() + self._options.timeout
        if self._pipeline.proc is not None:
            self._start_processes()

    def _start_processes(self) -> None:
        for i, process in enumerate(self._pipeline.procs):
            if isinstance(process, ProcProxy):  # runs here and now, and only when it is waited for
                process.wait()
            elif isinstance(process, Process):
                is_last = i + 1 == len(self._specs)
                process.start(self._options.cwd, self._terminal.write_fd if self._terminal and is_last else None)
                self._processes.append(process)
                if i > 0:
                    _close_ends(self._specs[i - 1 : i], "reader")
                elif self._input:
                    self._input.channel.close_reader()
            else:
                continue  # a thread, which closes its own ends
            _close_ends(self._specs[i : i + 1], "writer")
        if self._input:
            self._input.start(partial(_signal, self._processes, signal.SIGTERM))

    async def _run_to_end(self) -> None:
        if self._input:
            self._input.finish()
        await self._streams.read_all()  # type: ignore[union-attr]
        async with self._streams.lock:  # type: ignore[union-attr]
            if not self._ended:
                await self._finish()

    async def _finish(self) -> None:
        pipeline = self._pipeline
        for process in reversed(pipeline.procs):
            await _wait(process)
            _close_ends(self._specs, "reader")  # whoever still writes writes to nobody
        if settings.get(settings.HINTS):
            for process in self._processes:
                hint(process)
        output, errors = self._output.all(), self._errors.all()
        pipeline.lines = output.decode(*self._encoding).splitlines(keepends=True)
        pipeline._raw_output, pipeline._raw_error = output, errors
        pipeline.errors = errors.decode(*self._encoding) or None
        XSH.last = XSH.lastcmd = XSH.interface.lastcmd = pipeline
        self._ended = True
        try:
            pipeline.end(tee_output=False)
        finally:
            self._close()
        _check_exit()
        if self._input and self._input.error:
            raise self._input.error

    async def _cancel(self) -> None:
        """End the process groups, whatever it takes."""
        if not self._ended and self._pipeline is not None:
            self.send_signal(signal.SIGTERM)
            threads = sigint.interrupt_threads(self._pipeline.procs)
            try:
                await _wait_at_most(self._options.grace, [*self._processes, *threads])
            finally:
                self.send_signal(SIGKILL)
            await _wait_at_most(_KILLED, self._processes)
            self._ended = self._pipeline.ended = True
        self._close()

    def _close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._output.ended = self._errors.ended = True
        if self._input:
            self._input.cancel()
            self._input.channel.close_reader()
        if self._streams:
            self._streams.close()
        for spec in self._specs:
            spec.close()


async def _wait(process: Any) -> None:
    if isinstance(process, Process):
        await process.end()
    elif not isinstance(process, ProcProxy):
        await anyio.to_thread.run_sync(process.join, abandon_on_cancel=True)
        process.wait()


async def _wait_at_most(seconds: float, processes: list[Any]) -> None:
    with anyio.move_on_after(seconds, shield=True):
        for process in processes:
            await _wait(process)


def _signal(processes: list[Process], signum: int) -> None:
    for process in processes:
        process.signal_group(signum)


def _close_ends(specs: list[Any], which: str) -> None:
    for spec in specs:
        for channel in spec.pipe_channels:
            getattr(channel, f"close_{which}")()


def _check_exit() -> None:
    """Leave the shell, if the alias ``exit`` has asked for that."""
    if XSH.exit is not None:
        raise SystemExit(XSH.exit)
