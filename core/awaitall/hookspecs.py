"""The hooks that plugins implement: the whole plugin interface of awaitall on one page.

A plugin is a module or an object registered under an entry point of group ``awaitall``::

    # pyproject.toml
    [project.entry-points.awaitall]
    quick = "awaitall_quick"

    # awaitall_quick.py
    from awaitall import RunnerSpec, hookimpl

    @hookimpl
    def awaitall_runners():
        yield RunnerSpec("quick", QuickRunner, "a loop that hurries")

Three hooks offer something: runners, line commands, shells. The others stand along the way of an input::

    source transformers -> AST transformers -> before run -> (the input runs) -> after run -> display

All are called through pluggy, by which plugins may use ``tryfirst``, ``trylast`` and ``wrapper``. A hook takes those of its
arguments that it names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pluggy import HookimplMarker, HookspecMarker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from awaitall.compiling import Input
    from awaitall.contracts import RunnerSpec
    from awaitall.outcome import Outcome
    from awaitall.specs import CommandSpec, ShellSpec

__all__ = [
    "awaitall_after_run",
    "awaitall_ast_transformers",
    "awaitall_background_error",
    "awaitall_before_run",
    "awaitall_commands",
    "awaitall_display",
    "awaitall_runner_changed",
    "awaitall_runners",
    "awaitall_shells",
    "awaitall_source_transformers",
    "hookimpl",
]

hookspec = HookspecMarker("awaitall")
hookimpl = HookimplMarker("awaitall")


@hookspec
def awaitall_runners() -> Iterable[RunnerSpec]:  # type: ignore[empty-body]
    """Offer runners.

    Called once, when a runner is first looked up by its name: on the thread of the session, at its first input that awaits.
    Return or yield specs; None means nothing to offer. A hook that raises, whatever it raises, costs one line on standard error
    and its own runners; a spec that cannot be used costs one line and itself. Of two runners with one name the later registered
    is taken, and a line says so.
    """


@hookspec
def awaitall_commands() -> Iterable[CommandSpec]:  # type: ignore[empty-body]
    """Offer line commands.

    Called once, when a command is first looked up or completed: on the thread of the session. Return or yield specs; None means
    nothing to offer. A hook that raises, whatever it raises, costs one line on standard error and its own commands; a spec that
    cannot be used costs one line and itself. Of two commands with one name the later registered is taken, and a line says so.
    """


@hookspec
def awaitall_shells() -> Iterable[ShellSpec]:  # type: ignore[empty-body]
    """Offer shells that await.

    Called once, when a shell is first looked up, as by ``awaitall NAME``; on the thread that looks. Return or yield specs;
    None means nothing to offer. Errors and names that occur twice are treated as for :func:`awaitall_runners`. Import neither
    the shell nor an event loop before the spec's ``start`` is called.
    """


@hookspec
def awaitall_source_transformers() -> Iterable[Callable[[str], str]]:  # type: ignore[empty-body]
    """Offer functions that change the text of an input before it is compiled, as IPython's ``input_transformers_post`` do.

    The hook is called once, before the first input is compiled that the plugin is there for. Each function is called for each
    input with the text that the function before it has returned, on the thread of the session; a shell that asks whether what
    has been typed so far is complete calls it with that, too, so a text that it does not know is returned as it is. None means
    nothing to offer. A hook that raises costs one line and its own functions. A function that raises, or does not return text,
    costs one line, and the text stays as it was. A SyntaxError refuses the input: nothing of it runs, and the error is shown.
    """


@hookspec
def awaitall_ast_transformers() -> Iterable[Any]:  # type: ignore[empty-body]
    """Offer objects that change the tree of an input, each an :class:`ast.NodeTransformer` or alike, as IPython's.

    The hook is called once, before the first input is compiled that the plugin is there for. The ``visit`` of each object is
    called for each input, whether it awaits or not, with the :class:`ast.Module` that the object before it has returned, on the
    thread of the session. None means nothing to offer. A hook that raises costs one line and its own objects. A ``visit`` that
    raises, or returns anything but a module that can be compiled, costs one line, and the tree stays as it was. A SyntaxError
    refuses the input: nothing of it runs, and the error is shown.
    """


@hookspec
def awaitall_before_run(session: Any, input: Input) -> None:
    """Learn that an input is about to run.

    Called for each input that has been compiled, on the thread of the session, outside of the context that the input runs in,
    and while no loop runs but that of a host. What is returned is ignored. A hook that raises costs one line; the input runs.

    Args:
        session: The :class:`awaitall.Session`.
        input: The :class:`awaitall.Input`, with its ``source`` and ``is_async``.
    """


@hookspec
def awaitall_after_run(session: Any, outcome: Outcome) -> None:
    """Learn how an input has ended.

    Called for each input, also for one that could not be compiled (``outcome.input`` is None), before its value is shown; on the
    thread of the session. What is returned is ignored. A hook that raises costs one line; the outcome is shown.

    Args:
        session: The :class:`awaitall.Session`.
        outcome: The :class:`awaitall.Outcome`: value, error, and time in seconds.
    """


@hookspec(firstresult=True)
def awaitall_display(session: Any, value: object) -> object:
    """Change what is shown for a value.

    Called for each value that is about to be shown and is not None, on the thread of the session. Return what is to be shown in
    place of the value; the first plugin that does not return None decides. In shells that show values by ``sys.displayhook``
    that is the value of ``_``, too. A hook that raises costs one line; the value is shown as it is.

    Args:
        session: The :class:`awaitall.Session`.
        value: Of an expression that the user has entered.
    """


@hookspec
def awaitall_background_error(session: Any, name: str, error: BaseException) -> None:
    """Learn that a background task has failed.

    Called once for each failure, after it has been shown; on the thread that runs the loop, in the middle of whatever the loop
    does, so return soon. What is returned is ignored. A hook that raises costs one line.

    Args:
        session: The :class:`awaitall.Session` that the task belongs to, or None if that is gone.
        name: What the task is called.
        error: What it raised.
    """


@hookspec
def awaitall_runner_changed(session: Any, old: str | None, new: str) -> None:
    """Learn that a session runs its inputs by another runner from now on.

    Called when the runner has been opened, on the thread of the session. What is returned is ignored. A hook that raises costs
    one line; the runner has changed all the same.

    Args:
        session: The :class:`awaitall.Session`.
        old: The name of the runner before; None for the first one.
        new: The name of the runner in use.
    """
