"""What each shell takes until its prompt, what it has imported there, and what the first await takes, cold.

Each turn starts every shell once on a real terminal. Processor time is read when the shell has been idle for a moment, so that
what it does after its first prompt counts, too. The goal of the first await is what ``python -m asyncio`` takes from its start
to the value beyond the start of ``python``: it imports asyncio and opens its loop before its prompt, we do when the first await
comes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import NamedTuple

from awaitall.testing import Shell
from awaitall.testing.terminal import TIMEOUT
from benchmarks.measuring import Effort, Figure
from benchmarks.peers import PAIRS, Asyncio, PlainConsole, others, pairs, processor_time, started

TURNS = 10

#: Seconds for a shell to be done with what it does at its first prompt.
SETTLE = 0.4

#: What is typed first, where await is known and where not; the value is not in what is typed.
AWAIT = 'await __import__("asyncio").sleep(0, 710*1000+77)'
SYNC = "710*1000+77"
VALUE = b"710077"
MODULES = "print(len(__import__('sys').modules), 'mod' + 'ules')"


class Start(NamedTuple):
    """Seconds until the prompt, and from Enter to the first value: by the clock, and of the processor."""

    prompt: float
    prompt_processor: float
    first: float
    first_processor: float


def start(cls: type[Shell]) -> Start:
    """Start a shell, and type a first input, which awaits if it can."""
    with ExitStack() as shells:
        began = time.perf_counter()
        shell = started(shells, cls)
        prompt = time.perf_counter() - began
        time.sleep(SETTLE)
        prompt_processor = processor_time(shell)
        first, first_processor = first_input(shell, SYNC if is_plain(cls) else AWAIT)
    return Start(prompt, prompt_processor, first, first_processor)


def is_plain(cls: type[Shell]) -> bool:
    """Return whether a shell does not know await; ``ptpython --asyncio`` does."""
    return cls in {plain for _, plain in PAIRS.values()}


def first_input(shell: Shell, source: str) -> tuple[float, float]:
    """Type an input; return the seconds from Enter to the value, by the clock and of the processor."""
    terminal = shell.terminal
    terminal.type(source)
    shell.wait_for_echo(source)
    time.sleep(SETTLE / 4)
    terminal.read_what_is_there()
    before, data = processor_time(shell), b""
    began = time.perf_counter()
    terminal.type("\r")
    while VALUE not in data:
        data += terminal.child.read_nonblocking(65536, timeout=TIMEOUT)
    taken = time.perf_counter() - began
    return taken, processor_time(shell) - before


def modules(cls: type[Shell]) -> float:
    """Return how many modules a shell has imported at its first prompt, with those that it needs for the question."""
    with ExitStack() as shells:
        return float(started(shells, cls).run(MODULES).split()[0])


def measure(effort: Effort) -> Iterator[Figure]:
    compared = []
    for name, ours, plain in pairs(effort):
        compared += [(name, ours, peer) for peer in (plain, *others(name))]
    classes = list(dict.fromkeys(cls for _, *both in compared for cls in both))
    found: dict[type[Shell], list[Start]] = {cls: [] for cls in classes}
    for turn in range(effort.count(TURNS) + 1):
        first = turn % max(1, len(classes))
        for cls in classes[first:] + classes[:first]:
            taken = start(cls)
            if turn:
                found[cls].append(taken)
    for name, ours, peer in compared:
        goal = 1.02 if is_plain(peer) and name not in ("console", "edited") else None
        for what, number in (("clock", 0), ("processor", 1)):
            yield Figure(
                f"start of {name}, {what}", peer.title, "s", column(found[ours], number), column(found[peer], number), goal
            )
    for name, ours, peer in compared:
        if not is_plain(peer):
            for what, number in (("clock", 0), ("processor", 1)):
                mine, other = ([one[number] + one[number + 2] for one in found[cls]] for cls in (ours, peer))
                yield Figure(f"start to first value, {name}, {what}", peer.title, "s", mine, other)
    yield from first_awaits(found, compared)
    for name, ours, peer in compared:
        if is_plain(peer):
            yield Figure(f"modules at the prompt of {name}", peer.title, "", [modules(ours)], [modules(peer)])


def column(starts: list[Start], number: int) -> list[float]:
    return [one[number] for one in starts]


def first_awaits(found: dict[type[Shell], list[Start]], compared) -> Iterator[Figure]:
    """Compare what the first await adds to the first input with what ``python -m asyncio`` adds to ``python``, start and all."""
    if Asyncio not in found or PlainConsole not in found:
        return
    for name, ours, peer in compared:
        if is_plain(peer):
            for what, number in (("clock", 0), ("processor", 1)):
                mine = [one[number + 2] - other[number + 2] for one, other in zip(found[ours], found[peer], strict=True)]
                theirs = [
                    one[number] + one[number + 2] - other[number] - other[number + 2]
                    for one, other in zip(found[Asyncio], found[PlainConsole], strict=True)
                ]
                yield Figure(f"what the first await adds, {name}, {what}", "what python -m asyncio adds", "s", mine, theirs, 1.0)
