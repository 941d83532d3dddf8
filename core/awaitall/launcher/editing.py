"""``awaitall enable`` and ``disable``: edit the configuration of a shell, and never leave it half written.

What is written stands between two marks, so that it can be found and taken out again; nothing else of the file is touched.
"""

from __future__ import annotations

import difflib
import os
import re
import stat
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from awaitall.configuration import config_directory
from awaitall.errors import AwaitallError
from awaitall.launcher.colors import colored, is_terminal

if TYPE_CHECKING:
    from awaitall.contracts import ShellSpec

__all__ = ["edit"]

BEGIN = "# >>> awaitall >>>"
END = "# <<< awaitall <<<"

_BLOCK = re.compile(rf"^{BEGIN}\r?\n.*?^{END}(?:\r?\n|\Z)", re.MULTILINE | re.DOTALL)
_MARK = re.compile(rf"^(?:{BEGIN}|{END})", re.MULTILINE)


class _EditError(AwaitallError):
    """The configuration of a shell cannot be edited; it is as it was."""


def edit(spec: ShellSpec, *, on: bool, dry_run: bool = False, ask: bool = True) -> int:
    """Edit the file that a shell reads at its start, so that the shell awaits, or no longer does; return the exit status.

    The change is shown first, and a person at a terminal is asked. What the file was is kept beside it.

    Raises:
        AwaitallError: the file cannot be edited; it is as it was.
    """
    if on and spec.missing:
        raise _EditError(spec.missing)
    by_hand = spec.wire if on else spec.unwire
    path = spec.configuration()
    if path is None:
        if spec.is_wired() is on:
            return _say(_state(spec, on))
        raise _EditError(f"{spec.name} has no file that could be edited. {by_hand}".rstrip())
    try:
        status = _edit(spec, _target(path), on, dry_run, ask)
    except OSError as exc:
        raise _EditError(f"{path} cannot be edited, and is as it was: {exc.strerror or exc}") from exc
    if on and (trouble := spec.trouble()):
        print(f"awaitall: {trouble}", file=sys.stderr)
    return status


def _edit(spec: ShellSpec, path: str, on: bool, dry_run: bool, ask: bool) -> int:
    before = _read(path)
    after = _edited(before or "", spec.enabling if on else spec.disabling, path)
    if after == (before or ""):
        return _unchanged(spec, path, before or "", on)
    if on and not spec.disabling and spec.is_wired() and not _BLOCK.search(before or ""):
        return _say(f"{_state(spec, on)}, by a line in {path}")
    _show_change(path, before, after)
    if dry_run or (ask and not _confirmed()):
        return 0 if dry_run else 1
    kept = None if before is None else _keep(path, before)
    _write(path, after, path)
    return _say(f"{spec.name} {'awaits' if on else 'does not await'} from its next start" + (f"; before: {kept}" if kept else ""))


def _unchanged(spec: ShellSpec, path: str, text: str, on: bool) -> int:
    if spec.is_wired() is on:
        return _say(_state(spec, on))
    lines = [str(number) for number, line in enumerate(text.splitlines(), 1) if "awaitall" in line]
    place = f"{path}:{lines[0]}: " if lines else ""
    raise _EditError(f"{place}something else decides whether {spec.name} awaits. {spec.wire if on else spec.unwire}")


def _state(spec: ShellSpec, on: bool) -> str:
    return f"{spec.name} {'awaits already' if on else 'does not await'}"


def _say(text: str) -> int:
    print(text)
    return 0


def _target(path: str) -> str:
    """Return the path of the file itself, which may be reached by a link; links that lead out of the user's files are refused."""
    target = os.path.realpath(path)
    homes = (os.path.expanduser("~"), os.path.dirname(config_directory("")))
    inside = any(Path(target).is_relative_to(os.path.realpath(home)) for home in homes)
    if target != os.path.abspath(path) and not inside:
        raise _EditError(f"{path} is a link to {target}, which is not below your home directory: edit that by hand.")
    return target


def _read(path: str) -> str | None:
    """Return the text of a file, or None if there is none; a byte that is no text stays what it is."""
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        raise _EditError(f"{path} is no file.")
    with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
        return file.read()


def _edited(text: str, lines: str, path: str) -> str:
    rest = _BLOCK.sub("", text)
    if mark := _MARK.search(rest):
        number = text[: text.index(mark[0])].count("\n") + 1
        raise _EditError(f"{path}:{number}: the lines of awaitall have been changed by hand: delete them, and try again.")
    if not lines:
        return rest
    newline = "\r\n" if "\r\n" in text else "\n"
    block = "".join(f"{line}{newline}" for line in (BEGIN, *lines.splitlines(), END))
    return f"{rest}{newline if rest and not rest.endswith(newline) else ''}{block}"


def _show_change(path: str, before: str | None, after: str) -> None:
    colors = {"+": "green", "-": "red", "@": "bold"}
    name = "/dev/null" if before is None else path
    for line in difflib.unified_diff((before or "").splitlines(), after.splitlines(), name, path, lineterm=""):
        readable = line.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        print(colored(readable, colors.get(line[:1], "")))


def _confirmed() -> bool:
    """Ask whoever sits at the terminal; a program is not asked."""
    if not (is_terminal() and sys.stdin is not None and sys.stdin.isatty()):
        return True
    try:
        return input("Write this? [Y/n] ").strip().lower() in ("", "y", "yes")
    except EOFError:
        print()
        return False


def _keep(path: str, text: str) -> str:
    """Write what a file has been beside it, under a name that is free or has just that; return the path."""
    kept, number = f"{path}.before-awaitall", 1
    while os.path.lexists(kept):
        if os.path.isfile(kept) and _read(kept) == text:
            return kept
        number += 1
        kept = f"{path}.before-awaitall-{number}"
    _write(kept, text, path)
    return kept


def _write(path: str, text: str, like: str) -> None:
    """Write a file as a whole or not at all, with mode and owner of another one."""
    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{os.path.basename(path)}.", dir=folder)
    try:
        with open(descriptor, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write(text)
            file.flush()
            _make_like(file.fileno(), like)
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _make_like(descriptor: int, path: str) -> None:
    if not hasattr(os, "fchmod"):  # no file has a mode, or an owner
        return
    try:
        status = os.stat(path)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        os.fchmod(descriptor, 0o666 & ~mask)
        return
    if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
        os.fchown(descriptor, status.st_uid, status.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(status.st_mode))
