"""The settings as environment variables, the alias that changes them, and the prompt field that shows them."""

from __future__ import annotations

import pytest

from shells import Xonsh, XonshReadline

NAMES = ["RUNNER", "AUTOAWAIT", "OUTSIDE", "IMPLICIT", "DISPLAY", "HINTS", "GRACE", "HOLD_OUTPUT"]


class TestVariables:
    def test_they_have_types_and_documentation(self, script):
        text = f"print(*[bool(__xonsh__.env.get_docs('XONTRIB_AWAITALL_' + n).doc) for n in {NAMES}])"
        assert script(f"{text}\nprint($XONTRIB_AWAITALL_OUTSIDE)") == "True True True True True True True True\nFalse\n"

    @pytest.mark.parametrize("value", ["0", "false"])
    def test_what_is_inherited_is_converted(self, script, value):
        assert script("print(repr($XONTRIB_AWAITALL_AUTOAWAIT))", XONTRIB_AWAITALL_AUTOAWAIT=value) == "False\n"

    def test_a_runner_that_is_inherited_is_used(self, script):
        assert script("import trio\nawait trio.sleep(0)\nautoawait", XONTRIB_AWAITALL_RUNNER="trio").endswith("use `trio`\n")

    def test_a_wrong_runner_that_is_inherited_costs_a_line(self, script):
        done = script.run("-c", "import asyncio; print(await asyncio.sleep(0, 'slept'))", XONTRIB_AWAITALL_RUNNER="tiro")
        assert (done.returncode, done.stdout) == (0, "slept\n")
        assert done.stderr.startswith("awaitall: $XONTRIB_AWAITALL_RUNNER is 'asyncio' now: No runner is called 'tiro'")
        assert "Did you mean 'trio'?" in done.stderr

    def test_a_wrong_runner_is_refused(self, script):
        done = script.run(script.write("script.xsh", "$XONTRIB_AWAITALL_RUNNER = 'tiro'\n"))
        assert "ValueError: No runner is called 'tiro'" in done.stderr

    def test_a_child_inherits_the_runner(self, script):
        child = script.write("child.xsh", "autoawait\n")
        assert script(f"autoawait trio\n@(__import__('sys').executable) -m xonsh {child}").endswith("use `trio`\n")

    def test_a_change_takes_effect(self, script):
        assert script("await f()\n$XONTRIB_AWAITALL_RUNNER = 'trio'\nimport trio\nprint(await trio.sleep(0))") == "None\n"

    def test_a_swap_takes_effect_and_ends(self, script):
        block = (
            "import trio\nwith ${...}.swap(XONTRIB_AWAITALL_RUNNER='trio'):\n    execx('await trio.sleep(0)', glbs=globals())\n"
        )
        assert script(f"await f()\n{block}print(await f(1))") == "1\n"

    def test_a_runner_without_its_library_leaves_the_old_one_in_use(self, script):
        script.write("curio/__init__.py", "raise ImportError('not here')\n")
        lines = [
            "from aids import *",
            "await f()",
            "$XONTRIB_AWAITALL_RUNNER = 'curio'",
            "try: execx('await f()', glbs=globals())",
        ]
        lines += ["except Exception as exc: print(type(exc).__name__)", "print($XONTRIB_AWAITALL_RUNNER, await f(1))"]
        assert script.run(script.write("script.xsh", "\n".join(lines))).stdout == "OpenError\nasyncio 1\n"

    def test_switched_off_an_await_is_a_syntax_error(self, script):
        done = script.run("-c", "import asyncio; await asyncio.sleep(0)", XONTRIB_AWAITALL_AUTOAWAIT="0")
        assert "SyntaxError: 'await' outside function" in done.stderr

    def test_a_wrong_time_that_is_inherited_costs_a_line(self, script):
        done = script.run("-c", "echo $XONTRIB_AWAITALL_GRACE", XONTRIB_AWAITALL_GRACE="-1")
        assert done.stdout == "5.0\n"
        assert done.stderr == (
            "awaitall: $XONTRIB_AWAITALL_GRACE is 5.0 now: The setting 'grace' is a number of seconds from 0 to 86400.\n"
        )

    def test_hints_can_be_switched_off(self, script):
        done = script.run("-c", "async def f(): pass\n\nx = f().nope", XONTRIB_AWAITALL_HINTS="0")
        assert "has no attribute 'nope'" in done.stderr
        assert "await it first" not in done.stderr


