"""Every runner that awaitall brings along passes the suite for runners."""

from __future__ import annotations

import asyncio

import pytest

from awaitall.plugins import plugins, resolve_runner
from awaitall.testing import RunnerSuite

from libraries import is_there


def factory(name):
    return staticmethod(plugins().runner(name).factory)


def has(runner):
    """Skip the tests of a class where no library of the runner is installed."""
    return pytest.mark.skipif(not is_there(runner), reason=f"{runner} is not installed")


class TestAsyncio(RunnerSuite):
    factory = factory("asyncio")

    async def pause(self, seconds=0.0):
        await asyncio.sleep(seconds)


def default_loop():
    """Return the class of the loops that asyncio makes where nobody asks for another."""
    loop = asyncio.new_event_loop()
    loop.close()
    return type(loop)


@pytest.mark.skipif(issubclass(default_loop(), asyncio.SelectorEventLoop), reason="it is the default")
class TestSelectorLoop(TestAsyncio):
    factory = staticmethod(resolve_runner(asyncio.SelectorEventLoop).factory)


@has("uvloop")
class TestUvloop(TestAsyncio):
    factory = factory("uvloop")


@has("trio")
class TestTrio(RunnerSuite):
    factory = factory("trio")

    async def pause(self, seconds=0.0):
        import trio

        await trio.sleep(seconds)

    async def pause_in_cleanup(self):
        import trio

        with trio.CancelScope(shield=True):
            await trio.sleep(0)


@has("curio")
class TestCurio(RunnerSuite):
    factory = factory("curio")

    async def pause(self, seconds=0.0):
        import curio

        await curio.sleep(seconds)


class TestSync(RunnerSuite):
    factory = factory("sync")


class TestFunction(RunnerSuite):
    @staticmethod
    def factory(context):
        from awaitall.runners.without_loop import FunctionRunner

        return FunctionRunner(context, asyncio.run)

    async def pause(self, seconds=0.0):
        await asyncio.sleep(seconds)


class OneReactor:
    """The factory of a library that allows one loop in a process, as Twisted's reactor is one."""

    def __init__(self):
        self.opened = False

    def __call__(self, context):
        assert not self.opened, "there is one already"
        self.opened = True
        return plugins().runner("asyncio").factory(context)


class TestOneLoopPerProcess(TestAsyncio):
    factory = OneReactor()
    one_loop_per_process = True
