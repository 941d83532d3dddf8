"""Shared by all tests: the helpers of this folder are importable by their plain names, also in the shells under test."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from pathlib import Path

import pytest

pytest.register_assert_rewrite("hook_suite", "real_suite", "shell_suite", "awaitall.testing")

from awaitall.testing.shell_fixtures import IMPORTS, one_shell, starting  # noqa: E402  # after the line above

HERE = str(Path(__file__).parent)
sys.path.insert(0, HERE)

from libraries import LIBRARIES, is_there  # noqa: E402

#: What the tests themselves are told.
KEPT = ("AWAITALL_STORM", "AWAITALL_WINDOWS_PYTHON")

# What the developer has configured is nothing to the tests, nor to the programs that they start.
for _variable in [name for name in os.environ if name.startswith("AWAITALL_") and name not in KEPT]:
    del os.environ[_variable]
os.environ["XDG_CONFIG_HOME"] = os.path.join(HERE, "no configuration")

# A shell that runs tests in the background has them ignore SIGINT, and nohup SIGHUP; what they start would ignore it, too.
signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture
def links(tmp_path):
    """Skip a test where no links can be made."""
    link = tmp_path / "a link"
    try:
        link.symlink_to(tmp_path)
    except OSError as exc:
        pytest.skip(f"no links can be made: {exc}")
    if not link.is_symlink():
        pytest.skip("links are none")
    link.unlink()


@pytest.fixture
def start(request, tmp_path):
    """Start a shell of the class that the tests are for; options and environment as given."""
    with starting(request.cls.shell_class, tmp_path, HERE) as start:
        yield start


@pytest.fixture
def fresh(start):
    """A shell of its own, with the aids imported."""
    shell = start()
    shell.run(IMPORTS)
    return shell


@pytest.fixture(scope="class")
def new_shell(request, tmp_path_factory):
    """Gives a context manager with a shell of the class that the tests are for, with the aids imported."""

    return lambda: one_shell(request.cls.shell_class, tmp_path_factory.mktemp("home"), HERE)


@pytest.fixture(scope="class")
def shell(new_shell):
    """One shell for all tests of a class that leave nothing behind but names."""
    with new_shell() as shell:
        yield shell


@pytest.fixture(scope="class")
def plugged_shell(new_shell):
    """One shell for all tests of a class, with a plugin that implements every hook along the way of an input."""
    with new_shell() as shell:
        shell.run("import hook_aids; hook_aids.plug()")
        yield shell


@pytest.fixture(scope="class", params=["asyncio", "uvloop", "trio", "curio"])
def shell_on_each_runner(new_shell, request):
    """One shell for all tests of a class, on one runner after the other, with a task in the background."""
    with new_shell() as shell:
        shell.command(f"autoawait {request.param}")
        shell.run("import threading, trio, curio; await ticks()")
        yield shell
        assert shell.leave() == 0


@pytest.fixture(scope="session")
def url():
    """The address of a real HTTP server on the loopback interface; it answers every GET with a JSON object."""
    from aiohttp import web

    async def answer(request):
        return web.json_response({"name": "Ada", "path": request.path})

    async def serve():
        application = web.Application()
        application.router.add_get("/{path:.*}", answer)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        addresses.append(runner.addresses[0])
        return runner

    addresses = []
    loop = asyncio.new_event_loop()
    runner = loop.run_until_complete(serve())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield "http://{}:{}/".format(*addresses[0])
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def pytest_collection_modifyitems(items):
    """Skip the tests of a runner whose library is not installed: there is none of some for every system and every Python."""
    for item in items:
        names = set((getattr(item, "callspec", None) and map(str, item.callspec.params.values())) or ())
        for name in LIBRARIES.keys() & names:
            if not is_there(name):
                item.add_marker(pytest.mark.skip(reason=f"{name} is not installed"))
