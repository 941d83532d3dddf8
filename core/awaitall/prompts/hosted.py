"""A prompt in a task of a program whose loop goes on, while the prompt waits as well as while an input is awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awaitall.outcome import Outcome
from awaitall.prompts.press_again import PressAgain
from awaitall.runners.foreground import foreground
from awaitall.tracebacks import user_traceback

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from types import FrameType, TracebackType
    from typing import Self

    from awaitall import Session

__all__ = ["HostedPrompt"]


class HostedPrompt:
    """A context manager for all the time that a shell is open in a task. Everything is awaited in that task.

    Ctrl-C is for the prompt and its inputs meanwhile: it cancels what one of these methods awaits, and the program, with its own
    handlers of SIGINT, does not hear of it. If the program cancels the task, that goes through all of these methods.

    Args:
        session: Of the shell.
        owns_sigint: Whether Ctrl-C comes as a signal, and is meant for the shell; False for one that is elsewhere than on the
            terminal of the process.

    Raises:
        UnsupportedError: no library runs here on which that is possible.
    """

    def __init__(self, session: Session, *, owns_sigint: bool = True) -> None:
        self._session = session
        self._host = foreground(owns_sigint)
        self._again = PressAgain()

    def __enter__(self) -> Self:
        self._session.nests = False  # nothing is held up
        self._current = self._session.as_current(self._host)
        self._host.__enter__()
        self._current.__enter__()
        return self

    def __exit__(self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self._current.__exit__(exc_type, exc, tb)
        self._host.__exit__(exc_type, exc, tb)

    @property
    def is_over(self) -> bool:
        """Whether the program has cancelled the task."""
        return self._host.is_over

    def interrupt(self, frame: FrameType | None) -> None:
        """Do what Ctrl-C does, where it is not a signal of the terminal; called in a signal handler.

        Args:
            frame: The frame that the signal interrupted.

        Raises:
            KeyboardInterrupt: to stop code of an input that does not await.
        """
        self._host.interrupt(frame)

    def raise_if_interrupted(self, frame: FrameType | None) -> None:
        """Raise a Ctrl-C that has struck code of the shell which an input has called, at the end of that.

        Args:
            frame: That this returns to; if it is not of the input itself, nothing is raised.
        """
        self._host.raise_if_interrupted(frame)

    async def wait(self, coro: Coroutine[Any, Any, Any]) -> Any:
        """Await a coroutine of the shell, such as one that reads the keyboard; KeyboardInterrupt if Ctrl-C has cancelled it."""
        return await self._host.run(coro)

    async def read_line(self, prompt: str) -> str:
        """Read a line as ``input(prompt)`` does.

        Raises:
            EOFError: there is no more to read. KeyboardInterrupt: Ctrl-C.
        """
        from awaitall.prompts.awaited_line import read_line

        with self._again:
            line: str = await self._host.run(read_line(prompt, self._host), self._again.press)
        return line

    async def evaluate(self, source: str, globals: dict[str, Any] | None = None, locals: Any = None) -> Outcome:
        """Run an input as :meth:`awaitall.Session.aevaluate`; a Ctrl-C is its error."""
        outcome: Outcome = await self._outcome(self._session.aevaluate(source, globals, locals))
        return outcome

    async def evaluate_lines(self, lines: str) -> Outcome | None:
        """Run the lines typed so far as :meth:`awaitall.Session.aevaluate_lines`; None while more are expected."""
        outcome: Outcome | None = await self._outcome(self._session.aevaluate_lines(lines))
        return outcome

    async def _outcome(self, coro: Coroutine[Any, Any, Any]) -> Any:
        try:
            return await self._host.run(coro)
        except (SystemExit, GeneratorExit):
            raise
        except BaseException as exc:  # a task that the input has awaited may be cancelled, too
            if self.is_over:
                raise
            return Outcome(error=exc.with_traceback(user_traceback(exc)))
