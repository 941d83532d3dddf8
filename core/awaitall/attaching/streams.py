"""What inputs of an attached prompt print goes to the prompt, and everything else where it always goes."""

from __future__ import annotations

import io
import sys
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from awaitall.errors import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["PromptStreams", "divert", "restore"]


class _Output(io.TextIOBase):
    """A stream to the prompt."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, send: Callable[[str], object]) -> None:
        self._send = send

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if text:
            self._send(text)
        return len(text)

    def close(self) -> None:
        """Do nothing: the stream ends with the prompt."""


class _NoInput(io.StringIO):
    """Standard input of an attached input: whoever waits for a line would keep the program from going on."""

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
        raise UnsupportedError("An attached prompt has no standard input: waiting for a line would stop the program.")

    read = readline

    def close(self) -> None:
        """Do nothing: ``exit()`` closes standard input (Lib/_sitebuiltins.py), and that of the program is not meant."""


class PromptStreams:
    """The three standard streams as the inputs of one prompt see them, and as the tasks do that they have started.

    Args:
        send: Called with ``"stdout"`` or ``"stderr"``, and the text that has been written; in any thread.

    Attributes:
        is_open: Whether the prompt is there; else the streams are those of the program again.
    """

    def __init__(self, send: Callable[[str, str], object]) -> None:
        self.is_open = True
        self._streams: dict[str, Any] = {
            "stdin": _NoInput(),
            "stdout": _Output(lambda text: send("stdout", text)),
            "stderr": _Output(lambda text: send("stderr", text)),
        }

    def use(self) -> None:
        """See these streams in the context that calls this, and in copies of it."""
        _in_use.set(self)

    def stream(self, name: str) -> Any:
        """Return one of the streams."""
        return self._streams[name]


_in_use: ContextVar[PromptStreams | None] = ContextVar("awaitall.streams", default=None)


class _Diverted:
    """Stands in ``sys`` for a stream of the program, and is that of the prompt in a context that sees those.

    Whoever keeps this longer than the prompts last has the stream of the program by it.
    """

    def __init__(self, name: str, theirs: Any) -> None:
        self.__dict__.update(_name=name, _theirs=theirs)

    def _stream(self) -> Any:
        streams = _in_use.get()
        return self._theirs if streams is None or not streams.is_open else streams.stream(self._name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._stream(), name, value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._stream())

    def __repr__(self) -> str:
        return repr(self._stream())


_NAMES = ("stdin", "stdout", "stderr")


def divert() -> None:
    """Replace the streams of ``sys`` by some that know the prompts; one that is None, or knows them already, stays so."""
    for name in _NAMES:
        theirs = getattr(sys, name)
        if theirs is not None and not isinstance(theirs, _Diverted):
            setattr(sys, name, _Diverted(name, theirs))


def restore() -> None:
    """Restore the streams; one that the program has put in place meanwhile is left alone."""
    for name in _NAMES:
        found = getattr(sys, name)
        if isinstance(found, _Diverted):
            setattr(sys, name, found._theirs)
