"""What is typed into bpython: whether it waits for more, what it makes of nonsense, what it shows."""

from __future__ import annotations

import pytest

from shells import Bpython, BpythonStartup


class Inputs:
    def test_an_async_block_waits_for_its_body(self, shell):
        before = shell.continuations(shell.terminal.text())
        answer = shell.run("async with cm(7) as c:\n    print('body', c)")
        assert answer == "body 7\nclosed"
        assert shell.continuations(shell.terminal.text()) == before + 2

    def test_an_open_bracket_waits_for_the_rest(self, shell):
        assert shell.run_line_by_line("await f(\n8)") == "8"

    @pytest.mark.parametrize(
        ("source", "caret", "message"),
        [
            ("print('r' + 'an'); return 5", "return 5", "'return' outside function"),
            ("print('r' + 'an'); lambda: await f()", "await f()", "'await' outside async function"),
            ("print('r' + 'an'); await f() f()", "f()", "invalid syntax"),
        ],
    )
    def test_a_syntax_error_shows_at_once_and_nothing_has_run(self, shell, source, caret, message):
        file, text, carets, error = shell.run(source).splitlines()
        assert file == '  File "<input>", line 1'
        assert text == f"    {source}"
        assert text[carets.index("^") :][: carets.count("^")] in caret
        assert error == f"SyntaxError: {message}"

    def test_a_syntax_error_in_the_last_line_of_a_block(self, shell):
        answer = shell.run_line_by_line("if await f(True):\n    print('r' + 'an')\n    return 5")
        assert answer.splitlines()[:2] == ['  File "<input>", line 3', "    return 5"]
        assert answer.endswith("SyntaxError: 'return' outside function")

    def test_half_a_string(self, shell):
        assert "unterminated string literal" in shell.run("await f('abc")
        assert shell.run("await f('alive')") == "'alive'"

    def test_context_variables_stay_set(self, shell):
        shell.run("import contextvars; var = contextvars.ContextVar('var')")
        shell.run("token = var.set('sync')")
        assert shell.run("var.get(), await f(var.get())") == "('sync', 'sync')"
        shell.run("await f(); token = var.set('async')")
        assert shell.run("var.get()") == "'async'"

    def test_the_precision_of_decimals_stays_set(self, shell):
        shell.run("import decimal; decimal.getcontext().prec = 5")
        assert shell.run("decimal.Decimal(1) / 3") == "Decimal('0.33333')"
        assert shell.run("await f(decimal.Decimal(1) / 3)") == "Decimal('0.33333')"

    def test_what_a_task_prints_shows_at_once(self, shell):
        shell.run("event = asyncio.Event()")
        shell.submit("task = asyncio.ensure_future(slow()); await event.wait()")
        shell.terminal.wait_for(r"(?m)^waiting$")
        shell.terminal.key("c")
        shell.wait_for_prompt()
        shell.run("task.cancel(); await asyncio.wait([task])")

    def test_a_group_is_shown_with_the_name_of_the_input(self, shell):
        answer = shell.run("await group()")
        assert answer.count('File "<input>", line 1, in <module>') == 1
        assert "bpython-input" not in answer
        assert answer.count("ValueError: boom") == 2

    def test_a_group_that_caused_another_exception_is_shown(self, shell):
        answer = shell.run("try:\n    await group()\nexcept* ValueError as group_:\n    raise KeyError('outer') from group_")
        assert answer.count("ValueError: boom") == 2
        assert "KeyError: 'outer'" in answer


class TestInputs(Inputs):
    shell_class = Bpython


class TestInputsWithAStartupFile(Inputs):
    shell_class = BpythonStartup


class TestBadInputs:
    """Sent in one go, as a terminal sends what is pasted; bpython takes out control characters."""

    shell_class = Bpython

    def paste(self, shell, source):
        """Paste one line, wait for the prompt, and give the last lines on the screen."""
        shell.terminal.type(source + "\r")
        shell.wait_for_prompt()
        return shell.terminal.text()

    def test_carriage_returns_and_form_feeds(self, fresh):
        fresh.terminal.type("a = 1\r\x0cb = await f(2)\ra, b\r")
        fresh.terminal.wait_for(r"(?m)^\(1, 2\)\n>>>$")

    def test_a_null_byte(self, fresh):
        fresh.terminal.type("await f('twenty and some ch\x00aracters')\r")
        fresh.terminal.wait_for(r"(?m)^'twenty and some characters'\n>>>$")

    def test_a_null_byte_from_the_editor(self, start, tmp_path):
        editor = tmp_path / "editor"
        editor.write_text("#!/bin/sh\nprintf 'import aids\\nnothing = 1\\0\\n' > \"$1\"\n")
        editor.chmod(0o755)
        shell = start(env={"EDITOR": str(editor), "VISUAL": str(editor)})
        shell.run("1 + 1")
        shell.terminal.type("\x1b[18~")
        shell.terminal.wait_for("null bytes")
        shell.seen = len(shell.prompts(shell.terminal.wait_for("Session edited")))
        assert shell.run("await aids.f('alive')") == "'alive'"

    def test_a_long_line(self, fresh):
        text = self.paste(fresh, f"x = await f('{'a' * 20_000}')")
        assert "Error" not in text
        assert fresh.run("len(x)") == "20000"

    def test_a_thousand_brackets(self, fresh):
        assert "SyntaxError: too many nested parentheses" in self.paste(fresh, "(" * 500 + ")" * 500)
        assert fresh.run("await f('alive')") == "'alive'"

    def test_nesting_too_deep_for_the_compiler(self, fresh):
        assert "SyntaxError: too deeply nested" in self.paste(fresh, "-" * 10_000 + "1")
        assert fresh.run("await f('alive')") == "'alive'"
