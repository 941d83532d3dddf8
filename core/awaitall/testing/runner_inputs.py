"""What the inputs of the tests of a runner call."""

from __future__ import annotations

__all__ = ["INPUTS"]

#: The source of the functions; ``pause`` is the suite's own, ``log`` a list, ``var`` a context variable.
INPUTS = """
import contextlib
import signal
import time

def press():
    signal.raise_signal(signal.SIGINT)

async def value(x):
    return x

async def tick():
    while True:
        log.append("tick")
        await pause(0.001)

async def fails():
    await pause()
    log.append("failing")
    raise ValueError("in the background")

async def clean(wait=None):
    log.append("begun")
    try:
        await (wait or pause(1000))
    finally:
        await pause_in_cleanup()
        log.append("cleaned up")

ended = False

async def stubborn():
    log.append("begun")
    while not ended:
        try:
            await pause(0.001)
        except BaseException:
            pass

async def count():
    for i in range(3):
        await pause()
        yield i

@contextlib.asynccontextmanager
async def cm():
    token = var.set("inside")
    await pause()
    yield
    await pause()
    var.reset(token)

async def press_soon():
    await pause(0.001)
    press()

async def pressed(coro):
    session.spawn(press_soon(), name="presser")
    await coro

async def tough():
    try:
        await pressed(pause(1000))
    except BaseException:
        return 5

async def hangs():
    try:
        await pause(1000)
    finally:
        await pressed(pause(1000))

class Waits:
    def __await__(self):
        yield

async def type_a_key(keyboard):
    while len(log) < 3:
        await pause()
    keyboard.send(b"x")

async def hog():
    press()
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        pass
    press()
    while True:
        pass
"""
