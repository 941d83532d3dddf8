"""What is written while bpython has the screen: in whole lines above the prompt, whoever writes, and nothing it cannot paint.

Only the greenlet of the input may have bpython paint, by a switch to the greenlet of the keyboard; in another thread that is an
error of greenlet's. What tasks and threads write is held back until bpython waits for a key, or the input writes something.
"""

from __future__ import annotations

import re
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import greenlet
from bpython.curtsiesfrontend.events import ScheduledRefreshRequestEvent
from curtsies.formatstring import fmtstr

from awaitall.prompts import HeldLines, without_overwritten

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Output", "hold_back_output"]

#: What bpython has no width for, and asserts that it has one in the line of the prompt: all control characters, and all escape
#: sequences but those of colours.
_UNKNOWN = re.compile(
    r"\x1b\].*?(?:\x07|\x1b\\)|\x1b\[[0-?]*[ -/]*[@-ln-~]|\x1b(?!\[[0-9;]*m)|[\0-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]"
)


def hold_back_output(repl: Any) -> None:
    """Wrap the writing of bpython: what tasks and threads write is held back until it can be painted."""
    repl._awaitall_output = Output(repl)


class Output:
    """What the stand-ins of bpython for ``sys.stdout`` and ``sys.stderr`` do with text.

    Args:
        repl: The live bpython.

    Attributes:
        tasks_run: Whether background tasks run, in the greenlet of the keyboard.
    """

    def __init__(self, repl: Any) -> None:
        self._repl = repl
        self._lines = HeldLines()
        self._lock = threading.RLock()
        # Not by interrupting_refresh(), of which bpython takes no notice before it has looked for all modules.
        self._ask_for_paint = repl.input_generator.threadsafe_event_trigger(partial(ScheduledRefreshRequestEvent, when=0))
        self._told = False
        self._returned = False  # to the begin of the line, and nothing has come since
        self._ended = False
        self.tasks_run = False
        for stream in (repl.stdout, repl.stderr):
            stream.write = partial(self._write, stream, stream.write)
        self._load_code = repl.coderunner.load_code
        repl.coderunner.load_code = self._show_all_and_load
        self._process = repl.process_event_and_paint
        repl.process_event_and_paint = self._show_and_process

    def _show_and_process(self, *args: Any, **kwargs: Any) -> None:
        self._show()
        self._process(*args, **kwargs)

    def _show_all_and_load(self, *args: Any, **kwargs: Any) -> None:
        self._put(self._lines.take_all)  # while nothing of the input is on the screen
        self._load_code(*args, **kwargs)

    def _write(self, stream: Any, theirs: Callable[[str], object], text: str) -> int:
        if self._may_paint():
            self._show()
            theirs(self._paintable(text))
            return len(text)
        with self._lock:
            if self._ended:
                stream.on_write(text)
            else:
                self._lines.add(stream, text)
            if not text:
                self._ask_for_paint()  # to print nothing asks for a paint of what is there
            elif self._lines and not self._told:
                self._told = True
                self._ask_for_paint()
        return len(text)

    def _may_paint(self) -> bool:
        current, coderunner = greenlet.getcurrent(), self._repl.coderunner
        return current is coderunner.code_context or (current is coderunner.main_context and not self.tasks_run)

    def _paintable(self, text: str) -> Any:
        """Return what bpython can paint of a text: of a line that is written over again and again, the last state."""
        text = _UNKNOWN.sub("", text)
        if self._returned:
            text = "\r" + text
        first = text.partition("\n")[0]
        if without_overwritten(first) != first:
            self._repl.current_stdouterr_line = ""
        text = without_overwritten(text)
        self._returned = text.endswith("\r")
        text = text.replace("\r", "")
        if "\t" in text:
            column = len(self._repl.current_stdouterr_line)
            text = (" " * column + text).expandtabs()[column:]
        if "\x1b" not in text:
            return text
        return fmtstr("\n").join(map(fmtstr, text.split("\n")))  # it drops what follows a colour and begins with a newline

    def _show(self) -> None:
        """Add the whole lines that are held back above the prompt, for the next paint."""
        if self._lines:
            self._put(self._lines.take)

    def _put(self, take: Callable[[], list[tuple[Any, str]]]) -> None:
        repl = self._repl
        with self._lock:
            self._told = False
            before = repl.current_stdouterr_line, self._returned  # of the line that an input has begun
            repl.current_stdouterr_line, self._returned = "", False
            for stream, text in take():
                stream.on_write(self._paintable(text))
            repl.current_stdouterr_line, self._returned = before

    def end(self) -> None:
        """Hold back nothing more: bpython has painted its last screen."""
        with self._lock:
            self._put(self._lines.take_all)
            self._ended = True
