"""The editor of the standard library's own prompt, ``_pyrepl``, with tasks going on while it waits; since Python 3.13.

It is private. All that is known of it stands in this module and in its screens, ``unix_screen`` and ``windows_screen``; seen in
3.13.0 to 3.13.18, 3.14.8 and 3.15.0. Where a name of it is missing, importing this fails, or :class:`Editor`, and a test; the
console then does with what it has on 3.12.
"""

from __future__ import annotations

import errno
import sys
import traceback
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from _pyrepl import readline as pyrepl
from _pyrepl.simple_interact import _more_lines, _strip_final_indent

from awaitall.prompts import TerminalError, WaitingPrompt, termios
from awaitall.shells import CommandCompiler, command_line

if termios is None:
    from awaitall_console.windows_screen import Screen
else:
    from awaitall_console.unix_screen import Screen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from awaitall import Session

__all__ = ["Editor"]

#: Name of a method -> its arguments.
_METHODS: dict[Any, dict[str, tuple[str, ...]]] = {
    pyrepl.ReadlineAlikeReader: {
        "cmpltn_reset": ("self",),
        "do_cmd": ("self", "cmd"),
        "get_completions": ("self", "stem"),
        "get_unicode": ("self",),
        "handle1": ("self", "block"),
        "readline": ("self", "startup_hook"),
        "refresh": ("self",),
    },
    pyrepl._ReadlineWrapper: {
        "get_endidx": ("self",),
        "get_line_buffer": ("self",),
        "read_history_file": ("self", "filename"),
        "write_history_file": ("self", "filename"),
    },
}

#: Attributes.
_READER = """
    buffer can_colorize console history input_trans isearch_trans more_lines paste_mode pos ps1 ps2 ps3 ps4 scheduled_commands
    screen suspend threading_hook"""


def _missing(reader: Any) -> list[str]:
    """Return the names that the editor of this Python does not have, or has otherwise."""
    wrong = [
        f"{kind.__name__}.{name}{arguments}"
        for kind, methods in {**_METHODS, **Screen.known}.items()
        for name, arguments in methods.items()
        if _arguments(getattr(kind, name, None)) != arguments
    ]
    screen = reader.console
    for owner, names in ((reader, _READER), (screen, screen.attributes), (screen.event_queue, screen.keys)):
        wrong += [f"{type(owner).__name__}.{name}" for name in names.split() if not hasattr(owner, name)]
    return wrong


def _arguments(function: Any) -> tuple[str, ...]:
    code = getattr(function, "__code__", None)
    return () if code is None else code.co_varnames[: code.co_argcount]


