"""Start bpython with an interpreter that awaits."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from awaitall.shells import add_settings, cannot_start, say_off

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from awaitall.shells import Settings

__all__ = ["main"]


def main(
    argv: Sequence[str] | None = None,
    locals_: dict[str, Any] | None = None,
    banner: str | None = None,
    settings: Settings | None = None,
) -> Any:
    """Run bpython's own ``main`` with its arguments; returns what ``sys.exit()`` takes.

    Args:
        argv: bpython's options; those of the process where omitted.
        locals_: The names that the inputs see and bind; a fresh ``__main__`` where omitted.
        banner: What is printed first.
        settings: What every session begins with.

    Raises:
        SystemExit: bpython is not installed, or has nothing to do but print (``--version``).
    """
    try:
        from bpython.curtsies import main as bpython_main
    except ModuleNotFoundError as exc:
        raise SystemExit(cannot_start("bpython", exc)) from None
    with _awaiting(settings or {}):
        return _exit_value(bpython_main(None if argv is None else list(argv), locals_, banner))


@contextmanager
def _awaiting(settings: Settings) -> Iterator[None]:
    """Make bpython use our interpreter class in this block, and end the sessions of it at the end.

    The class, rather than an instance handed over: bpython rewinds fully only with an interpreter that it has made by itself.
    """
    try:
        import bpython.curtsies
        import bpython.curtsiesfrontend.repl

        from awaitall.prompts import own_interrupts
        from awaitall_bpython.interp import AwaitInterp, ending_sessions

        modules = (bpython.curtsies, bpython.curtsiesfrontend.repl)
        theirs = [module.Interp for module in modules]  # an AttributeError names what is not there
    except (ImportError, AttributeError) as exc:
        say_off(f"this bpython is not known ({exc})")
        yield
        return
    ours = type("Interp", (AwaitInterp,), {"settings": add_settings({}, settings)})
    for module in modules:
        module.Interp = ours
    try:
        with own_interrupts(), ending_sessions():
            yield
    finally:
        for module, interp in zip(modules, theirs, strict=True):
            module.Interp = interp


def _exit_value(status: Any) -> Any:
    """Undo what bpython 0.26 does to the argument of ``exit()``: it comes wrapped in a tuple, which would be printed."""
    if isinstance(status, tuple) and len(status) < 2:
        return status[0] if status else None
    return status
