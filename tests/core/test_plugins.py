"""Plugins: found by entry point, one by one; a broken one costs one line and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback

import pytest

import awaitall
from awaitall import CommandSpec, RunnerSpec, hookimpl
from awaitall.errors import OpenError, UnknownCommandError, UnknownRunnerError
from awaitall.plugins import Plugins, plugins
from awaitall.tracebacks import user_traceback

from aids import Leaves, raises


def install(folder, name, entry, source):
    """Install a distribution with one entry point of group ``awaitall`` into a folder."""
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
    assert done.stderr.startswith("awaitall: plugin 'bad': ")
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


def say(session, arguments, namespace):
    return arguments


def offers(*specs):
    """Make a plugin that offers commands."""

    class Plugin:
        @hookimpl
        def awaitall_commands(self):
            return specs

    return Plugin()


@pytest.fixture
def registry():
    """A registry that has a plugin which is in order, and looks for no others."""
    registry = Plugins()
    registry.manager.register(offers(CommandSpec("fine", say)), "good")
    registry._entries = []
    return registry


class OldWrapper:
    @hookimpl(hookwrapper=True)
    def awaitall_commands(self):
        yield


class Misspelt:
    @hookimpl
    def awaitall_comands(self):
        return []


class Exits:
    @hookimpl
    def awaitall_commands(self):
        raise SystemExit(3)


class GivesText:
    @hookimpl
    def awaitall_commands(self):
        return "say"


class GivesNumber:
    @hookimpl
    def awaitall_commands(self):
        return 5


#: What is wrong with a plugin -> the plugin, and the line that it costs.
FLAWS = {
    "exit": (Exits(), "awaitall_commands() failed, so its commands are ignored: SystemExit: 3"),
    "text": (
        GivesText(),
        "awaitall_commands() failed, so its commands are ignored: "
        "TypeError: it must return or yield CommandSpec objects, not 'say'",
    ),
    "number": (
        GivesNumber(),
        "awaitall_commands() failed, so its commands are ignored: TypeError: it must return or yield CommandSpec objects, not 5",
    ),
    "a wrapper of the old kind": (
        OldWrapper(),
        "its wrapper of awaitall_commands is ignored: use @hookimpl(wrapper=True)",
    ),
    "misspelt hook": (
        Misspelt(),
        "there is no hook awaitall_comands, so it is never called. Did you mean 'awaitall_commands'?",
    ),
    "no spec": (offers("say"), "one of its commands is ignored: 'say' is no CommandSpec"),
    "no name": (offers(CommandSpec(None, say)), "one of its commands is ignored: its name must be one word, not None"),
    "two words": (offers(CommandSpec("a b", say)), "one of its commands is ignored: its name must be one word, not 'a b'"),
    "nothing to run": (
        offers(CommandSpec("say", 5)),
        "one of its commands is ignored: 'say' needs a function as its 'run', not 5",
    ),
    "nothing to complete": (
        offers(CommandSpec("say", say, complete=["a"])),
        "one of its commands is ignored: 'say' needs a function as its 'complete', not ['a']",
    ),
    "a name that there is": (offers(CommandSpec("fine", say)), "its command 'fine' takes the place of that of plugin 'good'"),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_flaw_costs_one_line_once_and_no_other_plugin(registry, capsys, flaw):
    plugin, line = FLAWS[flaw]
    registry.manager.register(plugin, "bad")
    for _ in range(2):
        known = "autoawait, bg, cancel, fg, fine, gui, help, prun, result, settings, tasks, time, timeit, where"
        with pytest.raises(UnknownCommandError, match=f"there are: {known}"):
            registry.command("none")
    assert registry.command("fine").run is say
    assert capsys.readouterr().err == f"awaitall: plugin 'bad': {line}\n"


def test_what_is_wrong_with_one_thing_on_offer_keeps_no_other_back(registry):
    registry.manager.register(offers(CommandSpec(None, say), CommandSpec("other", say)), "bad")
    assert registry.command("other").run is say


@pytest.mark.parametrize("source", ["raise SystemExit(3)", "class Leaves(BaseException): pass\nraise Leaves"])
def test_a_plugin_that_leaves_while_it_is_imported_ends_nothing(tmp_path, source):
    install(tmp_path, "a_broken_plugin", "broken", source)
    install(tmp_path, "quick_plugin", "quick", QUICK)
    done = run(tmp_path)
    assert done.stdout == "('quick', 1)\n"
    assert done.stderr.startswith("awaitall: plugin 'broken' could not be loaded and is left out: ")
    assert done.stderr.count("\n") == 1


def test_ctrl_c_while_plugins_are_loaded_is_none_of_their_faults(registry):
    def interrupted():
        raise KeyboardInterrupt

    class Entry:
        name = "interrupted"
        load = staticmethod(interrupted)

    class Late:
        name = "late"
        load = staticmethod(lambda: offers(CommandSpec("late", say)))

    registry._entries = [Entry, Late]
    with pytest.raises(KeyboardInterrupt):
        registry.load()
    assert registry.command("late").run is say
    assert registry.failures == {}


@pytest.mark.parametrize("exc", [SystemExit(3), Leaves("a\nb")])
def test_a_runner_that_leaves_while_it_is_opened_is_one_that_cannot_be_opened(exc):
    with pytest.raises(OpenError, match=r"The runner 'bad' could not be opened: (SystemExit: 3|Leaves: a b)"):
        awaitall.Session(runner=RunnerSpec("bad", lambda context: raises(exc))).run("await f()", {})


@pytest.mark.parametrize("exc", [SystemExit(3), Leaves(3), ZeroDivisionError(3)])
def test_a_command_that_raises_costs_a_line(exc):
    plugins().manager.register(plugin := offers(CommandSpec("dies", lambda *_: raises(exc))))
    try:
        assert awaitall.Session().command("dies") == f"awaitall: the command 'dies' has failed: {type(exc).__name__}: 3\n"
    finally:
        plugins().manager.unregister(plugin)


def test_completion_survives_a_plugin_that_raises():
    from awaitall.commands import complete

    plugins().manager.register(plugin := offers(CommandSpec("dies", say, complete=lambda _: raises(SystemExit(3)))))
    try:
        assert complete(awaitall.Session(), "dies ") == {}
        assert list(complete(awaitall.Session(), "die")) == ["dies"]
    finally:
        plugins().manager.unregister(plugin)


def shown(runner):
    """Return what a shell shows when an input awaits."""
    with pytest.raises(OpenError) as caught:
        awaitall.Session(runner=runner).run("await f()", {})
    exc = caught.value
    return traceback.format_exception(exc.with_traceback(user_traceback(exc)))


def test_a_library_that_is_missing_is_told_in_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "curio", None)
    monkeypatch.delitem(sys.modules, "awaitall.runners.on_curio", raising=False)
    assert "".join(shown("curio")).count("\n") == 1


def open_badly(context):
    raise KeyError


def test_what_a_factory_raises_is_shown_from_the_factory_on():
    text = "".join(shown(RunnerSpec("bad", open_badly)))
    assert text.count("File ") == 1
    assert "in open_badly" in text


def test_the_second_of_two_plugins_with_one_name_costs_one_line(tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        install(tmp_path / folder, f"{folder}_plugin", "twin", QUICK.replace("quick", folder))
    program = (
        f"import sys; sys.path[:0] = [{str(tmp_path / 'one')!r}, {str(tmp_path / 'two')!r}]; "
        "from awaitall.plugins import plugins; plugins().load(); print(sorted(plugins().runners()))"
    )
    done = run(tmp_path, program)
    assert "'one'" in done.stdout
    assert "'two'" not in done.stdout
    assert done.stderr.startswith("awaitall: plugin 'twin' could not be loaded and is left out: ValueError: ")
    assert done.stderr.count("\n") == 1
