"""What must be true at the prompt of every shell; each adapter's tests run it in their shell on a real terminal."""

from __future__ import annotations

import os
import random
import re
import signal
import time
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

#: Name -> the inputs, none of which awaits unless it says so, and what the last of them prints.
SYNC = {
    "create_task": (["t = asyncio.create_task(f(1))", "await t"], "1"),
    "create_task beside asyncio.run": (["t = asyncio.create_task(f(2)); asyncio.run(f(3))", "await t"], "2"),
    "the running loop": (["loop = asyncio.get_running_loop()", "await f(loop) is asyncio.get_running_loop()"], "True"),
    "the current loop": (["loop = asyncio.get_event_loop()", "await f(loop) is asyncio.get_event_loop()"], "True"),
    "gather": (["g = asyncio.gather(f(1), f(2))", "await g"], "[1, 2]"),
    "asyncio.run": (["asyncio.run(f(3))"], "3"),
    "Runner": (["with asyncio.Runner() as r:\n    print(r.run(f(4)))"], "4"),
    "run_until_complete": (["asyncio.get_event_loop().run_until_complete(f(5))"], "5"),
    "a loop of its own": (["loop = asyncio.new_event_loop()", "loop.run_until_complete(f(6)), loop.close()"], "(6, None)"),
    "uvloop.run": (["import uvloop; uvloop.run(f(7))"], "7"),
    "anyio.run": (["import anyio; anyio.run(f, 8)"], "8"),
    "anyio.run on trio": (["anyio.run(anyio.sleep, 0, backend='trio')", "9"], "9"),
    "the loop is no running one to others": (["asyncio._get_running_loop() is None"], "True"),
}

#: Way by which a task may write a line -> what is typed for it to be the function ``write``.
WRITERS = {
    "print": ["write = print"],
    "logging": ["import logging; logging.basicConfig(format='%(message)s', force=True)", "write = logging.warning"],
    "a stream that was kept": ["out = sys.stdout", "def write(text):\n    print(text, file=out)"],
    "the first stdout": ["def write(text):\n    sys.__stdout__.write(text + '\\n')"],
    "the first stderr": ["def write(text):\n    sys.__stderr__.writelines([text, '\\n'])"],
    "bytes": ["def write(text):\n    sys.__stdout__.buffer.write(text.encode() + b'\\n')"],
    "a method that was kept": ["method = sys.stderr.write", "def write(text):\n    method(text + '\\n')"],
    "warnings": [
        "import warnings; warnings.simplefilter('always')",
        "warnings.formatwarning = lambda message, *_: f'{message}\\n'",
        "write = warnings.warn",
    ],
    "a thread": [
        "import threading",
        "def write(text):\n    thread = threading.Thread(target=print, args=[text])\n    thread.start()\n    thread.join()",
    ],
    "a progress bar": ["def write(text):\n    print('99 %', end='\\r', flush=True)\n    print(text)"],
}

#: Name -> an input that begins to read the keyboard on the loop, or to write to the terminal, and does not end that.
KEYBOARD = {
    "add_reader": "loop.add_reader(0, lambda: os.read(0, 100))",
    "connect_read_pipe": "p = await loop.connect_read_pipe(asyncio.Protocol, open(0, 'rb', closefd=False))",
    "connect_write_pipe": "p = await loop.connect_write_pipe(asyncio.Protocol, open(1, 'wb', closefd=False))",
}


