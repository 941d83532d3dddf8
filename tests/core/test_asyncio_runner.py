"""The asyncio runner: one loop, one task for all inputs; Ctrl-C; the end."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import os
import signal
import subprocess
import sys
import threading
import traceback

import pytest

from awaitall import Session, interrupts
from awaitall.errors import ClosedError, WrongThreadError
from awaitall.runners.on_asyncio import AsyncioRunner
from awaitall.testing.shell_fixtures import without_folders


@pytest.fixture
def runner():
    runner = AsyncioRunner(contextvars.copy_context())
    yield runner
    runner.close(0.5)


@pytest.fixture
def session():
    with Session() as session:
        session.run("import asyncio, os, signal, sys, contextvars")
        yield session


async def give(value):
    await asyncio.sleep(0)
    return value


async def throw(exc):
    await asyncio.sleep(0)
    raise exc


def press(count=1):
    """Press Ctrl-C from inside the loop, but outside the input."""
    for _ in range(count):
        signal.raise_signal(signal.SIGINT)


# -- outcomes -----------------------------------------------------------------------------------------------------------


def test_the_value_comes_back(runner):
    assert runner.run(give(5)) == 5


@pytest.mark.parametrize(
    "exc",
    [ValueError("x"), SystemExit(3), KeyboardInterrupt(), GeneratorExit(), asyncio.CancelledError()],
    ids=lambda exc: type(exc).__name__,
)
def test_what_the_input_raises_comes_out(runner, exc):
    with pytest.raises(type(exc)) as caught:
        runner.run(throw(exc))
    assert caught.value is exc


@pytest.mark.parametrize(
    "exc",
    [ValueError("x"), SystemExit(3), KeyboardInterrupt(), GeneratorExit(), asyncio.CancelledError()],
    ids=lambda exc: type(exc).__name__,
)
def test_the_next_input_is_clean(runner, exc):
    with pytest.raises(type(exc)):
        runner.run(throw(exc))
    assert runner.run(give(5)) == 5


def test_an_exception_is_not_kept_alive(runner):
    import weakref

    class Error(Exception):
        pass

    with pytest.raises(Error) as caught:
        runner.run(throw(Error()))
    reference = weakref.ref(caught.value)
    del caught
    gc.collect()
    assert reference() is None


# -- one loop, one task ---------------------------------------------------------------------------------------------------


def test_all_inputs_run_on_one_loop(session):
    assert session.run(
        "await asyncio.sleep(0); loop = asyncio.get_running_loop()\nawait asyncio.sleep(0)\nloop is asyncio.get_running_loop()"
    )


def test_all_inputs_run_in_one_task(session):
    session.run("await asyncio.sleep(0); task = asyncio.current_task()")
    assert session.run("await asyncio.sleep(0); task is asyncio.current_task()")


def test_a_task_group_may_be_left_in_another_input(session):
    session.run("group = asyncio.TaskGroup(); await group.__aenter__()")
    session.run("await asyncio.sleep(0); task = group.create_task(asyncio.sleep(0, 5))")
    session.run("await group.__aexit__(None, None, None)")
    assert session.run("task.result()") == 5


def test_a_timeout_entered_in_one_input_ends_another(session):
    session.run("deadline = asyncio.timeout(0.01); await deadline.__aenter__()")
    with pytest.raises(asyncio.CancelledError):
        session.run("await asyncio.Event().wait()")


def test_a_timeout_that_expires_at_the_prompt_ends_the_next_input(session):
    session.run("deadline = asyncio.timeout(0.001); await deadline.__aenter__()")
    while not session.namespace["deadline"].expired():
        session.pump([], 0.001)
    with pytest.raises(asyncio.CancelledError):
        session.run("await asyncio.Event().wait()")
    session.run("await deadline.__aexit__(None, None, None)")
    assert session.run("await asyncio.sleep(0, 5)") == 5


def test_a_timeout_that_expires_at_the_prompt_may_be_left_by_the_next_input(session):
    session.run("deadline = asyncio.timeout(0.001); await deadline.__aenter__()")
    while not session.namespace["deadline"].expired():
        session.pump([], 0.001)
    session.run("await deadline.__aexit__(None, None, None)")
    assert session.run("await asyncio.sleep(0, 5)") == 5


def test_an_anyio_task_group_may_be_left_in_another_input(session):
    pytest.importorskip("anyio")
    session.run("import anyio; group = anyio.create_task_group(); await group.__aenter__()")
    session.run("await asyncio.sleep(0); group.start_soon(anyio.sleep, 0)")
    session.run("await group.__aexit__(None, None, None)")
    assert session.run("await asyncio.sleep(0, 5)") == 5


def test_background_tasks_go_on_in_a_later_await(session):
    session.run("async def work():\n  await asyncio.sleep(0)\n  return 5")
    session.run("await asyncio.sleep(0); task = asyncio.create_task(work())")
    assert session.run("await task") == 5


@pytest.mark.parametrize(
    "meddling",
    [
        "asyncio.current_task().cancel()",
        "asyncio.get_running_loop().stop(); await asyncio.sleep(0)",
        "asyncio.get_running_loop().call_soon(sys.exit, 1); await asyncio.sleep(0)",
        "asyncio.get_running_loop().call_soon(signal.default_int_handler, 2, None); await asyncio.sleep(0)",
        "task = asyncio.create_task(throw(SystemExit(3))); await asyncio.wait([task]); task.exception()",
        "task = asyncio.create_task(throw(KeyboardInterrupt())); await asyncio.wait([task]); task.exception()",
    ],
)
def test_the_next_input_is_clean_after_meddling(session, meddling):
    session.namespace["throw"] = throw
    session.run(f"await asyncio.sleep(0); {meddling}")
    assert session.run("await asyncio.sleep(0, 5)") == 5


def test_cancelling_all_tasks_ends_the_input_and_not_the_runner(session):
    with pytest.raises(asyncio.CancelledError):
        session.run("await asyncio.sleep(0)\nfor task in asyncio.all_tasks(): task.cancel()\nawait asyncio.sleep(0)")
    assert session.run("await asyncio.sleep(0, 5)") == 5


def test_an_input_that_was_cancelled_leaves_no_count_of_cancellations(session):
    session.run("await asyncio.sleep(0); asyncio.current_task().cancel()")
    assert session.run("await asyncio.sleep(0, asyncio.current_task().cancelling())") == 0


@pytest.mark.parametrize("awaits", ["", "await asyncio.sleep(0); "])
def test_cancelling_all_other_tasks_cancels_what_is_the_users_and_nothing_later(session, awaits):
    session.run("task = asyncio.create_task(asyncio.sleep(1000)) if await asyncio.sleep(0, True) else None")
    session.run(f"{awaits}others = asyncio.all_tasks() - {{asyncio.current_task()}}")
    assert session.run("others == {task}")
    session.run("for other in others: other.cancel()")
    assert session.run("await asyncio.sleep(0, 5)") == 5
    assert session.run("task.cancelled()")


def test_an_awaiting_input_is_one_of_all_tasks(session):
    assert session.run("await asyncio.sleep(0); asyncio.current_task() in asyncio.all_tasks()")
    assert session.run("await asyncio.sleep(0); asyncio.current_task() in asyncio.all_tasks()")


@pytest.mark.skipif(sys.version_info < (3, 12), reason="there are eager tasks since 3.12")
def test_an_eager_task_factory_of_the_users_is_that_of_the_users_tasks(session, capsys):
    session.run("async def fails(): raise ValueError('eager')")
    session.run("await asyncio.sleep(0); asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)")
    assert session.run("t = asyncio.create_task(asyncio.sleep(0, 5)); waits = t._fut_waiter, await t; waits[1]") == 5
    session.run("task = asyncio.create_task(asyncio.sleep(1000)); await asyncio.sleep(0)")
    assert [(task.name, task.state) for task in session.tasks()] == [("sleep", "waiting")]
    session.run("asyncio.create_task(fails()); await asyncio.sleep(0.2)")
    assert capsys.readouterr().err.count("ValueError: eager") == 1
    session.run("task.cancel()")


@pytest.mark.skipif(sys.version_info < (3, 12), reason="there are eager tasks since 3.12")
def test_an_abandoned_input_is_followed_by_others_under_an_eager_task_factory(session):
    session.run("await asyncio.sleep(0); asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)")
    runner = session._runner
    session.run("async def leaves(runner):\n    runner._abandon(runner._foreground)\n    await asyncio.sleep(0.01)")
    with pytest.raises(KeyboardInterrupt):
        session.run("import awaitall; await leaves(awaitall.current_session()._runner)")
    assert session.run("await asyncio.sleep(0, 5)") == 5
    assert runner is session._runner


def test_a_task_factory_of_the_users_is_not_seen_as_somebody_elses(session):
    assert session.run("await asyncio.sleep(0); asyncio.get_running_loop().get_task_factory() is None")


def test_a_task_that_no_loop_has_made_is_listed(session):
    session.run("await asyncio.sleep(0); t = asyncio.Task(asyncio.sleep(1000), name='direct')")
    assert [task.name for task in session.tasks()] == ["direct"]


GEVENT = """
from awaitall import Session

