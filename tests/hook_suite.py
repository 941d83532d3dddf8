"""Hooks along the way of an input work in every shell, for inputs with and without await."""

from __future__ import annotations

import pytest


class HookSuite:
    """Subclass it with the class of a shell."""

    @pytest.mark.parametrize("source", ["41", "await f(41)", "x = 41\nx"])
    def test_trees_are_transformed(self, plugged_shell, source):
        assert [plugged_shell.run(line) for line in source.split("\n")][-1] == "42"

    @pytest.mark.parametrize("source", ["fortyone", "await f(fortyone)"])
    def test_texts_are_transformed(self, plugged_shell, source):
        assert plugged_shell.run(source) == "42"

    @pytest.mark.parametrize("source", ["1 + 1", "await f(2)"])
    def test_plugins_learn_of_an_input_before_and_after(self, plugged_shell, source):
        plugged_shell.run("hook_aids.log.clear()")
        plugged_shell.run(source)
        plugged_shell.run("seen = hook_aids.log[:]")
        assert plugged_shell.run("print(seen[1:4])") == str(
            [f"before {source}", "after NoneType True", "before seen = hook_aids.log[:]"]
        )

    @pytest.mark.parametrize("source", ["1 / 0", "await f(1 / 0)"])
    def test_plugins_learn_of_an_error(self, plugged_shell, source):
        plugged_shell.run("hook_aids.log.clear()")
        plugged_shell.run(source)
        plugged_shell.run("seen = hook_aids.log[:]")
        assert plugged_shell.run("print(seen[2])") == "after ZeroDivisionError True"

    @pytest.mark.parametrize("source", ["'value'", "await f('value')"])
    def test_values_are_shown_otherwise(self, plugged_shell, source):
        assert plugged_shell.run(source) == "'shown otherwise'"

    def test_plugins_learn_of_a_task_that_has_failed(self, plugged_shell):
        plugged_shell.run("hook_aids.log.clear()")
        plugged_shell.run("%bg await f(1 / 0)")
        plugged_shell.run("await asyncio.sleep(0.01)")
        assert plugged_shell.run("print([entry for entry in hook_aids.log if entry.startswith('failed')])") == (
            "[\"failed await f(1 / 0) ZeroDivisionError('division by zero')\"]"
        )

    def test_a_line_command_is_no_input(self, plugged_shell):
        plugged_shell.run("hook_aids.log.clear()")
        plugged_shell.run("%tasks")
        plugged_shell.run("seen = hook_aids.log[:]")
        assert plugged_shell.run("print(len(seen), seen[-1])") == "2 before seen = hook_aids.log[:]"

    def test_plugins_learn_of_another_runner(self, plugged_shell):
        plugged_shell.run("await f(1)")
        plugged_shell.run("hook_aids.log.clear()")
        plugged_shell.run("%autoawait sync")
        plugged_shell.run("%autoawait asyncio")
        assert plugged_shell.run("print([entry for entry in hook_aids.log if entry.startswith('runner')])") == (
            "['runner asyncio sync', 'runner sync asyncio']"
        )