class ShellSuite:
    """Subclass it with the class of a shell."""

    shell_class: type[Shell]

    #: Whether this shell shows errors in colours.
    has_colors = True

    #: Forms that this shell does not have in sync inputs either.
    unlike_the_shell: frozenset[str] = frozenset()

    def way_out(self, source):
        """What is typed to leave the shell so, and what the status of the process may be."""
        return source, {"exit()": 0, "raise SystemExit(3)": 3}[source]

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

    @pytest.mark.parametrize("source", ["chained()", "await f(), chained()"])
    def test_causes_are_shown(self, shell, source):
        answer = shell.run(source)
        first, second, third = (answer.index(error) for error in ("KeyError: 'first'", "ValueError: second", "TypeError: third"))
        assert first < answer.index("During handling of the above exception") < second
        assert second < answer.index("The above exception was the direct cause") < third
        assert "awaitall/" not in answer
        assert "awaitall_" not in answer

    def test_a_stop_iteration_in_a_coroutine_is_shown_as_a_cause(self, shell):
        answer = shell.run("await stops()")
        assert answer.index("StopIteration: too far") < answer.index("RuntimeError: coroutine raised StopIteration")
        assert "awaitall/" not in answer

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

    @pytest.mark.parametrize("name", ["asyncio.CancelledError", "GeneratorExit", "SystemExit", "KeyboardInterrupt", "Leaves"])
    def test_a_command_costs_a_line_and_never_the_shell(self, shell, name):
        assert shell.run(f"%bg raises({name}())").splitlines()[-1].endswith(name.rpartition(".")[2])
        assert shell.run("await f(5)") == "5"

    def test_bg_takes_a_block_of_several_lines(self, fresh):
        fresh.run("%bg async with cm() as c:\n    print('in the', 'block', c)")
        fresh.terminal.wait_for(r"(?m)^in the block 5\nclosed$")
        assert fresh.run("c") == "5"

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

    @pytest.mark.parametrize("name", ["trio", "uvloop", "curio"])
    def test_a_file_of_the_users_with_the_name_of_a_library_ends_nothing(self, fresh, name):
        (fresh.home / f"{name}.py").write_text("here = 'mine'")
        fresh.run("await f()")
        assert fresh.run(f"import sys; sys.path.insert(0, '.'); import {name}; {name}.here") == "'mine'"
        answer = "".join(fresh.command(f"autoawait {name}").split())  # without the places where the terminal breaks the line
        assert answer.endswith(f"{name}.pystandsintheplaceof{name}:renamethatfile,andstartanew")
        assert fresh.run("await f(1)") == "1"

    # -- inputs that do not await -------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("name", SYNC)
    def test_an_input_without_await_sees_the_loop_and_may_run_others(self, shell, name):
        inputs, expected = SYNC[name]
        for source in inputs:
            answer = shell.run(source)
        assert answer == expected

    def test_a_client_session_is_made_before_anything_has_been_awaited(self, start, url):
        shell = start()
        shell.run(f"import aiohttp; session = aiohttp.ClientSession(); result = session.get({url!r})")
        shell.run("response = await result")
        assert shell.run("(await response.json())['name']") == "'Ada'"
        shell.run("await session.close()")

    def test_what_refuses_to_work_where_a_loop_runs_gets_a_hint(self, fresh):
        answer = fresh.run("refuses()")
        assert "ValueError: not here" in answer
        assert "%autoawait outside hides the loop" in answer

    def test_what_refuses_to_work_where_a_loop_runs_works_outside(self, fresh):
        fresh.run("%autoawait outside")
        assert fresh.run("refuses()") == "'works'"
        fresh.run("%autoawait inside")
        assert "not here" in fresh.run("refuses()")

    def test_a_coroutine_as_the_value_of_an_input_gets_a_hint(self, shell):
        assert "awaitall: nothing of this coroutine has run" in shell.run("c = f(); c")
        shell.run("await c")

    @pytest.mark.parametrize("source", ["await f(1); g = f(); g", "g = f(); [g]"])
    def test_a_coroutine_gets_a_hint_wherever_it_is_shown(self, shell, source):
        assert "has run: await" in shell.run(source)
        assert "has run: await" not in shell.run("5")
        shell.run("await g")

    @pytest.mark.parametrize(
        ("source", "note"),
        [
            ("f().upper()", "A coroutine is not the value that it will give"),
            ("await f() or f().upper()", "A coroutine is not the value that it will give"),
            ("await f", "A function is called before it is awaited"),
        ],
    )
    def test_an_error_of_a_forgotten_await_says_so(self, shell, source, note):
        answer = shell.run(source)
        assert note in answer
        assert "never awaited" not in answer + shell.run("1 + 1") + shell.run("1 / 0") + shell.run("1 / 0")

    def test_a_coroutine_as_the_value_of_an_input_is_awaited_on_request(self, fresh):
        fresh.run("%autoawait implicit")
        assert fresh.run("f(5)") == "5"
        assert fresh.run("_ + 1") == "6"
        assert fresh.run("await f(); f(7)") == "7"
        fresh.run("%autoawait explicit")
        assert "coroutine object f" in fresh.run("c = f(5); c")

    # -- tasks --------------------------------------------------------------------------------------------------------------

    def test_a_task_made_without_await_goes_on_at_the_prompt(self, fresh):
        fresh.run("t = asyncio.create_task(counting('beta', 5))")
        fresh.terminal.wait_for(r"(?m)^beta 4$")

    def test_the_names_that_a_task_binds_are_there(self, fresh):
        fresh.run("%bg bound = await f(8); print('bo' + 'und')")
        fresh.terminal.wait_for(r"(?m)^bound$")
        assert fresh.run("bound") == "8"

    def test_a_failure_in_the_background_has_the_colors_of_other_errors(self, fresh):
        fresh.run("%bg boom()")
        fresh.terminal.wait_for(r"(?m)^ValueError: boom$")
        shown = fresh.terminal.raw.rpartition(b"in the background has failed:")[2]
        assert bool(re.search(rb"\x1b\[[0-9;]*mValueError", shown)) == self.has_colors

    def test_a_task_that_asks_for_input_breaks_nothing(self, fresh):
        fresh.run("async def asks():\n    await f()\n    return input()")
        fresh.run("%bg asks()")
        fresh.terminal.wait_for("RuntimeError: A background task cannot read from the keyboard")
        assert fresh.run("await f(5)") == "5"

    @pytest.mark.parametrize("name", KEYBOARD)
    def test_what_reads_the_keyboard_takes_no_key_from_the_prompt(self, fresh, name):
        fresh.run("import os; await f(); loop = asyncio.get_running_loop()")
        fresh.run(KEYBOARD[name])
        assert [fresh.run(f"{number} + 1") for number in range(5)] == ["1", "2", "3", "4", "5"]
        assert fresh.run("os.get_blocking(0)") == "True"
        assert fresh.leave() == 0

    def test_a_task_that_nobody_refers_to_is_not_lost(self, fresh):
        fresh.run("import gc; t = asyncio.create_task(counting('gamma', 5)); del t; n = gc.collect()")
        fresh.terminal.wait_for(r"(?m)^gamma 4$")

    def test_the_error_of_a_task_that_is_awaited_is_no_news(self, fresh):
        fresh.run("t = asyncio.create_task(boom()); r = await asyncio.gather(t, return_exceptions=True)")
        assert "in the background" not in fresh.run("await pause(0.2)")

    @pytest.mark.parametrize("source", ["exit()", "raise SystemExit(3)"])
    def test_an_input_that_ends_the_shell_ends_its_tasks(self, fresh, source):
        fresh.run("%bg slow()")
        fresh.run("await pause(0.01)")
        typed, *statuses = self.way_out(source)
        fresh.submit(typed)
        assert fresh.terminal.wait_for_end() in statuses
        assert "cleaned up" in fresh.terminal.text()

    @pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGHUP])
    def test_a_signal_that_ends_the_shell_ends_its_tasks(self, fresh, signum):
        fresh.run("%bg slow()")
        fresh.run("await pause(0.01)")
        fresh.terminal.type("half a line")
        fresh.terminal.wait_for("half a line")
        fresh.terminal.child.kill(signum)
        assert fresh.terminal.wait_for_end() == self.status_after(signum)
        assert fresh.terminal.is_sane()
        text = fresh.terminal.text()
        assert "cleaned up" in text
        assert "Traceback" not in text

    def status_after(self, signum):
        """The status of a process that has ended by a signal and been able to clean up."""
        return 128 + signum

    def test_leaving_gives_the_terminal_back_as_it_was(self, fresh):
        fresh.run("%bg counting('delta')")
        fresh.terminal.wait_for(r"(?m)^delta 5$")
        assert not fresh.terminal.is_sane()
        assert fresh.leave() == 0
        assert fresh.terminal.is_sane()

    def test_a_line_typed_beside_a_task_is_in_the_history_of_the_next_time(self, fresh, start):
        fresh.run("%bg counting('epsilon')")
        fresh.run("7 * 191")
        assert fresh.leave() == 0
        again = start()
        for _ in range(10):  # xonsh loads it in a thread, and may have put "EOF" on top of it
            again.terminal.type("\x1b[A")
            try:
                again.terminal.wait_for(r"(?m)7 \* 191$", timeout=1)
                return
            except AssertionError:
                continue
        raise AssertionError("not in the history")

    def test_a_runner_that_fails_at_the_prompt_costs_a_line_and_no_shell(self, fresh):
        fresh.run("import awaitall; await f()")
        fresh.run("def broken(*args):\n    raise OSError('no more')")
        fresh.submit("awaitall.current_session()._runner.pump = broken")
        fresh.terminal.wait_for("awaitall: background tasks are paused at the prompt: OSError: no more")
        fresh.terminal.wait_for(lambda text: fresh.prompts(text)[-1].strip() == fresh.prompt.strip())
        fresh.seen = len(fresh.prompts(fresh.terminal.text()))
        assert fresh.run("await f(5)") == "5"
        assert fresh.run("1 + 1") == "2"
        assert fresh.terminal.text().count("paused at the prompt") == 1
        assert fresh.leave() == 0

    def test_a_runner_that_fails_once_goes_on(self, fresh):
        fresh.run("import awaitall, os; runner = awaitall.current_session()._runner if await f(True) else None")
        fresh.run(
            "def broken(*args):\n    if not os.path.exists('mended'):\n        raise OSError('no more')\n    del runner.pump"
        )
        fresh.submit("runner.pump = broken")
        fresh.terminal.wait_for("awaitall: background tasks are paused at the prompt: OSError: no more")
        (fresh.home / "mended").touch()
        fresh.terminal.wait_for("awaitall: background tasks go on at the prompt")
        fresh.terminal.wait_for(lambda text: fresh.prompts(text)[-1].strip() == fresh.prompt.strip())
        fresh.seen = len(fresh.prompts(fresh.terminal.text()))
        fresh.run("%bg counting('zeta', 5)")
        fresh.terminal.wait_for(r"(?m)^zeta 4$")

    @pytest.mark.parametrize("handler", ["signal.SIG_IGN", "print", "pdb.Pdb().sigint_handler"])
    def test_tasks_go_on_under_any_handler_of_sigint(self, fresh, handler):
        fresh.run(f"import pdb, signal; before = signal.signal(signal.SIGINT, {handler})")
        fresh.run("%bg counting('eta', 5)")
        fresh.terminal.wait_for(r"(?m)^eta 4$")

    def test_tasks_go_on_where_another_thread_runs_the_loop(self, fresh):
        fresh.run("import threading; loop = asyncio.get_running_loop()")
        fresh.run("await f()")
        fresh.run("other = threading.Thread(target=loop.run_forever, name='other', daemon=True)")
        fresh.run("other.start()")
        assert "The thread 'other' runs the event loop of the session." in fresh.run("await f()")
        fresh.run("seen = threading.Event()")
        fresh.run("async def see():\n    seen.set()")
        fresh.run("%bg see()")
        assert fresh.run("seen.wait(10)") == "True"
        fresh.run("stopped = loop.call_soon_threadsafe(loop.stop); other.join()")
        assert fresh.run("await f(5)") == "5"
        fresh.run("%bg counting('iota', 5)")
        fresh.terminal.wait_for(r"(?m)^iota 4$")
        assert "paused" not in fresh.terminal.text()

    def test_tasks_that_a_greenlet_holds_up_are_told_of(self, fresh):
        fresh.run("import greenlet; loop = asyncio.get_running_loop()")
        fresh.run("await f()")
        fresh.run("held = greenlet.greenlet(loop.run_forever)")
        fresh.submit("t = loop.call_soon(greenlet.getcurrent().switch); t = held.switch()")
        fresh.terminal.wait_for("paused at the prompt: HeldError: Something else runs the event loop of the session")
        settle(fresh)
        assert "playwright.stop()" in fresh.run("await f()")
        fresh.submit("held.parent = greenlet.getcurrent(); loop.stop(); t = held.switch()")
        fresh.terminal.wait_for("awaitall: background tasks go on at the prompt")
        settle(fresh)
        assert fresh.run("await f(5)") == "5"

    def test_a_task_that_fails_in_the_nursery_of_trio_is_reported_at_once(self, fresh):
        fresh.command("autoawait trio")
        fresh.run("import awaitall; await pause()")
        fresh.run("%bg slow()")
        fresh.submit("awaitall.current_session().nursery.start_soon(boom)")
        fresh.terminal.wait_for("Task 'boom' in the background has failed:")
        fresh.terminal.wait_for("the next input that awaits begins a new run of trio")
        settle(fresh)
        fresh.run("await pause()")
        assert fresh.run("awaitall.current_session().nursery.cancel_scope.cancel_called") == "False"

    def test_a_task_that_fails_in_an_open_task_group_is_reported_at_once(self, fresh):
        fresh.run("tg = await asyncio.TaskGroup().__aenter__()")
        fresh.submit("t = tg.create_task(boom(), name='child')")
        fresh.terminal.wait_for("Task 'child' in the background has failed:")
        fresh.terminal.wait_for("awaitall: its task group is still open, and cancels the next input that awaits")
        settle(fresh)
        assert "ValueError: boom" in fresh.run("await tg.__aexit__(None, None, None)")

    def test_a_loop_that_the_user_closes_leaves_no_task_behind(self, fresh):
        fresh.run("t = asyncio.create_task(slow(), name='first'); await f()")
        fresh.submit("asyncio.get_running_loop().close()")
        fresh.terminal.wait_for("awaitall: the event loop was closed, and what ran on it is lost: first")
        settle(fresh)
        assert fresh.run("%tasks") == "no tasks"
        assert fresh.run("await f(5)") == "5"

    def test_leaving_names_the_task_that_does_not_end(self, fresh):
        fresh.run("%bg slow(cleanup=1000)")
        fresh.run("await pause(0.01)")
        assert fresh.leave() == 0
        assert "awaitall: left behind, as they would not end: slow(cleanup=1000)" in fresh.terminal.text()

    @pytest.mark.parametrize("runner", ["asyncio", "curio"])
    def test_leaving_tells_what_it_waits_for_and_ctrl_c_leaves_at_once(self, fresh, runner):
        fresh.run("import curio")
        fresh.command(f"autoawait {runner}")
        fresh.run("%bg slow(cleanup=1000)")
        fresh.run("await pause(0.01)")
        fresh.terminal.key("d")
        fresh.terminal.wait_for(r"awaitall: waiting for slow\(cleanup=1000\) to end; Ctrl-C leaves now")
        begun = time.monotonic()
        fresh.terminal.key("c")
        assert fresh.terminal.wait_for_end() == 0
        assert time.monotonic() - begun < 3.5  # of the five seconds that it would take
        text = fresh.terminal.text()
        assert "awaitall: left behind, as they would not end: slow(cleanup=1000)" in text
        assert "Exception" not in text
        assert fresh.terminal.is_sane()

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


