"""The conformance suite for runners: subclass :class:`RunnerSuite` in your tests, and pytest checks what your runner declares.

::

    # test_quick.py
    from awaitall.testing import RunnerSuite
    from awaitall_quick import QuickRunner

    class TestQuick(RunnerSuite):
        factory = QuickRunner

        async def pause(self, seconds=0.0):
            await quick.sleep(seconds)

Takes pytest, which is no dependency of awaitall.
"""

from __future__ import annotations

import contextvars
import gc
import itertools
import os
import select
import signal
import sys
import threading
import time
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from awaitall import RunnerSpec, Session
from awaitall.contracts import FEATURES
from awaitall.errors import AwaitallError, ClosedError, SuspendedError, UnsupportedError, WrongThreadError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import FrameType

    from awaitall.contracts import Runner

__all__ = ["RunnerSuite"]

var: contextvars.ContextVar[str] = contextvars.ContextVar("var", default="unset")

#: What the inputs of the tests call; ``pause`` is the suite's own, ``log`` a list.
AIDS = """
import contextlib
import os
import signal
import time

def press():
    signal.raise_signal(signal.SIGINT)

async def value(x):
    return x

async def tick():
    while True:
        log.append("tick")
        await pause(0.001)

async def fails():
    await pause()
    log.append("failing")
    raise ValueError("in the background")

async def clean(wait=None):
    try:
        await (wait or pause(1000))
    finally:
        await pause_in_cleanup()
        log.append("cleaned up")

ended = False

async def stubborn():
    while not ended:
        try:
            await pause(0.001)
        except BaseException:
            pass

async def count():
    for i in range(3):
        await pause()
        yield i

@contextlib.asynccontextmanager
async def cm():
    token = var.set("inside")
    await pause()
    yield
    await pause()
    var.reset(token)

async def press_soon():
    await pause(0.001)
    press()

async def pressed(coro):
    session.spawn(press_soon(), name="presser")
    await coro

async def tough():
    try:
        await pressed(pause(1000))
    except BaseException:
        return 5

async def hangs():
    try:
        await pause(1000)
    finally:
        await pressed(pause(1000))

class Waits:
    def __await__(self):
        yield

async def type_a_key(keyboard):
    while len(log) < 3:
        await pause()
    os.write(keyboard, b"x")

async def hog():
    press()
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        pass
    press()
    while True:
        pass
"""


