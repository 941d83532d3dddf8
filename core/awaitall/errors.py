"""What can go wrong, as types; each message says what happened, to what, and what to do now."""

from __future__ import annotations

import sys

__all__ = [
    "AwaitallError",
    "ClosedError",
    "ElsewhereError",
    "HeldError",
    "NoProgramError",
    "OpenError",
    "RunningLoopError",
    "SuspendedError",
    "UnknownCommandError",
    "UnknownPluginError",
    "UnknownRunnerError",
    "UnknownShellError",
    "UnknownTaskError",
    "UnsupportedError",
    "UsageError",
    "WrongThreadError",
]


class AwaitallError(Exception):
    """The root of every error that awaitall raises by itself."""


class ClosedError(AwaitallError):
    """A session or a runner was used after it had been closed."""


class OpenError(AwaitallError):
    """A runner could not be opened: its package is missing, its factory raised, or gave something that is no runner."""

    @classmethod
    def for_import(cls, what: str, library: str, exc: ImportError) -> OpenError:
        """Return the error that says what to do about a library that cannot be imported, or of which something is missing.

        Args:
            what: What takes the library.
            library: What ``import`` calls the library.
            exc: What the import raised.
        """
        package = "awaitall" if library == "pluggy" else f"'awaitall[{library}]'"
        found = getattr(sys.modules.get(library), "__file__", None)
        if found is None:
            return cls(f"{what} cannot be used, as {library} cannot be imported ({exc}): pip install {package}")
        if "-packages" in found:
            return cls(f"{what} cannot be used with this {library} ({exc}): pip install -U {package} {library}")
        return cls(f"{what} cannot be used, as {found} stands in the place of {library}: rename that file, and start anew")


class RunningLoopError(AwaitallError, RuntimeError):
    """An awaiting input was run synchronously inside an event loop that is running already in this thread."""


class HeldError(RunningLoopError):
    """Something else lets the event loop of a session run: nothing can be awaited on it until that is over."""


class NoProgramError(AwaitallError):
    """There is no file or module to run.

    Attributes:
        status: What ``python`` exits with then.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class ElsewhereError(HeldError):
    """Another thread lets the event loop of a session run, and its tasks go on there."""


class SuspendedError(AwaitallError, RuntimeError):
    """A coroutine waited for something on a runner that has no event loop."""


class UnknownCommandError(AwaitallError, LookupError):
    """No plugin offers a line command of the name that was typed."""


class UnknownPluginError(AwaitallError, LookupError):
    """No plugin of the name that was asked for is installed."""


class UnknownRunnerError(AwaitallError, LookupError):
    """No plugin offers a runner of the name that was asked for."""


class UnknownShellError(AwaitallError, LookupError):
    """No plugin offers a shell of the name that was asked for."""


class UnknownTaskError(AwaitallError, LookupError):
    """No task that has not ended has the number that was given."""


class UnsupportedError(AwaitallError):
    """A runner was asked for what it does not declare in its features."""


class UsageError(AwaitallError, ValueError):
    """What was typed after a line command is nothing that it can use."""


class WrongThreadError(AwaitallError, RuntimeError):
    """A runner was used from another thread than the one that opened it."""