#: What the shell is started with, and what it says to the last one.
SETTINGS = "runner='uvloop', implicit=True, outsid=True"
WRONG = "awaitall: outsid=True is left out: No setting is called 'outsid'; there are: autoawait, implicit, outside, runner. "


class SettingsSuite:
    """What must be true of a shell that is started with ``SETTINGS``."""

    shell_class: type[Shell]

    def test_the_settings_last_and_a_wrong_one_costs_a_line(self, start):
        shell = start()
        assert f"{WRONG}Did you mean 'outside'?" in shell.terminal.text().replace("\n", "")
        assert shell.command("autoawait") == "autoawait is `On`, and set to use `uvloop`"
        shell.run("import asyncio")
        assert shell.run("asyncio.sleep(0, type(asyncio.get_running_loop()).__module__)") == "'uvloop'"
        self.go_on(shell)

    def go_on(self, shell):
        """Do to the shell what its settings have to survive."""


class OutputSuite:
    """What tasks write while the prompt waits; each adapter's tests run it in their shell on a real terminal."""

    shell_class: type[Shell]

    #: Ways to write that lead past the screen of this shell.
    not_in_the_shell: frozenset[str] = frozenset()

    @pytest.mark.parametrize("writer", WRITERS)
    def test_what_a_task_writes_stands_above_the_line_that_is_typed(self, shell, writer):
        if writer in self.not_in_the_shell:
            pytest.skip("not the terminal of this shell")
        shell.run("import sys")
        for source in WRITERS[writer]:
            shell.run(source)
        name = writer.replace(" ", "-")
        shell.run(f"%bg counting({name!r}, 20, write)")
        shell.terminal.type("6 * 9")
        shell.terminal.wait_for(rf"(?m)^{name} 9$")
        shell.terminal.key("b")
        shell.terminal.type("1")
        text = shell.terminal.wait_for(rf"(?m)^{name} 19$")
        assert re.findall(rf"(?m)^.*{name} \d+.*$", text)[-20:] == [f"{name} {number}" for number in range(20)]
        shell.terminal.wait_for(r"(?m)> 6 \* 19$")
        assert shell.run("").strip() == "114"

    def test_a_task_that_captures_what_is_printed_goes_on_capturing(self, shell):
        shell.run("import contextlib, io")
        shell.run(
            "async def captures():\n    with contextlib.redirect_stdout(io.StringIO()) as text:\n"
            "        await counting('omega', 5)\n"
            "    print('captured', text.getvalue().count('omega'))"
        )
        shell.run("%bg captures()")
        assert not re.findall(r"(?m)^omega", shell.terminal.wait_for(r"(?m)^captured 5$"))

    def test_half_a_line_is_shown_when_an_input_is_run(self, shell):
        shell.run("async def half():\n    print('ha' + 'lf', end='', flush=True)\n    print('who' + 'le', file=sys.stderr)")
        shell.run("%bg half()")
        text = shell.terminal.wait_for(r"(?m)^whole$")
        assert not re.findall(r"(?m)^half", text)
        assert shell.run("6 * 9") == "half\n54"

    def test_half_a_line_is_shown_at_the_end(self, fresh):
        fresh.run("async def half():\n    print('ha' + 'lf', end='')\n    print('who' + 'le', file=sys.stderr)")
        fresh.run("import sys")
        fresh.run("%bg half()")
        fresh.terminal.wait_for(r"(?m)^whole$")
        assert fresh.leave() == 0
        assert len(re.findall(r"(?m)^half$", fresh.terminal.text())) == 1

    def test_many_lines_at_once_come_whole_and_in_order(self, fresh):
        go = fresh.home / "go"
        fresh.run(
            "async def flood():\n    while not os.path.exists('go'):\n        await pause(0.01)\n"
            "    for number in range(3000):\n        print('sigma', number)"
        )
        fresh.run("import os")
        fresh.run("%bg flood()")
        fresh.terminal.type("6 * 9")
        fresh.wait_for_echo("6 * 9")
        go.touch()
        text = fresh.terminal.wait_for(r"(?m)^sigma 2999$")
        numbers = [int(number) for number in re.findall(r"(?m)^sigma (\d+)$", text)]
        assert numbers == list(range(3000))[-len(numbers) :]
        assert len(numbers) > 1000  # the others have left the emulated screen
        fresh.terminal.wait_for(r"(?m)> 6 \* 9$")
        fresh.terminal.type("\r")
        fresh.terminal.wait_for(r"(?m)^54$")


