"""What Ctrl-C must do to the inputs that a runner runs, to its tasks, and to the prompt."""

from __future__ import annotations

import itertools
import signal
import sys
import threading
import warnings
from functools import partial
from typing import TYPE_CHECKING

import pytest

from awaitall import RunnerSpec, Session
from awaitall.testing.runner_fixtures import RunnerFixtures, goes_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from socket import socket
    from types import FrameType

__all__ = ["CtrlCTests"]


class CtrlCTests(RunnerFixtures):
    """Ctrl-C, from the keyboard and from a host."""

    @pytest.fixture
    def interruptible(self, session: Session, features: frozenset[str]) -> Session:
        """The session, with coroutines that press Ctrl-C in a background task."""
        self.need(features, "cancel", "background")
        return session

    def test_ctrl_c_cancels_the_input_and_lets_its_cleanup_end(self, interruptible: Session) -> None:
        with pytest.raises(KeyboardInterrupt):
            interruptible.run("await pressed(clean())")
        assert interruptible.run("log") == ["begun", "cleaned up"]
        assert interruptible.run("await value(9)") == 9

    def test_ctrl_c_is_raised_in_code_that_does_not_await(self, interruptible: Session) -> None:
        with pytest.raises(KeyboardInterrupt):
            interruptible.run("await pause()\npress()\nwhile True:\n    pass")
        assert interruptible.run("await pause(); await value(9)") == 9

    def test_an_input_that_survives_ctrl_c_gives_its_value(self, interruptible: Session) -> None:
        assert interruptible.run("await tough()") == 5

    def test_a_second_ctrl_c_gives_the_prompt_back(self, interruptible: Session) -> None:
        with pytest.raises(KeyboardInterrupt):
            interruptible.run("await pressed(hangs())")
        assert interruptible.run("await pause(); await value(9)") == 9

    def test_ctrl_c_leaves_background_tasks_alone(self, ticking: Session, interruptible: Session) -> None:
        for _ in range(20):
            with pytest.raises(KeyboardInterrupt):
                interruptible.run("await pressed(pause(1000))")
        goes_on(ticking)

    @pytest.fixture
    def host(self) -> Iterator[None]:
        """A host with a SIGINT handler of its own, which raises KeyboardInterrupt wherever it happens to be called."""

        def handler(signum: int, frame: FrameType | None) -> None:
            raise KeyboardInterrupt

        before = signal.signal(signal.SIGINT, handler)
        yield
        assert signal.signal(signal.SIGINT, before) is handler

    def test_what_the_handler_of_a_host_raises_cancels_the_input_and_nothing_else(
        self, ticking: Session, interruptible: Session, host: None
    ) -> None:
        with pytest.raises(KeyboardInterrupt):
            interruptible.run("await pressed(clean())")
        assert "cleaned up" in interruptible.run("log")
        goes_on(ticking)

    def test_what_the_handler_of_a_host_raises_comes_out_of_the_prompt(
        self, ticking: Session, keyboard: tuple[socket, socket], host: None
    ) -> None:
        ticking.spawn(ticking.run("press_soon()"))
        with pytest.raises(KeyboardInterrupt):
            pump_for_ever(ticking, keyboard[0].fileno())
        goes_on(ticking)

    def test_a_ctrl_c_before_an_input_has_begun_leaves_no_coroutine_unawaited(self, session: Session) -> None:
        compiled = session.compile("await value(9)")
        session.run(compiled)
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            for number in itertools.count(1):
                if not _pressed_at_call(number, partial(session.run, compiled)):
                    break
        assert number > 3
        assert [str(warning.message) for warning in told] == []
        assert session.run("await value(9)") == 9

    def test_python_handles_sigint_again_after_an_input(self, session: Session) -> None:
        session.run("await value(1)")
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

    def test_the_host_interrupts_the_input_though_it_has_changed_the_runner(
        self, session: Session, features: frozenset[str]
    ) -> None:
        self.need(features, "cancel")
        session.run("import sys")
        with pytest.raises(KeyboardInterrupt):
            session.run("await pause(); session.use('sync'); session.interrupt(sys._getframe())")

    def test_ctrl_c_that_has_struck_the_host_is_raised_at_its_end(self, session: Session, features: frozenset[str]) -> None:
        self.need(features, "cancel")
        session.run("import sys")
        with pytest.raises(KeyboardInterrupt):
            session.run(
                "try:\n    session.interrupt()\n    session.raise_if_interrupted(sys._getframe())\n    log.append('went on')\n"
                "finally:\n    await pause()\n    log.append('cleaned up')"
            )
        assert session.run("log") == ["cleaned up"]

    def test_another_thread_interrupts_the_input(self, several: None, session: Session, features: frozenset[str]) -> None:
        self.need(features, "cancel")
        waiting = session.namespace["waiting"] = threading.Event()
        others = []

        def run_in_a_thread() -> None:
            with Session(session.namespace, runner=RunnerSpec("under test", type(self).factory)) as other:
                others.append(other)
                with pytest.raises(KeyboardInterrupt):
                    other.run("try:\n    waiting.set()\n    await pause(1000)\nfinally:\n    log.append('cleaned up')")
                log.append("interrupted")

        log = session.namespace["log"]
        thread = threading.Thread(target=run_in_a_thread)
        thread.start()
        waiting.wait()
        assert others[0].interrupt()
        thread.join()
        assert log == ["cleaned up", "interrupted"]

    def test_ctrl_c_at_the_prompt_is_for_the_prompt(self, ticking: Session, keyboard: tuple[socket, socket]) -> None:
        ticking.spawn(ticking.run("press_soon()"))
        with pytest.raises(KeyboardInterrupt):
            pump_for_ever(ticking, keyboard[0].fileno())
        goes_on(ticking)

    def test_ctrl_c_frees_a_prompt_that_a_task_has_taken_hostage(
        self, ticking: Session, keyboard: tuple[socket, socket], capfd: pytest.CaptureFixture[str]
    ) -> None:
        ticking.spawn(ticking.run("hog()"), name="the hog")
        with pytest.raises(KeyboardInterrupt):
            pump_for_ever(ticking, keyboard[0].fileno())
        goes_on(ticking)
        told = capfd.readouterr().err
        assert "the hog" in told
        assert "KeyboardInterrupt" in told


def _pressed_at_call(number: int, run: Callable[[], object]) -> bool:
    """Press Ctrl-C as the function of a number is called before the input has begun; False if there is none."""
    count = 0

    def trace(frame: FrameType, event: str, arg: object) -> None:
        nonlocal count
        name = frame.f_code.co_name
        if not str(frame.f_globals.get("__name__")).startswith("awaitall.") or name == "trace":
            return
        if name == "aexecute":
            sys.settrace(None)
            return
        count += 1
        if count == number:
            sys.settrace(None)
            signal.raise_signal(signal.SIGINT)

    sys.settrace(trace)
    try:
        run()
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(None)
    return count == number


def pump_for_ever(session: Session, fd: int) -> None:
    """Wait at the prompt, until a Ctrl-C raises."""
    while True:
        session.pump([fd])
