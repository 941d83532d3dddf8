"""What Tab offers in xonsh besides what xonsh does: line commands, and attributes of what is awaited.

xonsh loads its completers at the first Tab, which takes longer than all else that we do at its start. So ours are added then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xonsh.completers.tools import RichCompletion, contextual_command_completer, contextual_completer

from awaitall_xonsh import line_commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xonsh.parsers.completion_context import CommandContext, CompletionContext

__all__ = ["COMPLETERS", "completions"]


@contextual_command_completer  # type: ignore[untyped-decorator]
def complete(command: CommandContext) -> set[RichCompletion] | None:
    """Offer commands with their percent sign, and their arguments; called by Tab."""
    words = [argument.value for argument in command.args[: command.arg_index]]
    text = " ".join([*words, command.prefix])
    if not text.startswith("%"):
        return None
    return set(completions(text, "" if words else "%"))


@contextual_completer  # type: ignore[untyped-decorator]
def complete_awaited(context: CompletionContext) -> tuple[set[RichCompletion], int] | None:
    """Offer the attributes of what is awaited in a line of Python; called by Tab."""
    if context.python is None or "await" not in context.python.prefix or context.python.prefix.startswith("%"):
        return None
    text = context.python.prefix
    return set(completions(text)), len(text) - text.rfind(".") - 1


def completions(text: str, sign: str = "") -> Iterator[RichCompletion]:
    """Return what the session completes, as xonsh takes it."""
    for word, meaning in line_commands.session().complete(text).items():
        yield RichCompletion(f"{sign}{word}", description=meaning, append_space=text.startswith("%"))


#: Name -> completer, as xonsh knows them.
COMPLETERS = {"awaitall_awaited": complete_awaited, "awaitall": complete}
