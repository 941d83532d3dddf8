"""What a program does for one attached prompt, and what is left of it when the prompt is gone: nothing."""

from __future__ import annotations

import os
import sys
from collections import deque
from contextlib import suppress
from contextvars import Context
from typing import TYPE_CHECKING, Any

from awaitall.attaching import doorbell, streams
from awaitall.attaching.attached_session import AttachedSession
from awaitall.attaching.channel import PROTOCOL, Channel
from awaitall.attaching.program_loop import ProgramLoop, running_loop
from awaitall.attaching.streams import PromptStreams
from awaitall.errors import UnsupportedError
from awaitall.interrupts import is_users, may_raise_in
from awaitall.tasks import HIDDEN
from awaitall.threads import in_main_thread

if TYPE_CHECKING:
    import socket
    from types import FrameType

    from awaitall import Outcome
    from awaitall.prompts.hosted import HostedPrompt

__all__ = ["Conversation"]

#: The prompts that are there.
_open: set[Conversation] = set()


class Conversation:
    """The program's side of one prompt; made in the main thread.

    Messages are read in a signal handler, whatever the program does. Inputs run in one task on the loop of the program; where
    none runs, they run in the signal handler, and cannot await.

    Args:
        connection: To the prompt; it is closed with this.
        namespace: The names that inputs see, and where they bind names.

    Raises:
        UnsupportedError: the program cannot hear of a prompt. OSError: that is gone already.
    """

    def __init__(self, connection: socket.socket, namespace: dict[str, Any]) -> None:
        self._channel = Channel(connection)
        self._streams = PromptStreams(self._print)
        self._session = Context().run(AttachedSession, namespace)  # in no context of the task that is interrupted now
        self._session.context.run(self._streams.use)
        self._context = Context()  # of what is around the inputs, where no loop runs
        self._context.run(self._streams.use)
        self._asked: deque[tuple[int, str]] = deque()
        self._running: int | None = None  # the number of the input that runs
        self._rung_again = False
        self._reads = True  # nobody does before all is ready
        self._root: FrameType | None = None  # below it runs an input without a loop
        self._struck = False  # by a Ctrl-C
        self._loop: ProgramLoop | None = None
        self._keeper: Any = None
        self._task: Any = None
        self._prompt: HostedPrompt | None = None
        self._event: Any = None
        doorbell.answer(self._channel.fileno(), self._rung)
        _open.add(self)  # before that, else the end of another one would take back what is done here
        streams.divert()
        try:
            self._channel.send("hello", self._description())
        except OSError:
            self.close()
            raise
        self._reads = False
        self._rung(None)  # what has come before

    def _description(self) -> dict[str, Any]:
        loop = running_loop()
        return {
            "protocol": PROTOCOL,
            "pid": os.getpid(),
            "python": sys.version.split()[0],
            "program": sys.argv[0] if sys.argv else "",
            "library": None if loop is None else loop.name,
        }

    def _rung(self, frame: FrameType | None) -> None:
        """Do what the prompt asks. Nothing is raised here but a Ctrl-C, in the code of the input that it is for."""
        try:
            for kind, *arguments in self._messages():
                if kind == "evaluate":
                    number, source, self._session.has_colors = arguments
                    self._asked.append((number, source))
                    self._go_on()
                elif kind == "interrupt":
                    self._interrupt(arguments[0], frame)
                elif kind == "complete":
                    self._on_loop(self._complete, *arguments)
        except Exception:  # the prompt is gone, or speaks another language
            self.close()

    def _messages(self) -> list[list[Any]]:
        """Return what has come; a signal that comes meanwhile leaves it to this to look once more."""
        self._rung_again = True
        messages: list[list[Any]] = []
        while self._rung_again and not self._reads:
            self._reads, self._rung_again = True, False
            try:
                received = self._channel.receive()
            finally:
                self._reads = False
            messages += received
            self._rung_again |= bool(received)  # the end of the connection may have come with them, and is told of next
        return messages

    def _go_on(self) -> None:
        """Have the inputs run that are asked for."""
        loop = running_loop()
        if loop is None or loop.soon is None:
            if self._root is None:  # else it goes on with what is asked
                self._context.run(self._run_here)
        elif self._loop is None or self._loop.handle is not loop.handle:
            self._loop = loop
            loop.soon(self._begin, loop)
        else:
            loop.soon(self._wake)

    def _on_loop(self, function: Any, *arguments: Any) -> None:
        """Call a function on the loop, if one runs, else here."""
        loop = running_loop()
        if loop is None or loop.soon is None:
            function(*arguments)
        else:
            loop.soon(function, *arguments)

    # without a loop

    def _run_here(self) -> None:
        self._root = sys._getframe()
        try:
            while self._asked:
                number, source = self._asked.popleft()
                self._running = number
                self._struck = False
                try:
                    answer = self._said(self._session.evaluate(source))
                except BaseException as exc:
                    answer = self._failed(exc)
                finally:
                    self._running = None
                self._send("ended", number, answer)
        finally:
            self._root = None

    # on the loop

    def _begin(self, loop: ProgramLoop) -> None:
        from awaitall.runners.hosted import forget_quietly, hosted

        if self._streams.is_open:
            self._keeper = hosted(loop.library, self._report)
            self._event = sys.modules[loop.library].Event()
            self._task = self._keeper.spawn(self._work(loop), HIDDEN)
            forget_quietly(self._task)

    def _wake(self) -> None:
        if self._event is not None:
            self._event.set()

    async def _work(self, loop: ProgramLoop) -> None:
        """Run all inputs, one after the other, in this task."""
        from awaitall.prompts.hosted import HostedPrompt

        self._streams.use()
        try:
            with HostedPrompt(self._session, owns_sigint=False) as prompt:
                self._prompt = prompt
                while True:
                    while self._asked:
                        await self._answer(prompt, *self._asked.popleft())
                    self._event = sys.modules[loop.library].Event()
                    await self._event.wait()
        except UnsupportedError as exc:  # this version of the library is not known
            while self._asked:
                self._send("ended", self._asked.popleft()[0], {"error": f"awaitall: {exc}\n"})
        finally:
            if loop is self._loop:  # else the program has begun another one
                self._loop = self._prompt = self._event = None
                if self._asked and self._streams.is_open:  # what has come since then
                    with suppress(RuntimeError):
                        self._go_on()

    async def _answer(self, prompt: HostedPrompt, number: int, source: str) -> None:
        self._running = number
        try:
            answer = await prompt.wait(self._evaluate(source))
        except BaseException as exc:
            if prompt.is_over or isinstance(exc, GeneratorExit):
                self._send("ended", number, {"error": "awaitall: the program has cancelled the task of this prompt\n"})
                raise
            answer = self._failed(exc)
        finally:
            self._running = None
        self._send("ended", number, answer)

    async def _evaluate(self, source: str) -> dict[str, Any]:
        return self._said(await self._session.aevaluate(source))

    # both

    def _said(self, outcome: Outcome) -> dict[str, Any]:
        """Return how an input has ended, in words."""
        if outcome.error is not None:
            return {"error": "".join(self._session.format_error(outcome.error))}
        if outcome.has_value and outcome.value is not None:
            self._session.keep(outcome.value)
            return {"text": f"{self._session.represent(outcome.value)}\n"}
        return {"text": outcome.text}

    def _failed(self, exc: BaseException) -> dict[str, Any]:
        """Return what has ended an input from outside it, or how the user leaves."""
        if isinstance(exc, SystemExit):
            code: object = exc.code
            return {"left": code if isinstance(code, (int, str)) or code is None else str(code)}
        return {"error": self._session.traceback_of(exc)}

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        """Cancel an input, or stop it right here if it does not await."""
        if number != self._running and all(number != asked for asked, _ in self._asked):
            return  # it has ended
        if self._root is not None:
            self._struck = True
            if may_raise_in(frame, self._root):
                raise KeyboardInterrupt
        elif self._prompt is not None:
            self._prompt.interrupt(frame)

    def _complete(self, number: int, text: str) -> None:
        try:
            words = self._session.words(text)
        except Exception:  # of an object of the program
            words = {}
        self._send("words", number, words)

    def _print(self, stream: str, text: str) -> None:
        self._send("output", stream, text)
        if self._running is not None and in_main_thread():
            self._raise_if_interrupted()

    def _raise_if_interrupted(self) -> None:
        """Raise a Ctrl-C that has struck here, in the code of the input that prints."""
        frame: FrameType | None = sys._getframe()
        while frame is not None and not is_users(frame):
            frame = frame.f_back
        if self._root is None:
            if self._prompt is not None:
                self._prompt.raise_if_interrupted(frame)
        elif self._struck and may_raise_in(frame, self._root):
            raise KeyboardInterrupt

    def _report(self, name: str, error: BaseException) -> None:
        """Report what has failed here, which is no fault of the program."""
        self._send("output", "stderr", f"awaitall: {name}: {self._session.traceback_of(error)}")

    def _send(self, *message: Any) -> None:
        """Send what the prompt may read; if it reads nothing, that is the end of it."""
        try:
            self._channel.send(*message)
        except OSError:
            if self._streams.is_open:
                self._channel.end()
                doorbell.ring()  # the main thread closes this

    def close(self) -> None:
        """Leave the program as it was: tasks of the prompt are cancelled, everything else is undone at once."""
        if not self._streams.is_open:
            return
        self._streams.is_open = False
        doorbell.ignore(self._channel.fileno())
        self._channel.close()
        _open.discard(self)
        if not _open:
            streams.restore()
        if _open:  # one that has begun between any two steps of this
            streams.divert()
        self._session.forget()
        self._asked.clear()
        with suppress(RuntimeError):  # the loop is over
            if self._loop is not None and self._loop.soon is not None:
                self._loop.soon(self._end)
                return
        self._session.close()

    def _end(self) -> None:
        self._session.cancel_spawned()
        if self._task is not None:
            with suppress(KeyError):
                self._keeper.cancel(self._task)
        self._session.close()
