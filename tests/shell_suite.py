"""What must be true of our shells beyond what :mod:`awaitall.testing` asks of every one; each adapter's tests run it."""

from __future__ import annotations

import os
import random
import re
import signal
import time
from typing import TYPE_CHECKING

import pytest

from awaitall.testing.shell_ctrl_c import CtrlCTests
from awaitall.testing.shell_end import EndTests
from awaitall.testing.shell_fixtures import ShellFixtures, without_folders
from awaitall.testing.shell_inputs import InputTests
from awaitall.testing.shell_output import OutputTests
from awaitall.testing.shell_tasks import TaskTests

if TYPE_CHECKING:
    from awaitall.testing import Shell

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

#: Name -> the inputs without await that run the loops of other libraries, and what the last of them prints.
OTHERS = {
    "uvloop.run": (["import uvloop; uvloop.run(f(7))"], "7"),
    "anyio.run": (["import anyio; anyio.run(f, 8)"], "8"),
    "anyio.run on trio": (["anyio.run(anyio.sleep, 0, backend='trio')", "9"], "9"),
}


class ShellSuite(InputTests, TaskTests, EndTests):
    """Subclass it with the class of a shell."""

    #: Whether the shell puts a handler of SIGINT of its own in place for each input.
    owns_sigint = False

    def test_a_process_that_is_spawned_is_awaited_and_loads_nothing_of_awaitall(self, shell):
        shell.run("import concurrent.futures, multiprocessing")
        shell.run("pool = concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context('spawn'))")
        loaded = "'awaitall' in __import__('sys').modules"
        assert shell.run(f'await asyncio.get_running_loop().run_in_executor(pool, eval, "{loaded}")') == "False"
        shell.run("pool.shutdown()")

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

    @pytest.mark.parametrize(
        ("typed", "completed"),
        [
            ("%autoa", "%autoawait"),
            ("%autoawait tri", "%autoawait trio"),
            ("%bg -", "%bg -q"),
        ],
    )
    def test_tab_completes_a_command(self, fresh, typed, completed):
        fresh.run("await f()")  # at the first prompt a shell may still be busy with its start
        fresh.terminal.type(typed)
        fresh.wait_for_echo(typed)
        fresh.terminal.type("\t")
        fresh.wait_for_echo(completed)

    def test_tab_completes_what_is_awaited(self, fresh):
        fresh.run("await f()")
        fresh.terminal.type("(await reply()).stat")
        fresh.wait_for_echo("(await reply()).stat")
        fresh.terminal.type("\t")
        fresh.wait_for_echo("(await reply()).status")

    def test_help_lists_the_commands(self, fresh):
        answer = fresh.run("%help")
        assert "%bg " in answer
        assert "%tasks " in answer

    def test_a_question_mark_tells_of_a_command(self, fresh):
        assert "%cancel all" in fresh.run("%cancel?")

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
        assert "awaitall/" not in without_folders(answer)
        assert "awaitall_" not in answer

    def test_a_file_of_the_users_with_the_name_of_a_library_ends_nothing(self, fresh):
        (fresh.home / "trio.py").write_text("here = 'mine'")
        fresh.run("await f()")
        assert fresh.run("import sys; sys.path.insert(0, '.'); import trio; trio.here") == "'mine'"
        answer = "".join(fresh.command("autoawait trio").split())  # without the places where the terminal breaks the line
        assert answer.endswith("trio.pystandsintheplaceoftrio:renamethatfile,andstartanew")
        assert fresh.run("await f(1)") == "1"

    @pytest.mark.parametrize("name", OTHERS)
    def test_an_input_without_await_may_run_the_loops_of_other_libraries(self, shell, name):
        inputs, expected = OTHERS[name]
        for source in inputs:
            answer = shell.run(source)
        assert answer == expected

    def test_a_client_session_is_made_before_anything_has_been_awaited(self, start, url):
        shell = start()
        shell.run(f"import aiohttp; session = aiohttp.ClientSession(); result = session.get({url!r})")
        shell.run("response = await result")
        assert shell.run("(await response.json())['name']") == "'Ada'"
        shell.run("await session.close()")

    def test_tasks_that_a_greenlet_holds_up_are_told_of(self, fresh):
        fresh.run("import greenlet; loop = asyncio.get_running_loop()")
        fresh.run("await f()")
        fresh.run("held = greenlet.greenlet(loop.run_forever)")
        fresh.submit("t = loop.call_soon(greenlet.getcurrent().switch); t = held.switch()")
        fresh.terminal.wait_for("paused at the prompt: HeldError: Something else runs the event loop of the session")
        fresh.settle()
        assert "playwright.stop()" in fresh.run("await f()")
        fresh.submit("held.parent = greenlet.getcurrent(); loop.stop(); t = held.switch()")
        fresh.terminal.wait_for("awaitall: background tasks go on at the prompt")
        fresh.settle()
        assert fresh.run("await f(5)") == "5"

    def test_a_task_that_fails_in_the_nursery_of_trio_is_reported_at_once(self, fresh):
        fresh.command("autoawait trio")
        fresh.run("import awaitall; await pause()")
        fresh.run("%bg slow()")
        fresh.submit("awaitall.current_session().nursery.start_soon(boom)")
        fresh.terminal.wait_for("Task 'boom' in the background has failed:")
        fresh.terminal.wait_for("the next input that awaits begins a new run of trio")
        fresh.settle()
        fresh.run("await pause()")
        assert fresh.run("awaitall.current_session().nursery.cancel_scope.cancel_called") == "False"

    def test_a_handler_that_a_task_gives_back_during_an_await_is_asked_no_more(self, fresh):
        # uvicorn does so: its first Ctrl-C is its own, and ends it.
        if self.owns_sigint:
            pytest.skip("the shell's own handler takes the first one, too")
        fresh.run("import signal")
        fresh.run(
            "async def server():\n"
            "    ended, found = asyncio.Event(), signal.getsignal(signal.SIGINT)\n"
            "    tell = asyncio.get_running_loop().call_soon_threadsafe\n"
            "    signal.signal(signal.SIGINT, lambda signum, frame: tell(ended.set))\n"
            "    print('serving')\n"
            "    await ended.wait()\n"
            "    signal.signal(signal.SIGINT, found)\n"
            "    print('has ended')"
        )
        fresh.submit("%bg -q server()")
        fresh.terminal.wait_for("(?m)^serving$")
        fresh.wait_for_prompt()
        fresh.submit("await slow()")
        fresh.terminal.wait_for("(?m)^waiting$")
        fresh.terminal.key("c")
        fresh.terminal.wait_for("(?m)has ended$")
        fresh.terminal.key("c")
        fresh.terminal.wait_for("cleaned up")

    def test_leaving_tells_what_it_waits_for_on_curio_and_ctrl_c_leaves_at_once(self, start):
        shell = self.with_grace(start, 1000)
        shell.run("import curio")
        shell.command("autoawait curio")
        self.check_impatience(shell)

    def test_a_user_who_never_awaits_gets_no_event_loop(self, start):
        shell = start()
        shell.run("import sys")
        shell.run("x = 1")
        assert shell.run("'awaitall.runners.on_asyncio' in sys.modules, 'pluggy' in sys.modules") == "(False, False)"


