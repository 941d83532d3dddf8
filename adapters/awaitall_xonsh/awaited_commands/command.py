"""A command that is awaited, which users see as an awaitable, an async iterator and an async context manager."""

from __future__ import annotations

import signal
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio.lowlevel
from xonsh.built_ins import subproc_check_boolop
from xonsh.procs.specs import cmds_to_specs

from awaitall.errors import UsageError
from awaitall.shells.self_running import SIGKILL
from awaitall_xonsh.awaited_commands.input import Input
from awaitall_xonsh.awaited_commands.pipeline import Pipeline
from awaitall_xonsh.awaited_commands.specs import quick_specs
from awaitall_xonsh.awaited_commands.streams import Stream
from awaitall_xonsh.awaited_commands.terminal import open_terminal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator
    from types import TracebackType

__all__ = ["Command", "run_subproc"]


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
    with quick_specs:
        specs = cmds_to_specs(commands, captured=captured, envs=envs, in_boolop=in_boolop)
    specs[-1].captured = False if kind == "uncaptured" else kind
    return Command(specs)


class Command(Pipeline):
    """A pipeline that has not been started: await it, or iterate over its lines by ``async for``.

    Awaited, it gives what the same command gives that is not awaited: its output for ``$()``, a pipeline that has ended for
    ``!()`` and ``![]``. ``async with`` starts it, and cancels it at the end of the block if it still runs then. Use it in one
    event loop; several tasks of that may use it.
    """

    def __call__(self, *, input: Any = None, pty: bool = False, **changes: Any) -> Command:
        """Return the same command with options: ``await !(cmd)(timeout=5)``.

        Args:
            input: What the first program reads: ``str`` or ``bytes``, or an iterable or async iterable of these; True for what
                :meth:`write` writes. None for what the shell reads, or nothing if that is the terminal.
            pty: Whether the last program gets a terminal of its own, which takes all its output, and that it reads from if it is
                the only one.
            **changes: What :func:`awaitall_xonsh.command_options` takes.

        Raises:
            UsageError: there is no such option, or it makes no sense here. XonshError: the command has a redirection of its
                input. OSError: there are no files or terminals left.
        """
        self._options = self._options.changed(changes, "input", "pty")
        first, last = self._specs[0], self._specs[-1]
        if pty:
            self._terminal = open_terminal(last)
            self._output, self._errors = Stream(last.captured_stdout), Stream(None)
        if self._terminal and first.stdin == self._terminal.write_fd:
            self._input = Input(input or b"", self._terminal)
        elif input is not None and input is not False:
            self._input = Input(input)
            first.stdin = self._input.channel.read_fd
        return self

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._result().__await__()

    def __aiter__(self) -> Command:
        return self

    async def __anext__(self) -> str:
        """Return the next line of the output, with the newline at its end; at the end of ``$()``, raise what that raises."""
        line = self._output.line() if self._streams else None
        if line is None:
            line = await self._step(partial(self._line, self._output))
        if not line:
            await self.wait()
            if self._specs[-1].captured == "stdout":
                subproc_check_boolop(self._pipeline)
            raise StopAsyncIteration
        return line.decode(*self._encoding)

    async def __aenter__(self) -> Command:
        await self._step(anyio.lowlevel.checkpoint)
        self._is_in_block = True
        return self

    async def __aexit__(self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        await self._cancel()

    @property
    async def stderr(self) -> AsyncIterator[str]:
        """The lines that it writes to its standard error, as soon as they are there: ``async for line in p.stderr``."""
        while line := await self._step(partial(self._line, self._errors)):
            yield line.decode(*self._encoding)

    async def write(self, data: str | bytes) -> None:
        """Write to its input; wait while it does not read that.

        Raises:
            BrokenPipeError: it reads no more. UsageError: it has not been started with ``(input=True)``.
        """
        await self._step(partial(self._written_to().write, data))

    def write_eof(self) -> None:
        """End its input."""
        self._written_to().end()

    @property
    def pid(self) -> int | None:
        """The process identifier of the last command, which is also that of its process group; None for a function."""
        return None if self._pipeline is None else self._pipeline.pid

    @property
    def returncode(self) -> int | None:
        """The return code of the last command, negative for a signal; None while it runs."""
        if self._ended:
            return self._pipeline.returncode  # type: ignore[no-any-return]
        return None if self._pipeline is None or self._pipeline.proc is None else self._pipeline.proc.poll()

    async def wait(self) -> int:
        """Wait for its end, and return the return code. Its input ends, and what it still writes is kept."""
        if not self._ended:
            await self._step(self._run_to_end)
        return self._pipeline.returncode  # type: ignore[no-any-return]

    def terminate(self) -> None:
        """Send SIGTERM to all that still runs."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL to all that still runs."""
        self.send_signal(SIGKILL)

    async def _result(self) -> Any:
        await self.wait()
        spec = self._specs[-1]
        if spec.captured in ("object", "hiddenobject"):
            return self._pipeline
        if not spec.in_boolop:
            subproc_check_boolop(self._pipeline)
        return self._pipeline.output if spec.captured else None

    async def _line(self, stream: Stream) -> bytes:
        return await self._streams.line(stream)  # type: ignore[union-attr]

    def _written_to(self) -> Input:
        if self._input is None:
            raise UsageError("The input of this command cannot be written to. Start it with !(cmd)(input=True).")
        return self._input
