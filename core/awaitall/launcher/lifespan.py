"""The lifespan of an ASGI application, as a server runs it: https://asgi.readthedocs.io/en/latest/specs/lifespan.html (2.0)."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from awaitall.current_library import current_async_library, is_cancellation
from awaitall.errors import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["Lifespan"]


class Lifespan:
    """The application is called once, in one task: scopes that it enters at its startup can be left at its shutdown.

    All methods are awaited on one loop, of asyncio or trio.

    Args:
        app: The application.

    Attributes:
        state: What the application has put into the state of the lifespan, for its requests.
        error: What the application has raised before its startup was complete, or None.
        failure: What the application has said of a startup or a shutdown that has failed, or None.
        is_complete: Whether the startup is complete.
        has_begun: Whether the application has asked for the startup; one that has not knows no lifespan.
    """

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self._app = app
        self.state: dict[str, Any] = {}
        self.error: BaseException | None = None
        self.failure: str | None = None
        self.is_complete = False
        self.has_begun = False

    async def start(self, spawn: Callable[..., object]) -> None:
        """Call the application, and return when its startup is complete, has failed, or will never be.

        Args:
            spawn: Starts a task, as :meth:`awaitall.Session.spawn`. What the application raises later is raised in that.

        Raises:
            UnsupportedError: this is another loop.
        """
        if current_async_library() not in ("asyncio", "trio"):
            raise UnsupportedError("The lifespan of an application runs on asyncio, uvloop or trio: --runner asyncio")
        self._started, self._stopping, self._over = _event(), _event(), _event()
        spawn(self._run(), name="lifespan")
        await self._started.wait()

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        try:
            await self._app(scope, self._receive, self._send)
        except BaseException as exc:
            if self.is_complete or is_cancellation(exc):
                self.failure = None  # which is told by this
                raise
            self.error = exc
        finally:
            self._started.set()
            self._over.set()

    async def stop(self, timeout: float) -> bool:
        """Have the application shut down, wait for that at most ``timeout`` seconds, and report whether it has."""
        self._stopping.set()
        if current_async_library() == "trio":
            with sys.modules["trio"].move_on_after(timeout):
                await self._over.wait()
        else:
            try:
                async with sys.modules["asyncio"].timeout(timeout):
                    await self._over.wait()
            except TimeoutError:
                pass
        return bool(self._over.is_set())

    async def _receive(self) -> dict[str, Any]:
        if not self.has_begun:
            self.has_begun = True
            return {"type": "lifespan.startup"}
        self._started.set()
        await self._stopping.wait()
        self._stopping = _event()  # there is no third message
        return {"type": "lifespan.shutdown"}

    async def _send(self, message: dict[str, Any]) -> None:
        what, _, outcome = message["type"].removeprefix("lifespan.").partition(".")
        if outcome == "failed":
            self.failure = message.get("message", "")
        elif what == "startup":
            self.is_complete = True
            self._started.set()


def _event() -> Any:
    library = current_async_library()
    assert library is not None
    return sys.modules[library].Event()
