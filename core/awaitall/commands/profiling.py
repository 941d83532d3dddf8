"""Show where the time of what is typed goes, with await or without."""

from __future__ import annotations

import cProfile
import io
import pstats
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from awaitall.commands.statements import compiling, options_and_statement
from awaitall.compiling import Input
from awaitall.errors import UsageError
from awaitall.interrupts import FROM_OUTSIDE
from awaitall.tracebacks import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from awaitall.base_session import BaseSession

__all__ = ["prun"]


def prun(session: BaseSession, arguments: str) -> Input:
    """Return an input that is profiled while it runs; what an event loop does meanwhile counts, too."""
    options, statement = options_and_statement("prun", arguments, "D:l:rs:T:q")
    keys = [value for option, value in options if option == "-s"] or ["time"]
    known = pstats.Stats().get_sort_arg_defs()
    for key in keys:
        if key not in known:
            raise UsageError(f"-s takes one of {', '.join(pstats.Stats.sort_arg_dict_default)}, and not {key!r}.")
    with compiling(statement):
        compiled = session.compile(statement)
    return _Profiled(compiled, options, keys, [_limit(value) for option, value in options if option == "-l"])


def _limit(text: str) -> int | float | str:
    """Return how many lines are shown, or the share of them, or the text that is looked for in their names."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


class _Profiled(Input):
    """An input that is profiled while it runs; its value is the statistics, if they are asked for."""

    __slots__ = ("_keys", "_limits", "_options", "_profile")

    def __init__(self, compiled: Input, options: list[tuple[str, str]], keys: list[str], limits: list[Any]) -> None:
        self._options = dict(options)
        super().__init__(compiled.pieces, "-r" in self._options, compiled.source)
        self._keys = keys
        self._limits = limits
        self._profile = cProfile.Profile()

    def execute(self, globals: dict[str, Any], locals: Any = None) -> pstats.Stats | None:
        with _telling_of_exit():
            self._profile.enable()
            try:
                super().execute(globals, locals)
            finally:
                self._profile.disable()
        return self._report()

    async def aexecute(self, globals: dict[str, Any], locals: Any = None) -> pstats.Stats | None:
        with _telling_of_exit():
            self._profile.enable()
            try:
                await super().aexecute(globals, locals)
            finally:
                self._profile.disable()
        return self._report()

    def _report(self) -> pstats.Stats | None:
        text = io.StringIO()
        stats = pstats.Stats(self._profile, stream=text).strip_dirs().sort_stats(*self._keys)
        stats.print_stats(*self._limits)
        report = text.getvalue().rstrip()
        if "-q" not in self._options:
            print(report)
        self._save("-D", stats.dump_stats)
        self._save("-T", lambda path: Path(path).write_text(report, encoding="utf-8"))
        return stats if self.has_value else None

    def _save(self, option: str, write: Any) -> None:
        if path := self._options.get(option):
            try:
                write(path)
            except OSError as exc:
                print(f"awaitall: {option} has saved nothing: {one_line(exc)}")
            else:
                print(f"*** Saved to {path!r}.")


@contextmanager
def _telling_of_exit() -> Iterator[None]:
    """Return a context manager in which a program ends itself, and not the shell."""
    try:
        yield
    except FROM_OUTSIDE:
        raise
    except SystemExit:
        print("What was profiled has raised SystemExit.")
