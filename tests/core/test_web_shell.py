"""``awaitall --app``: a shell in a web application, with its lifespan around it."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from awaitall import ShellSpec, hookimpl, launcher
from awaitall.plugins import plugins
from awaitall.shells import first_names, new_session
from awaitall.testing import Terminal

from libraries import library_of
from shells import Bpython, Console, EditedConsole, Ptpython, Xonsh, XonshReadline, need

APP = """\
import asyncio, os

beats = 0
watched = None


async def heart():
    global beats, watched
    while True:
        await asyncio.sleep(0.001)
        beats += 1
        if watched is not None and beats > watched + 10:
            print("the heart " + "beats")
            watched = None


def watch():
    global watched
    watched = beats


def say(text):
    print(text)
    with open("said", "a") as file:
        file.write(text + "\\n")


async def app(scope, receive, send):
    assert scope["type"] == "lifespan"
    assert (await receive())["type"] == "lifespan.startup"
    beating = asyncio.create_task(heart(), name="heart")
    scope["state"]["db"] = asyncio.current_task()
    say("up")
    await send({"type": "lifespan.startup.complete"})
    assert (await receive())["type"] == "lifespan.shutdown"
    assert asyncio.current_task() is scope["state"]["db"]
    assert not beating.done()
    await asyncio.sleep(0.001)
    beating.cancel()
    say("down")
    await send({"type": "lifespan.shutdown.complete"})
