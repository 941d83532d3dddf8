"""What the tests of a runner begin with: how the runner is opened, and the session on it."""

from __future__ import annotations

import contextvars
import signal
import socket
import time
from typing import TYPE_CHECKING, Any

import pytest

from awaitall import RunnerSpec, Session
from awaitall.contracts import FEATURES
from awaitall.errors import ClosedError
from awaitall.testing.runner_inputs import INPUTS

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from awaitall.contracts import Runner

    Factory = Callable[[contextvars.Context], Runner]
    Pause = Callable[[float], Coroutine[Any, Any, None]]

__all__ = ["RunnerFixtures", "goes_on", "wait_until"]

#: Seconds for the tasks of a test to end once they are cancelled.
TIMEOUT = 30.0

var: contextvars.ContextVar[str] = contextvars.ContextVar("var", default="unset")


class RunnerFixtures:
    """The attributes and fixtures of :class:`awaitall.testing.RunnerSuite`."""

    factory: Factory
    one_loop_per_process = False

    async def pause(self, seconds: float = 0.0) -> None:
        """Wait, in the way of the library under test; for at least one turn of its loop. Override it."""

    async def pause_in_cleanup(self) -> None:
        """Wait in a ``finally``; a library whose cancellation goes on until it is heeded needs a shield around it."""
        await self.pause()

    @pytest.fixture(scope="class")
    @classmethod
    def kept(cls) -> Iterator[KeptRunner | None]:
        """The one runner for all tests of the class, if its library allows no more; it is closed when they are done."""
        if not cls.one_loop_per_process:
            yield None
            return
        kept = KeptRunner(cls)
        yield kept
        kept.check_that_it_closes()

    @pytest.fixture
    def open_runner(self, kept: KeptRunner | None) -> Factory:
        """What the spec of the runner has as its factory in a test."""
        return type(self).factory if kept is None else kept.open

    @pytest.fixture
    def session(self, open_runner: Factory, kept: KeptRunner | None) -> Iterator[Session]:
        """A session on the runner, with what the inputs of the tests call in its namespace."""
        namespace: dict[str, Any] = {
            "__name__": "__main__",
            "pause": self.pause,
            "pause_in_cleanup": self.pause_in_cleanup,
            "log": [],
            "var": var,
        }
        before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may start tests with SIGINT ignored
        with Session(namespace, runner=RunnerSpec("under test", open_runner)) as session:
            namespace["session"] = session
            if kept is not None:
                session.context = kept.open(session.context).context
                session.context.run(var.set, "unset")
            session.run(INPUTS)
            yield session
        if kept is not None:
            kept.end_tasks()
        signal.signal(signal.SIGINT, before)

    @pytest.fixture
    def features(self, open_runner: Factory) -> frozenset[str]:
        """What the runner declares."""
        runner = open_runner(contextvars.copy_context())
        runner.close()
        return runner.features

    def need(self, features: frozenset[str], *names: str) -> None:
        """Skip a test of what the runner does not declare."""
        for name in names:
            if name not in features:
                pytest.skip(f"does not declare {name!r}: {FEATURES[name]}")

    @pytest.fixture
    def several(self) -> None:
        """Skip a test that closes a runner, or opens another one, where there is one for all tests."""
        if self.one_loop_per_process:
            pytest.skip("one_loop_per_process: the one runner is closed when all tests are done, and no other is opened")

    @pytest.fixture
    def ticking(self, session: Session, features: frozenset[str]) -> Session:
        """The session, with a task that has appended one entry to ``log`` and appends another at each turn."""
        self.need(features, "background")
        session.spawn(session.run("tick()"), name="ticker")
        wait_until(session, "log")
        return session

    @pytest.fixture
    def keyboard(self, ticking: Session, features: frozenset[str]) -> Iterator[tuple[socket.socket, socket.socket]]:
        """What the prompt reads, and what a key is sent to; there is a task in the background."""
        self.need(features, "pump")
        ticking.run("log.clear()")
        reader, writer = socket.socketpair()
        with reader, writer:
            yield reader, writer


class KeptRunner:
    """A runner that the sessions of all tests share, and that none of them closes.

    Args:
        suite: The class of the tests.
    """

    def __init__(self, suite: type[RunnerFixtures]) -> None:
        self._suite = suite
        self._runner: Runner | None = None

    def open(self, context: contextvars.Context) -> Runner:
        """Return the runner; the first call opens it, in the context given then."""
        if self._runner is None:
            self._runner = self._suite.factory(context)
            vars(self._runner)["close"] = _stay_open
        return self._runner

    def end_tasks(self) -> None:
        """Cancel what a test has left in the background, and wait until it has ended."""
        if (runner := self._runner) is None or "background" not in runner.features:
            return
        for task in runner.tasks():
            runner.cancel(task.handle)
        end = time.monotonic() + TIMEOUT
        while left := runner.tasks():
            assert time.monotonic() < end, f"cancelled, and still there: {left}"
            runner.run(self._suite().pause(0.001))

    def check_that_it_closes(self) -> None:
        """Close the runner, and check that its tasks have been cancelled, and which of them it names."""
        if (runner := self._runner) is None:
            return
        self._runner = None
        del vars(runner)["close"]
        if "background" not in runner.features:
            assert runner.close() == []
        else:
            self._check_tasks(runner)
        assert runner.close() == [], "closing twice is as good as once"
        with pytest.raises(ClosedError):
            runner.run(_nothing())

    def _check_tasks(self, runner: Runner) -> None:
        suite, log, ended = self._suite(), list[str](), list[bool]()

        async def clean() -> None:
            log.append("begun")
            try:
                await suite.pause(1000)
            finally:
                await suite.pause_in_cleanup()
                log.append("cleaned up")

        async def stubborn() -> None:
            log.append("begun")
            while not ended:
                try:
                    await suite.pause(0.001)
                except BaseException:
                    pass

        async def both_have_begun() -> None:
            while len(log) < 2:
                await suite.pause(0.001)

        runner.spawn(clean(), "clean task")
        runner.spawn(stubborn(), "stubborn task")
        runner.run(both_have_begun())
        assert runner.close(1.0) == ["stubborn task"]
        assert log == ["begun", "begun", "cleaned up"]
        ended.append(True)


def _stay_open(timeout: float = 5.0) -> list[str]:
    return []


async def _nothing() -> None:
    """Is closed without being run."""


def wait_until(session: Session, condition: str) -> None:
    """Run the loop until an expression is true."""
    session.run(f"while not ({condition}):\n    await pause(0.001)")


def goes_on(session: Session) -> None:
    """Wait until the task in the background has ticked again."""
    session.run("log.clear()")
    wait_until(session, "len(log) >= 3")
