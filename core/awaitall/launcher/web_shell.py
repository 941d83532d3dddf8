"""``awaitall --app``: a shell in a web application, whose lifespan runs from before the first prompt until after the last."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from awaitall.errors import AwaitallError
from awaitall.launcher.applications import Application, ApplicationError, failing
from awaitall.launcher.lifespan import Lifespan
from awaitall.leaving import telling_what_is_left
from awaitall.shells.beginning import beginning_with
from awaitall.shells.sessions import add_settings, new_session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from awaitall.session import Session
    from awaitall.settings import Settings

__all__ = ["start_with_app"]


def start_with_app(reference: str, runner: str | None, start: Callable[[], Any]) -> Any:
    """Start a shell with the names of an application, on the loop on which its lifespan runs; return what ``sys.exit()`` takes.

    Args:
        reference: See :class:`Application`.
        runner: What runs the lifespan and the inputs; what the user has configured where it is None.
        start: Starts the shell; returns when the user leaves it.
    """
    given: Settings = {} if runner is None else {"runner": runner}
    session = new_session(settings=add_settings({}, given, origins="--runner"), origins="--runner")
    session.hands_over = False
    try:
        application = Application(reference)
        application.complete(session.run_coroutine)
        with _lifespan(application, session) as state, _app_context(application.app, session):
            names = session.context.run(application.names)
            if state:
                names.setdefault("state", state)
            if application.is_asgi and (client := _client(application.app, state)) is not None:
                names.setdefault("client", client)
            with beginning_with(names, session):
                return start()
    except AwaitallError as exc:
        return f"awaitall: {exc}"
    except KeyboardInterrupt:
        return 130
    finally:
        session.shutdown()


@contextmanager
def _lifespan(application: Application, session: Session) -> Iterator[dict[str, Any]]:
    """Return a context manager around the lifespan of an application, which gives its state."""
    if not application.is_asgi:
        yield {}
        return
    lifespan = Lifespan(application.app)
    with telling_what_is_left(lambda: [f"the startup of {application.reference}"]):
        session.run_coroutine(lifespan.start(session.spawn))
    if lifespan.error is not None and not isinstance(lifespan.error, Exception):
        raise lifespan.error.with_traceback(None)  # SystemExit
    if lifespan.failure is not None:
        line = f"The startup of {application.reference} has failed."
        if lifespan.error is not None:
            raise failing(lifespan.error, line)
        raise ApplicationError(f"{line} {lifespan.failure}".rstrip())
    if lifespan.error is not None and lifespan.has_begun:
        error = failing(
            lifespan.error, f"{application.reference} goes on without its lifespan, as it has not said that it fails."
        )
        print(f"awaitall: {error}", file=sys.stderr)
    try:
        yield lifespan.state
    finally:
        _stop(lifespan, application.reference, session)


def _client(app: Any, state: dict[str, Any]) -> Any:
    """Return a client that asks an application without a server, with the state of its lifespan; None without httpx."""
    try:
        import httpx
    except ImportError:
        return None

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "state": state.copy()}, receive, send)

    return httpx.AsyncClient(transport=httpx.ASGITransport(answer), base_url="http://localhost")


def _stop(lifespan: Lifespan, reference: str, session: Session) -> None:
    """Have an application shut down in the time that tasks have for their cleanup; what is left of it is cancelled with them."""
    try:
        with telling_what_is_left(lambda: [f"the lifespan of {reference}"]):
            is_over = session.run_coroutine(lifespan.stop(session.grace))
    except KeyboardInterrupt:
        session.grace = 0.0
        return
    if not is_over:
        print(f"awaitall: {reference} has not shut down in {session.grace:g} seconds", file=sys.stderr)
        session.grace = min(session.grace, 1.0)
    elif lifespan.failure is not None:
        print(f"awaitall: the shutdown of {reference} has failed. {lifespan.failure}".rstrip(), file=sys.stderr)


@contextmanager
def _app_context(app: Any, session: Session) -> Iterator[None]:
    """Return a context manager in which inputs see the application context of Flask or Quart."""
    if not (hasattr(app, "app_context") and hasattr(app, "make_shell_context")):
        yield
        return
    context = app.app_context()
    if hasattr(context, "__aenter__"):
        session.run_coroutine(context.__aenter__())
    else:
        session.context.run(context.__enter__)
    try:
        yield
    finally:
        if hasattr(context, "__aexit__"):
            session.run_coroutine(context.__aexit__(None, None, None))
        else:
            session.context.run(context.__exit__, None, None, None)
