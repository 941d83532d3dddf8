"""A session changes its runner; the line command that does so at the prompt."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import types

import greenback
import pytest

from awaitall import CommandSpec, Runner, RunnerSpec, Session, hookimpl
from awaitall.commands import complete
from awaitall.current_library import current_async_library, portal
from awaitall.errors import ClosedError, OpenError, UnknownCommandError, UnknownRunnerError
from awaitall.plugins import plugins


@pytest.fixture
def session():
    with Session() as session:
        session.run("import asyncio")
        yield session


async def value(x):
    return x


# -- use --------------------------------------------------------------------------------------------------------------------


def test_the_runner_before_the_first_input_is_known_by_its_name(session):
    assert session.runner == "asyncio"


def test_a_runner_is_used_by_its_name(session):
    session.use("trio")
    session.run("import trio; await trio.sleep(0)")
    assert session.runner == "trio"


def test_a_function_is_a_runner(session):
    ran = []

    def mine(coro):
        ran.append(coro)
        return asyncio.run(coro)

    session.use(mine)
    assert session.run("await asyncio.sleep(0, 5)") == 5
    assert len(ran) == 1
    assert session.runner == "mine"


def test_a_session_begins_with_a_function_as_its_runner():
    with Session(runner=asyncio.run) as session:
        assert (session.runner, session.run("import asyncio; await asyncio.sleep(0, 5)")) == ("run", 5)


def test_tasks_go_on_when_their_runner_is_used_again(session):
    session.run("task = asyncio.create_task(asyncio.sleep(0.01, 'slept')) if await asyncio.sleep(0, True) else None")
    session.use("trio")
    session.run("import trio; await trio.sleep(0)")
    session.use("asyncio")
    assert session.run("await task") == "slept"


def test_context_variables_go_along(session):
    session.run("import contextvars; var = contextvars.ContextVar('var'); await asyncio.sleep(0, var.set('kept'))")
    session.use("trio")
    assert session.run("import trio; await trio.sleep(0); var.get()") == "kept"


def test_closing_closes_all_runners(session):
    source = """
ended = []
async def clean(sleep):
    try:
        await sleep(1000)
    finally:
        ended.append(sleep.__module__.partition(".")[0])
