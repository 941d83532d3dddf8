"""Install the awaiting execer in a xonsh session, and uninstall it.

Other xontribs do the same to the same objects, before us or after us. What they have made stays below ours; what they put on top
of ours stays when we go, and then ours stays below it and does nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xonsh.aliases import xexec
from xonsh.built_ins import XonshSession
from xonsh.events import events
from xonsh.tools import unthreadable

from awaitall.shells import replace_class, restore_class
from awaitall_xonsh import line_commands, settings
from awaitall_xonsh.execer import AwaitExecer, AwaitTransformer
from awaitall_xonsh.patches import PATCHES, check, of_kernel

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["load", "unload"]

#: Where a function has been put, its name there -> ours, and the one that was there.
_functions: dict[tuple[Any, str], tuple[Callable[..., Any], Callable[..., Any]]] = {}


class CompletingSession(XonshSession):
    """Adds our completers to those of xonsh when it loads those, at the first Tab."""

    @property
    def completers(self) -> Any:
        are_loaded = self._completers is not None
        completers = super().completers
        if AwaitExecer.active and not are_loaded:
            _add_completers(completers)
        return completers


def _add_completers(completers: Any) -> None:
    from awaitall_xonsh.completion import COMPLETERS

    for name, completer in COMPLETERS.items():
        completers[name] = completer
        completers.move_to_end(name, last=False)


def load(xsh: XonshSession) -> None:
    """Swap the classes of the live execer and its transformer, and wrap functions of xonsh; what is there already stays.

    Raises:
        AttributeError, TypeError: this xonsh lacks a name that we use, or it takes other arguments. Nothing has been changed, or
            it has been changed back.
    """
    check(xsh)
    try:
        _load(xsh)
    except BaseException:
        unload(xsh)
        raise


def _load(xsh: XonshSession) -> None:
    AwaitExecer.active = AwaitTransformer.active = True
    settings.register(xsh)
    replace_class(xsh, CompletingSession)
    if xsh._completers is not None:
        _add_completers(xsh._completers)
    replace_class(xsh.execer, AwaitExecer)
    replace_class(xsh.execer.ctxtransformer, AwaitTransformer)
    xsh.builtins.compilex = xsh.execer.compile
    for patch in (*PATCHES, *of_kernel()):
        _wrap(patch.owner, patch.name, patch.wrap)
    line_commands.add_aliases(xsh)
    unthreadable(xexec)  # it ends the session, which its own thread alone can do
    events.on_exit(_end)
    events.on_pre_cmdloop(_wire_prompt)
    events.on_pre_prompt(_restore_python_handler)
    events.on_xonfig_info_requested(_info)


def unload(xsh: XonshSession) -> None:
    """Undo :func:`load`, and end the background tasks."""
    _end()
    events.on_exit.discard(_end)
    events.on_pre_cmdloop.discard(_wire_prompt)
    events.on_pre_prompt.discard(_restore_python_handler)
    events.on_xonfig_info_requested.discard(_info)
    AwaitExecer.active = AwaitTransformer.active = False
    restore_class(xsh, CompletingSession)
    restore_class(xsh.execer, AwaitExecer)
    restore_class(xsh.execer.ctxtransformer, AwaitTransformer)
    xsh.builtins.compilex = xsh.execer.compile
    for patch in (*PATCHES, *of_kernel()):
        _unwrap(patch.owner, patch.name)
    line_commands.remove_aliases(xsh)
    vars(xexec).pop("__xonsh_threadable__", None)
    for name in settings.imported("completion", "COMPLETERS") or ():
        (xsh._completers or {}).pop(name, None)
    settings.deregister(xsh)


def _end(**_: object) -> None:
    """End the session; the module that has it is imported by the first code that awaits."""
    if end := settings.imported("running", "end"):
        end()


def _wire_prompt(**_: object) -> None:
    """Run the tasks of rc files at the prompt."""
    if wire_prompt := settings.imported("running", "wire_prompt"):
        wire_prompt()


def _info(**_: object) -> list[tuple[str, str]]:
    """Return what ``xonfig`` shows of us."""
    from importlib.metadata import version

    return [("awaitall", version("awaitall")), ("awaitall runner", settings.get("XONTRIB_AWAITALL_RUNNER"))]


def _restore_python_handler(**_: object) -> None:
    """Restore Python's handler, where a process that still runs has its own, or ours was left: it would swallow Ctrl-C."""
    if restore := settings.imported("sigint", "restore_python_handler"):
        restore()


def _wrap(owner: Any, name: str, wrap: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    theirs = getattr(owner, name)
    if (owner, name) not in _functions or _functions[owner, name][0] is not theirs:
        ours = wrap(theirs)
        setattr(owner, name, ours)
        _functions[owner, name] = ours, theirs


def _unwrap(owner: Any, name: str) -> None:
    ours, theirs = _functions.pop((owner, name), (None, None))
    if ours is not None and getattr(owner, name) is ours:
        setattr(owner, name, theirs)