"""


class InApp:
    """A shell that is started in an application; the other base."""

    name = ""
    runner = ()

    def argv(self, *options):
        (self.home / "shop.py").write_text(APP)
        return [sys.executable, "-m", "awaitall", *self.runner, "--app", "shop:app", self.name, *super().argv(*options)[3:]]


class ConsoleInApp(InApp, Console):
    name = "console"


class EditedConsoleInApp(InApp, EditedConsole):
    name = "console"


class PtpythonInApp(InApp, Ptpython):
    name = "ptpython"


class PtpythonOnUvloop(PtpythonInApp):
    runner = ("--runner=uvloop",)


class BpythonInApp(InApp, Bpython):
    name = "bpython"


class XonshInApp(InApp, Xonsh):
    name = "xonsh"


class XonshReadlineInApp(InApp, XonshReadline):
    name = "xonsh"


SHELLS = [
    ConsoleInApp,
    EditedConsoleInApp,
    PtpythonInApp,
    PtpythonOnUvloop,
    BpythonInApp,
    XonshInApp,
    XonshReadlineInApp,
]


@pytest.fixture(params=SHELLS, ids=[cls.__name__ for cls in SHELLS])
def shell(request, tmp_path):
    if not issubclass(request.param, EditedConsole):
        need(request.param.name)
    if request.param.runner:
        need("uvloop")
    running = request.param(tmp_path)
    yield running
    running.close()


def said(shell):
    return (shell.home / "said").read_text().split()


def test_the_names_of_its_module_and_its_state_are_at_the_prompt(shell):
    assert said(shell) == ["up"]
    assert shell.run("(app.__name__, heart.__name__, *state)") == "('app', 'heart', 'db')"


def test_inputs_are_awaited_on_the_loop_of_the_lifespan(shell):
    shell.run("import asyncio")
    assert shell.run("await asyncio.sleep(0, asyncio.get_running_loop() is state['db'].get_loop())") == "True"


def test_its_tasks_go_on_at_the_idle_prompt(shell):
    shell.run("watch()")
    shell.terminal.wait_for("the heart beats")


def test_it_shuts_down_at_ctrl_d(shell):
    assert shell.leave() == 0
    assert said(shell) == ["up", "down"]
    assert "lifespan" not in shell.terminal.text()


def test_it_shuts_down_at_exit_and_the_status_is_that_of_the_shell(shell):
    shell.submit({"xonsh": "exit 3", "ptpython": "exit()"}.get(shell.name, "exit(3)"))
    assert shell.terminal.wait_for_end() == (0 if shell.name == "ptpython" else 3)  # whose exit() takes no status
    assert said(shell) == ["up", "down"]


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_it_shuts_down_at_a_signal(shell, name):
    os.kill(shell.terminal.child.pid, getattr(signal, name))
    shell.terminal.wait_for_end()
    assert said(shell) == ["up", "down"]


def test_what_bpython_undoes_leaves_the_lifespan_alone(tmp_path):
    need("bpython")
    shell = BpythonInApp(tmp_path)
    try:
        shell.run("import asyncio")
        shell.run("x = 5")
        shell.undo("x = 5")
        assert shell.run("await asyncio.sleep(0, asyncio.get_running_loop() is state['db'].get_loop())") == "True"
        assert shell.leave() == 0
        assert said(shell) == ["up", "down"]
    finally:
        shell.close()


# -- without a terminal -------------------------------------------------------------------------------------------------


@pytest.fixture
def started(monkeypatch, tmp_path):
    """Offer a shell that runs inputs and notes what comes of them; return the function that starts it in an application."""
    found = []

    def start(arguments):
        names = first_names()
        session = new_session(names)
        found.extend(session.evaluate(source).unwrap() for source in arguments)
        session.shutdown()
        return 3

    class Plugin:
        @hookimpl
        def awaitall_shells(self):
            yield ShellSpec("mine", "a shell of a stranger's", start)

    def run(source, *inputs, reference="shop:app", options=()):
        (tmp_path / "shop.py").write_text(source)
        return launcher.main(["--app", reference, *options, "mine", *inputs]), found

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path[:])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    plugins().manager.register(plugin := Plugin(), "stranger")
    yield run
    plugins().manager.unregister(plugin)
    for name in [name for name in sys.modules if name.partition(".")[0] in ("shop", "store")]:
        del sys.modules[name]


WITHOUT = "async def {name}(scope, receive, send):\n    raise ValueError(scope['type'])\n"


def test_an_application_without_a_lifespan_goes_without(started, capsys):
    assert started(WITHOUT.format(name="app"), "app.__name__") == (3, ["app"])
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("reference", ["shop", "shop:application", "shop.py", "shop.py:application"])
def test_it_is_found_by_its_module_or_its_file(started, reference):
    assert started(WITHOUT.format(name="application"), "app.__name__", reference=reference) == (3, ["application"])


@pytest.mark.parametrize("reference", ["shop", "shop:create_app", "shop:create_app()"])
@pytest.mark.parametrize("kind", ["def", "async def"])
def test_a_function_may_make_it(started, reference, kind):
    source = f"{WITHOUT.format(name='made')}{kind} create_app():\n    return made\n"
    assert started(source, "app.__name__", reference=reference) == (3, ["made"])


def test_a_file_in_a_package_is_imported_as_a_part_of_that(started, tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "__init__.py").touch()
    (tmp_path / "store" / "web.py").write_text("from . import __name__ as package\n" + WITHOUT.format(name="app"))
    assert started("", "package", reference=os.path.join("store", "web.py")) == (3, ["store"])


def test_of_a_module_with_all_those_names_are_at_the_prompt(started):
    source = "__all__ = ['app', '_mine']\n_mine = 1\nother = 2\n" + WITHOUT.format(name="app")
    assert started(source, "_mine, 'other' in globals()") == (3, [(1, False)])


@pytest.mark.parametrize(
    ("source", "reference", "message"),
    [
        ("", "shap:app", "No module is called 'shap', in {here} or elsewhere."),
        ("", "shop.web:app", "No module is called 'shop.web', in {here} or elsewhere."),
        ("app = 3", "shop", "shop:app is neither an ASGI nor a WSGI application, but of the type 'int'."),
        ("", "shop", "shop has no app, application, create_app or make_app; name it: --app shop:NAME"),
        ("", "shop:api", "shop has no 'api': module 'shop' has no attribute 'api'"),
        ("app = 5", "shop:app", "shop:app is neither an ASGI nor a WSGI application, but of the type 'int'."),
        ("def app(a): pass", "shop:app", "shop:app is neither an ASGI nor a WSGI application, but of the type 'function'."),
        ("def app(): pass", "shop:app", "shop:app is neither an ASGI nor a WSGI application, but of the type 'NoneType'."),
        ("", "shap.py", "There is no file shap.py."),
        ("", "", "'' is no name of a module: --app shop:app, --app shop.py"),
    ],
)
def test_what_is_no_application_costs_one_line(started, capsys, tmp_path, source, reference, message):
    assert started(source, "1", reference=reference) == (f"awaitall: {message.format(here=tmp_path)}", [])
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("1 / 0", 1, "shop could not be imported."),
        ("import nothing_of_the_name", 1, "shop could not be imported."),
        ("def app():\n    1 / 0", 2, "shop:app has failed, so there is no application."),
        ("async def app():\n    1 / 0", 2, "shop:app has failed, so there is no application."),
    ],
)
def test_the_code_of_the_user_fails_with_its_own_traceback(started, capsys, tmp_path, source, line, message):
    assert started(source, "1") == (f"awaitall: {message}", [])
    told = capsys.readouterr().err
    assert told.startswith(f'Traceback (most recent call last):\n  File "{tmp_path / "shop.py"}", line {line}, in ')
    assert told.count("Traceback (most") == 1


LIFESPAN = """\
async def app(scope, receive, send):
    async def tell(what, **more):
        await send({"type": f"lifespan.{what}", **more})

    print((await receive())["type"])
    %s
    await tell("startup.complete")
    print((await receive())["type"])
    %s
    await tell("shutdown.complete")
    %s