class BriefSuite(ShellFixtures):
    """For a shell that is wired as another one for which all of the suites are run, and only begun or named otherwise.

    There are tests of each part of the adapter: inputs, keys, tasks at the prompt, signals, the end.
    """

    way_out, status_after, begin = EndTests.way_out, EndTests.status_after, EndTests.begin
    with_grace, check_impatience = EndTests.with_grace, EndTests.check_impatience
    press_ctrl_z, need_lines = TaskTests.press_ctrl_z, InputTests.need_lines

    test_every_form_of_await_works_as_typed = InputTests.test_every_form_of_await_works_as_typed
    test_an_input_without_await_sees_the_loop_and_may_run_others = (
        InputTests.test_an_input_without_await_sees_the_loop_and_may_run_others
    )
    test_a_traceback_starts_at_the_users_line = InputTests.test_a_traceback_starts_at_the_users_line
    test_a_group_is_shown_whole = InputTests.test_a_group_is_shown_whole
    test_a_coroutine_gets_a_hint_wherever_it_is_shown = InputTests.test_a_coroutine_gets_a_hint_wherever_it_is_shown
    test_await_can_be_switched_off_and_on = InputTests.test_await_can_be_switched_off_and_on
    test_tab_completes_a_command = ShellSuite.test_tab_completes_a_command
    test_a_user_who_never_awaits_gets_no_event_loop = ShellSuite.test_a_user_who_never_awaits_gets_no_event_loop
    test_a_trio_nursery_is_entered_in_one_input_and_left_in_another = (
        ShellSuite.test_a_trio_nursery_is_entered_in_one_input_and_left_in_another
    )
    test_a_failure_in_the_background_has_the_colors_of_other_errors = (
        TaskTests.test_a_failure_in_the_background_has_the_colors_of_other_errors
    )
    test_a_task_that_asks_for_input_breaks_nothing = TaskTests.test_a_task_that_asks_for_input_breaks_nothing
    test_ctrl_z_hands_the_await_over_and_the_names_that_it_binds_are_there = (
        TaskTests.test_ctrl_z_hands_the_await_over_and_the_names_that_it_binds_are_there
    )
    test_a_runner_that_fails_once_goes_on = TaskTests.test_a_runner_that_fails_once_goes_on
    test_half_a_line_is_shown_when_an_input_is_run = OutputTests.test_half_a_line_is_shown_when_an_input_is_run
    test_an_input_that_ends_the_shell_ends_its_tasks = EndTests.test_an_input_that_ends_the_shell_ends_its_tasks
    test_a_signal_that_ends_the_shell_ends_its_tasks = EndTests.test_a_signal_that_ends_the_shell_ends_its_tasks
    test_leaving_gives_the_terminal_back_as_it_was = EndTests.test_leaving_gives_the_terminal_back_as_it_was
    test_a_line_typed_beside_a_task_is_in_the_history_of_the_next_time = (
        EndTests.test_a_line_typed_beside_a_task_is_in_the_history_of_the_next_time
    )
    test_leaving_tells_what_it_waits_for_and_ctrl_c_leaves_at_once = (
        EndTests.test_leaving_tells_what_it_waits_for_and_ctrl_c_leaves_at_once
    )


