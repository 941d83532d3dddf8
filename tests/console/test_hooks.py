"""Hooks along the way of an input work at this prompt."""

from __future__ import annotations

import shells
from hook_suite import HookSuite


class TestConsole(HookSuite):
    shell_class = shells.Console
