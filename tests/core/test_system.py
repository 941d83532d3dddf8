"""A system that has less than Linux: everything of awaitall is imported, and what needs no terminal works."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from awaitall import system
from awaitall.polling import socket_pair
from awaitall.system import blocking_kept

from shells import is_installed

TESTS = str(Path(__file__).parents[1])


#: What takes for granted what not every system has.
LIBRARIES = [name for name in ("curio", "greenback", "prompt_toolkit", "ptpython", "pytest", "trio") if is_installed(name)]

PREPARED = f"""
import sys
sys.path.append({TESTS!r})
import bare_system, shutil, subprocess
"""

IMPORT_ALL = """
import importlib, pkgutil
for name in {packages}:
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, name + "."):
        if not module.name.endswith("__main__") and module.name not in {but}:
            importlib.import_module(module.name)
print("all of it")
"""

#: The editor of the ``python`` prompt takes terminals that are files, or Windows.
EDITOR = [f"awaitall_console.{name}" for name in ("editor", "unix_screen", "windows_screen")]

#: What tests of shells take, which need terminals.
TERMINALS = ["awaitall.testing.shell", "awaitall.testing.shell_suite", "awaitall.testing.terminal"]


def run(program, prelude="", input=None):
    """Run a program without what not every system has; give what it has printed."""
    done = subprocess.run(
        [sys.executable, "-c", f"{PREPARED}{prelude}\nbare_system.take_away()\n{program}"],
        input=input,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    assert done.returncode == 0
    return done.stdout


@pytest.mark.parametrize(
    ("package", "library"),
    [
        ("awaitall", "pytest"),
        ("awaitall_console", "code"),
        ("awaitall_prompts", "prompt_toolkit"),
        ("awaitall_ptpython", "ptpython"),
    ],
)
def test_everything_is_imported(package, library):
    if not is_installed(library):
        pytest.skip(f"{library} is not installed")
    but = [*EDITOR, *TERMINALS, *(f"awaitall.runners.on_{name}" for name in ("curio", "trio") if not is_installed(name))]
    assert run(IMPORT_ALL.format(packages=[package], but=but), f"import {', '.join(LIBRARIES)}") == "all of it\n"


def test_a_signal_wakes_who_waits_for_a_socket_where_signals_wake_nobody(monkeypatch):
    monkeypatch.setattr(system, "SIGNALS_WAKE", False)
    receiver, sender = socket_pair()
    before = signal.signal(signal.SIGTERM, lambda signum, frame: None)
    with receiver, sender:
        with system.woken_by_signals(sender.fileno()):
            signal.raise_signal(signal.SIGTERM)
        assert receiver.recv(10) == bytes([signal.SIGTERM])
        assert signal.set_wakeup_fd(-1) == -1
    signal.signal(signal.SIGTERM, before)


SESSION = """
import asyncio, signal, threading, time
from awaitall import Session

session = Session({"signal": signal, "log": []})
session.run("import asyncio\\nasync def ticks():\\n    while True:\\n        log.append(1); await asyncio.sleep(0)")
session.spawn(session.run("ticks()"))
print(session.run("await asyncio.sleep(0, 'slept')"))
try:
    session.run("asyncio.get_running_loop().call_soon(signal.raise_signal, signal.SIGINT); await asyncio.sleep(1000)")
except KeyboardInterrupt:
    print("interrupted")
from awaitall.polling import socket_pair
receiver, sender = socket_pair()
log = session.namespace["log"]
log.clear()
def end():
    while len(log) < 4:
        time.sleep(0.001)
    sender.close()
thread = threading.Thread(target=end)
thread.start()
while thread.is_alive():
    session.pump([receiver.fileno()])
print(session.close())
"""


def test_a_session_awaits_hears_ctrl_c_and_lets_tasks_go_on_at_the_prompt():
    assert run(SESSION) == "slept\ninterrupted\n[]\n"


def test_the_console_awaits_what_it_reads_from_a_pipe():
    program = "from awaitall_console import main; main([])"
    shown = subprocess.run(
        [sys.executable, "-c", f"{PREPARED}bare_system.take_away()\n{program}"],
        input="import asyncio\nawait asyncio.sleep(0, 'slept')\ntask = asyncio.create_task(asyncio.sleep(0, 5))\nawait task\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert shown.stdout.replace(">>> ", "").split() == ["'slept'", "5"]
    assert shown.returncode == 0


def test_serve_says_what_it_needs():
    program = "import awaitall\ntry: awaitall.serve()\nexcept awaitall.AwaitallError as exc: print(exc)"
    assert run(program) == "Attaching needs Linux, whose sockets send the signal of one's choice.\n"


def test_a_file_may_not_tell_whether_it_blocks(monkeypatch):
    """As on Windows since Python 3.12, where pipes alone do."""

    def refuse(fd):
        raise OSError("not a pipe")

    monkeypatch.setattr(os, "get_blocking", refuse, raising=False)
    with blocking_kept(1, during=True):
        os.write(1, b"")
