"""Shells in web applications of real frameworks: ``awaitall --app``, and the shells that the frameworks have themselves."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from shells import BpythonStartup, Console, Ptpython, need

FASTAPI = """\
import asyncio, contextlib
from fastapi import FastAPI, Request


class Item:
    price = -1000000


async def heart():
    while True:
        await asyncio.sleep(0.001)
        Item.price += 1
        if Item.price == 10:
            print("the price of apples rises")


@contextlib.asynccontextmanager
async def lifespan(app):
    beating = asyncio.create_task(heart())
    yield {"database": "a connection"}
    beating.cancel()
    print("the database is closed")


app = FastAPI(lifespan=lifespan)


@app.get("/items")
async def items(request: Request):
    return ["apple", request.state.database]
"""

STARLETTE = """\
import contextlib
import anyio
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route


@contextlib.asynccontextmanager
async def lifespan(app):
    async with anyio.create_task_group() as group:
        with anyio.CancelScope() as scope:
            yield {"group": group}
        group.cancel_scope.cancel()
    print("the group is closed")


async def items(request):
    done = anyio.Event()
    request.state.group.start_soon(done_soon, done)
    await done.wait()
    return JSONResponse(["apple"])


async def done_soon(done):
    await anyio.sleep(0.001)
    done.set()


def create_app():
    return Starlette(routes=[Route("/items", items)], lifespan=lifespan)
"""

LITESTAR = """\
from litestar import Litestar, get


@get("/items")
async def items() -> list[str]:
    return ["apple"]


async def begin(app: Litestar) -> None:
    app.state.database = "a connection"


async def end(app: Litestar) -> None:
    print("the database is closed")


app = Litestar([items], on_startup=[begin], on_shutdown=[end])
"""

FLASK = """\
from flask import Flask, current_app

app = Flask(__name__)


@app.shell_context_processor
def names():
    return {"answer": 42, "whose": current_app.name}


@app.teardown_appcontext
def end(error):
    print("the context is closed")


@app.get("/items")
async def items():
    return ["apple"]
"""

QUART = """\
from quart import Quart, current_app

app = Quart(__name__)


@app.shell_context_processor
def names():
    return {"answer": 42}


@app.while_serving
async def around():
    app.database = "a connection"
    yield
    print("the database is closed")


@app.get("/items")
async def items():
    return ["apple", current_app.database]
"""

#: For PYTHONSTARTUP.
STARTUP = """\
import code, awaitall
code.interact = lambda banner=None, local=None, **_: awaitall.embed(banner=banner, namespace=local)
"""

MANAGEMENT = """\
import awaitall
from django.core.management.commands import shell


class Command(shell.Command):
    shells = ["awaitall", *shell.Command.shells]

    def awaitall(self, options):
        awaitall.embed(namespace=self.get_namespace(**options))
