"""The prompt at a test that has failed, and at ``breakpoint()`` in a test, with the plugins that run async tests."""

from __future__ import annotations

import pytest

from awaitall.testing import Terminal

EXTRA = "uvloop"
PINS = ("pytest", "pytest-asyncio", "pytest-trio", "anyio[trio]", "greenback")

CONFIGURATION = """
[pytest]
addopts = -p no:cacheprovider --pdbcls=awaitall.debugger:Debugger
asyncio_mode = strict
asyncio_default_fixture_loop_scope = function
"""

TESTS = """
import asyncio, contextvars, unittest
import greenback, pytest, trio

user = contextvars.ContextVar("user", default="nobody")
beats = 0


async def heart():
    global beats
    while True:
        beats += 1
        await asyncio.sleep(0)


async def slow():
    try:
        print("waiting")
        await asyncio.sleep(1000)
    finally:
        print("cleaned up")


@pytest.mark.asyncio
async def test_asyncio():
    loop = asyncio.get_running_loop()
    queue = asyncio.Queue()
    queue.put_nowait("an item")
    task = asyncio.create_task(heart())
    user.set("ada")
    assert False


@pytest.mark.asyncio
async def test_group():
    async with asyncio.TaskGroup() as group:
        group.create_task(asyncio.sleep(0, "slept"))
        raise ValueError


@pytest.fixture
async def item():
    breakpoint()
    yield 5


@pytest.fixture
def anyio_backend(request):
    return request.param


anyio_backends = pytest.mark.parametrize(
    "anyio_backend", ["asyncio", "trio", ("asyncio", {"use_uvloop": True})], ids=["asyncio", "trio", "uvloop"], indirect=True
)


@pytest.fixture
async def kept_open():
    yield


@anyio_backends
@pytest.mark.anyio
async def test_anyio(kept_open, anyio_backend):
    import anyio

    me = anyio.get_current_task().id
    user.set("ada")
    assert False


@anyio_backends
@pytest.mark.anyio
async def test_closed(anyio_backend):
    import anyio

    assert False


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"], indirect=True)
async def test_fixture(item):
    assert item == 5


@pytest.mark.trio
async def test_trio():
    assert False


@pytest.mark.trio
async def test_portal():
    await greenback.ensure_portal()
    send, receive = trio.open_memory_channel(1)
    send.send_nowait("an item")
    breakpoint()


async def slow_trio():
    print("waiting")
    await trio.sleep_forever()


@pytest.mark.asyncio
async def test_breakpoint():
    queue = asyncio.Queue()
    queue.put_nowait("an item")
    got = None
    breakpoint()
    assert got == "an item"


class TestOfUnittest(unittest.IsolatedAsyncioTestCase):
    async def test_unittest(self):
        assert False
"""


class Run:
    """pytest on a terminal, at its first prompt."""

    def __init__(self, environment, folder, test, *options, **variables):
        (folder / "pytest.ini").write_text(CONFIGURATION)
        (folder / "test_them.py").write_text(TESTS)
        argv = [str(environment.bin / "pytest"), f"test_them.py::{test}", *options]
        self.terminal = Terminal(*argv, env={"PYTEST_ADDOPTS": "", **variables}, cwd=str(folder))
        self._prompts = 0
        self.wait_for_prompt()

    def wait_for_prompt(self):
        self._prompts += 1
        self.terminal.wait_for(lambda text: text.count("(Pdb)") == self._prompts and text.endswith("(Pdb)"))

    def run(self, line):
        """Type a line; return what is shown between it and the next prompt."""
        self.terminal.type(f"{line}\r")
        self.wait_for_prompt()
        return self.terminal.text().split(f"(Pdb) {line}\n")[-1].removesuffix("(Pdb)").strip()

    def end(self):
        self.terminal.type("c\r")
        self.terminal.wait_for_end()
        return self.terminal.text()


@pytest.fixture
def at(environment, tmp_path):
    """Run a test, and give the prompt that it comes to."""
    runs = []

    def at(test, *options, **variables):
        runs.append(Run(environment, tmp_path, test, *options, **variables))
        return runs[-1]

    yield at
    for run in runs:
        run.terminal.close()


def test_after_a_failure_inputs_are_awaited_on_the_loop_of_the_test_in_its_context(at):
    run = at("test_asyncio", "--pdb")
    assert run.run("await queue.get()") == "'an item'"
    assert run.run("await asyncio.sleep(0, asyncio.get_running_loop() is loop)") == "True"
    assert run.run("await asyncio.sleep(0, user.get())") == "'ada'"
    assert "1 failed" in run.end()


