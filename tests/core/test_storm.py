"""A storm of SIGINT, SIGTERM and SIGHUP at random instants, on every runner: nothing is left behind, lost or deaf afterwards.

AWAITALL_STORM is the number of signals in all; 10000 are a full storm.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SIGNALS = int(os.environ.get("AWAITALL_STORM", "600"))

STORM = """
import importlib, os, signal, sys, threading
from bytecodes import SIGNALS, state
from awaitall import Session
from awaitall.shells import read_in_thread

runner, library, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
session = Session({"library": importlib.import_module(library)}, runner=runner)
session.exit_on_termination = True
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
prompt, keys = os.pipe()
nothing = threading.Event()
calls = [
    lambda: session.run("await library.sleep(0.001)"),
    lambda: session.run("sum(range(1000))"),
    lambda: session.pump([prompt], 0.001),
    lambda: read_in_thread(session, lambda: nothing.wait(0.002), lambda exception: False),
]

def calm():
    # A signal that came before raises in here, and then this is done once more: afterwards none can raise.
    while True:
        try:
            return signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        except (KeyboardInterrupt, SystemExit):
            pass

session.run("await all_tick()")
before = state()
for number in range(count):
    try:
        print("go", flush=True)
        while True:
            for call in calls:
                call()
    except (KeyboardInterrupt, SystemExit):
        calm()
    while signal.sigtimedwait(SIGNALS, 0):
        pass
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
after = state()
print("same", after == before or (before, after), session.run("await all_tick()"), session.run("1 + 1"), flush=True)
session.close()
"""


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no SIGINT can be sent to another process")
@pytest.mark.parametrize(
    ("runner", "library"), [("asyncio", "asyncio"), ("uvloop", "asyncio"), ("trio", "trio"), ("curio", "curio")]
)
def test_a_storm_leaves_nothing_behind(runner, library):
    """Each signal comes from another process, at a random instant, and ends what happens to run and nothing else."""
    # Python warns of a coroutine that an input without await has made when the signal came.
    options = ["-W", "ignore", "-c", STORM, runner, library, str(SIGNALS // 4)]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    child = subprocess.Popen([sys.executable, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
    chance = random.Random(1)
    sent = 0
    for line in child.stdout:
        if line != "go\n":
            break
        time.sleep(chance.expovariate(1 / 0.003))
        child.send_signal(chance.choice([signal.SIGINT, signal.SIGINT, signal.SIGTERM, signal.SIGHUP]))
        sent += 1
    rest, errors = child.communicate(timeout=60)
    assert (line, rest, errors, child.returncode, sent) == ("same True 5 2\n", "", "", 0, SIGNALS // 4)
