"""What a command takes that runs a statement: options as of IPython's commands, then Python."""

from __future__ import annotations

import getopt
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from awaitall.detect import INVALID_SOURCE
from awaitall.errors import UsageError
from awaitall.tracebacks import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["compiling", "options_and_statement", "whole_number"]


def options_and_statement(command: str, arguments: str, known: str) -> tuple[list[tuple[str, str]], str]:
    """Return the options before a statement, with their values, and the statement as it was typed.

    Args:
        command: The name of the command, for errors.
        arguments: What was typed after it.
        known: The letters of the options, as ``getopt`` takes them: ``"n:q"``.

    Raises:
        UsageError: an option is unknown or lacks its value, or there is no statement.
    """
    words = list(re.finditer(r"\S+", arguments))
    try:
        options, rest = getopt.getopt([word[0] for word in words], known)
    except getopt.GetoptError as exc:
        there = ", ".join(f"-{letter}" for letter in sorted(known.replace(":", "")))
        raise UsageError(f"%{command}: {exc}. Its options are {there}; a statement that begins with - goes after --") from exc
    if not rest:
        raise UsageError(f"What is %{command} to run? For example: %{command} f()")
    return options, arguments[words[-len(rest)].start() :]


def whole_number(option: str, text: str, least: int) -> int:
    """Return the value of an option that counts something; UsageError if it is none, or less than the least."""
    if not text.isdecimal() or int(text) < least:
        raise UsageError(f"{option} takes a whole number, {least} or more, and not {text!r}.")
    return int(text)


@contextmanager
def compiling(statement: str) -> Iterator[None]:
    """Turn the error of a statement that does not compile in this block into one sentence."""
    try:
        yield
    except INVALID_SOURCE as exc:
        what = f"SyntaxError: {exc.msg}" if type(exc) is SyntaxError else one_line(exc)
        first, *more = statement.splitlines()
        raise UsageError(f"{first}{' ...' if more else ''}: {what}") from exc
