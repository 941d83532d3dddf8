"""Put the awaiting execer into a xonsh session, and take it out again.

Other xontribs do the same to the same objects, before us or after us. What they have made stays below ours; what they put on top
of ours stays when we go, and then ours stays below it and does nothing.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from functools import wraps
from inspect import signature
from typing import TYPE_CHECKING, Any

from xonsh import codecache
from xonsh.events import events
from xonsh.shells import base_shell

from awaitall import lookout
from awaitall.hints import hint_at_coroutine, note_refusal
from awaitall_xonsh.alias import COMMANDS, CommandAlias
from awaitall_xonsh.execer import SHIM, AwaitExecer, AwaitTransformer

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from types import CodeType, ModuleType

    from xonsh.built_ins import XonshSession

__all__ = ["load", "unload"]

lookout.AT_HAND.update({"awaitall_xonsh", "prompt_toolkit", "xonsh", "xontrib"})

#: Where xonsh calls run_compiled_code() by a global name (seen in 0.23 to 0.25).
_RUN_IN = (codecache, base_shell)

#: Module -> the function that we have put there, and the one that was there.
_functions: dict[ModuleType, tuple[Callable[..., Any], Callable[..., Any]]] = {}


def load(xsh: XonshSession) -> None:
    """Swap the classes of the live execer and its transformer; what is there already stays.

    Raises:
        AttributeError, TypeError: this xonsh lacks a name that we use, or it takes other arguments. Nothing has been changed.
    """
    _check(xsh)
    AwaitExecer.active = AwaitTransformer.active = True
    _swap_in(xsh.execer, AwaitExecer)
    _swap_in(xsh.execer.ctxtransformer, AwaitTransformer)
    for module in _RUN_IN:
        _wrap(module)
    for name in COMMANDS:
        xsh.aliases[name] = CommandAlias(name)
    events.on_exit(_end)


def unload(xsh: XonshSession) -> None:
    """Undo :func:`load`, and end the background tasks."""
    _end()
    events.on_exit.discard(_end)
    AwaitExecer.active = AwaitTransformer.active = False
    _swap_out(xsh.execer, AwaitExecer)
    _swap_out(xsh.execer.ctxtransformer, AwaitTransformer)
    for module in _RUN_IN:
        _unwrap(module)
    for name in COMMANDS:
        xsh.aliases.pop(name, None)


def _check(xsh: XonshSession) -> None:
    """Touch every name that is used and no part of xonsh's public interface."""
    signature(xsh.execer.parse).bind("", set(), mode="single", filename="")
    signature(xsh.execer.compile).bind("", "single", {}, None, 2, "")
    signature(xsh.execer.ctxtransformer.is_in_scope).bind(None)
    for module in _RUN_IN:
        signature(module.run_compiled_code).bind(None, {}, None, "single")
    _ = xsh.aliases, xsh.commands_cache.locate_binary, events.on_exit


def _end(**_: object) -> None:
    """End the session; the module that has it is imported by the first input that awaits."""
    if running := sys.modules.get("awaitall_xonsh.running"):
        running.end()


def _swap_in(instance: Any, ours: type) -> None:
    cls = type(instance)
    if not issubclass(cls, ours):
        instance.__class__ = type(ours.__name__, (ours, cls), {})


def _swap_out(instance: Any, ours: type) -> None:
    bases = type(instance).__bases__
    if bases[0] is ours:
        instance.__class__ = bases[1]


def _wrap(module: ModuleType) -> None:
    theirs = module.run_compiled_code
    if module not in _functions or _functions[module][0] is not theirs:
        module.run_compiled_code = _wired(theirs, at_the_prompt=module is base_shell)  # type: ignore[attr-defined]
        _functions[module] = module.run_compiled_code, theirs


def _surroundings(code: CodeType, namespace: dict[str, Any]) -> AbstractContextManager[None]:
    """Give what the session puts around an input that does not await; nothing, if none has begun and none need begin."""

    def enter() -> AbstractContextManager[None]:
        from awaitall_xonsh import running

        return running.prompt().session.sync_input([code], namespace)

    if "awaitall_xonsh.running" in sys.modules:
        return enter()
    return lookout.surroundings([code], namespace, enter) or nullcontext()


def _sees_a_loop() -> bool:
    running = sys.modules.get("awaitall_xonsh.running")
    return (
        running is not None and not running.prompt().session.outside and running.prompt().session.runner in ("asyncio", "uvloop")
    )


def _unwrap(module: ModuleType) -> None:
    ours, theirs = _functions.pop(module, (None, None))
    if ours is not None and module.run_compiled_code is ours:
        module.run_compiled_code = theirs  # type: ignore[attr-defined]


def _wired(run_compiled_code: Callable[..., Any], *, at_the_prompt: bool) -> Callable[..., Any]:
    """Let inputs that do not await see the session, and the tracebacks of those that do begin at the user's line."""

    @wraps(run_compiled_code)
    def run(code: Any, namespace: dict[str, Any], *args: Any, **options: Any) -> Any:
        if code is None or code.co_name != SHIM:
            if code is None or not at_the_prompt:
                return run_compiled_code(code, namespace, *args, **options)
            with _surroundings(code, namespace):
                result = run_compiled_code(code, namespace, *args, **options)
            hint_at_coroutine()
            if result and result[1] is not None and _sees_a_loop():
                note_refusal(result[1], result[2])
            return result
        result = run_compiled_code(code, namespace, *args, **options)
        if result is None or result[1] is None:
            return result
        from awaitall.tracebacks import user_traceback

        tb = user_traceback(result[1])
        return result[0], result[1].with_traceback(tb), tb

    return run
