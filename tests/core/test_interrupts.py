"""Signals: a thousand real Ctrl-C on every runner, at any point of back-to-back inputs, and those that end the process."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from functools import partial
from socket import socketpair

import pytest

from awaitall import Session, interrupts
from awaitall.interrupts import SigintGuard
from awaitall.system import TERMINATIONS, press_in
from awaitall.threads import get_ident

from libraries import library_of

STRESS = """
import importlib, signal, sys
from awaitall import Session

runner, library, count = sys.argv[1:]
session = Session({"library": importlib.import_module(library)}, runner=runner)
session.run('''
async def tick(number):
    while True:
        await library.sleep(0.001)
        ticked.add(number)
async def all_tick():
    ticked.clear()
    while len(ticked) < 5:
        await library.sleep(0.001)
    return len(ticked)
ticked = set()
''')
for number in range(5):
    session.spawn(session.run(f"tick({number})"))
pressed = 0
while pressed < int(count):
    try:
        sys.stdout.write("go\\n"); sys.stdout.flush()
        while True:
            session.run("await library.sleep(0.0001)")
    except KeyboardInterrupt:
        pressed += 1
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("alive", session.run("await all_tick()"))
session.close()
"""


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no SIGINT can be sent to another process")
@pytest.mark.parametrize(
    ("runner", "library"), [("asyncio", "asyncio"), ("uvloop", "asyncio"), ("trio", "trio"), ("curio", "curio")]
)
def test_a_thousand_interrupts_lose_nothing(runner, library):
    """Each signal comes from another process; each ends one input and nothing else."""
    # Between the call that makes a coroutine and whatever may close it, Python itself can be interrupted, and then warns.
    options = ["-W", "ignore:coroutine:RuntimeWarning", "-c", STRESS, runner, library, "1000"]
    child = subprocess.Popen([sys.executable, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in child.stdout:
        if line != "go\n":
            break
        child.send_signal(signal.SIGINT)
    rest, errors = child.communicate(timeout=60)
    assert (line, rest, errors) == ("alive 5\n", "", "")


def nested(*modules):
    """Call from module to module, and tell in the last whether Ctrl-C may be raised there."""
    calls = []
    for name in modules:
        module = {"__name__": name}
        exec("import sys\ndef call(rest): return rest[0](rest[1:]) if rest else sys._getframe()", module)
        calls.append(module["call"])
    return interrupts.may_raise_in(calls[0](calls[1:]), sys._getframe())


@pytest.mark.parametrize(
    ("modules", "raises"),
    [
        (("__main__",), True),
        (("trio",), False),
        (("asyncio", "__main__"), True),
        (("trio", "contextlib"), False),
        (("trio._core", "outcome", "contextlib"), False),
        (("__main__", "contextlib"), True),
        (("asyncio", "subprocess"), False),
        (("awaitall_xonsh", "importlib"), False),
        (("__main__", "subprocess", "selectors"), True),
    ],
)
def test_it_is_raised_in_code_of_the_users_only(modules, raises):
    assert nested(*modules) is raises


@pytest.mark.parametrize("runner", ["asyncio", "uvloop", "trio", "curio"])
def test_pythons_own_handler_that_an_input_puts_in_place_interrupts_it(runner):
    library_of(runner)
    library = "asyncio" if runner == "uvloop" else runner
    with Session(runner=runner) as session:
        session.namespace["press"] = threading.Timer(0.1, press_in, (get_ident(),)).start
        session.run(f"import signal, {library}")
        with pytest.raises(KeyboardInterrupt):
            session.run(f"signal.signal(signal.SIGINT, signal.default_int_handler); press(); await {library}.sleep(1000)")
        assert session.run(f"await {library}.sleep(0); 5") == 5


@pytest.mark.parametrize("runner", ["asyncio", "uvloop", "trio", "curio"])
def test_pythons_own_handler_that_a_task_puts_in_place_interrupts_the_prompt(runner):
    library_of(runner)
    library = "asyncio" if runner == "uvloop" else runner
    keyboard, typist = socketpair()
    with keyboard, typist, Session(runner=runner) as session:
        session.namespace["press"] = threading.Timer(0.1, press_in, (get_ident(),)).start
        session.run(f"import signal, {library}\nasync def f():\n    await {library}.sleep(0)\n    take()\n    press()")
        session.run("def take(): signal.signal(signal.SIGINT, signal.default_int_handler)")
        session.spawn(session.run("f()"))
        with pytest.raises(KeyboardInterrupt):
            session.pump([keyboard.fileno()], 10)


# -- signals that end the process -------------------------------------------------------------------------------------------


@pytest.fixture
def handled():
    """What a host does at SIGTERM: it notes it."""
    calls = []
    before = signal.signal(signal.SIGTERM, lambda signum, frame: calls.append(signum))
    yield calls
    signal.signal(signal.SIGTERM, before)


def test_termination_is_held_back_and_told(handled):
    frames = []
    with SigintGuard(frames.append) as guard:
        signal.raise_signal(signal.SIGTERM)
        assert guard.signum == signal.SIGTERM
        assert len(frames) == 1
        assert handled == []
    assert handled == [signal.SIGTERM]


def test_termination_without_a_handler_is_left_alone():
    with SigintGuard(print):
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.parametrize("runner", ["asyncio", "uvloop", "trio", "curio"])
@pytest.mark.parametrize("signum", TERMINATIONS)
def test_termination_ends_the_input_by_its_cleanup_and_then_raises(runner, signum):
    library_of(runner)
    with Session(runner=runner) as session:
        session.exit_on_termination = True
        session.namespace |= {"press": partial(signal.raise_signal, signum), "log": [], "sys": sys}
        session.run(AIDS_FOR_TERMINATION.format(library="asyncio" if runner == "uvloop" else runner))
        with pytest.raises(SystemExit) as caught:
            session.run("await pressed()")
        assert caught.value.code == 128 + signum
        assert session.namespace["log"] == ["cleaned up"]
        assert session.run("await again()") == 9


@pytest.mark.parametrize("runner", ["asyncio", "uvloop", "trio", "curio"])
def test_termination_in_the_first_turn_of_the_loop_is_not_lost(runner):
    library_of(runner)
    with Session(runner=runner) as session:
        session.exit_on_termination = True
        session.namespace |= {"press": partial(signal.raise_signal, signal.SIGTERM), "log": [], "sys": sys}
        session.run(AIDS_FOR_TERMINATION.format(library="asyncio" if runner == "uvloop" else runner))
        session.run("await again()")
        session.spawn(session.run("pressing()"))
        with pytest.raises(SystemExit):
            session.run("await library.sleep(1000)")


AIDS_FOR_TERMINATION = """
import {library} as library

async def pressed():
    await library.sleep(0.001)
    try:
        press()
        await library.sleep(1000)
    finally:
        log.append("cleaned up")

async def pressing():
    press()

async def again():
    await library.sleep(0)
    return 9
"""


def test_termination_is_what_it_was_after_the_session():
    with Session() as session:
        session.exit_on_termination = True
        session.run("import asyncio; await asyncio.sleep(0)")
        assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_session_of_a_program_does_not_touch_termination():
    with Session() as session:
        session.run("import asyncio; await asyncio.sleep(0)")
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
