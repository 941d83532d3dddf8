"""A pipeline that is awaited, which users see as an awaitable, an async iterator and an async context manager."""

from __future__ import annotations

import os
import signal
from selectors import EVENT_READ, DefaultSelector
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
from xonsh.built_ins import XSH, subproc_check_boolop
from xonsh.procs.pipelines import CommandPipeline, HiddenCommandPipeline
from xonsh.procs.proxies import ProcProxy
from xonsh.procs.specs import cmds_to_specs

from awaitall import current_async_library
from awaitall.errors import UnsupportedError, UsageError
from awaitall_xonsh import sigint
from awaitall_xonsh.awaited_commands.alias_thread import AliasThread
from awaitall_xonsh.awaited_commands.process import Process

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import TracebackType

__all__ = ["Command", "run_subproc"]

#: Seconds that processes have to end by themselves after SIGTERM, when they are cancelled.
GRACE = 2.0

_CHUNK = 2**16


def run_subproc(kind: str, commands: Any, envs: Any = None, in_boolop: bool = False) -> Command:
    """Return an awaitable for a command; xonsh asserts this name, and looks for the user's code two calls above it.

    Args:
        kind: ``"stdout"`` for ``$()``, ``"object"`` for ``!()``, ``"hiddenobject"`` for ``![]``, ``"uncaptured"`` for ``$[]``.
        commands: The commands and the signs between them, as xonsh passes them to its own ``run_subproc()``.
        envs: For each command, what to change in its environment.
        in_boolop: Whether the command is an operand of ``&&`` or ``||``.

    Raises:
        UsageError: it ends in ``&``. XonshError: as for every command.
    """
    if commands[-1] == "&":
        raise UsageError("A command that is awaited cannot go on in the background: leave out either the & or the await.")
    captured = kind if kind in ("stdout", "object") else False
    specs = cmds_to_specs(commands, captured=captured, envs=envs, in_boolop=in_boolop)
    specs[-1].captured = False if kind == "uncaptured" else kind
    return Command(specs)


