"""What awaitall knows about ptpython, and how to start a ptpython that awaits whatever its configuration says."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from awaitall import ShellSpec, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["awaitall_shells"]


@hookimpl
def awaitall_shells() -> Iterator[ShellSpec]:
    """Offer ptpython."""
    yield ShellSpec(
        "ptpython",
        "ptpython, with all of its own options",
        _start,
        package="ptpython",
        versions=">=3.0.24,<3.1",
        is_wired=_is_wired,
        wire="Write into ptpython's config.py: from awaitall_ptpython import configure",
        unwire="Delete that line of ptpython's config.py.",
        embed=_embed,
        aembed=partial(_embed, return_asyncio_coroutine=True),
        hosts=frozenset({"asyncio"}),
    )


def _start(arguments: Sequence[str]) -> object:
    """Run ptpython's own command; ``embed`` in its module was seen in 3.0.24 to 3.0.32."""
    try:
        from ptpython.entry_points import run_ptpython as module
    except ImportError as exc:
        return f"awaitall: ptpython cannot be started ({exc}): pip install 'awaitall[ptpython]'"
    from awaitall_ptpython import enable

    run_ptpython: Any = module
    embed = run_ptpython.embed

    def embed_with_await(*args: Any, configure: Any = None, **options: Any) -> Any:
        def configured(repl: Any) -> None:
            if configure is not None:
                configure(repl)
            enable(repl)

        return embed(*args, configure=configured, **options)

    sys.argv = ["ptpython", *arguments]
    run_ptpython.embed = embed_with_await
    try:
        run_ptpython.run()
    finally:
        run_ptpython.embed = embed
    return None


def _embed(globals: dict[str, Any], locals: Any, banner: str | None, settings: Mapping[str, Any], **options: Any) -> Any:
    """Open ptpython with the user's config.py, which ``ptpython.embed()`` does not read by itself."""
    from ptpython.repl import embed, run_config

    from awaitall_ptpython import enable

    def configure(repl: Any) -> None:
        run_config(repl)
        enable(repl, **settings)

    if banner is not None:
        print(banner)
    return embed(globals, locals, configure=configure, **options)


def _is_wired() -> bool:
    home = os.environ.get("PTPYTHON_CONFIG_HOME")
    places = [Path(home)] if home else [Path.home() / ".config/ptpython", Path.home() / "Library/Application Support/ptpython"]
    try:
        return any("awaitall" in (place / "config.py").read_text(errors="replace") for place in places if place.is_dir())
    except OSError:
        return False
