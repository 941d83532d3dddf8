"""The conformance suite for runners."""

from __future__ import annotations

from awaitall.testing.runner_background import BackgroundTests
from awaitall.testing.runner_ctrl_c import CtrlCTests
from awaitall.testing.runner_outcomes import OutcomeTests
from awaitall.testing.runner_windows import WindowTests

__all__ = ["RunnerSuite"]


class RunnerSuite(OutcomeTests, BackgroundTests, WindowTests, CtrlCTests):
    """What must be true of every runner; what takes a feature is asked only of a runner that declares it.

    Subclass it in your tests::

        # test_quick.py
        from awaitall.testing import RunnerSuite
        from awaitall_quick import QuickRunner

        class TestQuick(RunnerSuite):
            factory = QuickRunner

            async def pause(self, seconds=0.0):
                await quick.sleep(seconds)

    Attributes:
        factory: What the spec of the runner has as its factory.
        one_loop_per_process: Whether the library allows one loop in a process only, as Twisted's reactor and Qt do. All tests of
            the class share one runner then, and those that close a runner are skipped: it is closed once, after the last of them.
    """
