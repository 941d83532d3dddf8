"""Show the settings, and where each comes from."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from awaitall.configuration import file_path
from awaitall.errors import UsageError
from awaitall.settings import SETTINGS

if TYPE_CHECKING:
    from awaitall.base_session import BaseSession
    from awaitall.settings import Setting

__all__ = ["settings"]


def settings(session: BaseSession, arguments: str, namespace: dict[str, Any]) -> str:
    """Show every setting with its value, as the file of settings has it, and where that comes from."""
    if arguments:
        raise UsageError(f"%settings takes nothing, and not {arguments!r}: it shows all of them.")
    path = file_path()
    lines = [f"{setting.name} = {_written(_value(session, setting))}" for setting in SETTINGS.values()]
    width = max(map(len, lines))
    shown = [f"{line:<{width}}  # {_origin(session, setting)}" for line, setting in zip(lines, SETTINGS.values(), strict=True)]
    return "\n".join([f"# {path}{'' if os.path.exists(path) else ' (there is none yet)'}", *shown])


def _value(session: BaseSession, setting: Setting) -> object:
    return getattr(session, setting.name) if setting.is_attribute else _begun(session, setting)[0]


def _origin(session: BaseSession, setting: Setting) -> str:
    value, origin = _begun(session, setting)
    return origin if _value(session, setting) == value else "this session"


def _begun(session: BaseSession, setting: Setting) -> tuple[object, str]:
    """Return the value that the session began with, and where that came from."""
    return session.origins.get(setting.name, (setting.default, "default"))


def _written(value: object) -> str:
    """Return a value as TOML has it; of what settings hold, JSON differs in nothing."""
    return json.dumps(value, ensure_ascii=False)
