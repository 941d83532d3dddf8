"""The functions of xonsh that are wrapped, each with the reason, and what is wrapped around them.

Two more parts of xonsh are changed, both on live objects. :mod:`awaitall_xonsh.wiring` swaps the classes of the execer and of its
transformer, by which everything is compiled. :mod:`awaitall_xonsh.prompts` wraps the method of the shell that waits for the user.
"""

from __future__ import annotations

import sys
from functools import wraps
from inspect import iscoroutine, signature
from shutil import which
from typing import TYPE_CHECKING, Any, NamedTuple

from xonsh import aliases, codecache
from xonsh.events import events
from xonsh.procs import pipelines, posix, proxies
from xonsh.shells import base_shell

import awaitall  # what takes a moment to load is loaded when it is first used
from awaitall.shells import self_running
from awaitall.shells.self_running import in_main_thread, owning_keyboard
from awaitall_xonsh import settings, sigint
from awaitall_xonsh.execer import COMMAND, SHIM, entered, is_on

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from xonsh.built_ins import XonshSession

    from awaitall import Session

__all__ = ["CACHE", "PATCHES", "Patch", "check", "of_kernel"]

#: Goes into the names of the files that xonsh's bytecode is stored in, as that differs from what xonsh makes without us. Another
#: number whenever the calls that it contains mean something else.
CACHE = "awaitall-1"

#: The status that xonsh has for an alias that Ctrl-C has ended.
_INTERRUPTED = 130


class Patch(NamedTuple):  # a dataclass takes longer to make, at each start of xonsh
    """A function of xonsh that is wrapped while the xontrib is loaded.

    Attributes:
        owner: The module or class in which xonsh looks the function up.
        name: The name of the function there.
        wrap: Returns our function for the one that is there.
        why: What would happen without the patch.
        seen_in: The versions of xonsh in which the name, and the way it is called, were seen.
    """

    owner: Any
    name: str
    wrap: Callable[[Callable[..., Any]], Callable[..., Any]]
    why: str
    seen_in: str


def check(xsh: XonshSession) -> None:
    """Touch every name that is used and no part of xonsh's public interface.

    Raises:
        AttributeError, TypeError: this xonsh lacks one of the names, or it takes other arguments.
    """
    signature(xsh.execer.parse).bind("", set(), mode="single", filename="")
    signature(xsh.execer.compile).bind("", "single", {}, None, 2, "")
    signature(xsh.execer.ctxtransformer.is_in_scope).bind(None)
    signature(codecache.run_compiled_code).bind(None, {}, None, "single")
    signature(base_shell.run_compiled_code).bind(None, {}, None, "single")
    signature(codecache.get_cache_filename).bind("", code=True)
    signature(proxies.run_with_partial_args).bind(None, {})
    _ = proxies.ProcProxyThread._signal_int, posix.PopenThread._signal_int
    _ = pipelines.PrevProcCloser, pipelines.time.sleep, aliases.os.execvpe
    _ = xsh.aliases, xsh.commands_cache.locate_binary, xsh.builtins.compilex, xsh._completers, events.on_exit


