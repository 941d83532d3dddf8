"""Readers of the keyboard stand back while the prompt waits, on asyncio and on uvloop."""

from __future__ import annotations

import asyncio
import os

import pytest

from awaitall.runners.keyboard_readers import KeyboardReaders

uvloop = pytest.importorskip("uvloop")


class Lines(asyncio.Protocol):
    """Keeps what it gets."""

    def __init__(self, got):
        self.got = got

    def data_received(self, data):
        self.got.append(data)


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def loop(request):
    loop = request.param()
    yield loop
    loop.close()


@pytest.fixture
def keys():
    """A keyboard: what the prompt reads, and where keys are pressed."""
    reader, writer = os.pipe()
    yield reader, writer
    os.close(writer)
    os.close(reader)


@pytest.fixture
def got():
    return []


@pytest.fixture(params=["add_reader", "connect_read_pipe"])
def readers(request, loop, keys, got):
    """The readers of the loop, with one of the keyboard that has been started before anything is suspended."""
    readers = KeyboardReaders(loop, keys[0])
    if request.param == "add_reader":
        loop.add_reader(keys[0], lambda: got.append(os.read(keys[0], 100)))
        yield readers
        loop.remove_reader(keys[0])
    else:
        with open(os.dup(keys[0]), "rb", buffering=0) as pipe:
            transport, _ = loop.run_until_complete(loop.connect_read_pipe(lambda: Lines(got), pipe))
            yield readers
            transport.close()
            loop.run_until_complete(asyncio.sleep(0))


async def turns(count=5):
    for _ in range(count):
        await asyncio.sleep(0.001)


def test_a_reader_gets_no_key_while_the_prompt_waits(loop, keys, got, readers):
    with readers.suspended():
        os.write(keys[1], b"mine\n")
        loop.run_until_complete(turns())
        assert got == []
        assert os.read(keys[0], 100) == b"mine\n"


def test_a_reader_has_the_keyboard_again_during_an_input(loop, keys, got, readers):
    with readers.suspended():
        pass
    os.write(keys[1], b"yours\n")
    loop.run_until_complete(turns())
    assert got == [b"yours\n"]


def test_the_keyboard_stays_in_blocking_mode(keys, readers):
    with readers.suspended():
        pass
    assert os.get_blocking(keys[0])


def test_a_reader_that_begins_while_the_prompt_waits_gets_no_key_before(loop, keys, got):
    readers = KeyboardReaders(loop, keys[0])
    os.write(keys[1], b"later\n")
    with readers.suspended():
        loop.add_reader(keys[0], lambda: got.append(os.read(keys[0], 100)))
        loop.run_until_complete(turns())
        assert got == []
    loop.run_until_complete(turns())
    assert got == [b"later\n"]
    loop.remove_reader(keys[0])


def test_a_reader_that_is_taken_away_while_the_prompt_waits_does_not_come_back(loop, keys, got):
    readers = KeyboardReaders(loop, keys[0])
    loop.add_reader(keys[0], got.append, "key")
    with readers.suspended():
        assert loop.remove_reader(keys[0])
    os.write(keys[1], b"x")
    loop.run_until_complete(turns())
    assert got == []
    assert not loop.remove_reader(keys[0])


def test_a_transport_that_its_protocol_has_paused_stays_paused(loop, keys, got):
    readers = KeyboardReaders(loop, keys[0])
    with open(os.dup(keys[0]), "rb", buffering=0) as pipe:
        transport, _ = loop.run_until_complete(loop.connect_read_pipe(lambda: Lines(got), pipe))
        transport.pause_reading()
        with readers.suspended():
            pass
        assert not transport.is_reading()
        transport.close()
        loop.run_until_complete(asyncio.sleep(0))


def test_readers_of_other_files_are_left_alone(loop, keys, got):
    readers = KeyboardReaders(loop, keys[0])
    other, writer = os.pipe()
    loop.add_reader(other, lambda: got.append(os.read(other, 100)))
    os.write(writer, b"data")
    with readers.suspended():
        loop.run_until_complete(turns())
    assert got == [b"data"]
    loop.remove_reader(other)
    os.close(other)
    os.close(writer)