with Session(globals()) as session:
    session.run("import asyncio; task = asyncio.create_task(asyncio.sleep(0.01, 5)) if await asyncio.sleep(0, True) else None")
    session.run("from gevent import monkey; monkey.patch_all()")
    session.pump([], 0.02)
    print(session.run("await task"))
    try:
        session.run("import os, signal; await asyncio.sleep(0)\\nsignal.raise_signal(signal.SIGINT); await asyncio.sleep(1000)")
    except KeyboardInterrupt:
        print("interrupted")
"""


def test_a_thread_stays_the_same_when_gevent_patches_threading():
    pytest.importorskip("gevent")
    result = subprocess.run([sys.executable, "-c", GEVENT], capture_output=True, text=True, check=False, timeout=60)
    assert result.stdout == "5\ninterrupted\n", result.stderr


# -- a loop that tasks run inside itself ------------------------------------------------------------------------------------

NESTED = """
import asyncio
from awaitall import Session

async def inside():
    return asyncio.run(asyncio.sleep(0.001, 5))

async def again():
    while True:
        asyncio.run(asyncio.sleep(0.001))
        await asyncio.sleep(0)
        rounds.append(None)

rounds = []
with Session(globals()) as session:
    session.run("import nest_asyncio2; nest_asyncio2.apply(asyncio.get_running_loop() if await asyncio.sleep(0, True) else None)")
    print(session.run("await inside()"), session.run("asyncio.run(inside())"))
    session.run("task = asyncio.create_task(again())")
    while len(rounds) < 20:
        session.run("await asyncio.sleep(0)")
        session.pump([], 0.0)
    print(task.done())
    task.cancel()
    session.run("await asyncio.sleep(0); asyncio.get_running_loop().stop()")
    print(session.run("await asyncio.sleep(0, 5)"))
