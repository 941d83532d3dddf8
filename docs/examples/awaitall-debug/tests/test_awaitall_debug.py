"""The runner does what it declares, and what its name promises."""

from __future__ import annotations

import asyncio

from awaitall_debug import DebugRunner

from awaitall.testing import RunnerSuite


class TestDebugRunner(RunnerSuite):
    factory = DebugRunner

    async def pause(self, seconds=0.0):
        await asyncio.sleep(seconds)

    def test_the_loop_is_in_debug_mode(self, session):
        assert session.run("import asyncio; await value(0); asyncio.get_running_loop().get_debug()")
