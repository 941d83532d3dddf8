"""Open one of the shells that plugins offer inside a program."""

from __future__ import annotations

import builtins
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from awaitall.current_library import current_async_library, current_task
from awaitall.errors import OpenError, UnsupportedError
from awaitall.interrupts import Termination, top_level_package
from awaitall.threads import in_main_thread

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator
    from typing import NoReturn, Unpack

    from awaitall.settings import Settings
    from awaitall.specs import ShellSpec

__all__ = ["aembed", "embed"]


def embed(
    shell: str | None = None,
    *,
    banner: str | None = None,
    namespace: dict[str, Any] | None = None,
    **settings: Unpack[Settings],
) -> Any:
    """Open a shell on the names of the code that calls this; return when the user leaves it.

    Inputs see the caller's globals and locals. In a module, what they bind is bound there. In a function, what they bind are
    local names: since Python 3.13 the caller's own variables (PEP 667), before that copies. Functions and classes that are
    defined in the shell see globals alone, as those that ``exec()`` defines; bpython has one namespace, a copy of both.

    Args:
        shell: The name of a shell; where omitted, one that the user has set up to await, else the console.
        banner: What is printed first.
        namespace: What the inputs see instead, and where they bind names.
        settings: As in ``embed(runner="trio")``; see :class:`awaitall.shells.Settings`. A wrong one costs one line.

    Returns:
        What the user has left with, as by ``exit(5)``; else None.

    Raises:
        UnknownShellError: no shell has this name. UnsupportedError: it cannot be opened inside a program. OpenError: it
        is not installed. SystemExit: a signal
        is to end the process.
    """
    able = {spec.name: spec for spec in _shells() if spec.embed is not None}
    spec = _chosen(shell, able, "opened inside a program")
    assert spec.embed is not None
    scope = _scope(namespace)
    _tell_about_thread()
    try:
        with _exit_that_leaves():
            return spec.embed(*scope, banner, settings)
    except Termination:
        raise
    except SystemExit as exc:
        return exc.code


def aembed(
    shell: str | None = None,
    *,
    banner: str | None = None,
    namespace: dict[str, Any] | None = None,
    **settings: Unpack[Settings],
) -> Coroutine[Any, Any, Any]:
    """Open a shell as :func:`embed`, to be awaited in a program that runs on asyncio, uvloop or trio: its loop goes on meanwhile.

    All inputs are awaited in the task that awaits this, in its context; those that do not await run there, too. Tasks are those
    of the program. Ctrl-C is for the prompt and its inputs until the user leaves, and nothing of the program hears of it.
    If the task is cancelled, the prompt closes.

    Args:
        shell, banner, namespace, settings: As for :func:`embed`. The names are those of the code that calls this.

    Returns:
        What is to be awaited.

    Raises:
        UnknownShellError: no shell has this name. UnsupportedError: it cannot be awaited on the library that runs, none does, or
        another shell is open in this way already.
    """
    return _awaited(shell, _scope(namespace), banner, settings)


async def _awaited(shell: str | None, scope: tuple[dict[str, Any], Any], banner: str | None, settings: Any) -> Any:
    library = current_async_library()
    able = {spec.name: spec for spec in _shells() if spec.aembed is not None and library in spec.hosts}
    if not able:
        raise UnsupportedError(
            f"A shell can be opened in a task of asyncio, uvloop or trio; here runs {library or 'none of them'}."
        )
    spec = _chosen(shell, able, f"opened in a task of {library}")
    assert spec.aembed is not None
    with _only_one():
        _tell_about_thread()
        with _exit_that_leaves():
            return await spec.aembed(*scope, banner, settings)


#: The tasks that await a shell; an input of one may open the next.
_open: list[object] = []


@contextmanager
def _only_one() -> Iterator[None]:
    task = current_task()
    if _open and _open[-1] is not task:
        raise UnsupportedError("A shell is open in another task already, and has the keyboard: leave it first.")
    _open.append(task)
    try:
        yield
    finally:
        _open.remove(task)


def _scope(namespace: dict[str, Any] | None) -> tuple[dict[str, Any], Any]:
    """Return the globals and the locals of the code that has called the public function.

    Where that is none, as from atexit, or Python's own, as of a callback or a thread, they are those of the program.
    """
    if namespace is not None:
        return namespace, namespace
    try:
        frame = sys._getframe(2)
    except ValueError:
        frame = None
    if frame is None or top_level_package(frame) in sys.stdlib_module_names:
        names = vars(sys.modules["__main__"])
        return names, names
    return frame.f_globals, frame.f_locals


def _tell_about_thread() -> None:
    if not in_main_thread():
        print("awaitall: this is not the main thread, so Ctrl-C does not come here", file=sys.stderr)


def _shells() -> list[ShellSpec]:
    from awaitall.plugins import loaded

    return list(loaded().shells().values())


def _chosen(name: str | None, able: dict[str, ShellSpec], what: str) -> ShellSpec:
    """Return the shell of a name, or else the one to open.

    Args:
        name: As given by the caller.
        able: The shells that can be chosen.
        what: What the others cannot be, for an error.
    """
    if name is not None:
        from awaitall.plugins import plugins

        spec = plugins().shell(name)
        if name not in able:
            raise UnsupportedError(f"{name} cannot be {what}; these can: {', '.join(sorted(able))}.")
        if spec.missing:
            raise OpenError(spec.missing)
        return spec
    if sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty():
        for spec in able.values():
            if spec.package is not None and spec.installed and spec.is_wired():
                return spec
    return next(spec for spec in able.values() if spec.package is None)


class _Exit:
    """``exit`` without an end of standard input, which the program goes on to use."""

    def __repr__(self) -> str:
        return "Use exit() or Ctrl-D (i.e. EOF) to exit"

    def __call__(self, code: object = None) -> NoReturn:
        raise SystemExit(code)


@contextmanager
def _exit_that_leaves() -> Iterator[None]:
    """Return a context manager in which ``exit()`` does not close standard input, as the program goes on to use it."""
    theirs = {name: getattr(builtins, name, None) for name in ("exit", "quit")}
    vars(builtins).update(dict.fromkeys(theirs, _Exit()))
    try:
        yield
    finally:
        vars(builtins).update(theirs)
