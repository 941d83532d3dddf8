"""A program's side of attached prompts: one may come at any time, and go at any time."""

from __future__ import annotations

import itertools
import signal
import socket
import sys
from functools import partial

import pytest

from awaitall.attaching import conversation
from awaitall.attaching.channel import Channel
from awaitall.attaching.conversation import Conversation

from bytecodes import Stepper

fcntl = pytest.importorskip("fcntl")

pytestmark = pytest.mark.skipif(not hasattr(fcntl, "F_SETSIG"), reason="no socket sends the signal of one's choice")

FILES = "attaching/conversation.py", "attaching/doorbell.py", "attaching/streams.py"


@pytest.fixture
def as_before():
    """At the end, the program is what it was before the first prompt came."""

    def state():
        return [sys.stdin, sys.stdout, sys.stderr, signal.getsignal(signal.SIGURG), set(conversation._open)]

    before = state()

    def check():
        assert all(now is then or now == then for now, then in zip(state(), before, strict=True))

    yield check
    check()


def prompt():
    """Return both ends of a connection: that of a prompt, and that of the program."""
    mine, theirs = socket.socketpair()
    return Channel(mine), theirs


def answer(channel, source):
    """Return what the program answers to an input, and what that prints."""
    channel.send("evaluate", 1, source, False)
    messages = channel.receive()
    while not any(message[0] == "ended" for message in messages):
        messages += channel.receive()
    return [message[-1] for message in messages if message[0] in ("output", "ended")]


@pytest.fixture
def attached():
    """Called in the handler of SIGUSR1."""
    calls = []
    before = signal.signal(signal.SIGUSR1, lambda signum, frame: calls.pop()())
    yield calls.append
    signal.signal(signal.SIGUSR1, before)


def test_a_prompt_may_come_at_any_bytecode_at_which_another_one_goes(as_before, attached):
    stepper = Stepper(*FILES)
    for number in itertools.count(1):
        (first, its), (second, theirs) = prompt(), prompt()
        attached(partial(Conversation, theirs, {}))
        stepper.step(Conversation(its, {}).close, number, signal.SIGUSR1)
        if stepper.place is not None:
            assert answer(second, "print('here')") == ["here", "\n", {"text": ""}], stepper.place
        first.close()
        second.close()
        if stepper.place is None:
            break
        as_before()
    theirs.close()
    assert number > 50


def test_the_end_of_a_connection_is_seen_that_comes_with_a_message(as_before):
    mine, theirs = prompt()
    Conversation(theirs, {})
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGURG])
    mine.send("interrupt", 1)
    mine.close()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGURG])
    as_before()
