"""Top-level ``await`` in xonsh: installed beside it, it is loaded by itself; ``xontrib unload awaitall`` undoes it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xonsh.built_ins import XonshSession

    from awaitall_xonsh.awaited_commands.options import command_options
    from awaitall_xonsh.awaited_commands.parallel import parallel

__all__ = ["_load_xontrib_", "_unload_xontrib_", "command_options", "parallel"]

#: Async comprehensions and the scope of ``async with`` and ``async for`` came with it (xonsh#6281).
MINIMUM = (0, 23)


def _load_xontrib_(xsh: XonshSession, **_: object) -> dict[str, Any]:
    """Wire a session in; a second call changes nothing. A xonsh that does not fit costs one line and stays as it is.

    So it stays on a system that does not fit, silently, as this is called wherever awaitall is installed.
    """
    from xonsh import __version__

    if tuple(map(int, __version__.split(".")[:2])) < MINIMUM:
        from awaitall.shells import say_off

        say_off(f"this is xonsh {__version__}, and top-level await needs 0.23 or newer", "pip install -U xonsh")
        return {}
    if (reason := _system_lacks()) is not None:
        from awaitall_xonsh import unknown

        unknown.explain(xsh, reason)
        return {}
    try:
        from awaitall_xonsh import wiring

        wiring.load(xsh)
    except Exception as exc:
        from awaitall.shells import say_off

        say_off(f"xonsh {__version__} is not what this awaitall knows ({exc})")
    return {}


def _system_lacks() -> object:
    """Return what this system lacks, or the error that even this question raises there; None if nothing."""
    try:
        from awaitall.shells.self_running import lacking

        return lacking()
    except Exception as exc:
        return exc


def _unload_xontrib_(xsh: XonshSession, **_: object) -> dict[str, Any]:
    """Undo :func:`_load_xontrib_`: background tasks are cancelled, and ``await`` is again what plain xonsh makes of it."""
    if wiring := sys.modules.get("awaitall_xonsh.wiring"):
        wiring.unload(xsh)
    if unknown := sys.modules.get("awaitall_xonsh.unknown"):
        unknown.forget(xsh)
    return {}


def __getattr__(name: str) -> object:
    """Load the module that holds a public name (PEP 562)."""
    if name not in ("command_options", "parallel"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from awaitall_xonsh.awaited_commands import options, parallel

    return getattr(parallel if name == "parallel" else options, name)


# What follows is called by code that xonsh may have stored in its bytecode cache: see CACHE in awaitall_xonsh.patches.inputs.


def run_shim(codes: tuple[Any, ...], globals: dict[str, Any], locals: Any) -> Any:
    """Run the code that a shim carries, and give its value; see :mod:`awaitall_xonsh.execer`."""
    from awaitall_xonsh import running

    return running.run(codes, globals, locals)


def run_command(line: str) -> None:
    """Run a line command, as the other shells have them, too: ``%tasks``, which would be a program without its percent sign."""
    from awaitall_xonsh import line_commands, running

    answer = line_commands.answer(line)
    if isinstance(answer, str):
        print(answer, end="")
    else:
        running.show(answer)


def awaited_command(kind: str, *commands: Any, **options: Any) -> Any:
    """Return an awaitable for a command that is awaited; see :mod:`awaitall_xonsh.awaited_commands`."""
    if not hasattr(os, "killpg"):
        from awaitall.errors import UnsupportedError

        raise UnsupportedError(
            "Commands cannot be awaited on this system, which has no process groups: leave out the await, or use "
            "await asyncio.create_subprocess_exec()."
        )
    try:
        from awaitall_xonsh.awaited_commands.command import run_subproc
    except ImportError as exc:
        from awaitall.errors import UnsupportedError

        raise UnsupportedError(f"Commands cannot be awaited ({exc}): pip install 'awaitall[xonsh]'") from exc
    return run_subproc(kind, commands, **options)
