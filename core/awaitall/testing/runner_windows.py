"""What must be true of the windows of GUI toolkits, whose events a runner handles beside its tasks."""

from __future__ import annotations

from socket import socketpair
from typing import TYPE_CHECKING

import pytest

from awaitall.testing.runner_fixtures import RunnerFixtures, var, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from awaitall import Session

__all__ = ["WindowTests"]


class _Source:
    """An event source that has events whenever it is asked to handle some."""

    def __init__(self) -> None:
        self.on = True
        self.handled = 0
        self.seen = ""

    def __bool__(self) -> bool:
        return self.on

    def handle(self) -> float:
        self.handled += 1
        self.seen = var.get()
        return 0.001


class WindowTests(RunnerFixtures):
    """The event source of a runner."""

    @pytest.fixture
    def with_source(self, session: Session, features: frozenset[str]) -> Iterator[Session]:
        """The session, with a loop, and with an event source as ``source`` in its namespace."""
        self.need(features, "windows")
        session.run("await pause()")
        assert session._runner is not None
        before, source = session._runner.event_source, _Source()
        session._runner.event_source = session.namespace["source"] = source
        yield session
        source.on = False
        session._runner.event_source = before

    def test_events_are_handled_while_an_input_is_awaited(self, with_source: Session) -> None:
        wait_until(with_source, "source.handled >= 3")

    def test_events_are_handled_while_the_prompt_waits(self, with_source: Session) -> None:
        prompt, keys = socketpair()
        with prompt, keys:
            while with_source.namespace["source"].handled < 3:
                with_source.pump([prompt.fileno()], 0.1)

    def test_events_are_handled_beside_tasks_that_are_always_ready(self, with_source: Session) -> None:
        with_source.run("while source.handled < 3:\n    await pause()")

    def test_events_are_handled_in_the_context_of_the_inputs(self, with_source: Session) -> None:
        with_source.run("token = var.set('by an input')")
        wait_until(with_source, "source.seen == 'by an input'")

    def test_a_source_without_events_is_left_alone(self, with_source: Session) -> None:
        with_source.run("source.on = False; await pause(0.01)")
        with_source.run("source.handled = 0; await pause(0.01)")
        assert with_source.namespace["source"].handled == 0

    def test_what_handles_events_is_no_task(self, with_source: Session) -> None:
        wait_until(with_source, "source.handled")
        assert with_source.tasks() == []
