"""Time what is typed, with await or without: once, or again and again.

An input that awaits is timed in the task of the inputs, on the loop that runs already. The clock starts and stops there, so the
way into the task costs nothing.
"""

from __future__ import annotations

import ast
import gc
import math
import sys
import warnings
from contextlib import contextmanager
from itertools import repeat
from time import perf_counter, process_time
from time import time as wall_clock
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from awaitall.commands.statements import compiling, options_and_statement, whole_number
from awaitall.compiling import Input
from awaitall.current_library import let_others_run
from awaitall.tracebacks import calls_user_code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from awaitall.base_session import BaseSession

__all__ = ["TimeitResult", "time", "timeit"]

#: Seconds that the loops of a run take at least, if their number is not given.
_LONG_ENOUGH = 0.2

#: Seconds from which on it is told how long the compilation took.
_LONG_COMPILATION = 0.1

#: Times how often a statement runs, as ``timeit`` does it; the statement stands in the place of ``pass``.
_LOOP = """
{kind} timed(_it, _timer):
    _t0 = _timer()
    for _i in _it:
        pass
    _t1 = _timer()
    return _t1 - _t0
"""


def time(session: BaseSession, arguments: str) -> Input:
    """Return an input that prints how long it takes."""
    _, statement = options_and_statement("time", arguments, "")
    began = perf_counter()
    with compiling(statement):
        compiled = session.compile(statement)
    return _Timed(compiled, perf_counter() - began)


class _Timed(Input):
    """An input that prints how long it takes, however it ends."""

    __slots__ = ("_compilation",)

    def __init__(self, compiled: Input, compilation: float) -> None:
        super().__init__(compiled.pieces, compiled.has_value, compiled.source)
        self._compilation = compilation

    def execute(self, globals: dict[str, Any], locals: Any = None) -> Any:
        with self._timing():
            return super().execute(globals, locals)

    async def aexecute(self, globals: dict[str, Any], locals: Any = None) -> Any:
        with self._timing():
            return await super().aexecute(globals, locals)

    @contextmanager
    def _timing(self) -> Iterator[None]:
        (user, system), wall = _processor_times(), perf_counter()
        try:
            yield
        finally:
            wall = perf_counter() - wall
            user, system = (now - before for now, before in zip(_processor_times(), (user, system), strict=True))
            by_whom = "" if sys.platform == "win32" else f"user {_seconds(user)}, sys: {_seconds(system)}, "
            print(f"CPU times: {by_whom}total: {_seconds(user + system)}")
            print(f"Wall time: {_seconds(wall)}")
            if self._compilation > _LONG_COMPILATION:
                print(f"Compiler : {_seconds(self._compilation)}")


def _processor_times() -> tuple[float, float]:
    """Return the seconds that this process has computed by itself, and those that the system has for it."""
    from awaitall.system import resource

    if resource is None:  # on Windows
        return process_time(), 0.0
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime, used.ru_stime


def timeit(session: BaseSession, arguments: str) -> Input:
    """Return an input that runs a statement again and again, and prints how long it takes."""
    given, statement = options_and_statement("timeit", arguments, "n:r:tcp:qo")
    began = perf_counter()
    with compiling(statement):
        tree, filename = session.parse(statement)
        compiled = session.compiler.compile(tree)
        code = _loop(tree, filename, session.compiler.flags, is_async=compiled.is_async)
    compiled.source = statement
    return _Repeated(compiled, code, perf_counter() - began, dict(given))


def _loop(tree: ast.Module, filename: str, flags: int, *, is_async: bool) -> CodeType:
    """Return the code of a function that runs a statement in a loop; for tracebacks it is the code of the input itself."""
    module = ast.parse(_LOOP.format(kind="async def" if is_async else "def"))
    for node in ast.walk(module):
        if "lineno" in node._attributes:
            node.lineno = node.end_lineno = 1  # type: ignore[attr-defined]
            node.col_offset = node.end_col_offset = 0  # type: ignore[attr-defined]
    module.body[0].body[1].body = tree.body  # type: ignore[attr-defined]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the first compile has given them
        code: CodeType = compile(module, filename, "exec", flags, dont_inherit=True)
    function = next(const for const in code.co_consts if isinstance(const, CodeType))
    return function.replace(co_name="<module>", co_qualname="<module>")