class EachRunnerSuite:
    """What must be true of one shell on each runner; the shell is kept, so that what comes next must work, too."""

    shell_class: type[Shell]

    #: What the shell says to a Ctrl-C.
    interrupted = "KeyboardInterrupt"

    @pytest.fixture
    def shell(self, shell_on_each_runner):
        return shell_on_each_runner

    def press(self, shell, source, *seen):
        """Press Ctrl-C each time the next of these lines is seen; give what was printed in all."""
        prompts = shell.seen
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

    # -- the prompt ---------------------------------------------------------------------------------------------------------

    def test_tasks_go_on_while_a_line_is_typed_and_leave_it_whole(self, shell):
        shell.run("%bg counting('alpha', 40)")
        shell.terminal.type("6 * 9")
        shell.terminal.wait_for(r"(?m)^alpha 9$")
        shell.terminal.key("b")
        shell.terminal.wait_for(r"(?m)^alpha 19$")
        shell.terminal.type("1")
        shell.terminal.wait_for(r"(?m)^alpha 39$")
        shell.terminal.wait_for(r"(?m)6 \* 19$")
        shell.terminal.type("\r")
        shell.terminal.wait_for(r"(?m)^114$")
        shell.wait_for_prompt()

    def test_ctrl_c_at_the_prompt_gives_up_the_line_and_no_task(self, shell):
        shell.terminal.type("await f(")
        shell.terminal.wait_for(r"(?m)await f\($")
        shell.terminal.key("c")
        shell.wait_for_prompt()

    def test_a_task_that_fails_is_reported_at_once_and_once(self, shell):
        before = shell.terminal.text().count("ValueError: boom")
        shell.run("%bg boom()")
        text = shell.terminal.wait_for(lambda text: text.count("ValueError: boom") > before)
        shell.run("await ticks()")
        text = shell.terminal.text()
        assert text.count("ValueError: boom") == before + 1
        assert "Task 'boom()' in the background has failed:" in text
        assert "awaitall/" not in text

    def test_an_exit_in_a_task_ends_nothing(self, shell):
        shell.run("%bg leaves()")
        shell.terminal.wait_for(r"(?m)^SystemExit: 3$")

    def test_a_busy_task_cannot_keep_the_prompt(self, shell):
        shell.run("%bg busy()")
        for _ in range(20):
            shell.terminal.key("c")
            try:
                shell.terminal.wait_for(r"Task 'busy\(\)' in the background has failed", timeout=1)
                break
            except AssertionError:
                continue
        settle(shell)

    def test_tasks_are_listed_and_cancelled_by_their_numbers(self, shell):
        number = shell.run("%bg slow()").split("]")[0].removeprefix("[")
        shell.run("await pause(0.01)")
        assert re.search(rf"(?m)^\[{number}\] waiting +\d.*s  slow\(\) +.*aids.py:\d+$", shell.run("%tasks"))
        shell.run(f"%cancel {number}")
        shell.terminal.wait_for("cancelled")
        shell.run("await pause(0.05)")
        assert "slow()" not in shell.run("%tasks")


