"""What can go wrong, as types; each message says what happened, to what, and what to do now."""

from __future__ import annotations

__all__ = ["AwaitallError", "ClosedError", "RunningLoopError", "UnknownRunnerError", "WrongThreadError"]


class AwaitallError(Exception):
    """The root of every error that awaitall raises by itself."""


class ClosedError(AwaitallError):
    """A session or a runner was used after it had been closed."""


class RunningLoopError(AwaitallError, RuntimeError):
    """An awaiting input was run synchronously inside an event loop that is running already in this thread."""


class UnknownRunnerError(AwaitallError, LookupError):
    """No plugin offers a runner of the name that was asked for."""


class WrongThreadError(AwaitallError, RuntimeError):
    """A runner was used from another thread than the one that opened it."""