class Editor:
    """Reads inputs of one line or several.

    Args:
        session: Its tasks go on.

    Attributes:
        lines: What is edited, and the history, with the functions of the module ``readline``.

    Raises:
        NotImplementedError: the editor of this Python is not one that we know. Any other: not on this terminal.
    """

    def __init__(self, session: Session) -> None:
        fds = sys.stdin.fileno(), sys.stdout.fileno()
        screen = Screen(*fds)
        config = pyrepl.ReadlineConfig()
        self._reader = reader = _Reader(console=screen, config=config)
        if names := _missing(reader):
            raise NotImplementedError(f"_pyrepl has changed: {', '.join(names)}")
        reader.threading_hook = lambda: None  # in place of its own, which gives up the line to show what has failed in a thread
        self._config = config
        screen.reader = reader
        self._compiler = CommandCompiler(session.compiler)
        self._namespace = session.namespace
        self._session = session
        self.lines = pyrepl._ReadlineWrapper(*fds, reader=reader, config=config)
        self.format_error(Exception())  # that works, too

    def complete_by(self, complete: Callable[[str, int], str | None]) -> None:
        """Have Tab offer the words of this function, as ``readline.set_completer``."""
        self._config.readline_completer = complete
        if hasattr(pyrepl, "ModuleCompleter"):  # since 3.14
            self._config.module_completer = pyrepl.ModuleCompleter(self._namespace)

    def read(self, first: str, more: str) -> str:
        """Read an input, while tasks go on.

        Args:
            first: Shown before its first line.
            more: Shown before the others.

        Raises:
            EOFError: the user leaves, or the process is to end, or the terminal is gone. KeyboardInterrupt: the user gives it up.
        """
        reader = self._reader
        reader.more_lines = self._is_begun
        reader.ps1 = reader.ps2 = first
        reader.ps3, reader.ps4 = more, ""
        try:
            with WaitingPrompt(self._session, reader.hidden, reader.console.keyboard) as reader.prompt:
                entered: str = reader.readline()
        except (OSError, TerminalError) as exc:
            if exc.args[0] in (errno.EIO, errno.ENXIO):
                raise EOFError from None
            raise
        finally:
            reader.more_lines = None
            reader.paste_mode = False
        return str(_strip_final_indent(entered))

    def format_error(self, exc: BaseException) -> list[str]:
        """Return the lines of a traceback, in colours if the user likes them."""
        options: dict[str, Any] = {"colorize": self._reader.can_colorize}
        return traceback.format_exception(exc, **options)

    def forget(self) -> None:
        """Take the last input out of the history."""
        self._reader.history.pop()

    def clear(self) -> None:
        """Clear the screen when the next input is read."""
        self._reader.scheduled_commands.append("clear_screen")

    def compile(self, source: str, filename: str, symbol: str) -> object:
        """Compile what has been typed so far, for ``_pyrepl``, which takes this object for a console."""
        return self._compiler(source, None, symbol)

    def _is_begun(self, text: str) -> bool:
        """Report whether Enter asks for another line."""
        with warnings.catch_warnings(action="ignore"):  # those of the input come when it is run
            if command_line(text) is None:
                return bool(_more_lines(self, text))
            try:
                return self._compiler(_strip_final_indent(text)) is None
            except (SyntaxError, ValueError, OverflowError):
                return False


class _Reader(pyrepl.ReadlineAlikeReader):
    """What is typed, and what the keys do.

    Attributes:
        prompt: Waits for the keyboard.
    """

    prompt: WaitingPrompt
    more_lines: Callable[[str], bool] | None

    def handle1(self, block: bool = True) -> bool:
        """Handle a key."""
        try:
            return bool(super().handle1(block))
        except KeyboardInterrupt:
            self._give_up()
            raise

    def _give_up(self) -> None:
        """Move the cursor to the end of what is given up."""
        if self.input_trans is self.isearch_trans:
            self.do_cmd(("isearch-end", [""]))
        self.cmpltn_reset()
        self._forget_half_a_key()
        self.in_bracketed_paste = False  # 3.13
        self.pos = len(self.get_unicode())
        self._show()

    def _forget_half_a_key(self) -> None:
        """Forget the beginning of a key, so that the next one is a key by itself, whatever has been typed before."""
        keys = self.console.event_queue
        if hasattr(keys, "flush_buf"):  # not on Windows in 3.13.0, where keys come whole
            keys.flush_buf()
            keys.keymap = keys.compiled_keymap

    def _show(self) -> None:
        if hasattr(self, "invalidate_full"):  # since 3.15
            self.invalidate_full()
        self.refresh()

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """Return a context manager in which the input is off the screen, and others may write whole lines."""
        if self.console.continued:  # the cursor is where another program has left it
            self.console.continued = False
            self.console.write(b"\r")
        elif len(self.screen) > self.console.height:
            self.console.write(b"\x1b[H")
        else:
            self.console.move_cursor(0, 0)
        self.console.write(b"\x1b[J")
        try:
            yield
        finally:
            self.console.prepare()
            self._show()

    @contextmanager
    def suspend(self) -> Iterator[None]:
        """Return a context manager in which something else has the terminal, as a pager."""
        waits = self.prompt.waits
        with super().suspend():
            self.prompt.waits = False
            try:
                yield
            finally:
                self.prompt.waits = waits

    def get_completions(self, stem: str) -> Any:
        """Return what Tab offers. Of a line command it offers words, where in Python it indents."""
        line = "".join(self.buffer[: self.pos]).rpartition("\n")[2]
        if stem or not line.startswith("%"):
            return super().get_completions(stem)
        more_lines, self.more_lines = self.more_lines, None
        try:
            return super().get_completions(stem)
        finally:
            self.more_lines = more_lines