class OutputSuite(OutputTests):
    """Subclass it with the class of a shell."""


class EachRunnerSuite(CtrlCTests):
    """What Ctrl-C does on each runner."""

    @pytest.fixture(scope="class", params=["asyncio", "uvloop", "trio", "curio"])
    @classmethod
    def shell_with_ticks(cls, new_shell, request):
        """One shell for all tests of a class, on one runner after the other, with a task in the background."""
        with new_shell() as shell:
            shell.command(f"autoawait {request.param}")
            shell.run("import threading, trio, curio; await ticks()")
            yield shell
            assert shell.leave() == 0

    @pytest.fixture
    def shell(self, ticking):
        return ticking


#: What the shell is started with, and what it says to the last one.
SETTINGS = "runner='uvloop', implicit=True, outsid=True"
WRONG = (
    "awaitall: outsid=True is left out: No setting is called 'outsid'; there are: autoawait, banner, display, grace, hints, "
    "implicit, outside, plugins, runner. "
)


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

    def test_settings_tells_where_each_comes_from(self, start):
        home = start().home
        (home / ".config" / "awaitall").mkdir(parents=True, exist_ok=True)
        path = home / ".config" / "awaitall" / "config.toml"
        path.write_text("runner = 'trio'\ngrace = 2\nhints = true\n")
        shell = start(env={"AWAITALL_HINTS": "off"})
        rows = [line.split("# ") for line in shell.command("settings").splitlines()[1:]]
        shown = {setting.strip(): origin.strip() for setting, origin in rows}
        assert shown['runner = "uvloop"'] in ("enable()", "interact()")
        assert shown["grace = 2.0"] == f"{path}:2"
        assert shown["hints = false"] == "AWAITALL_HINTS"
        assert shown["autoawait = true"] == "default"

    def test_what_is_shown_can_be_chosen(self, start):
        shell = start(env={"AWAITALL_DISPLAY": "last_expr_or_assign"})
        assert [shell.run("x = 5"), shell.run("x + 1")] == ["5", "6"]
        shell = start(env={"AWAITALL_DISPLAY": "none"})
        assert [shell.run("x = 5"), shell.run("x + 1"), shell.run("print(x)")] == ["", "", "5"]

    def go_on(self, shell):
        """Do to the shell what its settings have to survive."""


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
        last = max((int(number) for number in re.findall(r"(?m)^alpha (\d+)$", shell.terminal.text())), default=0)
        shell.terminal.wait_for(rf"(?m)^alpha {last + 20}$")

    def test_what_tasks_print_appears_above_a_line_of_several_rows(self, fresh):
        fresh.run("%bg counting('alpha')")
        typed = "'" + "0123456789" * 30
        fresh.terminal.type(typed + "\x02")  # Ctrl-B: the cursor goes back
        fresh.terminal.wait_for(lambda text: typed in text.replace("\\\n", "").replace("\n", ""))  # an editor marks what goes on
        self.goes_on(fresh)
        fresh.terminal.type("\x05'[-3:]\r")  # Ctrl-E: to the end
        fresh.terminal.wait_for(r"(?m)^'789'$")
        assert len(re.findall("'0123456789012", fresh.terminal.text())) == 1

    @pytest.mark.parametrize("handler", ["mine", "signal.SIG_IGN"])
    def test_a_handler_that_raises_nothing_leaves_the_line_as_it_is(self, fresh, handler):
        self.press(fresh, handler)
        if handler == "mine":
            fresh.terminal.wait_for("minemine")
        self.goes_on(fresh)
        fresh.terminal.type("9\r")
        fresh.terminal.wait_for(r"(?m)^54$")
        fresh.settle()
        assert "True" in fresh.run(f"signal.getsignal(signal.SIGINT) is {handler}").splitlines()

    def test_a_handler_that_raises_gives_up_the_line(self, fresh):
        self.press(fresh, "error")
        fresh.settle()
        self.goes_on(fresh)
        assert not re.search(r"(?m)^54$", fresh.terminal.text())
        assert "True" in fresh.run("signal.getsignal(signal.SIGINT) is error").splitlines()

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
        assert "True" in fresh.run("signal.getsignal(signal.SIGINT) is signal.default_int_handler").splitlines()

    def test_another_librarys_hook_costs_a_line(self, fresh):
        fresh.run("import ctypes; hook = ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 0)")
        fresh.run("place = ctypes.c_void_p.in_dll(ctypes.pythonapi, 'PyOS_InputHook')")
        fresh.run("await f()")
        fresh.run("%bg counting('alpha')")
        fresh.submit("place.value = ctypes.cast(hook, ctypes.c_void_p).value")
        fresh.terminal.wait_for("awaitall: background tasks are paused at the prompt: PyOS_InputHook is taken")
        fresh.settle()
        fresh.run("place.value = None")
        fresh.terminal.wait_for("awaitall: background tasks go on at the prompt")
        self.goes_on(fresh)


class EditingSuite:
    """What a user does at a prompt that a library of Python's edits, while a task prints above it."""

    shell_class: type[Shell]

    #: Typed to edit as vi does.
    vi_mode: str

    #: Typed to run several lines.
    end_of_block: str

    #: A pattern of what stands, with a blank, before what a search of the history has found.
    before_found = ">"

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
        busy.terminal.wait_for(rf"(?m){self.before_found} 6 \* 111$")
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
        stormy.settle()
        assert stormy.run("state()") == self.before
        assert stormy.run("await ticks()") == "True"

    @pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGHUP])
    def test_a_signal_in_the_middle_of_it_ends_the_shell(self, stormy, signum):
        stormy.terminal.child.kill(signum)
        stormy.terminal.wait_for_end()
        assert "cleaned up" in stormy.terminal.text()
        assert stormy.terminal.is_sane()
