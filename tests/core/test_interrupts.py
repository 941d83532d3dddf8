"""A thousand real Ctrl-C on every runner, at any point of back-to-back inputs."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from awaitall import interrupts

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
    return interrupts.raises_here(calls[0](calls[1:]), sys._getframe())


@pytest.mark.parametrize(
    ("modules", "raises"),
    [
        (("__main__",), True),
        (("trio",), False),
        (("asyncio", "__main__"), True),
        (("trio", "contextlib"), False),
        (("trio._core", "outcome", "contextlib"), False),
        (("__main__", "contextlib"), True),
    ],
)
def test_it_is_raised_in_code_of_the_users_only(modules, raises):
    assert nested(*modules) is raises