class Command:
    """A pipeline that has not been started: await it, or iterate over its lines by ``async for``.

    Awaited, it gives what the same command gives that is not awaited: its output for ``$()``, a pipeline that has ended for
    ``!()`` and ``![]``. ``async with`` starts it, and cancels it at the end of the block if it still runs then.
    """

    def __init__(self, specs: list[Any]) -> None:
        self._specs = specs
        self._pipeline: Any = None
        self._processes: list[Process] = []
        self._output, self._errors = bytearray(), bytearray()
        self._iterated = 0  # how many bytes of the output the loop over its lines has taken
        self._open = DefaultSelector()  # what may still be read from
        self._ended = False

    # -- what users do with it ------------------------------------------------------------------------------------------

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._result().__await__()

    def __aiter__(self) -> Command:
        return self

    async def __anext__(self) -> str:
        """Return the next line of the output, with the newline at its end."""
        while (end := self._output.find(b"\n", self._iterated) + 1) == 0 and await self._advance():
            pass
        line = self._output[self._iterated : end or None]
        if not line:
            raise StopAsyncIteration
        self._iterated += len(line)
        return _decoded(line)

    async def __aenter__(self) -> Command:
        await self._start()
        return self

    async def __aexit__(self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        await self._cancel()

    @property
    def pid(self) -> int | None:
        """The process identifier of the last command, which is also that of its process group; None for a function."""
        return None if self._pipeline is None else self._pipeline.pid

    @property
    def returncode(self) -> int | None:
        """The return code, negative for a signal; None while the command runs."""
        return self._pipeline.returncode if self._ended else None

    def terminate(self) -> None:
        """Send SIGTERM to all that still runs."""
        self._signal(signal.SIGTERM)

    def __del__(self) -> None:
        """End what a loop over the lines has left behind; that is now, in CPython, and needs no event loop."""
        self._signal(signal.SIGTERM)
        self._close()

    # -- its life -------------------------------------------------------------------------------------------------------

    async def _result(self) -> Any:
        while await self._advance():
            pass
        spec = self._specs[-1]
        if spec.captured in ("object", "hiddenobject"):
            return self._pipeline
        if not spec.in_boolop:
            subproc_check_boolop(self._pipeline)
        return self._pipeline.output if spec.captured else None

    async def _advance(self) -> bool:
        """Run the command until it has printed something more; return False once it has ended."""
        if self._ended:
            return False
        try:
            await self._start()
            if self._open.get_map():
                await self._read()
                return True
            await self._finish()
        except BaseException:
            await self._cancel()
            raise
        return False

    async def _start(self) -> None:
        if self._pipeline is not None:
            return
        _check_exit()
        if current_async_library() not in ("asyncio", "trio"):
            raise UnsupportedError("Commands can be awaited on asyncio, uvloop and trio only: autoawait asyncio.")
        for spec in self._specs:
            if spec.cls is not ProcProxy:
                spec.cls = AliasThread if spec.is_proxy else Process
        last = self._specs[-1]
        with sigint.preserve_handler():
            self._pipeline = (HiddenCommandPipeline if last.captured == "hiddenobject" else CommandPipeline)(self._specs)
        if self._pipeline.proc is None:  # not found; xonsh has said so
            return
        for stream, said in ((last.captured_stdout, self._output), (last.captured_stderr, self._errors)):
            if stream is not None:
                self._open.register(stream.fileno(), EVENT_READ, said)
        for i, process in enumerate(self._pipeline.procs):
            spec = self._specs[i]
            if isinstance(process, ProcProxy):  # runs here and now, and only when it is waited for
                process.wait()
            elif isinstance(process, Process):
                await process.start()
                self._processes.append(process)
                _close_ends(self._specs[i - 1 : i], "reader")
            else:
                continue  # a thread, which closes its own ends
            _close_ends([spec], "writer")

    async def _read(self) -> None:
        await anyio.wait_readable(self._open)
        for key, _ in self._open.select(0):
            if chunk := os.read(key.fd, _CHUNK):
                key.data.extend(chunk)
            else:
                self._open.unregister(key.fd)

    async def _finish(self) -> None:
        pipeline = self._pipeline
        for process in reversed(pipeline.procs):
            await _wait(process)
            _close_ends(self._specs, "reader")  # whoever still writes writes to nobody
        pipeline.lines = _decoded(self._output).splitlines(keepends=True)
        pipeline._raw_output, pipeline._raw_error = bytes(self._output), bytes(self._errors)
        pipeline.errors = _decoded(self._errors) or None
        XSH.last = XSH.lastcmd = XSH.interface.lastcmd = pipeline
        self._ended = True
        try:
            pipeline.end(tee_output=False)
        finally:
            self._close()
        _check_exit()

    async def _cancel(self) -> None:
        """End the process groups, whatever it takes."""
        if self._ended or self._pipeline is None:
            self._close()
            return
        self._signal(signal.SIGTERM)
        threads = sigint.interrupt_threads(self._pipeline.procs)
        try:
            with anyio.move_on_after(GRACE, shield=True):
                for process in [*self._processes, *threads]:
                    await _wait(process)
        finally:
            self._signal(signal.SIGKILL)
            self._ended = self._pipeline.ended = True
            self._close()

    def _signal(self, signum: int) -> None:
        if not self._ended:
            for process in self._processes:
                process.signal_group(signum)

    def _close(self) -> None:
        self._open.close()
        for spec in self._specs:
            spec.close()


async def _wait(process: Any) -> None:
    if isinstance(process, Process):
        await process.end()
    elif not isinstance(process, ProcProxy):
        await anyio.to_thread.run_sync(process.join, abandon_on_cancel=True)
        process.wait()


def _close_ends(specs: list[Any], which: str) -> None:
    for spec in specs:
        for channel in spec.pipe_channels:
            getattr(channel, f"close_{which}")()


def _check_exit() -> None:
    """Leave the shell, if the alias ``exit`` has asked for that."""
    if XSH.exit is not None:
        raise SystemExit(XSH.exit)


def _decoded(data: bytes | bytearray) -> str:
    return data.decode(XSH.env["XONSH_ENCODING"], XSH.env["XONSH_ENCODING_ERRORS"])
