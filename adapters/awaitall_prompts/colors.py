"""Tracebacks in colours, for shells that show theirs so by Pygments."""

from __future__ import annotations

import sys

__all__ = ["print_traceback"]


def print_traceback(text: str, style: str) -> None:
    """Print text with a traceback in it on standard error, in colours if that is a terminal.

    Args:
        text: Ends in a newline.
        style: A name of Pygments; the default style stands in for one that Pygments does not know.
    """
    if sys.stderr.isatty():
        from pygments import highlight
        from pygments.formatters import Terminal256Formatter
        from pygments.lexers.python import PythonTracebackLexer
        from pygments.styles import get_style_by_name
        from pygments.util import ClassNotFound

        try:
            found = get_style_by_name(style)
        except ClassNotFound:
            found = get_style_by_name("default")
        text = highlight(text, PythonTracebackLexer(), Terminal256Formatter(style=found))
    print(text, end="", file=sys.stderr)
