"""Run what awaits, in the one session of a xonsh process; threads, in which xonsh runs aliases, have one each meanwhile."""

from __future__ import annotations

import ast
import contextvars
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from xonsh.built_ins import XSH

from awaitall import Input, is_async
from awaitall.errors import RunningLoopError
from awaitall.shells.self_running import in_main_thread, observed
from awaitall_xonsh import prompts, settings, sigint
from awaitall_xonsh.execer import entered_as

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator, Sequence
    from types import CodeType

    from awaitall import Session

    Brought = dict[contextvars.ContextVar[Any], contextvars.Token[Any]]

__all__ = ["begin_with", "end", "run", "run_alias", "session", "shell", "show", "wire_prompt"]

settings.know_packages()

_MISSING = object()

#: An alias that is a coroutine function is run as this input.
_ALIAS = (compile("await alias", "<alias>", "eval", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT),)

_shell: _Shell | None = None


def run(codes: Sequence[CodeType], globals: dict[str, Any], locals: Any = None) -> Any:
    """Run pieces of a text one after the other, those that await to their end; give the value of the last one.

    What they display, they display by themselves, as all code of an interactive xonsh does.
    """
    if in_main_thread():
        return _begun().run(codes, globals, locals)
    with _of_thread() as statements:
        return statements.run(codes, globals, locals)


def show(compiled: Input) -> None:
    """Run the input that a line command has made, as one that is typed, and show its value as xonsh does."""
    begun, names = _begun(), XSH.ctx
    with observed(compiled, names, session, lambda: begun.session, awaits=compiled.is_async, hints=begun.session.hints):
        value = begun.run_input(compiled, names) if compiled.is_async else compiled.execute(names)
        if compiled.has_value:
            sys.displayhook(value)


def run_alias(coro: Coroutine[Any, Any, Any]) -> Any:
    """Run what calling an alias has given, if it is a coroutine."""
    try:
        return run(_ALIAS, {"alias": coro})
    finally:
        with suppress(RuntimeError, ValueError):  # it would not end
            coro.close()  # in case it could not be run


def shell() -> _Shell:
    """Return what runs the code of the main thread; its session begins when it is first asked for."""
    begun = _begun()
    settings.apply(begun.session)
    return begun


def _begun() -> _Shell:
    global _shell
    if _shell is None:
        _shell = _Shell()
    return _shell


def begin_with(names: dict[str, Any]) -> None:
    """Begin the session at once, for a loop on which something runs already, and bind names for its inputs."""
    XSH.ctx.update(names)
    shell().bring_context()


def session() -> Session | None:
    """Return the session of the shell, if it has begun."""
    return None if _shell is None else _shell.session


def wire_prompt() -> None:
    """Run the tasks of rc files at the prompt, which did not exist when they began."""
    if _shell is not None:
        _shell.unwire()
        _shell.wire()


def end() -> None:
    """Close the session, if there is one, and end the aliases that still await in threads."""
    global _shell
    sigint.interrupt_threads(threading.enumerate())
    if _shell is not None:
        _shell.unwire()
        _shell.session.shutdown()
        settings.forget()
        _shell = None


@contextmanager
def _of_thread() -> Iterator[_Statements]:
    with settings.begin() as session, sigint.register_thread(session):
        yield _Statements(session)


class _Statements:
    """Runs pieces in a session: those that await by its runner, the others as inputs of the prompt that do not await."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def run(self, codes: Sequence[CodeType], globals: dict[str, Any], locals: Any) -> Any:
        value = None
        for code in codes:
            value = self._run_piece(code, globals, locals)
        return value

    def _run_piece(self, code: CodeType, globals: dict[str, Any], locals: Any) -> Any:
        if is_async(code):
            return self._await(code, globals, locals)
        with self.session.sync_input((code,), globals):
            return Input((code,)).execute(globals, locals)

    def _await(self, code: CodeType, globals: dict[str, Any], locals: Any) -> Any:
        return self.session.run(Input((code,)), globals, locals)


class _Input(Input):
    """An input that awaits with our handler of SIGINT in place."""

    __slots__ = ("_compiled",)

    def __init__(self, compiled: Input) -> None:
        super().__init__(compiled.pieces, compiled.has_value, compiled.source)
        self._compiled = compiled

    async def aexecute(self, globals: dict[str, Any], locals: Any = None) -> Any:
        return await sigint.keep_our_handler(self._compiled.aexecute(globals, locals))


class _Shell(_Statements):
    """The session of the shell, and what it takes to share its context with code that does not await.

    That is run by xonsh, in the context of its thread, which cannot be handed to a task. So values are carried over to the
    session before an awaiting piece, and back after it. A variable can only be unset by the token of the call that set it.
    """

    def __init__(self) -> None:
        super().__init__(contextvars.Context().run(settings.begin))
        self.session.namespace = XSH.ctx
        self.wire()
        self._running = False
        self._brought: Brought = {}
        self._brought_back: Brought = {}

    def wire(self) -> None:
        """Run tasks at the prompt, if there is one."""
        self.unwire = prompts.wire(self.session)

    def run(self, codes: Sequence[CodeType], globals: dict[str, Any], locals: Any) -> Any:
        if self._running:
            raise RunningLoopError(
                "This awaits, and has been called by code that is being awaited: source, import, evalx and aliases of the main "
                "thread cannot await in there. Use them outside of it, or await a coroutine function."
            )
        return super().run(codes, globals, locals)

    def _run_piece(self, code: CodeType, globals: dict[str, Any], locals: Any) -> Any:
        settings.apply(self.session)  # the piece before may have changed them
        return super()._run_piece(code, globals, locals)

    def _await(self, code: CodeType, globals: dict[str, Any], locals: Any) -> Any:
        typed = entered_as(code)
        self.session.hands_over = typed is not None  # what runs a script, or an alias, waits for its end
        try:
            return self.run_input(Input((code,), source=typed), globals, locals)
        finally:
            self.session.hands_over = True

    def run_input(self, compiled: Input, globals: dict[str, Any], locals: Any = None) -> Any:
        """Run an input that awaits, in the context of the session brought up to that of the thread."""
        self.session.context.run(_bring, contextvars.copy_context(), self._brought)
        self._running = True
        try:
            with sigint.python_handler():
                return self.session.run(_Input(compiled), globals, locals)
        finally:
            self._running = False
            self.bring_context()

    def bring_context(self) -> None:
        """Bring the context of the thread up to that of the session."""
        _bring(self.session.context, self._brought_back)


def _bring(source: contextvars.Context, brought: Brought) -> None:
    """Bring the current context up to ``source``; ``brought`` remembers what was not there before."""
    for var, value in source.items():
        before = var.get(_MISSING)
        if before is not value:
            token = var.set(value)
            if before is _MISSING:
                brought[var] = token
    for var in brought.keys() - source.keys():
        var.reset(brought.pop(var))
