"""Commands that are awaited and misbehave: xonsh's own words and codes, and nothing is left behind."""

from __future__ import annotations

import time
from importlib.metadata import version
from pathlib import Path

import pytest

from scripts import Scripts

#: Name -> what is awaited, and what becomes of it.
FAILING = {
    "not found": ("$(no-such-command)", "CalledProcessError: Command '['no-such-command']' returned non-zero exit status 1."),
    "a pipe into what is not found": (
        "$(yes | no-such-command)",
        "CalledProcessError: Command '['no-such-command']' returned non-zero exit status 1.",
    ),
    "a pipe from what is not found": (
        "$(no-such-command | cat)",
        "CalledProcessError: Command '['cat']' returned non-zero exit status 1.",
    ),
    "not executable": ("$(./scripts.json)", "XonshError: xonsh: subprocess mode: permission denied: ./scripts.json"),
    "killed": (
        "$(@(SH) 'kill -9 $$')",
        "CalledProcessError: Command '['sh', '-c', 'kill -9 $$']' died with <Signals.SIGKILL: 9>.",
    ),
    "ignores SIGTERM": (
        "$(@(SH) 'trap \"\" TERM; while :; do sleep 0.01; done')(timeout=0.3, grace=0.1)",
        'TimeoutError: sh -c trap "" TERM; while :; do sleep 0.01; done has not ended within 0.3 seconds.',
    ),
    "forks away": (
        "$(@(SH) 'sleep 1000 & echo')(timeout=0.3)",
        "TimeoutError: sh -c sleep 1000 & echo has not ended within 0.3 seconds.",
    ),
    "no such folder": ("$(true)(cwd='/no/such')", "FileNotFoundError: [Errno 2] No such file or directory: '/no/such'"),
    "two inputs": ("$(cat < /dev/null)(input='a')", "XonshError: Multiple inputs for stdin for 'cat < /dev/null'"),
    "no jobs": ("parallel(print, [], jobs=0)", "UsageError: At least 1 job has to run at a time, and not 0."),
    "a terminal for what is not captured": (
        "![true](pty=True)",
        "UsageError: pty=True is for what is captured, $() and !(). Leave out the await to give a program your terminal.",
    ),
    "a terminal for a function": ("$(hello)(pty=True)", "UsageError: pty=True is for programs, and this is a function."),
    "a terminal for what is not found": (
        "$(no-such-command)(pty=True)",
        "CalledProcessError: Command '['no-such-command']' returned non-zero exit status 1.",
    ),
    "a terminal with two inputs": (
        "$(cat < /dev/null)(pty=True, input='a')",
        "XonshError: Multiple inputs for stdin for 'cat < /dev/null'",
    ),
    "closes its terminal early": ("$(@(SH) 'echo a; exec <&- >&- 2>&-; sleep 0.1')(pty=True)", "a"),
    "ignores SIGTERM and SIGHUP at a terminal": (
        "$(@(SH) 'trap \"\" TERM HUP; while :; do sleep 0.01; done')(pty=True, timeout=0.3, grace=0.1)",
        'TimeoutError: sh -c trap "" TERM HUP; while :; do sleep 0.01; done has not ended within 0.3 seconds.',
    ),
    "closes its input early": ("talk()", "BrokenPipeError: [Errno 32] Broken pipe"),
}

ATTEMPT = """
async def attempt():
    return await {}
try:
    print(await attempt())
except Exception as exc:
    print(f"{{type(exc).__name__}}: {{exc}}")
"""

ENDED = "print(await ended())"

