"""What awaitall knows about bpython."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from awaitall import ShellSpec, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["awaitall_shells"]


@hookimpl
def awaitall_shells() -> Iterator[ShellSpec]:
    """Offer bpython."""
    yield ShellSpec(
        "bpython",
        "bpython, with all of its own options",
        _start,
        package="bpython",
        versions=">=0.23,<0.27",
        is_wired=_is_wired,
        wire="Write into the file that PYTHONSTARTUP names: import awaitall_bpython; awaitall_bpython.enable()",
        unwire="Delete that line of the file that PYTHONSTARTUP names.",
        embed=_embed,
    )


def _start(arguments: Sequence[str]) -> object:
    from awaitall_bpython.launcher import main

    return main(arguments)


def _embed(globals: dict[str, Any], locals: Any, banner: str | None, settings: Mapping[str, Any]) -> Any:
    from awaitall_bpython import embed

    names = globals if globals is locals else {**globals, **locals}  # bpython has one namespace
    return embed(names, banner=banner, **settings)


def _is_wired() -> bool:
    try:
        with open(os.environ.get("PYTHONSTARTUP", ""), encoding="utf-8", errors="replace") as file:
            return "awaitall_bpython" in file.read()
    except OSError:
        return False