"""
    session.run(source)
    session.spawn(session.run("clean(asyncio.sleep)"))
    session.run("await asyncio.sleep(0)")
    session.use("trio")
    session.run("import trio; await trio.sleep(0)")
    session.spawn(session.run("clean(trio.sleep)"))
    session.run("await trio.sleep(0.01)")
    assert session.close() == []
    assert session.namespace["ended"] == ["asyncio", "trio"]


def test_a_wrong_name_suggests_the_closest_and_changes_nothing(session):
    with pytest.raises(UnknownRunnerError, match="Did you mean 'trio'"):
        session.use("tiro")
    assert session.run("await asyncio.sleep(0, 5)") == 5


def test_what_is_no_runner_is_a_type_error(session):
    with pytest.raises(TypeError, match="and not by 5"):
        session.use(5)


def fails(context):
    raise ValueError("no loop today")


@pytest.mark.parametrize(("factory", "message"), [(fails, "ValueError: no loop today"), (lambda context: 5, "gave 5")])
def test_a_runner_that_does_not_open_leaves_the_old_one_in_use(session, factory, message):
    session.run("task = asyncio.create_task(asyncio.sleep(0, 6)) if await asyncio.sleep(0, True) else None")
    with pytest.raises(OpenError, match=message):
        session.use(RunnerSpec("broken", factory))
    assert session.runner == "asyncio"
    assert session.run("await task") == 6


def test_ctrl_c_ends_opening_and_leaves_the_old_one_in_use(session):
    def hangs(context):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        session.use(RunnerSpec("hangs", hangs))
    assert session.run("await asyncio.sleep(0, 5)") == 5


@pytest.mark.parametrize("name", ["trio", "uvloop", "curio"])
def test_a_missing_library_names_the_extra(name):
    program = (
        f"import sys; sys.modules.update({{{name!r}: None, 'winloop': None}}); import awaitall; awaitall.Session().use({name!r})"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert f"pip install 'awaitall[{name}]'" in result.stderr.splitlines()[-1]


@pytest.mark.parametrize("name", ["asyncio", "trio", "uvloop", "curio", "pluggy"])
def test_a_file_in_the_place_of_a_library_is_named(name, tmp_path):
    file = tmp_path / f"{name}.py"
    file.write_text("")
    runner = "asyncio" if name == "pluggy" else name
    program = f"import {name}, awaitall; print(awaitall.Session().command('autoawait {runner}'))"
    run = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert f"{file} stands in the place of {name}: rename that file, and start anew" in run.stdout


@pytest.mark.parametrize("name", ["asyncio", "asyncio.events", "trio", "trio.lowlevel", "curio", "curio.meta", "greenback"])
@pytest.mark.parametrize("found", [types.ModuleType("found"), None], ids=["empty", "none"])
def test_a_module_that_only_has_the_name_of_a_library_runs_nothing(monkeypatch, name, found):
    monkeypatch.setitem(sys.modules, name, found)
    assert current_async_library() is None
    assert portal() is None


def test_an_input_without_await_works_where_no_loop_can_be_opened(tmp_path):
    (tmp_path / "asyncio.py").write_text("here = 'mine'")
    program = "import awaitall; s = awaitall.Session(); print(s.run('import asyncio; asyncio.here'), s.run('asyncio.here'))"
    run = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert run.stdout == "mine mine\n"


def test_a_coroutine_that_cannot_be_spawned_is_closed(session):
    session.close()
    coro = value(1)
    with pytest.raises(ClosedError):
        session.spawn(coro)
    with pytest.raises(RuntimeError, match="cannot reuse"):
        coro.send(None)


def test_a_runner_that_fails_to_close_keeps_no_other_from_closing(capsys):
    class Broken(Runner):
        def run(self, coro):
            coro.close()

        def close(self, timeout=5.0):
            raise ValueError("stays open")

    closed = []

    class Fine(Broken):
        def close(self, timeout=5.0):
            closed.append(True)
            return []

    session = Session()
    session.use(RunnerSpec("broken", Broken))
    session.use(RunnerSpec("fine", Fine))
    session.close()
    assert closed == [True]
    assert capsys.readouterr().err == "awaitall: the runner 'broken' did not close: ValueError: stays open\n"


def test_a_function_is_opened_once(session):
    before = len(session._opened)
    for _ in range(3):
        session.command("autoawait asyncio.run")
    assert len(session._opened) == before + 1


def test_an_error_of_the_function_is_not_hidden(session):
    def mine(coro):
        coro.send(None)
        raise ValueError("mine")

    session.use(mine)
    session.run("class Waits:\n    def __await__(self):\n        try:\n            yield\n        finally:\n            yield")
    with pytest.raises(ValueError, match="mine"):
        session.run("await Waits()")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # curio leaves the sockets of the kernel open
def test_curio_is_opened_anew_when_its_kernel_has_broken_down(session):
    pytest.importorskip("curio")
    session.use("curio")
    session.run("import curio\nclass Waits:\n    def __await__(self):\n        yield ('nonsense',)")
    with pytest.raises(Exception, match="nonsense"):
        session.run("await Waits()")
    assert session.run("await curio.sleep(0); 5") == 5


def test_trio_that_could_not_start_is_started_by_the_next_input(session, monkeypatch):
    import trio

    def fails(*args, **options):
        raise OSError("too many open files")

    session.use("trio")
    monkeypatch.setattr(trio.lowlevel, "start_guest_run", fails)
    with pytest.raises(OSError, match="too many"):
        session.run("import trio; await trio.sleep(0)")
    assert session.run("1 + 1") == 2
    monkeypatch.undo()
    assert session.run("import trio; await trio.sleep(0); 5") == 5


# -- coroutines of another library ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("runner", "awaited", "library"),
    [
        ("asyncio", "trio.sleep(0)", "trio"),
        ("asyncio", "curio.sleep(0)", "curio"),
        ("trio", "asyncio.sleep(0)", "asyncio"),
        ("trio", "asyncio.sleep(1)", "asyncio"),
        ("trio", "curio.sleep(0)", "curio"),
        ("curio", "asyncio.sleep(1)", "asyncio"),
        ("curio", "trio.sleep(0)", "trio"),
    ],
)
def test_the_wrong_library_is_named(session, runner, awaited, library):
    for name in ("trio", "curio"):
        pytest.importorskip(name)
    session.run("import trio, curio")
    session.use(runner)
    with pytest.raises((RuntimeError, TypeError)) as caught:
        session.run(f"await {awaited}")
    ran_on = "asyncio" if runner == "uvloop" else runner
    assert caught.value.__notes__ == [
        f"This is a part of {library}, and the input ran on {ran_on}. Switch with %autoawait {library}."
    ]
    session.namespace["value"] = value
    assert session.run("await value(5)") == 5


def test_an_error_of_the_right_library_gets_no_note(session):
    with pytest.raises((RuntimeError, AssertionError)) as caught:  # the latter on the loop of Windows
        session.run("await asyncio.sleep(0); asyncio.get_running_loop().run_forever()")
    assert not hasattr(caught.value, "__notes__")


# -- %autoawait -------------------------------------------------------------------------------------------------------------


def test_the_state_is_told_in_the_words_of_ipython(session):
    session.command("autoawait False")
    assert session.command("autoawait") == "autoawait is `Off`, and set to use `asyncio`\n"


@pytest.mark.parametrize("word", ["on", "On", "True", "true"])
def test_await_is_switched_on(session, word):
    session.autoawait = False
    assert session.command(f"autoawait {word}") == ""
    assert session.autoawait


def test_a_runner_is_switched_to_and_await_switched_on(session):
    session.autoawait = False
    session.command("autoawait trio")
    assert (session.runner, session.autoawait) == ("trio", True)


def test_a_dotted_path_names_a_function(session):
    session.command("autoawait asyncio.run")
    assert session.run("await asyncio.sleep(0, 5)") == 5
    assert session.runner == "asyncio.run"


def test_a_name_of_the_users_comes_before_a_module(session):
    session.namespace["asyncio"] = types.SimpleNamespace(run=lambda coro: (coro.close(), "mine")[1])
    session.command("autoawait asyncio.run")
    assert session.run("await x") == "mine"


def test_a_dotted_path_is_imported_as_a_setting_would_be():
    program = "from awaitall import Session; s = Session(runner='asyncio.run'); s.run('import asyncio'); "
    program += "print(s.run('await asyncio.sleep(0, 5)'), s.runner)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "5 asyncio.run\n"


def test_a_module_that_cannot_be_imported_is_told(session, tmp_path, monkeypatch):
    (tmp_path / "broken_runner.py").write_text("1 / 0")
    monkeypatch.syspath_prepend(tmp_path)
    told = "awaitall: The runner 'broken_runner.run' cannot be used: ZeroDivisionError: division by zero\n"
    assert session.command("autoawait broken_runner.run") == told


class OwnLoop(asyncio.SelectorEventLoop):
    """A loop of the user's."""