class TestFile:
    """What the user has configured for every shell is the default of the variables."""

    def configure(self, script, text):
        (script.folder / "config" / "awaitall").mkdir(parents=True, exist_ok=True)
        return script.write("config/awaitall/config.toml", text)

    def test_it_is_the_default_of_a_variable(self, script):
        self.configure(script, 'runner = "trio"\ngrace = 2\n')
        shown = script("print($XONTRIB_AWAITALL_RUNNER, $XONTRIB_AWAITALL_GRACE)\nautoawait")
        assert shown == "trio 2.0\nautoawait is `On`, and set to use `trio`\n"

    def test_a_variable_stands_above_it(self, script):
        path = self.configure(script, 'runner = "trio"\nimplicit = true\n')
        shown = script.run("-c", "%settings", XONTRIB_AWAITALL_RUNNER="uvloop", AWAITALL_GRACE="3").stdout
        lines = dict(line.split("# ") for line in shown.splitlines()[1:])
        assert {name.strip(): origin for name, origin in lines.items() if origin != "default"} == {
            'runner = "uvloop"': "$XONTRIB_AWAITALL_RUNNER",
            "implicit = true": f"{path}:2",
            "grace = 3.0": "AWAITALL_GRACE",
        }

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ('runner = "tiro"', ":1: runner='tiro' is left out: No runner is called 'tiro'; "),
            ('plugins = ["nope"]', ":1: plugins=['nope'] is left out: No plugin is called 'nope'. "),
            ("runner", " is no TOML, so its settings are left out: "),
        ],
    )
    def test_what_is_wrong_in_it_costs_one_line(self, script, text, told):
        path = self.configure(script, text)
        done = script.run("-c", "import asyncio; print(await asyncio.sleep(0, $XONTRIB_AWAITALL_RUNNER))")
        assert (done.returncode, done.stdout) == (0, "asyncio\n")
        (line,) = done.stderr.splitlines()
        assert line.startswith(f"awaitall: {path}{told}")


class TestCommand:
    def test_it_tells_what_there_is_to_set(self, script):
        shown = script("autoawait --help")
        assert shown.startswith("autoawait: show or switch top-level await")
        assert all(f"$XONTRIB_AWAITALL_{name} = " in shown for name in NAMES)

    @pytest.mark.parametrize(
        ("word", "name", "value"),
        [
            ("trio", "RUNNER", "trio"),
            ("off", "AUTOAWAIT", "False"),
            ("outside", "OUTSIDE", "True"),
            ("implicit", "IMPLICIT", "True"),
        ],
    )
    def test_it_keeps_the_variables_up_to_date(self, script, word, name, value):
        assert script(f"autoawait {word}\nprint($XONTRIB_AWAITALL_{name})") == f"{value}\n"

    def test_the_path_of_a_function_is_in_the_variable(self, script):
        text = "import aids\nautoawait aids.own_runner\nprint($XONTRIB_AWAITALL_RUNNER)\nprint(await f(1))"
        assert script(text) == "aids.own_runner\nrunning asynchronous code\n1\n"

    def test_a_function_of_the_users_as_runner_has_no_variable(self, script):
        text = "from aids import own_runner\nautoawait own_runner\nprint($XONTRIB_AWAITALL_RUNNER)\nprint(await f(1))"
        assert script(text) == "asyncio\nrunning asynchronous code\n1\n"


class Prompts:
    def test_the_field_names_the_runner_and_counts_the_tasks(self, fresh):
        fresh.run("field = $PROMPT_FIELDS['autoawait']")
        assert fresh.run("field()") == "'asyncio'"
        fresh.run("%bg pause(1000)")
        assert fresh.run("field()") == "'asyncio 1'"
        fresh.command("autoawait trio")
        assert fresh.run("field()") == "'trio'"
        fresh.command("autoawait off")
        assert fresh.run("field() is None") == "True"

    def test_what_is_shown_can_be_chosen(self, fresh):
        fresh.run("$XONTRIB_AWAITALL_DISPLAY = 'last_expr_or_assign'")
        assert [fresh.run("x = 5"), fresh.run("y = await f(6)"), fresh.run("echo hi")] == ["5", "6", "hi"]
        fresh.run("$XONTRIB_AWAITALL_DISPLAY = 'none'")
        assert [fresh.run("x"), fresh.run("await f(6)"), fresh.run("print(x)"), fresh.run("echo hi")] == ["", "", "5", "hi"]
        assert "is one of last_expr, " in fresh.run("$XONTRIB_AWAITALL_DISPLAY = 'some'").replace("\n", "")

    def test_the_prompt_shows_the_field(self, fresh):
        fresh.terminal.type("$PROMPT = '{autoawait} xsh> '\r")
        fresh.terminal.wait_for(r"(?m)^asyncio xsh>")

    def test_names_bound_by_await_are_completed(self, fresh):
        fresh.run("response = await f('answer')")
        fresh.terminal.type("print(respon\t")
        fresh.terminal.wait_for(r"print\(response")

    def test_what_is_awaited_is_completed(self, fresh):
        fresh.terminal.type("await asyncio.wait_f\t")
        fresh.terminal.wait_for(r"await asyncio\.wait_for")

    def test_the_command_is_completed(self, fresh):
        fresh.terminal.type("autoawait tri\t")
        fresh.terminal.wait_for(r"xsh> autoawait trio")


class TestXonsh(Prompts):
    shell_class = Xonsh


class TestXonshReadline(Prompts):
    shell_class = XonshReadline
