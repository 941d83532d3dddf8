"""What must be true of the inputs at every prompt: what they give, and how their errors are shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from awaitall.testing.shell_fixtures import IMPORTS, ShellFixtures, without_folders

if TYPE_CHECKING:
    from pathlib import Path

    from awaitall.testing.shell import Shell
    from awaitall.testing.shell_fixtures import StartShell

__all__ = ["FORMS", "InputTests"]

#: Name -> the inputs, one after the other, and what the last of them prints.
FORMS: dict[str, tuple[list[str], str]] = {
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

#: Name -> the inputs, none of which awaits unless it says so, and what the last of them prints.
SYNC: dict[str, tuple[list[str], str]] = {
    "create_task": (["t = asyncio.create_task(f(1))", "await t"], "1"),
    "create_task beside asyncio.run": (["t = asyncio.create_task(f(2)); asyncio.run(f(3))", "await t"], "2"),
    "the running loop": (["loop = asyncio.get_running_loop()", "await f(loop) is asyncio.get_running_loop()"], "True"),
    "the current loop": (["loop = asyncio.get_event_loop()", "await f(loop) is asyncio.get_event_loop()"], "True"),
    "gather": (["g = asyncio.gather(f(1), f(2))", "await g"], "[1, 2]"),
    "asyncio.run": (["asyncio.run(f(3))"], "3"),
    "Runner": (["with asyncio.Runner() as r:\n    print(r.run(f(4)))"], "4"),
    "run_until_complete": (["asyncio.get_event_loop().run_until_complete(f(5))"], "5"),
    "a loop of its own": (["loop = asyncio.new_event_loop()", "loop.run_until_complete(f(6)), loop.close()"], "(6, None)"),
    "the loop is no running one to others": (["asyncio._get_running_loop() is None"], "True"),
}


class InputTests(ShellFixtures):
    """Inputs with and without await, and line commands."""

    @pytest.mark.parametrize("name", FORMS)
    def test_every_form_of_await_works_as_typed(self, shell: Shell, name: str) -> None:
        if name in self.unlike_the_shell:
            pytest.skip("not the habit of this shell")
        inputs, expected = FORMS[name]
        self.need_lines(inputs)
        for source in inputs:
            answer = shell.run(source)
        assert answer == expected

    def test_a_traceback_starts_at_the_users_line(self, shell: Shell) -> None:
        answer = shell.run("await boom()")
        assert "ValueError: boom" in answer
        files = [line for line in answer.splitlines() if line.strip().startswith("File ")]
        assert "in <module>" in files[0]
        assert "aids.py" in files[1]
        assert len(files) == 2

    def test_a_traceback_of_a_sync_input_starts_at_the_users_line(self, shell: Shell) -> None:
        answer = shell.run("1 / 0")
        assert answer.count("File ") == 1

    def test_a_group_is_shown_whole(self, shell: Shell) -> None:
        answer = shell.run("await group()")
        assert answer.count("ValueError: boom") == 2
        assert "asyncio/base_events" not in answer
        assert "awaitall" not in without_folders(answer)

    @pytest.mark.parametrize("source", ["chained()", "await f(), chained()"])
    def test_causes_are_shown(self, shell: Shell, source: str) -> None:
        answer = shell.run(source)
        first, second, third = (answer.index(error) for error in ("KeyError: 'first'", "ValueError: second", "TypeError: third"))
        assert first < answer.index("During handling of the above exception") < second
        assert second < answer.index("The above exception was the direct cause") < third
        assert "awaitall/" not in without_folders(answer)
        assert "awaitall_" not in answer

    def test_a_stop_iteration_in_a_coroutine_is_shown_as_a_cause(self, shell: Shell) -> None:
        answer = shell.run("await stops()")
        assert answer.index("StopIteration: too far") < answer.index("RuntimeError: coroutine raised StopIteration")
        assert "awaitall/" not in without_folders(answer)

    def need_lines(self, inputs: list[str]) -> None:
        """Skip a test that types a block, where inputs have one line."""
        if any("\n" in source for source in inputs):
            self.need("multiline")

    # -- inputs that do not await ---------------------------------------------------------------------------------------

    @pytest.mark.parametrize("name", SYNC)
    def test_an_input_without_await_sees_the_loop_and_may_run_others(self, shell: Shell, name: str) -> None:
        inputs, expected = SYNC[name]
        self.need_lines(inputs)
        for source in inputs:
            answer = shell.run(source)
        assert answer == expected

    def test_what_refuses_to_work_where_a_loop_runs_gets_a_hint(self, fresh: Shell) -> None:
        answer = fresh.run("refuses()")
        assert "ValueError: not here" in answer
        assert "%autoawait outside hides the loop" in answer

    def test_what_refuses_to_work_where_a_loop_runs_works_outside(self, fresh: Shell) -> None:
        self.need("commands")
        fresh.run("%autoawait outside")
        assert fresh.run("refuses()") == "'works'"
        fresh.run("%autoawait inside")
        assert "not here" in fresh.run("refuses()")

    def test_a_coroutine_as_the_value_of_an_input_gets_a_hint(self, shell: Shell) -> None:
        self.need("hints")
        assert "awaitall: nothing of this coroutine has run" in shell.run("c = f(); c")
        shell.run("await c")

    @pytest.mark.parametrize("source", ["await f(1); g = f(); g", "g = f(); [g]"])
    def test_a_coroutine_gets_a_hint_wherever_it_is_shown(self, shell: Shell, source: str) -> None:
        self.need("hints")
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
    def test_an_error_of_a_forgotten_await_says_so(self, shell: Shell, source: str, note: str) -> None:
        answer = shell.run(source)
        assert note in answer
        assert "never awaited" not in answer + shell.run("1 + 1") + shell.run("1 / 0") + shell.run("1 / 0")

    def test_a_coroutine_as_the_value_of_an_input_is_awaited_on_request(self, fresh: Shell) -> None:
        self.need("commands")
        fresh.run("%autoawait implicit")
        assert fresh.run("f(5)") == "5"
        assert fresh.run("_ + 1") == "6"
        assert fresh.run("await f(); f(7)") == "7"
        fresh.run("%autoawait explicit")
        assert "coroutine object f" in fresh.run("c = f(5); c")

    # -- line commands --------------------------------------------------------------------------------------------------

    def test_the_first_await_of_a_user_says_once_and_for_all_where_the_commands_are(
        self, start: StartShell, tmp_path: Path
    ) -> None:
        for told in (True, False):
            shell = start(env={"XDG_STATE_HOME": str(tmp_path / "new")})
            shell.run(IMPORTS)
            answers = [shell.run("1 + 1"), shell.run("await f(2)"), shell.run("await f(3)")]
            assert ["%help" in answer for answer in answers] == [False, told, False]

    def test_the_state_is_told(self, fresh: Shell) -> None:
        self.need("commands")
        assert fresh.command("autoawait") == "autoawait is `On`, and set to use `asyncio`"

    def test_await_can_be_switched_off_and_on(self, fresh: Shell) -> None:
        self.need("commands")
        fresh.command("autoawait off")
        assert fresh.command("autoawait") == "autoawait is `Off`, and set to use `asyncio`"
        fresh.command("autoawait on")
        assert fresh.run("await f(1)") == "1"

    def test_a_wrong_name_suggests_the_closest(self, fresh: Shell) -> None:
        self.need("commands")
        assert "Did you mean 'asyncio'?" in fresh.command("autoawait asyncoi")
        assert fresh.run("await f(1)") == "1"

    @pytest.mark.parametrize("name", ["asyncio.CancelledError", "GeneratorExit", "SystemExit", "KeyboardInterrupt", "Leaves"])
    def test_a_command_costs_a_line_and_never_the_shell(self, shell: Shell, name: str) -> None:
        self.need("commands")
        assert shell.run(f"%bg raises({name}())").splitlines()[-1].endswith(name.rpartition(".")[2])
        assert shell.run("await f(5)") == "5"

    def test_bg_takes_a_block_of_several_lines(self, fresh: Shell) -> None:
        self.need("commands", "multiline", "pumps")
        fresh.run("%bg -q async with cm() as c:\n    print('in the', 'block', c)")
        fresh.terminal.wait_for(r"(?m)^in the block 5\nclosed$")
        assert fresh.run("c") == "5"

    def test_the_time_of_an_await_is_told_and_its_value_bound(self, fresh: Shell) -> None:
        self.need("commands")
        assert re.fullmatch(r"CPU times: .*\nWall time: \S+ .?s", fresh.run("%time x = await f(5)"))
        assert fresh.run("x") == "5"

    def test_the_value_of_what_is_timed_is_shown_and_kept(self, fresh: Shell) -> None:
        self.need("commands")
        assert fresh.run("%time await f(6)").splitlines()[-1] == "6"
        assert fresh.run("_ + 1") == "7"

    @pytest.mark.parametrize("source", ["await f()", "1 + 1"])
    def test_a_statement_is_timed_in_loops(self, shell: Shell, source: str) -> None:
        self.need("commands")
        assert shell.run(f"%timeit -n 2 -r 1 {source}").endswith("of 1 run, 2 loops each)")

    def test_a_block_is_timed_in_loops(self, shell: Shell) -> None:
        self.need("commands", "multiline")
        assert shell.run("%timeit -n 2 -r 1 for i in range(2):\n    await f(i)").endswith("of 1 run, 2 loops each)")

    @pytest.mark.parametrize("command", ["time", "timeit", "prun"])
    def test_an_error_of_what_is_timed_is_the_users(self, shell: Shell, command: str) -> None:
        self.need("commands")
        answer = shell.run(f"%{command} await boom()")
        assert answer.splitlines()[-1] == "ValueError: boom"
        assert "in <module>" in next(line for line in answer.splitlines() if line.strip().startswith("File "))
        assert "awaitall" not in without_folders(answer)

    def test_where_the_time_goes_is_told(self, shell: Shell) -> None:
        self.need("commands")
        assert re.search(r"aids\.py:\d+\(f\)", shell.run("%prun -l aids await f()"))

    def test_what_cannot_be_timed_costs_a_line(self, shell: Shell) -> None:
        self.need("commands")
        assert shell.run("%timeit return") == "awaitall: return: SyntaxError: 'return' outside function"

    def test_a_function_of_the_users_is_a_runner(self, fresh: Shell) -> None:
        self.need("commands")
        fresh.command("autoawait own_runner")
        assert fresh.run("await f(3)") == "running asynchronous code\n3"