"""


def test_a_nested_loop_is_not_ended_by_the_end_of_an_input_or_of_a_prompt():
    result = subprocess.run([sys.executable, "-c", NESTED], capture_output=True, text=True, check=False, timeout=60)
    assert (result.stdout, result.stderr) == ("5 5\nFalse\n5\n", "")


def test_a_loop_that_was_closed_between_inputs_is_replaced(session):
    session.run("await asyncio.sleep(0); loop = asyncio.get_running_loop()")
    session.run("loop.close()")
    assert session.run("await asyncio.sleep(0, 5)") == 5


def test_another_thread_is_refused(runner):
    errors = []

    def other():
        try:
            runner.run(give(5))
        except WrongThreadError as exc:
            errors.append(exc)

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert len(errors) == 1


# -- Ctrl-C -----------------------------------------------------------------------------------------------------------------


def test_ctrl_c_is_a_keyboard_interrupt(session):
    session.namespace["press"] = press
    with pytest.raises(KeyboardInterrupt):
        session.run("asyncio.get_running_loop().call_soon(press); await asyncio.Event().wait()")


def test_ctrl_c_in_a_task_group_is_a_bare_keyboard_interrupt(session):
    session.namespace["press"] = press
    source = """
async with asyncio.TaskGroup() as group:
    task = group.create_task(asyncio.Event().wait())
    asyncio.get_running_loop().call_soon(press)
    await asyncio.Event().wait()
