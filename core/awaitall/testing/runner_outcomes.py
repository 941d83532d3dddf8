"""What must come out of the inputs that a runner runs, and what it has to refuse."""

from __future__ import annotations

import contextvars
import gc
import threading

import pytest

from awaitall import RunnerSpec, Session
from awaitall.contracts import FEATURES
from awaitall.errors import AwaitallError, ClosedError, SuspendedError, UnsupportedError, WrongThreadError
from awaitall.testing.runner_fixtures import RunnerFixtures

__all__ = ["OutcomeTests"]


class OutcomeTests(RunnerFixtures):
    """Values, errors and refusals."""

    def test_it_declares_only_features_there_are(self, features: frozenset[str]) -> None:
        assert features <= FEATURES.keys()

    def test_the_value_comes_back(self, session: Session) -> None:
        assert session.run("await value(5)") == 5

    def test_the_value_comes_back_after_waiting(self, session: Session, features: frozenset[str]) -> None:
        self.need(features, "suspend")
        assert session.run("await pause(0.01); await value(5)") == 5

    @pytest.mark.parametrize(
        "error", ["ValueError('x')", "SystemExit(3)", "KeyboardInterrupt()", "StopIteration(1)", "BaseException()"]
    )
    def test_what_the_input_raises_comes_out(self, session: Session, error: str) -> None:
        expected = type(session.run(error))
        with pytest.raises(expected) as caught:
            session.run(f"await value(1); raise {error}")
        assert type(caught.value) is expected
        assert session.run("await value(6)") == 6

    def test_an_error_is_not_kept_alive(self, session: Session) -> None:
        session.run("class Mine(Exception): pass")
        with pytest.raises(Exception) as caught:  # noqa: PT011
            session.run("await value(1); raise Mine")
        del caught
        gc.collect()
        assert not [obj for obj in gc.get_objects() if type(obj) is session.namespace["Mine"]]

    def test_context_variables_stay_set(self, session: Session) -> None:
        session.run("var.set('sync')")
        assert session.run("await value(var.get())") == "sync"

    # -- across inputs --------------------------------------------------------------------------------------------------

    def test_a_generator_lives_over_several_inputs(self, session: Session, features: frozenset[str]) -> None:
        self.need(features, "background")
        session.run("g = count()")
        assert [session.run("await anext(g)") for _ in range(3)] == [0, 1, 2]
        session.run("await g.aclose()")

    def test_an_async_with_can_be_entered_and_left_in_two_inputs(self, session: Session, features: frozenset[str]) -> None:
        self.need(features, "across")
        session.run("stack = contextlib.AsyncExitStack()")
        session.run("await stack.enter_async_context(cm())")
        assert session.run("var.get()") == "inside"
        session.run("await stack.aclose()")
        assert session.run("var.get()") == "unset"

    # -- refusals -------------------------------------------------------------------------------------------------------

    def test_waiting_without_a_loop_blames_the_line(self, session: Session, features: frozenset[str]) -> None:
        if "suspend" in features:
            pytest.skip("an input may wait")
        with pytest.raises(SuspendedError) as caught:
            session.run("try:\n    await Waits()\nfinally:\n    log.append('cleaned up')")
        assert session.run("log") == ["cleaned up"]
        lines = [entry.lineno for entry in caught.traceback if str(entry.path).startswith("<input")]
        assert lines[0] == 1  # line 2, counted from 0

    def test_a_coroutine_is_run_once(self, session: Session) -> None:
        session.run("coro = value(1)")
        session.run("await coro")
        with pytest.raises(RuntimeError, match="cannot reuse"):
            session.run("await coro")
        assert session.run("await value(7)") == 7

    def test_another_thread_is_refused(self, session: Session) -> None:
        session.run("await value(1)")
        errors = []

        def elsewhere() -> None:
            try:
                session.run("await value(1)")
            except AwaitallError as exc:
                errors.append(exc)

        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        assert [type(error) for error in errors] == [WrongThreadError]
        assert session.run("await value(8)") == 8

    def test_a_closed_runner_refuses_inputs(self, several: None) -> None:
        runner = type(self).factory(contextvars.copy_context())
        runner.close()

        async def never() -> None:
            """Is closed without being run."""

        with pytest.raises(ClosedError):
            runner.run(never())

    def test_closing_twice_is_as_good_as_once(self, several: None) -> None:
        runner = type(self).factory(contextvars.copy_context())
        assert runner.close() == []
        assert runner.close() == []

    def test_closing_does_not_wait_for_nothing(self, several: None) -> None:
        for _ in range(20):
            session = Session({"pause": self.pause}, runner=RunnerSpec("under test", type(self).factory))
            try:
                session.run("await pause()")
            except SuspendedError:
                pass  # it has no loop
            session.pump([], timeout=0.001)  # now the loop has nothing to do
            assert session.close(timeout=10**6) == []

    def test_no_background_tasks_is_said_clearly(self, session: Session, features: frozenset[str]) -> None:
        if "background" in features:
            pytest.skip("there are background tasks")
        with pytest.raises(UnsupportedError):
            session.spawn(session.run("value(1)"))
