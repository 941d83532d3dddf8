"""What it takes to see whether a source awaits, on the files of the standard library, beside compiling them once."""

from __future__ import annotations

import ast
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from awaitall import completeness, is_async
from benchmarks.measuring import Effort, Figure, interleave, per_call

TURNS = 5
FILES = 150


def compiled(source: str) -> object:
    return compile(source, "<file>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)


def measure(effort: Effort) -> Iterator[Figure]:
    paths = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))[: effort.count(FILES, 2)]
    sources = [path.read_text(encoding="utf-8") for path in paths]

    def all_by(function):
        return per_call(lambda: [function(source) for source in sources], 1)

    ours, theirs = interleave(effort.count(TURNS, 2), all_by(is_async), all_by(compiled))
    yield Figure(f"is_async, {len(sources)} files", "compile", "s", ours, theirs)
    ours, theirs = interleave(effort.count(TURNS, 2), all_by(completeness), all_by(compiled))
    yield Figure(f"completeness, {len(sources)} files", "compile", "s", ours, theirs)
    lines = ["x = 1", "await nop()", "for x in y: print(x)", "print('await')", "[x async for x in y]"]
    ours, theirs = interleave(
        effort.count(100),
        per_call(lambda: [is_async(line) for line in lines]),
        per_call(lambda: [compiled(line) for line in lines]),
    )
    yield Figure("is_async, five short inputs", "compile", "s", ours, theirs)