class ReadlineSuite:
    """Ctrl-C at a prompt made with ``input()`` while a task prints above it: the handler of SIGINT is the user's."""

    shell_class: type[Shell]

    def press(self, shell, handler):
        """Type half a line under a handler, and press Ctrl-C."""
        shell.run("import signal")
        shell.run("def mine(signum, frame):\n    print('mine' * 2)")
        shell.run("def error(signum, frame):\n    raise KeyboardInterrupt")
        shell.run(f"before = signal.signal(signal.SIGINT, {handler})")
        shell.run("%bg counting('alpha')")
        shell.terminal.type("6 * ")
        shell.terminal.wait_for(r"(?m)^alpha 5$")
        shell.terminal.wait_for(r"6 \*")
        shell.terminal.key("c")

    def goes_on(self, shell):
        """Wait until the task has printed twenty more lines."""
        last = max(int(number) for number in re.findall(r"(?m)^alpha (\d+)$", shell.terminal.text()))
        shell.terminal.wait_for(rf"(?m)^alpha {last + 20}$")

    @pytest.mark.parametrize("handler", ["mine", "signal.SIG_IGN"])
    def test_a_handler_that_raises_nothing_leaves_the_line_as_it_is(self, fresh, handler):
        self.press(fresh, handler)
        if handler == "mine":
            fresh.terminal.wait_for("minemine")
        self.goes_on(fresh)
        fresh.terminal.type("9\r")
        fresh.terminal.wait_for(r"(?m)^54$")
        settle(fresh)
        assert fresh.run(f"signal.getsignal(signal.SIGINT) is {handler}").endswith("True")

    def test_a_handler_that_raises_gives_up_the_line(self, fresh):
        self.press(fresh, "error")
        settle(fresh)
        self.goes_on(fresh)
        assert not re.search(r"(?m)^54$", fresh.terminal.text())
        assert fresh.run("signal.getsignal(signal.SIGINT) is error").endswith("True")

    def test_a_handler_that_a_task_sets_and_takes_back_is_the_users_meanwhile(self, fresh):
        fresh.run("import signal")
        fresh.run("def stop(signum, frame):\n    stopped.set()")
        fresh.run(
            "async def serve():\n    before = signal.signal(signal.SIGINT, stop)\n    print('serving' * 2)\n"
            "    await stopped.wait()\n"
            "    signal.signal(signal.SIGINT, before)\n    print('served' * 2)"
        )
        fresh.run("stopped = asyncio.Event(); await f()")
        fresh.run("%bg serve()")
        fresh.terminal.wait_for("servingserving")
        fresh.run("1 + 1")
        fresh.terminal.key("c")
        fresh.terminal.wait_for("servedserved")
        fresh.run("2 + 2")
        assert fresh.run("signal.getsignal(signal.SIGINT) is signal.default_int_handler").endswith("True")

    def test_another_librarys_hook_costs_a_line(self, fresh):
        fresh.run("import ctypes; hook = ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 0)")
        fresh.run("place = ctypes.c_void_p.in_dll(ctypes.pythonapi, 'PyOS_InputHook')")
        fresh.run("await f()")
        fresh.run("%bg counting('kappa', 100)")
        fresh.submit("place.value = ctypes.cast(hook, ctypes.c_void_p).value")
        fresh.terminal.wait_for("awaitall: background tasks are paused at the prompt: PyOS_InputHook is taken")
        settle(fresh)
        fresh.run("place.value = None")
        fresh.terminal.wait_for("awaitall: background tasks go on at the prompt")
        fresh.terminal.wait_for(r"(?m)^kappa 99$")