def _input(run_compiled_code: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap what runs typed inputs: those without await see the session, and tracebacks begin at the user's line."""
    run_text = _text(run_compiled_code)

    @wraps(run_compiled_code)
    def run(code: Any, namespace: dict[str, Any], *args: Any, **options: Any) -> Any:
        if code is None or code.co_filename == COMMAND:
            return run_text(code, namespace, *args, **options)
        awaits = code.co_name == SHIM
        try:
            settings.know_packages()
            compiled, hints = awaitall.Input((code,), source=entered()), settings.get(settings.HINTS)
            with self_running.observed(
                compiled, namespace or {}, settings.session, _session, awaits=awaits, hints=hints
            ) as outcome:
                result = (run_text if awaits else run_compiled_code)(code, namespace, *args, **options)
                outcome.error = result[1]
        except BaseException as exc:  # of a coroutine that is awaited implicitly; out of here it would end the shell
            return _exc_info(exc)
        return result

    return run


def _session() -> Session:
    from awaitall_xonsh import running

    return running.shell().session


def _text(run_compiled_code: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap what runs code: the tracebacks of what awaits begin at the user's line."""

    @wraps(run_compiled_code)
    def run(code: Any, *args: Any, **options: Any) -> Any:
        result = run_compiled_code(code, *args, **options)
        if code is None or code.co_name != SHIM or result[1] is None:
            return result
        return _exc_info(result[1])

    return run


def _exc_info(exc: BaseException) -> tuple[type[BaseException], BaseException, TracebackType | None]:
    """Return what xonsh knows an error by, as ``sys.exc_info()``."""
    from awaitall.shells import user_traceback

    tb = user_traceback(exc)
    return type(exc), exc.with_traceback(tb), tb


def _cache_filename(get_cache_filename: Callable[..., str]) -> Callable[..., str]:
    """Store bytecode apart from that of a xonsh without us: both may meet the same script."""

    @wraps(get_cache_filename)
    def ours(*args: Any, **options: Any) -> str:
        name = get_cache_filename(*args, **options)
        return f"{name}.{CACHE}" if is_on() else name

    return ours


def _await_alias(run_with_partial_args: Callable[..., Any]) -> Callable[..., Any]:
    """Await what an alias returns if that is a coroutine; return the status that xonsh has for Ctrl-C if it comes in a thread."""

    @wraps(run_with_partial_args)
    def ours(*args: Any, **options: Any) -> Any:
        try:
            with owning_keyboard():  # in a thread, while tasks run on the main thread
                result = run_with_partial_args(*args, **options)
            if iscoroutine(result):
                from awaitall_xonsh import running

                result = running.run_alias(result)
        except KeyboardInterrupt:
            if in_main_thread():
                raise
            return _INTERRUPTED
        return result

    return ours


def _interrupt_threads(signal_int: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a handler of SIGINT: it interrupts what awaits in a thread, too."""

    @wraps(signal_int)
    def ours(*args: Any, **options: Any) -> Any:
        with sigint.interrupting_foreground():
            return signal_int(*args, **options)

    return ours


def _check_pipeline(method: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a check of a pipeline: Ctrl-C reaches its aliases that await in threads, after its processes have ended, too."""

    @wraps(method)
    def ours(pipeline: Any) -> Any:
        sigint.check_pipeline(pipeline)
        result = method(pipeline)
        sigint.check_pipeline(pipeline)
        return result

    return ours


class _StandIn:
    """What a name for a module stands for in a module of xonsh: that module, but for one function."""

    def __init__(self, module: Any, function: Callable[..., Any]) -> None:
        self._module = module
        setattr(self, function.__name__, function)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


def _sleeping(time: Any) -> Any:
    """Replace ``time.sleep()``: tasks run meanwhile."""

    def sleep(seconds: float) -> None:
        if settings.session() is None:
            time.sleep(seconds)
        else:
            from awaitall_xonsh import waiting

            waiting.sleep(seconds)

    return _StandIn(time, sleep)


def _replacing(os: Any) -> Any:
    """Replace ``os.execvpe()``: the session ends before."""

    def execvpe(file: str, args: Any, env: Any) -> None:
        if (end := settings.imported("running", "end")) and which(file, path=env.get("PATH")):
            end()
            for stream in (sys.stdout, sys.__stdout__):  # what their cleanup has printed
                stream.flush()  # type: ignore[union-attr]
        os.execvpe(file, args, env)

    return _StandIn(os, execvpe)


def _with_portal(do_execute: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap what runs a cell: with greenback installed it can await on the loop of the kernel."""

    @wraps(do_execute)
    async def ours(*args: Any, **options: Any) -> Any:
        try:
            from greenback import ensure_portal
        except ImportError:
            pass  # an await tells what to install
        else:
            await ensure_portal()
        return await do_execute(*args, **options)

    return ours


def _before_wait(closer: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap the last thing that xonsh does before it waits for the last process of a pipeline by a call of the system."""

    @wraps(closer)
    def ours(*args: Any, **options: Any) -> Any:
        made = closer(*args, **options)
        if settings.session() is not None:
            from awaitall_xonsh import waiting

            waiting.until_changed(made.pipeline.proc)
        return made

    return ours


#: All functions that are wrapped, in the order in which that is done.
PATCHES = (
    Patch(
        base_shell,
        "run_compiled_code",
        _input,
        why="Typed inputs that do not await would see no event loop, and tracebacks would begin with lines of ours.",
        seen_in="0.23 to 0.25",
    ),
    Patch(
        codecache,
        "run_compiled_code",
        _text,
        why="The tracebacks of scripts and of ``xonsh -c`` would begin with lines of ours.",
        seen_in="0.23 to 0.25",
    ),
    Patch(
        codecache,
        "get_cache_filename",
        _cache_filename,
        why="A xonsh without awaitall would run the stored bytecode of a script that awaits, or awaitall that of plain xonsh.",
        seen_in="0.23 to 0.25",
    ),
    Patch(
        proxies,
        "run_with_partial_args",
        _await_alias,
        why="An alias that is a coroutine function would print its coroutine, and never run.",
        seen_in="0.23 to 0.25",
    ),
    Patch(
        proxies.ProcProxyThread,
        "_signal_int",
        _interrupt_threads,
        why="Ctrl-C would not end what awaits in an alias in a thread (xonsh#5433).",
        seen_in="0.23 to 0.25",
    ),
    Patch(
        posix.PopenThread,
        "_signal_int",
        _interrupt_threads,
        why="Ctrl-C would not end it either while the handler of a captured process is in place.",
        seen_in="0.23 to 0.25",
    ),
    Patch(
        pipelines.CommandPipeline,
        "_prev_procs_done",
        _check_pipeline,
        why="A pipeline whose processes Ctrl-C has ended would wait for the alias that awaits in a thread of it.",
        seen_in="0.23 to 0.25",
    ),
    Patch(
        pipelines.CommandPipeline,
        "_procs_suspended",
        _check_pipeline,
        why="xonsh 0.23 ceases to ask for its processes 0.1 seconds after their end; the alias may only begin to await then.",
        seen_in="0.23 to 0.25",
    ),
    Patch(
        pipelines.CommandPipeline,
        "_close_prev_procs",
        _check_pipeline,
        why="The pipeline would wait for that alias, too, when xonsh closes the earlier processes.",
        seen_in="0.23 to 0.25",
    ),
    Patch(
        pipelines,
        "PrevProcCloser",
        _before_wait,
        why="Background tasks would stand still while a program has the terminal, and while ``$()`` waits.",
        seen_in="0.23 to 0.25",
    ),
    Patch(
        pipelines,
        "time",
        _sleeping,
        why="Background tasks would stand still while xonsh looks again and again whether a command has ended.",
        seen_in="0.23 to 0.25",
    ),
    Patch(
        aliases,
        "os",
        _replacing,
        why="The command ``exec`` would end background tasks without their cleanup.",
        seen_in="0.23 to 0.25",
    ),
)


def of_kernel() -> tuple[Patch, ...]:
    """Return what is wrapped in the Jupyter kernel of xontrib-jupyter, if that runs this xonsh; seen in its version 0.4."""
    app = getattr(sys.modules.get("ipykernel.kernelapp"), "IPKernelApp", None)
    if app is None or not app.initialized():
        return ()
    return (
        Patch(
            app.instance().kernel,
            "do_execute",
            _with_portal,
            why="A task of the kernel's loop runs a cell, and code of it that does not await cannot wait for code that does.",
            seen_in="0.25",
        ),
    )
