"""``awaitall doctor``: what is installed, what is wrong, and what to do."""

from __future__ import annotations

import contextvars
import json
import os
import platform
import re
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from awaitall.configuration import file_path, read
from awaitall.errors import AwaitallError, OpenError
from awaitall.launcher.colors import colored
from awaitall.launcher.lists import distributions, missing
from awaitall.plugins import loaded, open_runner
from awaitall.settings import settled
from awaitall.tracebacks import one_line

if TYPE_CHECKING:
    from awaitall.contracts import RunnerSpec
    from awaitall.plugins import Plugins
    from awaitall.specs import ShellSpec

__all__ = ["doctor", "examined"]

#: State -> its colour. Of these, "wrong" makes the exit status 1.
_COLORS = {"ok": "green", "off": "yellow", "unknown": "yellow", "absent": "", "wrong": "red"}


def doctor(as_json: bool = False) -> int:
    """Print what is there; return 1 if something is wrong, else 0.

    Args:
        as_json: Print it as one JSON object, for programs.
    """
    found = examined()
    if as_json:
        print(json.dumps(found, indent=2))
    else:
        _show(found)
    return 0 if found["ok"] else 1


def examined() -> dict[str, Any]:
    """Return what is there, of types that JSON has; each thing has a name, a state, and a text that says what to do."""
    registry = loaded()
    found: dict[str, Any] = {
        "awaitall": version("awaitall"),
        "python": platform.python_version(),
        "executable": sys.executable,
        "settings": [_settings()],
        "shells": [_shell(spec) for _, spec in sorted(registry.shells().items())],
        "runners": [_runner(spec) for _, spec in sorted(registry.runners().items())],
        "plugins": _plugins(registry),
    }
    parts = ("settings", "shells", "runners", "plugins")
    found["ok"] = not any(thing["state"] == "wrong" for part in parts for thing in found[part])
    return found


def _settings() -> dict[str, Any]:
    wrong: list[str] = []
    for name, (value, origin) in read(wrong.append).items():
        try:
            settled(name, value)
        except AwaitallError as exc:
            wrong.append(f"{origin}: {exc}")
    path = file_path()
    text = "; ".join(wrong) or ("" if os.path.exists(path) else "is not there, so all settings are as ever")
    return {"name": path, "state": "wrong" if wrong else "ok", "text": text}


def _shell(spec: ShellSpec) -> dict[str, Any]:
    installed = spec.installed
    thing = {"name": spec.name, "version": installed, "versions": spec.versions, "wired": False}
    if spec.package is not None and installed is None:
        return {**thing, "state": "absent", "text": f"not installed: pip install {spec.requirement or spec.package}"}
    age = "known" if installed is None else _age(installed, spec.versions)
    if age == "old":
        text = f"too old, {spec.versions} is needed: pip install -U {spec.requirement or spec.package}"
        return {**thing, "state": "wrong", "text": text}
    try:
        thing["wired"], trouble = spec.is_wired(), spec.trouble()
    except Exception as exc:
        return {**thing, "state": "wrong", "text": f"whether it awaits cannot be told: {one_line(exc)}"}
    if age == "new":
        return {**thing, "state": "unknown", "text": f"newer than what has been tried, {spec.versions}; it may await or not"}
    if trouble:
        return {**thing, "state": "wrong", "text": trouble}
    if thing["wired"]:
        return {**thing, "state": "ok", "text": "awaits"}
    return {**thing, "state": "off", "text": f"awaits if started by `awaitall {spec.name}`. {spec.wire}".rstrip()}


def _age(installed: str, versions: str) -> str:
    """Return "old", "new" or "known", by a range such as ``">=3.0.24,<3.1"``."""
    there = _numbers(installed)
    if any(there < _numbers(part) for part in versions.split(",") if part.startswith(">=")):
        return "old"
    return "new" if any(there >= _numbers(part) for part in versions.split(",") if part.startswith("<")) else "known"


def _numbers(text: str) -> list[int]:
    release = re.search(r"\d+(?:\.\d+)*", text)
    return [] if release is None else [int(number) for number in release[0].split(".")]


async def _nothing() -> bool:
    return True


def _runner(spec: RunnerSpec) -> dict[str, Any]:
    """Open a runner, run something, and close it."""
    thing = {"name": spec.name, "summary": spec.summary}
    if text := missing(spec):
        return {**thing, "state": "absent", "text": text}
    try:
        runner = open_runner(spec, contextvars.Context())
        try:
            runner.run(_nothing())
        finally:
            runner.close()
    except OpenError as exc:
        state = "absent" if isinstance(exc.__cause__, ModuleNotFoundError) else "wrong"
        return {**thing, "state": state, "text": str(exc)}
    except Exception as exc:
        return {**thing, "state": "wrong", "text": one_line(exc)}
    return {**thing, "state": "ok", "text": spec.summary}


def _plugins(registry: Plugins) -> list[dict[str, Any]]:
    failures = registry.failures
    return [
        {"name": name, "state": "wrong", "text": f"{of} could not be loaded: {one_line(failures[name])}"}
        if name in failures
        else {"name": name, "state": "ok", "text": of}
        for name, of in distributions().items()
    ]


def _show(found: dict[str, Any]) -> None:
    print(f"awaitall {found['awaitall']} on Python {found['python']}, {found['executable']}")
    for part in ("settings", "shells", "runners", "plugins"):
        print(f"\n{colored(part, 'bold')}")
        for thing in found[part]:
            state = colored(f"{thing['state']:<7}", _COLORS[thing["state"]])
            name = f"{thing['name']} {thing.get('version') or ''}".rstrip()
            print(f"  {state} {name:<20} {thing['text']}".rstrip())
    print(f"\n{colored('All is well.', 'green') if found['ok'] else colored('Something is wrong.', 'red')}")