class EditingSuite:
    """What a user does at a prompt of prompt_toolkit, while a task prints above it."""

    shell_class: type[Shell]

    #: Typed to edit as vi does.
    vi_mode: str

    #: Typed to run several lines.
    end_of_block: str

    @pytest.fixture
    def busy(self, fresh):
        fresh.run("%bg counting('alpha')")
        return fresh

    def wait_for_lines(self, shell, count=5):
        """Wait until so many more lines have been printed."""
        last = max([int(number) for number in re.findall(r"(?m)^alpha (\d+)$", shell.terminal.text())], default=0)
        shell.terminal.wait_for(rf"(?m)^alpha {last + count}$")

    def wait_for_answer(self, shell, answer):
        shell.terminal.type("\r")
        shell.terminal.wait_for(rf"(?m)^{answer}$")

    def test_the_terminal_is_resized(self, busy):
        busy.terminal.type("6 * 9")
        self.wait_for_lines(busy)
        busy.terminal.resize(columns=100, lines=30)
        self.wait_for_lines(busy, 40)
        busy.terminal.wait_for(r"(?m)6 \* 9$")
        self.wait_for_answer(busy, 54)

    def test_a_block_of_500_lines_is_pasted(self, busy):
        self.wait_for_lines(busy)
        busy.submit("total = 0\n" + "\n".join(f"total += {number}" for number in range(499)))
        busy.terminal.wait_for(lambda text: busy.prompts(text)[-1].strip() == busy.prompt.strip())
        busy.terminal.type("total")
        busy.terminal.wait_for(r"(?m)> total")  # xonsh may suggest more
        self.wait_for_answer(busy, sum(range(499)))

    def test_several_lines_are_edited(self, busy):
        busy.paste("for i in range(2):\n    print('it' + 'em', i)")
        self.wait_for_lines(busy)
        busy.terminal.type(self.end_of_block)
        busy.terminal.wait_for(r"(?m)^item 1$")

    def test_vi_mode(self, busy):
        busy.run(self.vi_mode)
        busy.terminal.type("1 + 22")
        busy.terminal.wait_for(r"(?m)1 \+ 22$")
        busy.terminal.type("\x1b")
        self.wait_for_lines(busy, 60)  # more than the time after which an escape is a key by itself
        busy.terminal.type("r3")
        busy.terminal.wait_for(r"(?m)1 \+ 23$")
        self.wait_for_answer(busy, 24)

    def test_the_history_is_searched(self, busy):
        busy.run("6 * 111")
        busy.terminal.key("r")
        busy.terminal.wait_for("search")
        self.wait_for_lines(busy)
        busy.terminal.type("6 * 1")
        busy.terminal.wait_for(r"(?m)> 6 \* 111$")
        busy.terminal.type("\r")
        self.wait_for_lines(busy)
        before = busy.terminal.text().count("\n666")
        busy.terminal.type("\r")
        busy.terminal.wait_for(lambda text: text.count("\n666") > before)

    def test_a_menu_of_completions_stays(self, busy):
        busy.terminal.type("asyncio.create_subprocess_")
        busy.terminal.wait_for("create_subprocess_$")
        busy.terminal.type("\t")
        busy.terminal.wait_for("create_subprocess_shell")
        self.wait_for_lines(busy)
        busy.terminal.wait_for("create_subprocess_shell")

    def test_the_shell_is_stopped_and_continued(self, busy):
        busy.terminal.type("6 * 9")
        self.wait_for_lines(busy)
        busy.terminal.child.kill(signal.SIGSTOP)
        busy.terminal.child.kill(signal.SIGCONT)
        self.wait_for_lines(busy)
        self.wait_for_answer(busy, 54)