"""
    with pytest.raises(KeyboardInterrupt):
        session.run(source)
    assert session.run("task.cancelled()")


def test_a_second_ctrl_c_leaves_a_hanging_cleanup_behind(session):
    session.namespace["press"] = press
    source = """
ended = asyncio.Event()
async def hanging():
    try:
        await asyncio.Event().wait()
    finally:
        asyncio.get_running_loop().call_soon(press)
        await ended.wait()
        done.set()
done = asyncio.Event()
asyncio.get_running_loop().call_soon(press)
await hanging()
"""
    with pytest.raises(KeyboardInterrupt):
        session.run(source)
    assert session.run("ended.set(); await done.wait()")  # the cleanup went on in the background


def test_background_tasks_live_on_after_ctrl_c(session):
    session.namespace["press"] = press
    session.run("await asyncio.sleep(0); event = asyncio.Event(); task = asyncio.create_task(event.wait())")
    with pytest.raises(KeyboardInterrupt):
        session.run("asyncio.get_running_loop().call_soon(press); await asyncio.Event().wait()")
    assert session.run("event.set(); await task")


def test_after_an_input_python_handles_sigint_again(session):
    session.run("await asyncio.sleep(0)")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


INTERRUPTED_TWICE = """
try:
    await asyncio.sleep(0); signal.raise_signal(signal.SIGINT)
    while True: pass
finally:
    {}
"""


@pytest.mark.parametrize("cleanup", ["1 / 0", "raise ExceptionGroup('', [ValueError()])"])
def test_an_error_in_the_cleanup_after_ctrl_c_shows_no_frame_of_ours(session, cleanup):
    outcome = session.evaluate("import signal\n" + INTERRUPTED_TWICE.format(cleanup))
    text = "".join(traceback.format_exception(outcome.error))
    assert "KeyboardInterrupt" in text
    assert "awaitall" not in without_folders(text)


def test_code_that_a_handler_of_the_host_stops_shows_no_trace_of_that_handler(session):
    """Of a host as cmd2 is one: its handler raises KeyboardInterrupt, whatever runs."""

    def handler(signum, frame):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, handler)
    try:
        with pytest.raises(KeyboardInterrupt) as caught:
            session.run("import signal; await asyncio.sleep(0); signal.raise_signal(signal.SIGINT)\nwhile True: pass")
    finally:
        signal.signal(signal.SIGINT, before)
    assert caught.value.__context__ is None


def test_a_handler_of_the_host_is_asked_and_put_back(session):
    signals = []

    def handler(signum, frame):
        signals.append(signum)

    session.namespace["press"] = press
    before = signal.signal(signal.SIGINT, handler)
    try:
        session.run("asyncio.get_running_loop().call_soon(press); await asyncio.sleep(0.001)")
        assert signals == [signal.SIGINT]
        assert signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_our_handler_left_behind_acts_as_pythons_own():
    before = signal.signal(signal.SIGINT, interrupts.sigint)
    try:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)


def test_our_handler_left_behind_is_taken_away_by_the_next_input(session):
    signal.signal(signal.SIGINT, interrupts.sigint)
    session.run("await asyncio.sleep(0)")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_interrupt_without_an_input_says_so(runner):
    assert not runner.interrupt()


# -- the end ----------------------------------------------------------------------------------------------------------------


def test_closing_runs_the_cleanup_of_background_tasks(session):
    session.run("""