def test_the_tasks_of_the_test_go_on_while_an_input_is_awaited(at):
    run = at("test_asyncio", "--pdb")
    run.run("before = beats")
    run.run("await asyncio.sleep(0.01)")
    assert run.run("beats > before + 3, task.done()") == "(True, False)"


def test_ctrl_c_cancels_the_input_alone(at):
    run = at("test_asyncio", "--pdb")
    run.terminal.type("await slow()\r")
    run.terminal.wait_for("(?m)^waiting$")
    run.terminal.key("c")
    run.wait_for_prompt()
    assert "cleaned up\n*** KeyboardInterrupt" in run.terminal.text()
    assert run.run("await queue.get()") == "'an item'"
    assert "1 failed" in run.end()


@pytest.mark.parametrize("backend", ["asyncio", "trio", "uvloop"])
def test_with_the_plugin_of_anyio_they_are_awaited_in_the_task_of_the_test(at, backend):
    run = at(f"test_anyio[{backend}]", "--pdb")
    assert run.run("await anyio.sleep(0) or anyio.get_current_task().id == me, user.get()") == "(True, 'ada')"
    assert "1 failed" in run.end()


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_ctrl_c_cancels_the_input_alone_with_the_plugin_of_anyio_too(at, backend):
    run = at(f"test_anyio[{backend}]", "--pdb")
    run.terminal.type("await slow()\r" if backend == "asyncio" else "await slow_trio()\r")
    run.terminal.wait_for("(?m)^waiting$")
    run.terminal.key("c")
    run.wait_for_prompt()
    assert "*** KeyboardInterrupt" in run.terminal.text()
    assert run.run("await anyio.sleep(0) or anyio.get_current_task().id == me") == "True"
    assert "1 failed" in run.end()


@pytest.mark.parametrize(
    ("test", "library"), [("test_closed[asyncio]", "asyncio"), ("test_closed[trio]", "trio"), ("test_closed[uvloop]", "asyncio")]
)
def test_a_line_tells_that_the_loop_is_closed_already(at, test, library):
    run = at(test, "--pdb")
    line = f"awaitall: the loop that {library} ran is closed; inputs are awaited on another one"
    assert run.run("await anyio.sleep(0)") == line
    assert run.run("await anyio.sleep(0)") == ""
    assert "1 failed" in run.end()


def test_that_of_unittest_is_closed_too(at):
    run = at("TestOfUnittest::test_unittest", "--pdb")
    assert run.run("await asyncio.sleep(0, 5)").splitlines() == [
        "awaitall: the loop that asyncio ran is closed; inputs are awaited on another one",
        "5",
    ]


def test_of_an_error_that_is_alone_in_its_group_the_frame_is_shown(at):
    run = at("test_group", "--pdb")
    assert "-> raise ValueError\n" in run.terminal.text()


def test_and_after_one_of_trio_there_is_a_loop(at):
    run = at("test_trio", "--pdb")
    assert "-> assert False\n" in run.terminal.text()
    assert "the loop that trio ran is closed" in run.run("await trio.sleep(0)")
    assert run.run("await trio.sleep(0) or 5") == "5"


@pytest.mark.parametrize("variables", [{}, {"PYTHONBREAKPOINT": "awaitall.breakpoint"}])
def test_at_a_breakpoint_in_a_test_inputs_are_awaited(at, variables):
    run = at("test_breakpoint", **variables)
    assert run.run("got = await queue.get()") == ""
    assert "1 passed" in run.end()


def test_the_variable_alone_is_enough(at):
    run = at("test_breakpoint", "-o", "addopts=", PYTHONBREAKPOINT="awaitall.breakpoint")
    assert run.run("got = await queue.get()") == ""
    assert "1 passed" in run.end()


def test_at_a_breakpoint_in_an_async_fixture_too(at):
    run = at("test_fixture")
    assert run.run("await asyncio.sleep(0, 'slept')") == "'slept'"
    assert "1 passed" in run.end()


def test_on_trio_a_portal_makes_them_so(at):
    run = at("test_portal")
    assert run.run("await receive.receive()") == "'an item'"
    run.terminal.type("await slow_trio()\r")
    run.terminal.wait_for("(?m)^waiting$")
    run.terminal.key("c")
    run.wait_for_prompt()
    assert "*** KeyboardInterrupt" in run.terminal.text()
    assert run.run("await trio.sleep(0) or 5") == "5"
    assert "1 passed" in run.end()