"""


@pytest.mark.parametrize("runner", ["asyncio", "uvloop", "trio"])
def test_the_lifespan_is_around_the_shell(started, capsys, runner):
    library_of(runner)
    source = LIFESPAN % ("pass", "pass", "pass")
    assert started(
        source, "import sys; print('shell')", "await __import__('awaitall').aeval('1', {})", options=["-r", runner]
    ) == (
        3,
        [None, 1],
    )
    assert capsys.readouterr() == ("lifespan.startup\nshell\nlifespan.shutdown\n", "")


def test_a_startup_that_fails_leaves_no_shell(started, capsys):
    assert started(LIFESPAN % ("await tell('startup.failed', message='no database'); return", "", ""), "1") == (
        "awaitall: The startup of shop:app has failed. no database",
        [],
    )
    assert capsys.readouterr() == ("lifespan.startup\n", "")


def test_a_startup_that_fails_and_raises_shows_the_traceback_of_the_application(started, capsys, tmp_path):
    source = LIFESPAN % ("await tell('startup.failed', message='Traceback: ...'); 1 / 0", "", "")
    assert started(source, "1") == ("awaitall: The startup of shop:app has failed.", [])
    told = capsys.readouterr().err
    assert told.startswith(f'Traceback (most recent call last):\n  File "{tmp_path / "shop.py"}", line 6, in app\n')
    assert told.count("Traceback (most") == 1


def test_after_a_startup_that_has_failed_the_application_may_wait_for_ever(started):
    source = LIFESPAN % ("await tell('startup.failed', message='no database'); await receive()", "", "")
    assert started(source, "1") == ("awaitall: The startup of shop:app has failed. no database", [])


def test_a_startup_that_only_raises_is_shown_and_the_shell_starts(started, capsys):
    assert started(LIFESPAN % ("1 / 0", "", ""), "1") == (3, [1])
    told = capsys.readouterr().err
    assert told.endswith(
        "ZeroDivisionError: division by zero\n"
        "awaitall: shop:app goes on without its lifespan, as it has not said that it fails.\n"
    )


def test_a_shutdown_that_fails_is_told(started, capsys):
    source = LIFESPAN % ("pass", "return await tell('shutdown.failed', message='no way')", "")
    assert started(source, "1") == (3, [1])
    assert capsys.readouterr().err == "awaitall: the shutdown of shop:app has failed. no way\n"


def test_a_shutdown_that_raises_is_told_once(started, capsys, tmp_path):
    assert started(LIFESPAN % ("pass", "await tell('shutdown.failed', message='Traceback: ...'); 1 / 0", ""), "1") == (3, [1])
    told = capsys.readouterr().err
    assert told.startswith("Task 'lifespan' in the background has failed:\nTraceback (most recent call last):\n")
    assert told.endswith("ZeroDivisionError: division by zero\n")


def test_a_lifespan_that_ends_too_early_is_told_while_the_shell_runs(started, capsys):
    source = LIFESPAN % ("await tell('startup.complete'); 1 / 0", "", "")
    assert started(source, "import asyncio; await asyncio.sleep(0.01)", "print('shell')") == (3, [None, None])
    captured = capsys.readouterr()
    assert captured.out == "lifespan.startup\nshell\n"
    assert captured.err.count("ZeroDivisionError: division by zero") == 1


@pytest.mark.parametrize("runner", ["asyncio", "trio"])
def test_a_shutdown_that_hangs_is_cancelled(started, capsys, monkeypatch, runner):
    library_of(runner)
    monkeypatch.setenv("AWAITALL_GRACE", "0.1")
    from awaitall import configuration

    configuration.found.cache_clear()
    try:
        source = f"import {runner}\n" + LIFESPAN % ("pass", f"await {runner}.sleep(1000)", "")
        assert started(source, "1", options=["-r", runner]) == (3, [1])
    finally:
        configuration.found.cache_clear()
    assert capsys.readouterr().err == "awaitall: shop:app has not shut down in 0.1 seconds\n"


def test_a_wsgi_application_is_at_hand(started):
    assert started("def app(environ, start_response): pass", "app.__name__") == (3, ["app"])


def test_a_function_that_gives_an_awaitable_is_an_asgi_application(started, capsys):
    source = LIFESPAN.replace("app", "inner") % ("pass", "pass", "pass")
    assert started(f"{source}\ndef app(scope, receive, send):\n    return inner(scope, receive, send)\n", "1") == (3, [1])
    assert capsys.readouterr().out == "lifespan.startup\nlifespan.shutdown\n"


SHELL_NAMES = """\
class Shop:
    def __call__(self, environ, start_response):
        pass

    def make_shell_context(self):
        return {%s: 5}