#: Name -> a script, and what it prints.
SCRIPTS = {
    "nothing": ("await $(true)\nbuiltins.inherited = files()", ""),
    **{name: (ATTEMPT.format(awaited), printed) for name, (awaited, printed) in FAILING.items()},
    "killed, as a pipeline": ("print((await !(@(SH) 'kill -9 $$')).returncode)", "-9\n"),
    "closes its output early": ("print((await !(@(SH) 'exec >&- 2>&-; exit 3')).returncode)", "3\n"),
    "closes its output early, in a loop": (
        "async with !(@(SH) 'echo a; exec >&- 2>&-; exit 3') as p:\n    print([line async for line in p], p.returncode)",
        "['a\\n'] 3\n",
    ),
    "much without a newline": ("print([len(line) async for line in !(head -c 100000000 /dev/zero)])", "[100000000]\n"),
    "forks away, in a loop that is left": ("async for line in !(@(SH) 'sleep 1000 & echo'):\n    break\nprint('left')", "left\n"),
    "no file is left open": (ENDED, "set()"),
    "400 at once with 256 files": (ATTEMPT.format("many()"), "OSError: [Errno 24] Too many open files"),
    "400 terminals with 256 files": (ATTEMPT.format("many(pty=True)"), "OSError: [Errno 24] "),
    "no file is left open by the 400": (ENDED, "set()"),
}

PRELUDE = """
import builtins, os, resource
from pathlib import Path
import anyio
from awaitall_xonsh import parallel

SH = ["sh", "-c"]
aliases["hello"] = lambda args: "hello"

async def talk():
    async with !(@(SH) 'exec <&-; sleep 0.1')(input=True) as p:
        while True:  # uvloop has the other end of the pipe open as long as the program runs
            await p.write('a')

async def many(**options):
    async def nap(_):
        await $(sleep 1000)(**options)
    files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, files[1]))
    try:
        await parallel(nap, range(400), jobs=400)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, files)

async def ended():
    with anyio.move_on_after(20):  # uvloop closes its files a moment after the process has ended
        while files().difference(builtins.inherited) or Path(f"/proc/self/task/{os.getpid()}/children").read_text():
            await anyio.sleep(0.01)
    return files().difference(builtins.inherited)

def files():
    names = [f"/proc/self/fd/{name}" for name in os.listdir("/proc/self/fd")]
    targets = {os.readlink(name) for name in names if os.path.exists(name)}
    return {target for target in targets if not target.startswith("socket:")}  # uvloop has other ones each time that it runs
"""


@pytest.fixture(params=["asyncio", "uvloop", "trio"], scope="class")
def runner(request):
    pytest.importorskip(request.param)
    return request.param


@pytest.fixture(scope="class")
def scripts(tmp_path_factory):
    return Scripts(tmp_path_factory.mktemp("scripts"))


@pytest.fixture(scope="class")
def printed(scripts, runner):
    """What each of the scripts has printed, run one after the other in one process."""
    return scripts.run_all(PRELUDE, SCRIPTS, XONTRIB_AWAITALL_RUNNER=runner, PYTHONWARNINGS="error")


def processes(folder):
    """The processes that have a folder as their home."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"HOME={folder}".encode() in path.read_bytes().split(b"\0"):
                found.append(path.parent.joinpath("cmdline").read_text())
        except OSError:
            pass  # it has ended, or is somebody else's
    return found


class TestBadCommands:
    @pytest.mark.parametrize("name", SCRIPTS)
    def test_it_ends_as_told(self, printed, runner, name):
        if name.endswith("by the 400") and runner == "uvloop" and version("uvloop") < "0.22":
            pytest.skip("uvloop 0.21 leaves a pipe of its own open where it has had no file for another")
        assert printed[name].startswith(SCRIPTS[name][1])

    def test_no_process_is_left(self, printed, scripts):
        end = time.monotonic() + 20
        while (left := processes(scripts.folder)) and time.monotonic() < end:
            time.sleep(0.01)
        assert left == []


class TestOtherLoops:
    def test_curio_is_told_why_not(self, script):
        pytest.importorskip("curio")
        done = script.run(script.write("script.xsh", "await ![true]\n"), XONTRIB_AWAITALL_RUNNER="curio")
        assert "UnsupportedError: Commands can be awaited on asyncio, uvloop and trio only, where anyio runs" in done.stderr
        assert "and this is curio: autoawait asyncio." in done.stderr
