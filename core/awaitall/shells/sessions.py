"""The session of a shell, and how it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awaitall.configuration import configured
from awaitall.interrupts import FRAMEWORKS
from awaitall.loop_on_demand import know_packages
from awaitall.session import Session
from awaitall.settings import Settings, apply, checked
from awaitall.shells.beginning import lender
from awaitall.threads import in_main_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["RUNTIME_PACKAGES", "add_settings", "new_session"]

#: The top-level packages that a session uses, besides those of awaitall: a shell that reloads modules leaves these alone.
RUNTIME_PACKAGES = FRAMEWORKS | {"greenlet", "pluggy"}

#: What helps at a prompt that a program opens while its loop runs: a greenlet may wait there for the loop.
INSIDE_A_LOOP = (
    "Open a shell that awaits by: await awaitall.aembed(). "
    "Or: For await to work here, the program needs a portal before it opens this prompt: "
    "await greenback.ensure_portal() (pip install greenback)."
)


def new_session(
    namespace: dict[str, Any] | None = None,
    settings: Settings | None = None,
    *,
    show_failure: Callable[[str], object] | None = None,
    inside_a_loop: str = "",
    packages: Iterable[str] = (),
    kind: type[Session] = Session,
    origins: str | Mapping[str, str] = "enable()",
) -> Session:
    """Return a session set up for a shell: it ends its tasks before SIGTERM and SIGHUP end the process, Ctrl-Z
    hands an input that is being awaited over to the background, and where a loop runs already, inputs are awaited on that.

    What is not given is set as the user has configured it: by the environment, or in the file.

    Args:
        namespace: The globals of the inputs; a fresh ``__main__``-like dict where omitted.
        settings: What :func:`add_settings` has returned. A runner that cannot be opened costs one line.
        show_failure: Shows the text that a background task has failed, in the style of the shell; by default on standard error.
        inside_a_loop: What helps whoever awaits where the loop of the program runs already, if the shell has a way of its own.
        packages: The packages of the shell and of its adapter; to name an object of theirs is no sign that a loop is wanted.
        kind: The class of the session.
        origins: Where the settings come from, as ``%settings`` tells it: a word for all of them, or one for each name.
    """
    know_packages(*packages)
    session = kind(namespace)
    session.exit_on_termination = session.hands_over = session.nests = True
    session.inside_a_loop = f"{inside_a_loop} Or: {INSIDE_A_LOOP}" if inside_a_loop else INSIDE_A_LOOP
    session.show_failure = show_failure
    given = settings or {}
    apply(session, given, origins)
    for name, (value, origin) in configured(but=given).items():
        apply(session, {name: value}, origin)
    if (shared := lender()) is not None and not shared.lends and in_main_thread():
        session.borrow_loop(shared)
        session.origins["runner"] = shared.origins.get("runner", (session.runner, "default"))
    return session


def add_settings(
    known: Settings, given: Mapping[str, object], session: Session | None = None, origins: str = "enable()"
) -> Settings:
    """Return the settings known so far with those of a user's call added; each that cannot be applied costs one line.

    Args:
        known: What every session of the shell begins with.
        given: The keywords of ``enable()`` or ``interact()``.
        session: The session that there is already, to which the new settings are applied at once.
        origins: Where they come from, as ``%settings`` tells it.
    """
    added = checked(given)
    if session is not None:
        apply(session, added, origins)
    return {**known, **added}