class _Repeated(Input):
    """An input that is run again and again, in loops that are timed; its value is the result, if that is asked for."""

    __slots__ = ("_code", "_compilation", "_number", "_precision", "_quiet", "_repeats", "_runs", "_timer")

    def __init__(self, compiled: Input, code: CodeType, compilation: float, options: dict[str, str]) -> None:
        super().__init__(compiled.pieces, "-o" in options, compiled.source)
        self._code = code
        self._compilation = compilation
        self._number = whole_number("-n", options.get("-n", "0"), 0)
        self._repeats = whole_number("-r", options.get("-r", "7"), 1)
        self._precision = whole_number("-p", options.get("-p", "3"), 0)
        self._timer = process_time if "-c" in options else wall_clock if "-t" in options else perf_counter
        self._quiet = "-q" in options
        self._runs: list[float] = []

    @calls_user_code
    def execute(self, globals: dict[str, Any], locals: Any = None) -> TimeitResult | None:
        run = self._function(globals, locals)
        for number in self._numbers():
            with _without_collections():
                seconds = run(repeat(None, number), self._timer)
            self._runs.append(seconds)
        return self._result()

    @calls_user_code
    async def aexecute(self, globals: dict[str, Any], locals: Any = None) -> TimeitResult | None:
        run = self._function(globals, locals)
        for number in self._numbers():
            with _without_collections():
                seconds = await run(repeat(None, number), self._timer)
            self._runs.append(seconds)
            await let_others_run()
        return self._result()

    def _function(self, globals: dict[str, Any], locals: Any) -> Callable[..., Any]:
        """Return the function of the loop; what is bound elsewhere than in the globals is a global to it."""
        return FunctionType(self._code, globals if locals is None or locals is globals else {**globals, **locals})

    def _numbers(self) -> Iterator[int]:
        """Yield how many loops each run has; at first ever more, if the number is not given, until a run takes long enough."""
        self._runs.clear()  # an input may be run more than once
        if not self._number:
            for self._number in (10**power for power in range(10)):
                yield self._number
                if self._runs.pop() >= _LONG_ENOUGH:
                    break
        yield from repeat(self._number, self._repeats)

    def _result(self) -> TimeitResult | None:
        result = TimeitResult(self._number, self._runs, self._compilation, self._precision)
        if not self._quiet:
            if result.worst > max(4 * result.best, 1e-6) and result.best > 0:
                times = result.worst / result.best
                print(f"The slowest run took {times:.2f} times as long as the fastest: something may be cached.")
            print(result)
            if self._compilation > _LONG_COMPILATION:
                print(f"Compiler time: {self._compilation:.2f} s")
        return result if self.has_value else None


@contextmanager
def _without_collections() -> Iterator[None]:
    """Return a context manager in which no garbage is collected: it would count for the run that it happens in."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class TimeitResult:
    """How long the runs of ``%timeit`` took, as IPython's object of the same name.

    Attributes:
        loops: How many loops each run had.
        repeat: How many runs there were.
        all_runs: The seconds that each run took.
        timings: The seconds that one loop took in each run.
        best: The least of the timings.
        worst: The greatest of the timings.
        compile_time: The seconds that the compilation took.
    """

    def __init__(self, loops: int, all_runs: Sequence[float], compile_time: float, precision: int) -> None:
        self.loops = loops
        self.repeat = len(all_runs)
        self.all_runs = list(all_runs)
        self.timings = [seconds / loops for seconds in all_runs]
        self.best = min(self.timings)
        self.worst = max(self.timings)
        self.compile_time = compile_time
        self._precision = precision

    @property
    def average(self) -> float:
        """The mean of the timings."""
        return math.fsum(self.timings) / self.repeat

    @property
    def stdev(self) -> float:
        """The standard deviation of the timings."""
        return math.sqrt(math.fsum((timing - self.average) ** 2 for timing in self.timings) / self.repeat)

    def __str__(self) -> str:
        plus_minus = "\N{PLUS-MINUS SIGN}" if _can_print("\N{PLUS-MINUS SIGN}") else "+-"
        mean, deviation = _seconds(self.average, self._precision), _seconds(self.stdev, self._precision)
        runs = f"{self.repeat} run{'s'[: self.repeat != 1]}"
        loops = f"{self.loops:,} loop{'s'[: self.loops != 1]}"
        return f"{mean} {plus_minus} {deviation} per loop (mean {plus_minus} std. dev. of {runs}, {loops} each)"

    def __repr__(self) -> str:
        return f"<TimeitResult : {self}>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))


def _seconds(seconds: float, precision: int = 3) -> str:
    """Return a span of time as IPython shows it: ``1min 3s``, ``1.5 s``, ``20 ms``, ``3.75 µs``, ``12 ns``."""
    if seconds >= 60:
        left, parts = int(seconds), []
        for unit, length in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
            count, left = divmod(left, length)
            if count:
                parts.append(f"{count}{unit}")
        return " ".join(parts)
    units = ("s", "ms", "\N{GREEK SMALL LETTER MU}s" if _can_print("\N{GREEK SMALL LETTER MU}") else "us", "ns")
    power = min(-math.floor(math.log10(seconds) / 3), 3) if seconds > 0 else 3
    return f"{seconds * 1000**power:.{precision}g} {units[power]}"


def _can_print(character: str) -> bool:
    try:
        character.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
