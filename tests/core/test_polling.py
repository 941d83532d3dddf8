"""What is readable, where the system's own ways of asking have gaps."""

from __future__ import annotations

import os
import select

import pytest

from awaitall.polling import readable

pytestmark = pytest.mark.skipif(not hasattr(select, "poll"), reason="nothing is polled here")


@pytest.fixture
def pipe():
    fds = os.pipe()
    yield fds
    for fd in fds:
        os.close(fd)


@pytest.fixture
def refusing(monkeypatch):
    """``poll()`` as that of macOS, which takes a terminal opened as ``/dev/tty`` for no open file."""

    class Poll:
        def __init__(self):
            self.fds = []

        def register(self, fd, events):
            self.fds.append(fd)

        def poll(self, timeout):
            return [(fd, select.POLLNVAL) for fd in self.fds]

    monkeypatch.setattr(select, "poll", Poll)


def test_what_poll_refuses_is_not_readable_before_there_is_something(pipe, refusing):
    assert readable([pipe[0]]) == []


def test_what_poll_refuses_is_readable_when_there_is_something(pipe, refusing):
    os.write(pipe[1], b"key")
    assert readable([pipe[0]], None) == [pipe[0]]


def test_what_is_closed_is_readable_at_once(pipe):
    fd = os.dup(pipe[0])
    os.close(fd)
    assert readable([fd], None) == [fd]
