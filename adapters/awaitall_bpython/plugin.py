"""What awaitall knows about bpython."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from awaitall import ShellSpec, hookimpl
from awaitall.shells import first_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["awaitall_shells"]

#: For the file that PYTHONSTARTUP names, which other Pythons read that may not have awaitall; it leaves no name behind.
_ENABLING = """\
try:
    __import__("awaitall_bpython").enable()
except ImportError:
    pass
"""


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
        wire="For good: have PYTHONSTARTUP name a file, as by export PYTHONSTARTUP=~/.pythonstartup.py; awaitall enable bpython",
        unwire="Delete the lines of the file that PYTHONSTARTUP names that name awaitall.",
        requirement="'awaitall[bpython]'",
        configuration=_configuration,
        enabling=_ENABLING,
        embed=_embed,
        trouble=_trouble,
    )


def _start(arguments: Sequence[str]) -> object:
    from awaitall_bpython.launcher import main

    names = first_names()
    return main(arguments, {"__name__": "__main__", **names} if names else None)


def _trouble() -> str:
    """Return that the startup file cannot both await and make bpython await: bpython compiles it as a whole before it runs it."""
    from awaitall.shells.programs import awaiting_startup_file

    if not (path := awaiting_startup_file()):
        return ""
    return f"`bpython` cannot run {path}, which PYTHONSTARTUP names and which awaits: start it by `awaitall bpython`"


def _configuration() -> str | None:
    name = os.environ.get("PYTHONSTARTUP")
    return os.path.abspath(name) if name else None


def _embed(globals: dict[str, Any], locals: Any, banner: str | None, settings: Mapping[str, Any]) -> Any:
    from awaitall_bpython import embed

    names = globals if globals is locals else {**globals, **locals}  # bpython has one namespace
    return embed(names, banner=banner, **settings)


def _is_wired() -> bool:
    try:
        with open(_configuration() or "", encoding="utf-8", errors="replace") as file:
            return "awaitall_bpython" in file.read()
    except OSError:
        return False
