"""What a measure gives, how much work it does, and how two ways to do the same take turns."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field

__all__ = ["ABSENT", "Effort", "Figure", "Measure", "interleave", "per_call"]

#: What has been left out, because it is not installed; each is told once.
ABSENT: set[str] = set()


@dataclass(frozen=True)
class Effort:
    """How much a measure does.

    Args:
        share: The part of the full work, 1 for all of it; 0 is the least that runs each line of code.
        shells: The names of the shells to start, in lower case; all that are installed where empty.
    """

    share: float = 1.0
    shells: frozenset[str] = frozenset()

    def count(self, full: int, least: int = 1) -> int:
        """Return how often to do what is done ``full`` times in the full work."""
        return max(least, round(full * self.share))

    def seconds(self, full: float) -> float:
        """Return how long to do what takes ``full`` seconds in the full work."""
        return max(0.2, full * self.share)

    def has(self, shell: str) -> bool:
        """Return whether to start a shell."""
        return not self.shells or shell.lower() in self.shells


@dataclass(frozen=True)
class Figure:
    """One line: ours beside a peer's, turn by turn.

    Attributes:
        name: What is measured.
        peer: What it is compared with, empty where it stands alone.
        unit: ``s`` for seconds; else what is to stand behind the numbers.
        ours: Our numbers, one for each turn.
        theirs: Those of the peer in the same turns.
        goal: What the ratio is to be at most; what it is to be at least where ``at_least``; None if there is no goal.
        at_least: Whether more is better.
    """

    name: str
    peer: str
    unit: str
    ours: Sequence[float]
    theirs: Sequence[float] = ()
    goal: float | None = None
    at_least: bool = False
    measure: str = field(default="", kw_only=True)

    def as_dict(self) -> dict:
        """Return all of the figure as JSON knows it."""
        return {**asdict(self), "ratio": self.ratio}

    @property
    def ratio(self) -> tuple[float, float, float] | None:
        """The first quartile, the median and the third quartile of the ratios of the turns."""
        ratios = [mine / other for mine, other in zip(self.ours, self.theirs, strict=True) if other] if self.theirs else []
        if not ratios:
            return None
        if len(ratios) == 1:
            return (ratios[0],) * 3
        return tuple(statistics.quantiles(ratios, n=4, method="inclusive"))

    @property
    def is_reached(self) -> bool | None:
        """Whether the median reaches the goal, to two digits; None without one."""
        if self.goal is None or self.ratio is None:
            return None
        median = round(self.ratio[1], 2)
        return median >= self.goal if self.at_least else median <= self.goal


#: Does its work, and gives a figure as soon as it is there.
Measure = Callable[[Effort], Iterator[Figure]]


def interleave(turns: int, *works: Callable[[], float], warm_up: int = 1) -> list[list[float]]:
    """Do each work once a turn, in an order that rotates; return what each gives, turn by turn, without the first turns."""
    found: list[list[float]] = [[] for _ in works]
    for turn in range(turns + warm_up):
        first = turn % len(works)
        for number in [*range(first, len(works)), *range(first)]:
            value = works[number]()
            if turn >= warm_up:
                found[number].append(value)
    return found


def per_call(function: Callable[[], object], calls: int = 20) -> Callable[[], float]:
    """Return a work that calls a function some times, and gives the median of the seconds of a call.

    The calls are few, so that whatever else the machine does strikes all works of a turn.
    """

    def work() -> float:
        taken = []
        for _ in range(calls):
            began = time.perf_counter()
            function()
            taken.append(time.perf_counter() - began)
        return statistics.median(taken)

    return work