class RunnerSuite:
    """What must be true of every runner; what takes a feature is asked only of a runner that declares it.

    Attributes:
        factory: What the spec of the runner has as its factory.
    """

    factory: Callable[[contextvars.Context], Runner]

    async def pause(self, seconds: float = 0.0) -> None:
        """Wait, in the way of the library under test; for at least one turn of its loop. Override it."""

    async def pause_in_cleanup(self) -> None:
        """Wait in a ``finally``; a library whose cancellation goes on until it is heeded needs a shield around it."""
        await self.pause()

    # -- set-up ---------------------------------------------------------------------------------------------------------

    @pytest.fixture
    def session(self) -> Iterator[Session]:
        """A session on the runner, with the aids in its namespace."""
        namespace: dict[str, Any] = {
            "__name__": "__main__",
            "pause": self.pause,
            "pause_in_cleanup": self.pause_in_cleanup,
            "log": [],
            "var": var,
        }
        before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may start tests with SIGINT ignored
        with Session(namespace, runner=RunnerSpec("under test", type(self).factory)) as session:
            namespace["session"] = session
            session.run(AIDS)
            yield session
        signal.signal(signal.SIGINT, before)

    @pytest.fixture
    def features(self) -> frozenset[str]:
        """What the runner declares."""
        runner = type(self).factory(contextvars.copy_context())
        runner.close()
        return runner.features

    def need(self, features: frozenset[str], *names: str) -> None:
        """Skip a test of what the runner does not declare."""
        for name in names:
            if name not in features:
                pytest.skip(f"does not declare {name!r}: {FEATURES[name]}")

    # -- outcomes -------------------------------------------------------------------------------------------------------

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

    def test_a_closed_runner_refuses_inputs(self) -> None:
        runner = type(self).factory(contextvars.copy_context())
        runner.close()

        async def never() -> None:
            """Is closed without being run."""

        with pytest.raises(ClosedError):
            runner.run(never())

    def test_closing_twice_is_as_good_as_once(self) -> None:
        runner = type(self).factory(contextvars.copy_context())
        assert runner.close() == []
        assert runner.close() == []

    def test_closing_does_not_wait_for_nothing(self) -> None:
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

    # -- the background -------------------------------------------------------------------------------------------------

    @pytest.fixture
    def ticking(self, session: Session, features: frozenset[str]) -> Session:
        """The session, with a task that has appended one entry to ``log`` and appends another at each turn."""
        self.need(features, "background")
        session.spawn(session.run("tick()"), name="ticker")
        session.run("while not log:\n    await pause(0.001)")
        return session

    def test_tasks_go_on_in_later_inputs(self, ticking: Session) -> None:
        ticking.run("log.clear()")
        ticking.run("while len(log) < 3:\n    await pause(0.001)")

    def test_a_task_that_fails_is_reported_and_ends_nothing_else(
        self, ticking: Session, capfd: pytest.CaptureFixture[str]
    ) -> None:
        ticking.spawn(ticking.run("fails()"), name="failing task")
        ticking.run("while 'failing' not in log:\n    await pause(0.001)")
        ticking.run("log.clear()")
        ticking.run("while len(log) < 3:\n    await pause(0.001)")
        told = capfd.readouterr().err
        assert told.count("ValueError: in the background") == 1
        assert "failing task" in told

    def test_a_task_that_never_began_is_closed(self, session: Session, features: frozenset[str]) -> None:
        self.need(features, "background")
        coro = session.run("value(1)")
        session.spawn(coro)
        session.close()
        with pytest.raises(RuntimeError, match="cannot reuse"):
            coro.send(None)

    def test_an_exit_in_a_task_ends_nothing_else(self, ticking: Session, capfd: pytest.CaptureFixture[str]) -> None:
        ticking.run("async def exits():\n    await pause()\n    log.append('exiting')\n    raise SystemExit(3)")
        ticking.spawn(ticking.run("exits()"))
        ticking.run("while 'exiting' not in log:\n    await pause(0.001)")
        ticking.run("log.clear()")
        ticking.run("while len(log) < 3:\n    await pause(0.001)")

    def test_a_task_is_listed_by_its_name_until_it_ends(self, ticking: Session) -> None:
        assert "ticker" in [task.name for task in ticking.tasks()]

    def test_a_task_has_its_number_before_it_has_begun(self, ticking: Session) -> None:
        number = ticking.spawn(ticking.run("tick()"), name="not begun")
        assert (number, "not begun") in [(task.number, task.name) for task in ticking.tasks()]

    def test_a_task_is_cancelled_by_its_number(self, ticking: Session) -> None:
        number = ticking.spawn(ticking.run("clean()"), name="to be cancelled")
        ticking.run("await pause(0.01)")
        ticking.cancel(number)
        ticking.run("while 'cleaned up' not in log:\n    await pause(0.001)")
        ticking.run("await pause(0.01)")
        assert [task.name for task in ticking.tasks()] == ["ticker"]

    def test_closing_runs_the_cleanup_of_tasks(self, session: Session, features: frozenset[str]) -> None:
        self.need(features, "background")
        session.spawn(session.run("clean()"))
        session.run("await pause(0.01)")
        assert session.close() == []
        assert session.namespace["log"] == ["cleaned up"]

    def test_closing_names_the_tasks_that_would_not_end(self, session: Session, features: frozenset[str]) -> None:
        self.need(features, "background")
        session.spawn(session.run("stubborn()"), name="stubborn task")
        session.run("await pause(0.01)")
        began = time.monotonic()
        assert session.close(0.1) == ["stubborn task"]
        assert time.monotonic() - began < 60
        session.namespace.update(ended=True)

    # -- the prompt -----------------------------------------------------------------------------------------------------

    @pytest.fixture
    def keyboard(self, ticking: Session, features: frozenset[str]) -> Iterator[tuple[int, int]]:
        """A pipe: what the prompt reads, and what a key is written to; there is a task in the background."""
        self.need(features, "pump")
        ticking.run("log.clear()")
        pipe = os.pipe()
        yield pipe
        for fd in pipe:
            os.close(fd)

    def test_tasks_go_on_until_there_is_a_key(self, ticking: Session, keyboard: tuple[int, int]) -> None:
        prompt, keys = keyboard
        ticking.spawn(ticking.run(f"type_a_key({keys})"))
        while not select.select([prompt], [], [], 0)[0]:
            ticking.pump([prompt])
        assert os.read(prompt, 100) == b"x"
        assert len(ticking.namespace["log"]) >= 3

    def test_a_key_that_is_there_is_not_waited_for(self, ticking: Session, keyboard: tuple[int, int]) -> None:
        os.write(keyboard[1], b"x")
        ticking.pump([keyboard[0]])
        assert os.read(keyboard[0], 100) == b"x"

    def test_a_plain_file_is_not_waited_for(self, ticking: Session, keyboard: tuple[int, int], tmp_path: Path) -> None:
        (tmp_path / "inputs").write_text("1 + 1")
        with open(tmp_path / "inputs") as file:
            ticking.pump([file.fileno()])
        assert ticking.run("await value(9)") == 9

    def test_the_prompt_may_wait_for_a_time_only(self, ticking: Session, keyboard: tuple[int, int]) -> None:
        ticking.pump([keyboard[0]], 0.001)
        assert ticking.run("await value(9)") == 9

    def test_the_prompt_finds_its_terminal_as_it_was(self, ticking: Session, keyboard: tuple[int, int]) -> None:
        ticking.pump([keyboard[0]], 0.001)
        assert os.get_blocking(keyboard[0])

    def test_ctrl_c_at_the_prompt_is_for_the_prompt(self, ticking: Session, keyboard: tuple[int, int]) -> None:
        ticking.spawn(ticking.run("press_soon()"))
        with pytest.raises(KeyboardInterrupt):
            _pump_for_ever(ticking, keyboard[0])
        ticking.run("log.clear()")
        ticking.run("while len(log) < 3:\n    await pause(0.001)")

    def test_ctrl_c_frees_a_prompt_that_a_task_has_taken_hostage(
        self, ticking: Session, keyboard: tuple[int, int], capfd: pytest.CaptureFixture[str]
    ) -> None:
        ticking.spawn(ticking.run("hog()"), name="the hog")
        with pytest.raises(KeyboardInterrupt):
            _pump_for_ever(ticking, keyboard[0])
        ticking.run("log.clear()")
        ticking.run("while len(log) < 3:\n    await pause(0.001)")
        told = capfd.readouterr().err
        assert "the hog" in told
        assert "KeyboardInterrupt" in told

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

    def test_the_host_interrupts_the_input_though_it_has_changed_the_runner(
        self, session: Session, features: frozenset[str]
    ) -> None:
        self.need(features, "cancel")
        session.run("import sys")
        with pytest.raises(KeyboardInterrupt):
            session.run("await pause(); session.use('sync'); session.interrupt(sys._getframe())")

    def test_another_thread_interrupts_the_input(self, session: Session, features: frozenset[str]) -> None:
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

    # -- Ctrl-C ---------------------------------------------------------------------------------------------------------

    @pytest.fixture
    def interruptible(self, session: Session, features: frozenset[str]) -> Session:
        """The session, with coroutines that press Ctrl-C in a background task."""
        self.need(features, "cancel", "background")
        return session

    def test_ctrl_c_cancels_the_input_and_lets_its_cleanup_end(self, interruptible: Session) -> None:
        with pytest.raises(KeyboardInterrupt):
            interruptible.run("await pressed(clean())")
        assert interruptible.run("log") == ["cleaned up"]
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
        ticking.run("log.clear()")
        ticking.run("while len(log) < 3:\n    await pause(0.001)")

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
        ticking.run("log.clear()")
        ticking.run("while len(log) < 3:\n    await pause(0.001)")

    def test_what_the_handler_of_a_host_raises_comes_out_of_the_prompt(
        self, ticking: Session, keyboard: tuple[int, int], host: None
    ) -> None:
        ticking.spawn(ticking.run("press_soon()"))
        with pytest.raises(KeyboardInterrupt):
            _pump_for_ever(ticking, keyboard[0])
        ticking.run("log.clear()")
        ticking.run("while len(log) < 3:\n    await pause(0.001)")

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


def _pump_for_ever(session: Session, fd: int) -> None:
    while True:
        session.pump([fd])
