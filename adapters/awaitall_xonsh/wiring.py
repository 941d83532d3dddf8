"""Put the awaiting execer into a xonsh session, and take it out again.

Other xontribs do the same to the same objects, before us or after us. What they have made stays below ours; what they put on top
of ours stays when we go, and then ours stays below it and does nothing.
"""

from __future__ import annotations

import signal
import sys
from contextlib import ExitStack
from functools import wraps
from inspect import iscoroutine, signature
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any

from xonsh import codecache
from xonsh.events import events
from xonsh.procs import pipelines, posix, proxies
from xonsh.shells import base_shell

from awaitall import lookout
from awaitall.hints import hint_at_coroutine, note_coroutine, note_refusal
from awaitall_xonsh import settings
from awaitall_xonsh.alias import COMMANDS, CommandAlias
from awaitall_xonsh.execer import SHIM, AwaitExecer, AwaitTransformer, is_on

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from types import CodeType, TracebackType

    from xonsh.built_ins import XonshSession

__all__ = ["load", "unload"]

lookout.AT_HAND.update({"awaitall_xonsh", "prompt_toolkit", "xonsh", "xontrib"})

#: Goes into the names of the files that xonsh's bytecode is stored in, as that differs from what xonsh makes without us. Another
#: number whenever the calls that it contains mean something else.
CACHE = "awaitall-1"

#: Modules of the handlers of SIGINT that nobody needs any more once the prompt is back.
_STALE = ("awaitall.interrupts", "xonsh.procs.")

#: Where a function has been put, its name there -> ours, and the one that was there.
_functions: dict[tuple[Any, str], tuple[Callable[..., Any], Callable[..., Any]]] = {}


def load(xsh: XonshSession) -> None:
    """Swap the classes of the live execer and its transformer, and wrap functions of xonsh; what is there already stays.

    Raises:
        AttributeError, TypeError: this xonsh lacks a name that we use, or it takes other arguments. Nothing has been changed.
    """
    _check(xsh)
    AwaitExecer.active = AwaitTransformer.active = True
    settings.register(xsh)
    _swap_in(xsh.execer, AwaitExecer)
    _swap_in(xsh.execer.ctxtransformer, AwaitTransformer)
    xsh.builtins.compilex = xsh.execer.compile
    for owner, name, wrap in _WRAPPED:
        _wrap(owner, name, wrap)
    for name in COMMANDS:
        xsh.aliases[name] = CommandAlias(name)
    events.on_exit(_end)
    events.on_pre_prompt(_free_ctrl_c)


def unload(xsh: XonshSession) -> None:
    """Undo :func:`load`, and end the background tasks."""
    _end()
    events.on_exit.discard(_end)
    events.on_pre_prompt.discard(_free_ctrl_c)
    AwaitExecer.active = AwaitTransformer.active = False
    _swap_out(xsh.execer, AwaitExecer)
    _swap_out(xsh.execer.ctxtransformer, AwaitTransformer)
    xsh.builtins.compilex = xsh.execer.compile
    for owner, name, _ in _WRAPPED:
        _unwrap(owner, name)
    for name in COMMANDS:
        xsh.aliases.pop(name, None)
    settings.deregister(xsh)


def _check(xsh: XonshSession) -> None:
    """Touch every name that is used and no part of xonsh's public interface."""
    signature(xsh.execer.parse).bind("", set(), mode="single", filename="")
    signature(xsh.execer.compile).bind("", "single", {}, None, 2, "")
    signature(xsh.execer.ctxtransformer.is_in_scope).bind(None)
    signature(codecache.run_compiled_code).bind(None, {}, None, "single")
    signature(base_shell.run_compiled_code).bind(None, {}, None, "single")
    signature(codecache.get_cache_filename).bind("", code=True)
    signature(proxies.run_with_partial_args).bind(None, {})
    _ = proxies.ProcProxyThread._signal_int, posix.PopenThread._signal_int
    _ = xsh.aliases, xsh.commands_cache.locate_binary, xsh.builtins.compilex, events.on_exit


def _end(**_: object) -> None:
    """End the session; the module that has it is imported by the first code that awaits."""
    if end := settings.imported("running", "end"):
        end()


def _free_ctrl_c(**_: object) -> None:
    """Put Python's handler in place of ours, or of a process that still runs, where it would swallow Ctrl-C at the prompt."""
    handler = signal.getsignal(signal.SIGINT)
    if handler is not signal.default_int_handler and getattr(handler, "__module__", "").startswith(_STALE):
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _swap_in(instance: Any, ours: type) -> None:
    cls = type(instance)
    if not issubclass(cls, ours):
        instance.__class__ = type(ours.__name__, (ours, cls), {})


def _swap_out(instance: Any, ours: type) -> None:
    bases = type(instance).__bases__
    if bases[0] is ours:
        instance.__class__ = bases[1]