app = Shop()
"""


def test_what_an_application_has_for_its_shell_is_at_the_prompt(started):
    assert started(SHELL_NAMES % "'answer'", "answer") == (3, [5])


def test_names_for_the_shell_that_fail_leave_no_shell(started, capsys):
    told = "awaitall: The names that shop:app has for its shell could not be had."
    assert started(SHELL_NAMES % "1 / 0", "1") == (told, [])
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_a_task_of_the_shell_ends_with_it_and_not_the_lifespan(started, capsys):
    source = LIFESPAN % ("pass", "pass", "pass") + (
        "async def forever():\n    import asyncio\n    try:\n        await asyncio.sleep(1000)\n"
        "    finally:\n        print('cancelled')\n"
    )
    assert started(source, "%bg forever()", "import asyncio; await asyncio.sleep(0)")[0] == 3
    assert capsys.readouterr().out == "lifespan.startup\ncancelled\nlifespan.shutdown\n"


def test_back_on_its_runner_the_lifespan_is_there(started):
    pytest.importorskip("trio")
    source = LIFESPAN % ("pass", "pass", "pass")
    commands = ["%autoawait trio", "import trio; await trio.sleep(0)", "%autoawait asyncio"]
    there = "from awaitall import current_session; [task.name for task in current_session().tasks()]"
    assert started(source, *commands, there)[1][-1] == ["lifespan"]


def test_a_startup_that_exits_is_the_end(started, capsys):
    source = LIFESPAN % ("raise SystemExit(5)", "", "")
    with pytest.raises(SystemExit) as exited:
        started(source, "print('shell')")
    assert exited.value.code == 5
    assert capsys.readouterr() == ("lifespan.startup\n", "")


@pytest.mark.parametrize("runner", ["sync", "curio"])
def test_a_lifespan_needs_a_loop_of_asyncio_or_trio(started, runner):
    need_runner(runner)
    assert started(LIFESPAN % ("pass", "pass", "pass"), "1", options=["--runner", runner]) == (
        "awaitall: The lifespan of an application runs on asyncio, uvloop or trio: --runner asyncio",
        [],
    )


def need_runner(name):
    if name != "sync":
        library_of(name)


def test_a_runner_that_is_not_there_is_told(started):
    told, found = started(LIFESPAN % ("pass", "pass", "pass"), "1", options=["--runner=trip"])
    assert told.startswith("awaitall: No runner is called 'trip'")
    assert found == []


def test_a_lifespan_that_is_cancelled_at_the_prompt_is_over(started, capsys):
    source = LIFESPAN % ("pass", "pass", "pass")
    assert started(source, "%cancel 1", "import asyncio; await asyncio.sleep(0)")[0] == 3
    assert capsys.readouterr() == ("lifespan.startup\n", "")


def test_a_shell_inside_the_shell_has_a_loop_of_its_own(started):
    source = LIFESPAN % ("pass", "pass", "pass")
    inner = "from awaitall.shells import new_session; inner = new_session({}); inner.run('import asyncio')"
    asked = "inner.run('await asyncio.sleep(0, asyncio.get_running_loop())')"
    own = "import asyncio; await asyncio.sleep(0, asyncio.get_running_loop())"
    _, found = started(source, inner, asked, "inner.shutdown()", own)
    assert found[1] is not found[3]


# -- Ctrl-C -------------------------------------------------------------------------------------------------------------


def test_ctrl_c_ends_a_startup_that_does_not(tmp_path):
    source = "import asyncio\n" + LIFESPAN % ("await hang()", "", "")
    source += "async def hang():\n    try:\n        await asyncio.sleep(1000)\n    finally:\n        print('cleaned up')\n"
    (tmp_path / "shop.py").write_text(source)
    terminal = Terminal(sys.executable, "-m", "awaitall", "--app", "shop", cwd=str(tmp_path))
    terminal.wait_for("waiting for the startup of shop:app to end; Ctrl-C leaves now")
    terminal.key("c")
    assert terminal.wait_for_end() == 130
    assert terminal.text().endswith("cleaned up")
    terminal.close()


def test_ctrl_c_ends_a_shutdown_that_does_not(tmp_path):
    (tmp_path / "shop.py").write_text("import asyncio\n" + LIFESPAN % ("pass", "await asyncio.sleep(1000)", ""))
    terminal = Terminal(sys.executable, "-m", "awaitall", "--app", "shop", cwd=str(tmp_path))
    terminal.wait_for(r"(?m)^>>>")
    terminal.type("exit(3)\r")
    terminal.wait_for("waiting for the lifespan of shop:app to end; Ctrl-C leaves now")
    terminal.key("c")
    assert terminal.wait_for_end() == 3
    assert "Traceback" not in terminal.text()
    terminal.close()
