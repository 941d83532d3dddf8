"""All functions of xonsh that are wrapped: which, why, and in which versions of xonsh their names were seen.

Two more parts of xonsh are changed, both on live objects. :mod:`awaitall_xonsh.wiring` swaps the classes of the execer and of its
transformer, by which everything is compiled. :mod:`awaitall_xonsh.prompts` wraps the method of the shell that waits for the user.
"""

from __future__ import annotations

import sys
from inspect import signature
from typing import TYPE_CHECKING, Any

from xonsh import aliases, codecache
from xonsh.events import events
from xonsh.procs import jobs, pipelines, posix, proxies
from xonsh.shells import base_shell

from awaitall_xonsh.patches.async_aliases import await_alias, interrupt_pipeline, interrupt_threads
from awaitall_xonsh.patches.commands import (
    end_session_before_exec,
    run_tasks_before_wait,
    run_tasks_in_sleep,
    run_tasks_in_waitpid,
    show_output_after_wait,
)
from awaitall_xonsh.patches.inputs import cut_tracebacks, run_inputs, store_apart
from awaitall_xonsh.patches.leaving import ask_about_tasks, kill_no_tasks

if TYPE_CHECKING:
    from collections.abc import Callable

    from xonsh.built_ins import XonshSession

__all__ = ["PATCHES", "Patch", "check", "of_kernel"]


class Patch:  # a dataclass and a named tuple take longer to make, at each start of xonsh
    """A function of xonsh that is wrapped while the xontrib is loaded.

    Args:
        owner: The module or class in which xonsh looks the function up.
        name: The name of the function there.
        wrap: Returns our function for the one that is there.
        why: What would happen without the patch.
        seen_in: The versions of xonsh in which the name, and the way it is called, were seen.
    """

    def __init__(
        self, owner: Any, name: str, wrap: Callable[[Callable[..., Any]], Callable[..., Any]], *, why: str, seen_in: str
    ) -> None:
        self.owner, self.name, self.wrap, self.why, self.seen_in = owner, name, wrap, why, seen_in


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


#: All functions that are wrapped, in the order in which that is done.
PATCHES = (
    Patch(
        base_shell,
        "run_compiled_code",
        run_inputs,
        why="Typed inputs that do not await would see no event loop, and tracebacks would begin with lines of ours.",
        seen_in="0.23 to 0.25",
    ),
    Patch(
        codecache,
        "run_compiled_code",
        cut_tracebacks,
        why="The tracebacks of scripts and of ``xonsh -c`` would begin with lines of ours.",
        seen_in="0.23 to 0.25",
    ),
    Patch(
        codecache,
        "get_cache_filename",
        store_apart,
        why="A xonsh without awaitall would run the stored bytecode of a script that awaits, or awaitall that of plain xonsh.",
        seen_in="0.23 to 0.25",
    ),
    Patch(
        proxies,
        "run_with_partial_args",
        await_alias,
        why="An alias that is a coroutine function would print its coroutine, and never run.",
        seen_in="0.23 to 0.25",
    ),
    Patch(
        proxies.ProcProxyThread,
        "_signal_int",
        interrupt_threads,
        why="Ctrl-C would not end what awaits in an alias in a thread (xonsh#5433).",
        seen_in="0.23 to 0.25",
    ),
    Patch(
        posix.PopenThread,
        "_signal_int",
        interrupt_threads,
        why="Ctrl-C would not end it either while the handler of a captured process is in place.",
        seen_in="0.23 to 0.25",
    ),
    Patch(
        pipelines.CommandPipeline,
        "_prev_procs_done",
        interrupt_pipeline,
        why="A pipeline whose processes Ctrl-C has ended would wait for the alias that awaits in a thread of it.",
        seen_in="0.23 to 0.25",
    ),
    Patch(
        pipelines.CommandPipeline,
        "_procs_suspended",
        interrupt_pipeline,
        why="xonsh 0.23 ceases to ask for its processes 0.1 seconds after their end; the alias may only begin to await then.",
        seen_in="0.23 to 0.25",
    ),
    Patch(
        pipelines.CommandPipeline,
        "_close_prev_procs",
        interrupt_pipeline,
        why="The pipeline would wait for that alias, too, when xonsh closes the earlier processes.",
        seen_in="0.23 to 0.25",
    ),
    Patch(
        pipelines,
        "PrevProcCloser",
        run_tasks_before_wait,
        why="Background tasks would stand still while a program has the terminal, and while ``$()`` waits.",
        seen_in="0.23 to 0.25",
    ),
    Patch(
        pipelines,
        "time",
        run_tasks_in_sleep,
        why="Background tasks would stand still while xonsh looks again and again whether a command has ended.",
        seen_in="0.23 to 0.25",
    ),
    Patch(
        jobs,
        "os",
        run_tasks_in_waitpid,
        why="Background tasks would stand still while a program has the terminal, where Python has no ``os.waitid()``.",
        seen_in="0.23 to 0.25",
    ),
    Patch(
        pipelines.CommandPipeline,
        "_close_proc",
        show_output_after_wait,
        why="What tasks print while xonsh looks after a program that has the terminal would be shown in the midst of it.",
        seen_in="0.23 to 0.25",
    ),
    Patch(
        aliases,
        "os",
        end_session_before_exec,
        why="The command ``exec`` would end background tasks without their cleanup.",
        seen_in="0.23 to 0.25",
    ),
    Patch(
        aliases,
        "clean_jobs",
        ask_about_tasks,
        why="Ctrl-D would end background tasks without a word, where it asks about jobs.",
        seen_in="0.23 to 0.25",
    ),
    Patch(
        jobs,
        "hup_all_jobs",
        kill_no_tasks,
        why="What xonsh has asked about it kills by the numbers of processes, which tasks do not have; on Windows it fails then.",
        seen_in="0.23 to 0.25",
    ),
)


def of_kernel() -> tuple[Patch, ...]:
    """Return what is wrapped in the Jupyter kernel of xontrib-jupyter, if that runs this xonsh; seen in its version 0.4."""
    app = getattr(sys.modules.get("ipykernel.kernelapp"), "IPKernelApp", None)
    if app is None or not app.initialized():
        return ()
    from awaitall_xonsh.patches.jupyter import await_on_loop_of_kernel

    return (
        Patch(
            app.instance().kernel,
            "do_execute",
            await_on_loop_of_kernel,
            why="A task of the kernel's loop runs a cell, and code of it that does not await cannot wait for code that does.",
            seen_in="0.25",
        ),
    )
