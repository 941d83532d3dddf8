"""Hooks along the way of an input work at this prompt, and are there from the first input on."""

from __future__ import annotations

import shells
from hook_suite import HookSuite


class TestXonsh(HookSuite):
    shell_class = shells.Xonsh

    def test_plugins_that_a_variable_names_are_loaded_at_once(self, fresh):
        fresh.run("from awaitall.plugins import plugins")
        fresh.run("$XONTRIB_AWAITALL_PLUGINS = 'ptpython console'")
        assert fresh.run("sorted(plugins().shells())") == "['console', 'ptpython']"

    def test_a_plugin_that_is_not_installed_is_an_error(self, fresh):
        assert "No plugin is called 'nothing'" in fresh.run("$XONTRIB_AWAITALL_PLUGINS = 'nothing'")
