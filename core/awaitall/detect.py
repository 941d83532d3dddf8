"""Does this input have to be run by an event loop, and has the user finished typing it?

CPython answers the first question while it compiles: with ``PyCF_ALLOW_TOP_LEVEL_AWAIT`` a module body that awaits comes out
as a coroutine (``CO_COROUTINE``). Everything else here is built on that one compile.
"""

from __future__ import annotations

import ast
import codeop
import warnings
from types import CodeType
from typing import Literal

__all__ = ["completeness", "is_async"]

# Include/cpython/code.h; ``inspect`` has them too, but is a slow import for two numbers.
CO_COROUTINE = 0x0080
CO_ASYNC_GENERATOR = 0x0200

#: What ``compile()`` raises for text that is no Python: besides SyntaxError, ValueError for a null byte (up to 3.11), a lone
#: surrogate or a number that is too long, and the others for nesting that is too deep for the parser or the compiler.
INVALID_SOURCE = (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError)


def is_async(source: str | ast.AST | CodeType) -> bool:
    """Report whether running ``source`` takes an event loop: whether it awaits at its top level.

    An asynchronous generator expression is not an await: ``(x async for x in y)`` alone gives False, as nothing of it runs
    until somebody iterates over it.

    Args:
        source: Text of any number of statements, a module, interactive or expression tree, or code that was compiled with
            ``ast.PyCF_ALLOW_TOP_LEVEL_AWAIT`` or without.

    Raises:
        SyntaxError: the text is not Python. Text with null bytes or lone surrogates raises ValueError, and nesting beyond
            the compiler's limits RecursionError or MemoryError, as ``compile()`` does.

    This is what bpo-34616 asked for beside the compiler flag. Needs no loop, runs in any thread, has no side effect.
    """
    if isinstance(source, CodeType):
        return awaits(source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return awaits(compile_awaitable(source, "<is_async>", mode_of(source)))


def completeness(source: str) -> Literal["complete", "incomplete", "invalid"]:
    """Return what a prompt should do with the text typed so far: run it, ask for another line, or show the error.

    Args:
        source: The lines entered so far, joined by newlines. A block (``async with x:`` and its body) is complete once a
            blank line follows it, as in every line-based shell; several statements at once, as pasted, are fine.

    Returns:
        ``"complete"``: compiles, and nothing more is expected. ``"incomplete"``: the beginning of something valid.
        ``"invalid"``: no line that may follow can make it valid, or it cannot be compiled at all.

    A line command, ``%name arguments``, is complete unless its arguments begin a block; a blank line ends that. The answer for
    text without await is ``codeop``'s. Needs no loop, runs in any thread, has no side effect.
    """
    if command_line(source) is not None:
        return "incomplete" if command_continues(source) else "complete"
    return _completeness(source)


def _completeness(source: str) -> Literal["complete", "incomplete", "invalid"]:
    answer = _compiles(source, "single")
    if answer == "invalid" and (several := _compiles(source, "exec")) != "invalid":
        last_line = source.rpartition("\n")[2]
        return "incomplete" if several == "complete" and last_line[:1].isspace() and last_line.strip() else several
    return answer


def _compiles(source: str, symbol: str) -> Literal["complete", "incomplete", "invalid"]:
    command = codeop.CommandCompiler()
    command.compiler.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            code = command(source, "<completeness>", symbol)
        except INVALID_SOURCE:
            return "invalid"
    return "incomplete" if code is None else "complete"


def command_line(source: str) -> str | None:
    """Return the line command in ``%name arguments``, without its percent sign; None for anything else, so for all Python.

    A command may have several lines if its arguments begin a block, or anything else that one line does not complete.
    """
    text = source.strip()
    if text[:1] != "%":
        return None
    first_line, several, _ = text.partition("\n")
    return text[1:] if not several or _is_begun(first_line) else None


def command_continues(source: str) -> bool:
    """Report whether a prompt should ask for another line of a command. A blank line always ends it."""
    command = command_line(source)
    if command is None or not source.rpartition("\n")[2].strip():
        return False
    return _completeness(_statement(command)) == "incomplete" if "\n" in command else _is_begun(command)


def _is_begun(command: str) -> bool:
    return _compiles(_statement(command), "exec") == "incomplete"


def _statement(command: str) -> str:
    """Return the arguments of a command from where they begin to be Python: ``-n 5 f()`` has an option before."""
    arguments = statement = command.partition(" ")[2].lstrip(" ")
    if arguments.startswith("-"):
        while statement and _compiles(statement, "exec") == "invalid":
            statement = statement.partition(" ")[2].lstrip(" ")
    return statement or arguments


def compile_awaitable(source: str | ast.AST, filename: str, mode: str, flags: int = 0) -> CodeType:
    """Compile with top-level await allowed; the code is a coroutine's (``awaits(code)``) only if it really awaits.

    The flag also marks a body that only *makes* an asynchronous generator by an expression (gh-85390), which is valid plain
    Python. That case shows as an asynchronous generator among the constants; then a compile without the flag decides.
    """
    flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    code: CodeType = compile(source, filename, mode, flags, dont_inherit=True)  # type: ignore[arg-type]
    return settle(code, source, mode, flags) if awaits(code) else code


def settle(code: CodeType, source: str | ast.AST, mode: str, flags: int) -> CodeType:
    """Decide of code that seems to await whether it does, as :func:`compile_awaitable` tells; ``flags`` made the code."""
    return _without_flag(code, source, mode, flags) if _makes_async_generator(code) else code


def _without_flag(code: CodeType, source: str | ast.AST, mode: str, flags: int) -> CodeType:
    flags &= ~ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the first compile has given them
        try:
            plain: CodeType = compile(source, code.co_filename, mode, flags, dont_inherit=True)  # type: ignore[arg-type]
        except SyntaxError:
            return code
    return plain


def awaits(code: CodeType) -> bool:
    """Report whether ``eval(code)`` gives a coroutine."""
    return bool(code.co_flags & CO_COROUTINE)


def _makes_async_generator(code: CodeType) -> bool:
    for const in code.co_consts:  # noqa: SIM110  # any() with a generator would take longer than all the rest
        if isinstance(const, CodeType) and const.co_flags & CO_ASYNC_GENERATOR:
            return True
    return False


def mode_of(source: str | ast.AST) -> str:
    """Return the ``compile()`` mode that fits a tree; text is a module body."""
    if isinstance(source, ast.Expression):
        return "eval"
    return "single" if isinstance(source, ast.Interactive) else "exec"