class StormSuite:
    """Signals from outside at random instants, while tasks tick and inputs are typed.

    AWAITALL_STORM is ten times the number of signals; 10000 are a full storm. Not for xonsh and bpython: without us, too, such
    a storm ends them (in the history that xonsh writes, in the repaint of bpython), or the terminal's late answers are typed.
    """

    shell_class: type[Shell]
    signals = int(os.environ.get("AWAITALL_STORM", "600")) // 10

    @pytest.fixture
    def stormy(self, fresh):
        """A shell with a task in the background, which has been sent one SIGINT after the other."""
        fresh.run("from bytecodes import state")
        fresh.run("%bg slow(0.01)")
        fresh.run("await ticks()")
        self.before = fresh.run("state()")
        chance = random.Random(1)
        for _ in range(self.signals):
            if chance.random() < 0.3:
                fresh.terminal.type("await pause(0.01)\r")
            fresh.terminal.child.kill(signal.SIGINT)
            fresh.terminal.read_what_is_there()
            time.sleep(chance.expovariate(1 / 0.01))
        return fresh

    def test_a_storm_of_ctrl_c_leaves_nothing_behind(self, stormy):
        settle(stormy)
        assert stormy.run("state()") == self.before
        assert stormy.run("await ticks()") == "True"

    @pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGHUP])
    def test_a_signal_in_the_middle_of_it_ends_the_shell(self, stormy, signum):
        stormy.terminal.child.kill(signum)
        stormy.terminal.wait_for_end()
        assert "cleaned up" in stormy.terminal.text()
        assert stormy.terminal.is_sane()


def settle(shell):
    """Wait until the shell answers again, however many prompts come up before."""
    before = shell.terminal.text().count("'set' + 'tled'")
    for number in range(before, before + 20):
        shell.terminal.type(f"'set' + 'tled', {number}\r")
        try:
            shell.terminal.wait_for(rf"(?m)^\('settled', {number}\)$", timeout=1)
        except AssertionError:
            continue
        shell.terminal.wait_for(lambda text: shell.prompts(text)[-1].strip() == shell.prompt.strip())
        shell.seen = len(shell.prompts(shell.terminal.text()))
        return
    raise AssertionError("the shell does not answer")


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
