"""xonsh on systems that have less than Linux, and on one that awaitall does not know."""

from __future__ import annotations

import pytest

from scripts import HERE, Scripts

#: xonsh itself is imported first: what is taken away then is what we must not take for granted.
BARE = """
import sys
sys.path.append({tests!r})
import bare_system
import xonsh.main, xonsh.procs.jobs, xonsh.shells.base_shell, prompt_toolkit
import awaitall_xonsh  # what is on the path; it loads nothing
bare_system.take_away()
"""

UNKNOWN = "import signal\ndel signal.set_wakeup_fd\n"


@pytest.fixture
def scripts(tmp_path):
    return Scripts(tmp_path)


def bare(scripts, text):
    """Run a text where there is only what is everywhere; give the status, the last line printed, and the last complaint."""
    done = scripts.run("--rc", scripts.write("rc.xsh", BARE.format(tests=HERE)), "-c", text)
    return done.returncode, done.stdout.splitlines()[-1], "".join(done.stderr.splitlines()[-1:])


def test_a_script_awaits_where_there_is_only_what_is_everywhere(scripts):
    assert bare(scripts, "import asyncio\nprint(await asyncio.sleep(0, 5))") == (0, "5", "")


def test_a_command_is_not_awaited_there_which_a_line_tells(scripts):
    status, _, told = bare(scripts, "await $(echo hi)")
    assert status == 1
    assert "Commands cannot be awaited on this system, which has no process groups" in told


@pytest.mark.parametrize("text", ["print(5)", "x = [5]; print(x[0])"])
def test_an_unknown_system_costs_nothing_where_nothing_awaits(scripts, text):
    scripts.write("sitecustomize.py", UNKNOWN)
    done = scripts.run("-c", text)
    assert (done.returncode, done.stdout, done.stderr) == (0, "5\n", "")


@pytest.mark.parametrize("text", ["await f()", "x = [y async for y in f()]"])
def test_an_unknown_system_is_told_to_who_awaits(scripts, text):
    scripts.write("sitecustomize.py", UNKNOWN)
    done = scripts.run(scripts.write("script.xsh", text + "\n"))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "awaitall: this system is not known (signal.set_wakeup_fd), so await stays off: pip install -U awaitall"
    )
