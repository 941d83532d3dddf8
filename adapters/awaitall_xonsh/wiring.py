"""Put the awaiting execer into a xonsh session, and take it out again."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from awaitall.tracebacks import user_traceback
from awaitall_xonsh import running
from awaitall_xonsh.execer import AwaitExecer, AwaitTransformer
from xonsh import codecache
from xonsh.events import events
from xonsh.shells import base_shell

if TYPE_CHECKING:
    from collections.abc import Callable

    from xonsh.built_ins import XonshSession

__all__ = ["load", "unload"]

#: Where xonsh calls run_compiled_code() by a global name (seen in 0.23 to 0.25).
_RUN_IN = (codecache, base_shell)


def load(xsh: XonshSession) -> None:
    """Swap the classes of the live execer and its transformer; whatever another xontrib has made of them stays below ours."""
    if isinstance(xsh.execer, AwaitExecer):
        return
    _swap_in(xsh.execer, AwaitExecer)
    _swap_in(xsh.execer.ctxtransformer, AwaitTransformer)
    for module in _RUN_IN:
        if hasattr(module, "run_compiled_code"):
            module.run_compiled_code = _trimmed(module.run_compiled_code)  # type: ignore[attr-defined]
    events.on_exit(running.end)


def unload(xsh: XonshSession) -> None:
    """Undo :func:`load`, and end the background tasks."""
    if not isinstance(xsh.execer, AwaitExecer):
        return
    running.end()
    events.on_exit.discard(running.end)
    for module in _RUN_IN:
        function = getattr(module, "run_compiled_code", None)
        module.run_compiled_code = getattr(function, "__wrapped__", function)  # type: ignore[attr-defined]
    _swap_out(xsh.execer.ctxtransformer)
    _swap_out(xsh.execer)


def _swap_in(instance: Any, ours: type) -> None:
    cls = type(instance)
    instance.__class__ = type(ours.__name__, (ours, cls), {})


def _swap_out(instance: Any) -> None:
    instance.__class__ = type(instance).__bases__[1]


def _trimmed(run_compiled_code: Callable[..., Any]) -> Callable[..., Any]:
    """Let the tracebacks that xonsh shows of an awaiting input begin at the user's line."""

    @wraps(run_compiled_code)
    def run(code: Any, glb: Any, loc: Any, mode: str) -> Any:
        result = run_compiled_code(code, glb, loc, mode)
        if result is None or result[1] is None or code.co_name != "<await>":
            return result
        tb = user_traceback(result[1])
        return result[0], result[1].with_traceback(tb), tb

    return run
