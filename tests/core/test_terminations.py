"""Shells without a terminal end by a signal as they do at one: what is awaited and what is in the background is cancelled."""

from __future__ import annotations

import signal
import sys

import pytest

from shells import need
from signalled import Signalled, need_signal

#: What is typed; blocks end with an empty line.
TYPED = """\
import asyncio, signal, threading
async def clean(name):
    try:
        print(name, "begun", flush=True)
        await asyncio.sleep(3600)
    finally:
        await asyncio.sleep(0)
        print(name, "cleaned up", flush=True)

task = asyncio.create_task(clean("task"))
await clean("input")
print("not reached")
"""

#: How a shell is started, with what is typed as an argument or else on a pipe.
COMMANDS = {"console": ["awaitall"], "xonsh": ["xonsh", "-c"]}


@pytest.fixture(params=COMMANDS)
def start(request):
    """Start a shell on pipes, in which an input awaits and a task is in the background; give it and its name."""
    if request.param != "console":
        need(request.param)

    def start(typed):
        command = [sys.executable, "-m", *COMMANDS[request.param]]
        shell = Signalled([*command, typed]) if command[-1] == "-c" else Signalled(command, typed)
        begun = [shell.process.stdout.readline().replace(">>> ", "").replace("... ", "") for _ in range(2)]
        assert sorted(begun) == ["input begun\n", "task begun\n"]
        return shell, request.param

    return start


def check(name, shell, status, shown, told):
    """Check how a shell has ended; xonsh has a status of its own for some signals."""
    assert sorted(shown.splitlines()) == ["input cleaned up", "task cleaned up"], told
    assert status == 128 + getattr(signal, name) or (shell == "xonsh" and status != 0)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGBREAK"])
def test_a_signal_lets_cleanup_run(start, name):
    need_signal(name)
    process, shell = start(TYPED)
    check(name, shell, *process.send(name))


@pytest.mark.skipif(not hasattr(signal, "SIGBREAK"), reason="there is no SIGBREAK")
def test_a_signal_that_the_library_of_c_raises_in_a_thread_lets_cleanup_run(start):
    """So it does with all that a console tells but Ctrl-C (ucrt, signal.cpp); wine's console has no more to tell."""
    raising = "threading.Timer(1, signal.raise_signal, [signal.SIGBREAK]).start()\n"
    process, shell = start(TYPED.replace("task =", f"{raising}task ="))
    check("SIGBREAK", shell, *process.wait())
