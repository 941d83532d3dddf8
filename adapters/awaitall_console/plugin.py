"""What awaitall knows about its console."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awaitall import ShellSpec, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from awaitall import Session

__all__ = ["awaitall_shells"]


@hookimpl
def awaitall_shells() -> Iterator[ShellSpec]:
    """Offer the console."""
    yield ShellSpec(
        "console",
        "a plain Python console, on the standard library alone",
        _start,
        is_wired=lambda: True,
        embed=_embed,
        aembed=_aembed,
        hosts=frozenset({"asyncio", "trio"}),
        front=_front,
    )


def _start(arguments: Sequence[str]) -> None:
    from awaitall_console.app import main

    main(arguments)


def _embed(globals: dict[str, Any], locals: Any, banner: str | None, settings: Mapping[str, Any]) -> None:
    from awaitall_console.app import interact

    interact(globals, locals, banner=banner, **settings)


async def _aembed(globals: dict[str, Any], locals: Any, banner: str | None, settings: Mapping[str, Any]) -> None:
    from awaitall_console.app import ainteract

    await ainteract(globals, locals, banner=banner, **settings)


def _front(session: Session, banner: str) -> None:
    from awaitall_console.app import interact_on

    interact_on(session, banner)