"""


class Framework(Console):
    """A console that a command line opens in a folder with a program."""

    source = ""
    started = ("-m", "awaitall", "--app", "shop")

    def argv(self, *options):
        (self.home / "shop.py").write_text(self.source)
        (self.home / "startup.py").write_text(STARTUP)
        return super().argv(*options)


@pytest.fixture
def start(tmp_path):
    """Start a shell of a class, or the console of ``awaitall --app`` for the text of a module."""
    running = []

    def start(what, *options, **environment):
        cls = what if isinstance(what, type) else type("Shop", (Framework,), {"source": what})
        running.append(cls(tmp_path, environment, *options))
        return running[-1]

    yield start
    for shell in running:
        shell.close()


def test_fastapi(start):
    pytest.importorskip("fastapi")
    shell = start(FASTAPI)
    assert shell.run("(await client.get('/items')).json()") == "['apple', 'a connection']"
    assert shell.run("app.title, state") == "('FastAPI', {'database': 'a connection'})"
    shell.run("Item.price = 0")
    shell.terminal.wait_for("the price of apples rises")  # at the idle prompt
    assert shell.leave() == 0
    assert shell.terminal.text().endswith("the database is closed")


@pytest.mark.parametrize("runner", ["asyncio", "uvloop", "trio"])
def test_starlette_with_a_task_group_on_every_runner(start, runner):
    pytest.importorskip("fastapi")
    pytest.importorskip(runner)
    shell = start(type("Shop", (Framework,), {"source": STARLETTE, "started": ("-m", "awaitall", "-r", runner, "--app", "shop")}))
    assert shell.run("(await client.get('/items')).json()") == "['apple']"
    assert shell.leave() == 0
    assert shell.terminal.text().endswith("the group is closed")


def test_litestar(start):
    pytest.importorskip("litestar")
    shell = start(LITESTAR)
    assert shell.run("app.state.database") == "'a connection'"
    assert "['apple']" in shell.run("(await client.get('/items')).json()")  # beside a line of the log
    assert shell.leave() == 0
    assert shell.terminal.text().endswith("the database is closed")


def test_flask(start):
    pytest.importorskip("flask")
    shell = start(FLASK)
    assert shell.run("answer, whose") == "(42, 'shop')"
    assert shell.run("from flask import current_app; current_app.name, await items()") == "('shop', ['apple'])"
    assert "['apple']" in shell.run("app.test_client().get('/items').json")  # which runs a loop of its own
    assert shell.leave() == 0
    assert shell.terminal.text().endswith("the context is closed")


def test_quart(start):
    pytest.importorskip("quart")
    shell = start(QUART)
    assert shell.run("answer, current_app.database") == "(42, 'a connection')"
    assert shell.run("await (await app.test_client().get('/items')).json") == "['apple', 'a connection']"
    assert shell.run("(await client.get('/items')).json()") == "['apple', 'a connection']"
    assert shell.leave() == 0
    assert shell.terminal.text().endswith("the database is closed")


def test_flask_shell_awaits_by_a_startup_file(start):
    pytest.importorskip("flask")
    shell = start(
        type("Shop", (Framework,), {"source": FLASK, "started": ("-m", "flask", "--app", "shop", "shell")}),
        PYTHONSTARTUP="startup.py",
    )
    assert "App: shop" in shell.terminal.text()
    assert shell.run("answer, await __import__('asyncio').sleep(0, 1)") == "(42, 1)"
    assert "['apple']" in shell.run("app.test_client().get('/items').json")


def test_quart_shell_awaits_at_a_breakpoint(start):
    pytest.importorskip("quart")
    shell = start(
        type("Shop", (Framework,), {"source": QUART, "started": ("-m", "quart", "--app", "shop", "shell")}),
        PYTHONBREAKPOINT="awaitall.breakpoint",
    )
    shell.terminal.type("app.database = 'another'; breakpoint()\r")
    shell.terminal.wait_for(r"\(Pdb\) *\Z")
    shell.terminal.type("await (await app.test_client().get('/items')).json\r")
    shell.terminal.wait_for(r"(?m)^\['apple', 'another'\]")


# -- Django -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path):
    """Make a project with a database in the folder in which shells are started."""
    pytest.importorskip("django")

    def run(*command):
        subprocess.run([sys.executable, *command], cwd=tmp_path, check=True, capture_output=True, timeout=60)

    run("-m", "django", "startproject", "site_of_ours", ".")
    settings = tmp_path / "site_of_ours" / "settings.py"
    apps = "'people', 'django_extensions'" if find_extensions() else "'people'"
    settings.write_text(settings.read_text().replace("INSTALLED_APPS = [", f"INSTALLED_APPS = [{apps},"))
    commands = tmp_path / "people" / "management" / "commands"
    commands.mkdir(parents=True)
    for folder in (commands, *commands.parents[:2]):
        (folder / "__init__.py").touch()
    run("manage.py", "migrate")
    return tmp_path


def find_extensions():
    try:
        import django_extensions  # noqa: F401
    except ImportError:
        return False
    return True


def in_django(shell):
    assert shell.run("from django.contrib.auth.models import User") == ""
    assert shell.run("User.objects.count()") == "0"
    assert shell.run("await User.objects.acount()") == "0"
    assert shell.run("[user async for user in User.objects.all()]") == "[]"


@pytest.mark.parametrize("app", ["site_of_ours.asgi", "site_of_ours.wsgi"])
def test_django_by_its_application(start, project, app):
    shell = start(type("Shop", (Framework,), {"started": ("-m", "awaitall", "--app", app)}))
    in_django(shell)
    if app.endswith("asgi"):
        assert shell.run("(await client.get('/')).status_code") == "200"


def managed(base, *command):
    """Return the class of a shell that ``manage.py`` opens."""

    class Managed(base):
        def argv(self, *options):
            super().argv()
            (self.home / "interact.py").write_text(STARTUP)
            if base is Ptpython:
                folder = self.home / ".config" / "ptpython"
                folder.mkdir(parents=True)
                (self.home / "config.py").rename(folder / "config.py")
            if base is BpythonStartup:
                folder = self.home / ".config" / "bpython"
                folder.mkdir(parents=True)
                (self.home / "bpython.ini").rename(folder / "config")
            return [sys.executable, "manage.py", *command]

    return Managed


def test_django_shell_in_bpython(start, project):
    need("bpython")
    in_django(start(managed(BpythonStartup, "shell", "-i", "bpython")))


def test_django_shell_in_python_awaits_by_a_startup_file(start, project):
    in_django(start(managed(Console, "shell", "-i", "python"), PYTHONSTARTUP="interact.py"))


def test_django_shell_of_the_project(start, project):
    (project / "people" / "management" / "commands" / "shell.py").write_text(MANAGEMENT)
    in_django(start(managed(Console, "shell")))


def test_django_shell_plus_in_ptpython(start, project):
    need("ptpython")
    pytest.importorskip("django_extensions")
    in_django(start(managed(Ptpython, "shell_plus", "--ptpython", "--quiet-load")))


def test_django_shell_plus_in_python_awaits_by_a_startup_file(start, project):
    pytest.importorskip("django_extensions")
    in_django(start(managed(Console, "shell_plus", "--plain", "--quiet-load"), PYTHONSTARTUP=os.path.join(".", "interact.py")))