@pytest.mark.parametrize("name", ["OwnLoop", f"{__name__}.OwnLoop"])
def test_a_class_of_loops_names_the_loop(session, name):
    session.namespace["OwnLoop"] = OwnLoop
    session.command(f"autoawait {name}")
    loop = session.run("await asyncio.sleep(0, asyncio.get_running_loop())")
    assert (type(loop), session.runner) == (OwnLoop, name)
    session.command("bg asyncio.sleep(0, 7)")
    session.command("autoawait asyncio")
    assert session.run("await asyncio.sleep(0, asyncio.get_running_loop())") is not loop
    session.command(f"autoawait {name}")
    assert session.run("await asyncio.sleep(0, asyncio.get_running_loop())") is loop


@pytest.mark.parametrize("name", ["nobody", "asyncio.nothing", "nowhere.x", "x", "..", "x.y z"])
def test_what_is_no_runner_and_no_callable_is_told(session, name):
    session.namespace["x"] = 5
    assert session.command(f"autoawait {name}").startswith(f"awaitall: No runner is called {name!r}")
    assert session.runner == "asyncio"


def test_a_wrong_command_suggests_the_closest(session):
    assert "Did you mean 'autoawait'?" in session.command("autoawai")
    with pytest.raises(UnknownCommandError):
        plugins().command("autoawai")


@pytest.mark.parametrize(
    ("line", "words"),
    [("auto", ["autoawait"]), ("autoawait t", ["trio"]), ("autoawait o", ["off", "on", "outside"]), ("other t", [])],
)
def test_commands_are_completed(session, line, words):
    assert list(complete(session, line)) == words


def test_a_command_that_fails_costs_one_line(session):
    class Plugin:
        @hookimpl
        def awaitall_commands(self):
            yield CommandSpec("boom", lambda session, arguments, namespace: 1 / 0, complete=lambda session: 1 / 0)

    plugin = Plugin()
    plugins().manager.register(plugin, "booming")
    try:
        assert session.command("boom") == "awaitall: the command 'boom' has failed: ZeroDivisionError: division by zero\n"
        assert complete(session, "boom x") == {}
    finally:
        plugins().manager.unregister(plugin)


def test_a_plugin_offers_a_command(session):
    class Plugin:
        @hookimpl
        def awaitall_commands(self):
            yield CommandSpec("shout", lambda session, arguments, namespace: arguments.upper())

    plugin = Plugin()
    plugins().manager.register(plugin, "shouting")
    try:
        assert session.command("shout hey") == "HEY\n"
    finally:
        plugins().manager.unregister(plugin)


def test_in_a_portal_of_greenback_an_input_runs_on_the_loop_of_the_host(session):
    async def host():
        await greenback.ensure_portal()
        return session.run("await asyncio.sleep(0, asyncio.get_running_loop())"), asyncio.get_running_loop()

    used, own = asyncio.run(host())
    assert used is own


# -- help -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["help", "", "?"])
def test_help_lists_the_commands(session, line):
    lines = session.command(line).splitlines()
    assert [line.split()[0] for line in lines if line.startswith("%")][:3] == ["%autoawait", "%bg", "%cancel"]


@pytest.mark.parametrize("line", ["help bg", "help %bg", "bg?", "bg ?", "bg --help", "bg -h"])
def test_help_shows_how_a_command_is_used(session, line):
    assert "%bg x = await f()" in session.command(line)


def test_help_for_a_command_that_is_not_there_names_the_closest(session):
    assert "Did you mean 'tasks'?" in session.command("task?")


def test_help_lists_the_commands_of_plugins(session):
    plugin = _Greeting()
    plugins().manager.register(plugin, "greeting")
    try:
        assert "%greet" in session.command("help")
        assert "%greet Ada" in session.command("greet?")
    finally:
        plugins().manager.unregister(plugin)


class _Greeting:
    @hookimpl
    def awaitall_commands(self):
        yield CommandSpec("greet", lambda session, arguments, namespace: "hello", "greet somebody", usage="%greet Ada")
