"""Plugins: found by entry point, one by one; a broken one costs one line and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import awaitall
from awaitall.errors import UnknownRunnerError
from awaitall.plugins import Plugins, plugins


def install(folder, name, entry, source):
    """Put a distribution with one entry point of group ``awaitall`` into a folder."""
    (folder / f"{name}.py").write_text(source)
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[awaitall]\n{entry} = {name}\n")


QUICK = """
import awaitall

class Quick(awaitall.Runner):
    name = "quick"
    def run(self, coro):
        try: coro.send(None)
        except StopIteration as done: return ("quick", done.value)
    def close(self, timeout=5.0): return []

@awaitall.hookimpl
def awaitall_runners():
    return [awaitall.RunnerSpec("quick", Quick, "for tests")]
"""

PROGRAM = """
import awaitall
session = awaitall.Session(runner="quick")
session.run("async def f(): return 1")
print(session.run("await f()"))
"""


def run(folder, program=PROGRAM):
    env = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True)


def test_an_installed_plugin_offers_its_runner(tmp_path):
    install(tmp_path, "quick_plugin", "quick", QUICK)
    assert run(tmp_path).stdout == "('quick', 1)\n"


def test_a_plugin_that_cannot_be_imported_keeps_no_other_from_loading(tmp_path):
    install(tmp_path, "a_broken_plugin", "broken", "import no_such_module")
    install(tmp_path, "quick_plugin", "quick", QUICK)
    assert run(tmp_path).stdout == "('quick', 1)\n"


def test_a_plugin_that_cannot_be_imported_costs_one_line(tmp_path):
    install(tmp_path, "a_broken_plugin", "broken", "import no_such_module")
    install(tmp_path, "quick_plugin", "quick", QUICK)
    assert run(tmp_path).stderr == (
        "awaitall: plugin 'broken' could not be loaded and is left out: ModuleNotFoundError: No module named 'no_such_module'\n"
    )


@pytest.mark.parametrize("body", ["1 / 0", "yield 5", "return 5"])
def test_a_hook_that_fails_costs_one_line_and_its_own_runners(tmp_path, body):
    install(tmp_path, "bad_plugin", "bad", f"import awaitall\n@awaitall.hookimpl\ndef awaitall_runners():\n    {body}\n")
    install(tmp_path, "quick_plugin", "quick", QUICK)
    done = run(tmp_path)
    assert done.stdout == "('quick', 1)\n"
    assert done.stderr.startswith("awaitall: plugin 'bad' offers no runners and is left out: ")
    assert done.stderr.count("\n") == 1


def test_the_built_in_runner_is_used_without_a_search_for_plugins(tmp_path):
    install(tmp_path, "a_broken_plugin", "broken", "import no_such_module")
    program = "import awaitall; awaitall.Session().run('import asyncio; await asyncio.sleep(0)')"
    assert run(tmp_path, program).stderr == ""


def test_the_built_in_runners_are_registered_through_the_hook():
    offered = [spec.name for specs in Plugins().manager.hook.awaitall_runners() for spec in specs]
    assert offered == ["asyncio", "uvloop", "trio", "curio", "sync"]


def test_a_program_may_register_a_plugin_by_itself():
    class Plugin:
        @awaitall.hookimpl
        def awaitall_runners(self):
            yield awaitall.RunnerSpec("mine", lambda context: None)

    registry = Plugins()
    registry.manager.register(Plugin())
    assert registry.runner("mine").name == "mine"


def test_a_plugin_that_offers_nothing_is_fine():
    class Plugin:
        @awaitall.hookimpl
        def awaitall_runners(self):
            return None

    registry = Plugins()
    registry.manager.register(Plugin())
    assert registry.runner("asyncio").name == "asyncio"


def test_an_unknown_runner_lists_what_there_is():
    with pytest.raises(UnknownRunnerError, match="there are: asyncio"):
        plugins().runner("nothing like it")


def test_what_could_not_be_loaded_is_kept(tmp_path):
    install(tmp_path, "a_broken_plugin", "broken", "import no_such_module")
    program = "from awaitall.plugins import plugins; plugins().load(); print(list(plugins().failures))"
    assert run(tmp_path, program).stdout == "['broken']\n"
