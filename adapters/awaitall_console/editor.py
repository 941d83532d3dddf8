"""The editor of the standard library's own prompt, ``_pyrepl``, with tasks going on while it waits; since Python 3.13.

It is private. All that is known of it stands in this module; seen in 3.13.0, 3.14.8 and 3.15.0. Where a name of it is missing,
importing this fails, or :class:`Editor`, and a test; ``readline`` is what the console does with then.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import traceback
import warnings
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from _pyrepl import readline as pyrepl
from _pyrepl.console import Event
from _pyrepl.simple_interact import _more_lines, _strip_final_indent
from _pyrepl.unix_console import UnixConsole

from awaitall.prompts import TerminalError, WaitingPrompt, termios
from awaitall.shells import CommandCompiler, command_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from awaitall import Session

__all__ = ["Editor"]

_ESCAPE = 0x1B

_SIGCONT, _SIGWINCH = (signal.Signals[name] for name in ("SIGCONT", "SIGWINCH"))

#: Name of a method -> its arguments.
_METHODS: dict[Any, dict[str, tuple[str, ...]]] = {
    UnixConsole: {
        "get_event": ("self", "block"),
        "move_cursor": ("self", "x", "y"),
        "prepare": ("self",),
        "push_char": ("self", "char"),
        "restore": ("self",),
        "wait": ("self", "timeout"),
    },
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
_CONSOLE = "event_queue height input_hook output_fd"
_KEYS = "buf compiled_keymap empty flush_buf get insert keymap"


def _missing(reader: Any) -> list[str]:
    """Return the names that the editor of this Python does not have, or has otherwise."""
    wrong = [
        f"{kind.__name__}.{name}{arguments}"
        for kind, methods in _METHODS.items()
        for name, arguments in methods.items()
        if _arguments(getattr(kind, name, None)) != arguments
    ]
    console = reader.console
    for owner, names in ((reader, _READER), (console, _CONSOLE), (console.event_queue, _KEYS)):
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
        console = _Console(*fds)
        config = pyrepl.ReadlineConfig()
        self._reader = reader = _Reader(console=console, config=config)
        if names := _missing(reader):
            raise NotImplementedError(f"_pyrepl has changed: {', '.join(names)}")
        reader.threading_hook = lambda: None  # in place of its own, which gives up the line to show what has failed in a thread
        self._config = config
        console.reader = reader
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
            with WaitingPrompt(self._session, reader.hidden, reader.console.input_fd) as reader.prompt:
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


class _Console(UnixConsole):
    """The screen and the keyboard.

    Attributes:
        reader: Shows the input.
        continued: Whether the process has been stopped, and goes on.
    """

    reader: _Reader

    def __init__(self, keyboard: int, screen: int) -> None:
        self.continued = False
        self._before: Any = None
        on_continue = signal.getsignal(_SIGCONT)
        try:
            super().__init__(keyboard, screen, encoding=pyrepl.ENCODING)
        finally:  # since 3.14 it sets one for good
            signal.signal(_SIGCONT, on_continue or signal.SIG_DFL)

    def prepare(self) -> None:
        """Take the terminal over, also where that has been done, and the cursor is at the beginning of an empty line."""
        if self._before is None:
            handlers = {signum: signal.getsignal(signum) or signal.SIG_DFL for signum in (_SIGWINCH, _SIGCONT)}
            self._before = termios.tcgetattr(self.input_fd), handlers
            signal.signal(_SIGCONT, self._go_on)
        super().prepare()
        self._process_output()
        resized = signal.getsignal(_SIGWINCH)

        def resize(signum: int, frame: FrameType | None) -> None:
            resized(signum, frame)  # type: ignore[operator,misc]
            self.reader.prompt.notice()

        if callable(resized):
            signal.signal(_SIGWINCH, resize)

    def restore(self) -> None:
        """Restore the terminal."""
        if self._before is None:
            return
        (settings, handlers), self._before = self._before, None
        try:
            super().restore()
        finally:
            for signum, handler in handlers.items():
                signal.signal(signum, handler)
            with suppress(TerminalError):  # the terminal is gone
                termios.tcsetattr(self.input_fd, termios.TCSADRAIN, settings)

    def _go_on(self, signum: int, frame: FrameType | None) -> None:
        self.continued = True
        self.reader.prompt.notice()

    def _process_output(self) -> None:
        """Have a newline begin a line at its left end: tasks expect that, and processes of theirs."""
        mode = termios.tcgetattr(self.input_fd)
        mode[1] |= termios.OPOST
        termios.tcsetattr(self.input_fd, termios.TCSANOW, mode)

    def get_event(self, block: bool = True) -> Any:
        """Return what is to be done next, or None; of half a key nothing is waited for, as tasks would stand still meanwhile."""
        keys = self.event_queue
        while keys.empty():
            if not block and not super().wait(0):
                return None
            byte = os.read(self.input_fd, 1)
            if not byte:
                raise EOFError
            if keys.buf and keys.buf[0] != _ESCAPE and not 0x80 <= byte[0] < 0xC0:  # what has come before is no text
                keys.insert(Event("key", "\N{REPLACEMENT CHARACTER}", bytes(keys.flush_buf())))
            self.push_char(byte)
        return keys.get()

    def forget_half_a_key(self) -> None:
        """Forget the beginning of a key, so that the next one is a key by itself, whatever has been typed before."""
        keys = self.event_queue
        keys.flush_buf()
        keys.keymap = keys.compiled_keymap

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for an event, and let tasks run."""
        ready = bool(super().wait(0))
        if timeout == 0 or not self.reader.prompt.waits:
            return ready or bool(super().wait(timeout))
        if ready:
            self.reader.prompt.check()
            return True
        if self.input_hook:  # another library's, as that of tkinter while a window is open; it is called between two waits
            self._process_output()
            self.reader.prompt.wait(timeout and timeout / 1000)
        else:
            self.reader.prompt.wait()
        if self.continued:
            with self.reader.hidden():
                pass
        return bool(super().wait(0))


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
        self.console.forget_half_a_key()
        self.in_bracketed_paste = False  # 3.13
        self.pos = len(self.get_unicode())
        self._show()

    def _show(self) -> None:
        if hasattr(self, "invalidate_full"):  # since 3.15
            self.invalidate_full()
        self.refresh()

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """Return a context manager in which the input is off the screen, and others may write whole lines."""
        if self.console.continued:  # the cursor is where another program has left it
            self.console.continued = False
            os.write(self.console.output_fd, b"\r")
        elif len(self.screen) > self.console.height:
            os.write(self.console.output_fd, b"\x1b[H")
        else:
            self.console.move_cursor(0, 0)
        os.write(self.console.output_fd, b"\x1b[J")
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