seen = []
async def work():
    try:
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(0)
        seen.append("cleaned up")
task = asyncio.create_task(work())
await asyncio.sleep(0)
""")
    session.close()
    assert session.namespace["seen"] == ["cleaned up"]


def test_closing_closes_asynchronous_generators(session):
    session.run("""
seen = []
async def generate():
    try:
        yield 1
    finally:
        await asyncio.sleep(0)
        seen.append("closed")
generator = generate()
await anext(generator)
""")
    session.close()
    assert session.namespace["seen"] == ["closed"]


def test_closing_names_the_tasks_that_would_not_end(session):
    session.run("""
async def stubborn():
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass
task = asyncio.create_task(stubborn(), name="stubborn")
await asyncio.sleep(0)
""")
    assert session.close(timeout=0.01) == ["stubborn"]


STUBBORN = """
async def stubborn():
    try:
        yield 1
    finally:
        while not ended:
            try:
                await asyncio.sleep(0.001)
            except asyncio.CancelledError:
                pass
generator = stubborn()
ended = False
await anext(generator)
"""


def test_closing_does_not_wait_for_a_generator_that_will_not_end(session):
    session.run(STUBBORN)
    assert session.close(0.05) == []


IMPATIENT = """
async def stubborn():
    while True:
        try:
            await asyncio.sleep(0.001)
        except asyncio.CancelledError:
            asyncio.get_running_loop().call_soon(press)
"""


def test_ctrl_c_ends_closing(session):
    session.namespace["press"] = press
    session.run(IMPATIENT)
    session.spawn(session.run("stubborn()"), name="stubborn task")
    session.run("await asyncio.sleep(0)")
    assert session.close(1000) == ["stubborn task"]


def test_closing_does_not_wait_for_a_thread(session):
    release = threading.Event()
    session.namespace["release"] = release
    session.run("task = asyncio.create_task(asyncio.to_thread(release.wait)); await asyncio.sleep(0)")
    try:
        assert session.close(timeout=0.01) == []
    finally:
        release.set()


def test_cleanup_may_still_use_threads(session):
    session.run("""
seen = []
async def work():
    try:
        await asyncio.Event().wait()
    finally:
        seen.append(await asyncio.to_thread(str, 5))
task = asyncio.create_task(work())
await asyncio.sleep(0)
""")
    session.close()
    assert session.namespace["seen"] == ["5"]


def test_a_closed_runner_refuses_inputs(runner):
    runner.close()
    with pytest.raises(ClosedError):
        runner.run(give(5))


def test_a_session_that_is_never_closed_says_nothing_at_exit():
    program = "import awaitall; s = awaitall.Session(); s.run('import asyncio; await asyncio.sleep(0)')"
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "ignore::ResourceWarning", "-c", program], capture_output=True, text=True
    )
    assert done.stderr == ""


def test_ctrl_c_stops_what_is_busy_in_the_step_in_which_the_prompt_gets_its_key(session):
    prompt, keys = os.pipe()
    session.namespace.update(keys=keys)
    session.run(
        "import os, signal, time\n"
        "log, loop = [], asyncio.get_running_loop()\n"
        "def busy():\n"
        "    end = time.monotonic() + 10\n"
        "    try:\n"
        "        while time.monotonic() < end:\n"
        "            signal.raise_signal(signal.SIGINT)\n"
        "    except KeyboardInterrupt:\n"
        "        log.append('stopped')\n"
        "def both():\n"
        "    os.write(keys, b'x')\n"
        "    loop.call_later(0, busy)\n"  # which the loop calls after the reader of the prompt
        "none = loop.call_later(0.01, both)\n"
        "await asyncio.sleep(0)"
    )
    with pytest.raises(KeyboardInterrupt):
        session.pump([prompt])
    os.close(prompt)
    os.close(keys)
    assert session.namespace["log"] == ["stopped"]
