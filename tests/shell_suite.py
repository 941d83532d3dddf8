"""What must be true at the prompt of every shell; each adapter's tests run it in their shell on a real terminal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from shells import Shell

#: Name -> the inputs, one after the other, and what the last of them prints.
FORMS = {
    "await": (["await f(1)"], "1"),
    "assignment": (["x = await f(2)", "x"], "2"),
    "async with": (["async with cm() as c:\n    print('body', c)"], "body 5\nclosed"),
    "async for": (["async for i in agen():\n    print('item', i)"], "item 0\nitem 1"),
    "async comprehension": (["[i async for i in agen()]"], "[0, 1]"),
    "await in a comprehension": (["[await f(i) for i in range(2)]"], "[0, 1]"),
    "asynchronous generator expression": (["g = (i async for i in agen())", "[i async for i in g]"], "[0, 1]"),
    "one generator over several inputs": (["ag = agen()", "await anext(ag)", "await anext(ag)"], "1"),
    "f-string": (["f'<{await f(3)}>'"], "'<3>'"),
    "walrus": (["(y := await f(4))", "y"], "4"),
    "default argument": (["def d(a=await f(5)):\n    return a", "d()"], "5"),
    "match": (["match await f(6):\n    case 6:\n        print('six')"], "six"),
    "several statements": (["z = await f(8); z"], "8"),
    "block with a sync and an async part": (["if await f(True):\n    q = await f(1)\n    print(q)"], "1"),
    "underscore": (["await f(7)", "_ + 1"], "8"),
    "names are globals": (["(await f(0), locals() is globals())"], "(0, True)"),
    "module name": (["(await f(0), __name__)"], "(0, '__main__')"),
    "function sees later names": (["def late():\n    return later", "later = await f(9)", "late()"], "9"),
    "future import stays": (
        ["from __future__ import annotations", "def h(a: unknown, b=await f(1)):\n    return b", "h.__annotations__"],
        "{'a': 'unknown'}",
    ),
    "sync expression": (["1 + 1"], "2"),
    "sync block": (["for i in range(2):\n    print('item', i)"], "item 0\nitem 1"),
}

#: Name of a client -> what a person types to get a page by it, and what the last input shows.
CLIENTS = {
    "aiohttp, in a block": [
        "import aiohttp",
        "async with aiohttp.ClientSession() as session:\n    response = await session.get(url)\n    page = await response.json()",
        "page['name']",
    ],
    "httpx, in a block": [
        "import httpx",
        "async with httpx.AsyncClient() as client:\n    response = await client.get(url)",
        "response.json()['name']",
    ],
    "httpx, over several inputs": [
        "import httpx",
        "client = httpx.AsyncClient()",
        "(await client.get(url)).json()['name']",
    ],
}


class ShellSuite:
    """Subclass it with the class of a shell."""

    shell_class: type[Shell]

    #: Forms that this shell does not have in sync inputs either.
    unlike_the_shell: frozenset[str] = frozenset()

    @pytest.mark.parametrize("name", FORMS)
    def test_every_form_of_await_works_as_typed(self, shell, name):
        if name in self.unlike_the_shell:
            pytest.skip("not the habit of this shell")
        inputs, expected = FORMS[name]
        for source in inputs:
            answer = shell.run(source)
        assert answer == expected

    @pytest.mark.parametrize("name", CLIENTS)
    def test_a_page_is_fetched_from_a_real_server(self, shell, url, name):
        shell.run(f"url = {url!r}")
        for source in CLIENTS[name]:
            answer = shell.run(source)
        assert answer == "'Ada'"

    def test_a_client_session_lives_over_several_inputs(self, shell, url):
        shell.run(f"import aiohttp, contextlib; url = {url!r}; stack = contextlib.AsyncExitStack()")
        shell.run("session = await stack.enter_async_context(aiohttp.ClientSession())")
        shell.run("response = await session.get(url)")
        assert shell.run('(await response.json())["name"]') == "'Ada'"
        shell.run("await stack.aclose()")

    def test_a_traceback_starts_at_the_users_line(self, shell):
        answer = shell.run("await boom()")
        assert "ValueError: boom" in answer
        files = [line for line in answer.splitlines() if line.strip().startswith("File ")]
        assert "in <module>" in files[0]
        assert "aids.py" in files[1]
        assert len(files) == 2

    def test_a_traceback_of_a_sync_input_starts_at_the_users_line(self, shell):
        answer = shell.run("1 / 0")
        assert answer.count("File ") == 1

    def test_a_group_is_shown_whole(self, shell):
        answer = shell.run("await group()")
        assert answer.count("ValueError: boom") == 2
        assert "asyncio/base_events" not in answer
        assert "awaitall" not in answer

    # -- line commands, and other runners -----------------------------------------------------------------------------------

    def test_the_state_is_told(self, fresh):
        assert fresh.command("autoawait") == "autoawait is `On`, and set to use `asyncio`"

    def test_await_can_be_switched_off_and_on(self, fresh):
        fresh.command("autoawait off")
        assert fresh.command("autoawait") == "autoawait is `Off`, and set to use `asyncio`"
        fresh.command("autoawait on")
        assert fresh.run("await f(1)") == "1"

    def test_a_wrong_name_suggests_the_closest(self, fresh):
        assert "Did you mean 'asyncio'?" in fresh.command("autoawait asyncoi")
        assert fresh.run("await f(1)") == "1"

    def test_a_function_of_the_users_is_a_runner(self, fresh):
        fresh.command("autoawait own_runner")
        assert fresh.run("await f(3)") == "running asynchronous code\n3"

    def test_children_of_a_trio_nursery_sleep_together(self, fresh):
        fresh.command("autoawait trio")
        fresh.run("import trio")
        fresh.run("async def child(i):\n    await trio.sleep(0.01)\n    print('child', i, 'wakes up')")
        fresh.run("async with trio.open_nursery() as n:\n    for i in range(5):\n        n.start_soon(child, i)")
        assert fresh.terminal.text().count("wakes up\n") == 5

    def test_a_trio_nursery_is_entered_in_one_input_and_left_in_another(self, fresh):
        fresh.command("autoawait trio")
        fresh.run("import trio; nursery = trio.open_nursery(); n = await nursery.__aenter__()")
        fresh.run("n.start_soon(pause, 0.01)")
        assert fresh.run("await nursery.__aexit__(None, None, None), n.child_tasks") == "(True, frozenset())"

    def test_trio_run_works_while_trio_stands_still(self, fresh):
        fresh.command("autoawait trio")
        fresh.run("import trio; await trio.sleep(0)")
        fresh.run("async def hey():\n    await trio.sleep(0.01)\n    return 'hey'")
        assert fresh.run("trio.run(hey)").endswith("'hey'")  # in bpython, trio first warns about what curtsies does with signals
        assert fresh.run("await hey()") == "'hey'"

    def test_three_libraries_one_after_the_other(self, fresh):
        fresh.run("import asyncio, trio, curio; task = asyncio.ensure_future(pause(0.2)) if await f(True) else None")
        fresh.command("autoawait trio")
        assert fresh.run("await trio.sleep(0); 'trio'") == "'trio'"
        fresh.command("autoawait curio")
        assert fresh.run("_ = await curio.sleep(0); 'curio'") == "'curio'"
        fresh.command("autoawait asyncio")
        assert fresh.run("await task; 'asyncio'") == "'asyncio'"

    def test_the_wrong_library_is_named(self, fresh):
        fresh.run("import trio")
        answer = fresh.run("await trio.sleep(0)")
        assert "This is a part of trio, and the input ran on asyncio. Switch with %autoawait trio." in answer
        assert "awaitall/" not in answer
        assert "awaitall_" not in answer

    def test_leaving_ends_what_is_still_running(self, fresh):
        fresh.run("task = asyncio.ensure_future(slow()); await f()")
        assert fresh.leave() == 0
        text = fresh.terminal.text()
        assert "cleaned up" in text
        assert "Task was destroyed" not in text

    def test_a_user_who_never_awaits_gets_no_event_loop(self, start):
        shell = start()
        shell.run("import sys")
        shell.run("x = 1")
        assert shell.run("'awaitall.runners.on_asyncio' in sys.modules, 'pluggy' in sys.modules") == "(False, False)"


class CtrlCSuite:
    """What Ctrl-C does, in one shell and on each runner; the shell is kept, so that what comes next must work, too."""

    shell_class: type[Shell]

    #: What the shell says to a Ctrl-C.
    interrupted = "KeyboardInterrupt"

    @pytest.fixture
    def shell(self, shell_on_each_runner):
        return shell_on_each_runner

    def press(self, shell, source, *seen):
        """Press Ctrl-C each time the next of these lines is seen; give what was printed in all."""
        prompts = len(shell.prompts(shell.terminal.text()))
        pattern = r"(?m)^(\^C)?{}$"  # a terminal may echo the key
        before = [len(re.findall(pattern.format(line), shell.terminal.text())) for line in seen]
        shell.submit(source)
        for line, count in zip(seen, before, strict=True):
            shell.terminal.wait_for(lambda text, line=line, count=count: len(re.findall(pattern.format(line), text)) > count)
            shell.terminal.key("c")
        answer = shell.answer(shell.wait_for_prompt(), prompts)
        assert "awaitall/" not in answer
        assert "awaitall_" not in answer
        return answer

    @pytest.fixture(autouse=True)
    def all_goes_on(self, shell):
        yield
        assert shell.run("await ticks()") == "True"

    def test_the_await_is_cancelled_and_its_cleanup_runs(self, shell):
        text = self.press(shell, "await slow()", "waiting")
        assert text.index("cancelled") < text.index("cleaned up")
        assert self.interrupted in text

    def test_a_coroutine_that_never_awaits_is_stopped(self, shell):
        assert self.interrupted in self.press(shell, "await busy()", "spinning")

    def test_a_sync_input_is_stopped(self, shell):
        assert self.interrupted in self.press(shell, "spin()", "spinning")

    def test_the_children_of_a_group_end_and_it_is_no_group_that_is_shown(self, shell):
        text = self.press(shell, "await children()", "waiting")
        assert text.count("child ended") == 2
        assert self.interrupted in text
        assert "Group" not in text

    def test_a_busy_task_in_the_background_is_waited_for_and_lives_on(self, shell):
        text = self.press(shell, "await hogged()", "hogging")
        assert "let go" in text
        assert self.interrupted in text
        assert "lives on" in text + shell.run("await ticks()")

    def test_a_second_one_gives_the_prompt_back_from_a_cleanup_that_hangs(self, shell):
        assert "cleaned up" not in self.press(shell, "await slow(cleanup=1000)", "waiting", "cancelled")

    def test_the_prompt_comes_back_from_a_thread_that_does_not_return(self, shell):
        shell.run("gate = threading.Event()")
        shell.submit("await waiting_for_a_thread(gate)")
        shell.terminal.wait_for(r"(?m)^waiting for the thread$")
        press_until_the_prompt_is_back(shell)
        shell.run("gate.set()")


def press_until_the_prompt_is_back(shell):
    """Press Ctrl-C, again if nothing comes of it: trio waits for a thread until the second one."""
    for _ in range(20):
        shell.terminal.key("c")
        try:
            shell.wait_for_prompt(timeout=0.5)
            return
        except AssertionError:
            continue
    raise AssertionError("no prompt after 20 Ctrl-C")