def _wrap(owner: Any, name: str, wrap: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    theirs = getattr(owner, name)
    if (owner, name) not in _functions or _functions[owner, name][0] is not theirs:
        ours = wrap(theirs)
        setattr(owner, name, ours)
        _functions[owner, name] = ours, theirs


def _unwrap(owner: Any, name: str) -> None:
    ours, theirs = _functions.pop((owner, name), (None, None))
    if ours is not None and getattr(owner, name) is ours:
        setattr(owner, name, theirs)


# -- what is wrapped around the functions of xonsh, seen in 0.23 to 0.25 ---------------------------------------------------------


def _input(run_compiled_code: Callable[..., Any]) -> Callable[..., Any]:
    """Let inputs that do not await see the session, and the tracebacks of those that do begin at the user's line."""
    run_text = _text(run_compiled_code)

    @wraps(run_compiled_code)
    def run(code: Any, namespace: dict[str, Any], *args: Any, **options: Any) -> Any:
        if code is None or code.co_name == SHIM:
            result = run_text(code, namespace, *args, **options)
            hint_at_coroutine()
            return result
        try:
            with ExitStack() as stack:
                _surround(stack, code, namespace or {})
                result = run_compiled_code(code, namespace, *args, **options)
        except BaseException as exc:  # of a coroutine that is awaited implicitly; out of here it would end the shell
            return _exc_info(exc)
        hint_at_coroutine()
        if result[1] is not None:
            note_coroutine(result[1])
            if _sees_a_loop():
                note_refusal(result[1], result[2])
        return result

    return run


def _exc_info(exc: BaseException) -> tuple[type[BaseException], BaseException, TracebackType | None]:
    """Give what xonsh knows an error by, as ``sys.exc_info()``."""
    from awaitall.tracebacks import user_traceback

    tb = user_traceback(exc)
    return type(exc), exc.with_traceback(tb), tb


def _text(run_compiled_code: Callable[..., Any]) -> Callable[..., Any]:
    """Let the tracebacks of what awaits begin at the user's line."""

    @wraps(run_compiled_code)
    def run(code: Any, *args: Any, **options: Any) -> Any:
        result = run_compiled_code(code, *args, **options)
        if code is None or code.co_name != SHIM or result[1] is None:
            return result
        return _exc_info(result[1])

    return run


def _cache_filename(get_cache_filename: Callable[..., str]) -> Callable[..., str]:
    """Store bytecode apart from that of a xonsh without us: both may meet the same script."""

    @wraps(get_cache_filename)
    def ours(*args: Any, **options: Any) -> str:
        name = get_cache_filename(*args, **options)
        return f"{name}.{CACHE}" if is_on() else name

    return ours


def _call_alias(run_with_partial_args: Callable[..., Any]) -> Callable[..., Any]:
    """Await what an alias gives that is a coroutine function; Ctrl-C in a thread gives the status that xonsh has for it."""

    @wraps(run_with_partial_args)
    def ours(*args: Any, **options: Any) -> Any:
        try:
            result = run_with_partial_args(*args, **options)
            if iscoroutine(result):
                from awaitall_xonsh import running

                result = running.run_alias(result)
        except KeyboardInterrupt:
            if current_thread() is main_thread():
                raise
            return _INTERRUPTED
        return result

    return ours


def _interrupt(signal_int: Callable[..., Any]) -> Callable[..., Any]:
    """Let Ctrl-C reach what awaits in a thread."""

    @wraps(signal_int)
    def ours(*args: Any, **options: Any) -> Any:
        if interrupt := settings.imported("ctrl_c", "interrupt_foreground"):
            interrupt()
        return signal_int(*args, **options)

    return ours


def _previous(method: Callable[..., Any]) -> Callable[..., Any]:
    """Let Ctrl-C reach what awaits in a thread of a pipeline whose processes it has ended, or that have ended before."""

    @wraps(method)
    def ours(pipeline: Any) -> Any:
        look_at = settings.imported("ctrl_c", "look_at") or _nothing
        look_at(pipeline)
        result = method(pipeline)
        look_at(pipeline)
        return result

    return ours


def _nothing(pipeline: Any) -> None:
    """Look at nothing."""


_INTERRUPTED = 130

_WRAPPED: tuple[tuple[Any, str, Callable[[Callable[..., Any]], Callable[..., Any]]], ...] = (
    (base_shell, "run_compiled_code", _input),
    (codecache, "run_compiled_code", _text),
    (codecache, "get_cache_filename", _cache_filename),
    (proxies, "run_with_partial_args", _call_alias),
    (proxies.ProcProxyThread, "_signal_int", _interrupt),
    (posix.PopenThread, "_signal_int", _interrupt),
    (pipelines.CommandPipeline, "_prev_procs_done", _previous),
    (pipelines.CommandPipeline, "_close_prev_procs", _previous),
)


def _surround(stack: ExitStack, code: CodeType, namespace: dict[str, Any]) -> None:
    """Enter what the session puts around an input that does not await; nothing, if none has begun and none need begin."""

    def enter() -> AbstractContextManager[None]:
        from awaitall_xonsh import running

        return running.shell().session.sync_input([code], namespace)

    try:
        begun = settings.session() is not None
        if surroundings := enter() if begun else lookout.surroundings([code], namespace, enter):
            stack.enter_context(surroundings)
    except Exception as exc:
        print(f"awaitall: this runs without an event loop: {type(exc).__name__}: {exc}", file=sys.stderr)


def _sees_a_loop() -> bool:
    session = settings.session()
    return session is not None and session.shows_loop
