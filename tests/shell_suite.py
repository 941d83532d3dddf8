"""What must be true at the prompt of every shell; each adapter's tests run it in their shell on a real terminal."""

from __future__ import annotations

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

    def test_ctrl_c_cancels_the_await_and_runs_its_cleanup(self, shell):
        shell.submit("await slow()")
        shell.terminal.wait_for("waiting")
        shell.terminal.key("c")
        text = shell.wait_for_prompt()
        assert "awaitall/" not in text
        assert text.index("cancelled") < text.index("cleaned up")
        assert shell.run("await f('alive')") == "'alive'"

    def test_ctrl_c_stops_a_coroutine_that_never_awaits(self, shell):
        shell.submit("await busy()")
        shell.terminal.wait_for("spinning")
        shell.terminal.key("c")
        assert "awaitall/" not in shell.wait_for_prompt()
        assert shell.run("await f('alive')") == "'alive'"

    def test_a_second_ctrl_c_gives_the_prompt_back_from_a_cleanup_that_hangs(self, fresh):
        fresh.submit("await slow(cleanup=1000)")
        fresh.terminal.wait_for("waiting")
        fresh.terminal.key("c")
        fresh.terminal.wait_for("cancelled")
        fresh.terminal.key("c")
        fresh.wait_for_prompt()
        assert fresh.run("await f('alive')") == "'alive'"

    def test_ctrl_c_stops_a_sync_input(self, shell):
        shell.submit("print('nap' + 'ping'); import time; time.sleep(1000)")
        shell.terminal.wait_for(r"(?m)^napping")
        shell.terminal.key("c")
        shell.wait_for_prompt()
        assert shell.run("1 + 1") == "2"

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

    @pytest.mark.parametrize("runner", ["uvloop", "trio", "curio"])
    def test_ctrl_c_cancels_and_runs_the_cleanup_on_every_runner(self, fresh, runner):
        fresh.command(f"autoawait {runner}")
        fresh.run("import trio, curio; await pause()")
        fresh.submit("await long()")
        fresh.terminal.wait_for("waiting")
        fresh.terminal.key("c")
        text = fresh.wait_for_prompt()
        assert "awaitall/" not in text
        assert text.index("cancelled") < text.index("cleaned up")
        assert fresh.run("await pause(); 'alive'") == "'alive'"
        assert fresh.leave() == 0

    def test_background_tasks_live_on_after_ctrl_c(self, fresh):
        fresh.run("done = ticking(); await f()")
        fresh.submit("await slow()")
        fresh.terminal.wait_for("waiting")
        fresh.terminal.key("c")
        fresh.wait_for_prompt()
        assert fresh.run("await done.wait()") == "True"

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
