"""Start bpython with an interpreter that awaits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awaitall.shells import say_off

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> Any:
    """Run bpython's own ``main`` with its arguments; returns what ``sys.exit()`` takes.

    Raises:
        SystemExit: bpython is not installed, or has nothing to do but print (``--version``).
    """
    try:
        from bpython.curtsies import main as bpython_main
    except ModuleNotFoundError as exc:
        raise SystemExit(f"awaitall: {exc.name} is missing: pip install 'awaitall[bpython]'") from None
    try:
        close = _install()
    except (ImportError, AttributeError) as exc:
        say_off(f"this bpython is not known ({exc})")
        close = bool
    try:
        return _exit_value(bpython_main(None if argv is None else list(argv)))
    finally:
        close()


def _install() -> Any:
    """Replace bpython's interpreter class by ours; return what is to be called at the end.

    The class, rather than an instance handed over: bpython rewinds fully only with an interpreter that it has made by itself.
    """
    import bpython.curtsies
    import bpython.curtsiesfrontend.repl

    from awaitall_bpython.interp import AwaitInterp, close_sessions

    modules = (bpython.curtsies, bpython.curtsiesfrontend.repl)
    for module in modules:
        module.Interp  # noqa: B018  # an AttributeError names what is not there
    for module in modules:
        module.Interp = AwaitInterp
    return close_sessions


def _exit_value(status: Any) -> Any:
    """Undo what bpython 0.26 does to the argument of ``exit()``: it comes wrapped in a tuple, which would be printed."""
    if isinstance(status, tuple) and len(status) < 2:
        return status[0] if status else None
    return status
