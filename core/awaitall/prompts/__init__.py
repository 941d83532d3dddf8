"""The parts of which a prompt is made that waits for the user while background tasks go on, whatever reads the keyboard.

:func:`awaitall.shells.tasks_during_input` and :func:`awaitall.shells.read_in_thread` are complete prompts. The names here are
for other kinds, as those made with prompt_toolkit and with curtsies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from awaitall import _load
from awaitall.interrupts import PromptGuard
from awaitall.polling import readable, socket_pair
from awaitall.prompts.held import HeldLines, HeldStreams, without_overwritten
from awaitall.prompts.holding_up import own_interrupts
from awaitall.prompts.keyboard_prompt import WaitingPrompt
from awaitall.prompts.press_again import PressAgain
from awaitall.system import TerminalError, gives_signals, termios
from awaitall.threads import get_ident, in_main_thread

if TYPE_CHECKING:
    from awaitall.prompts.console_keys import ConsoleKeys
    from awaitall.prompts.hosted import HostedPrompt

__all__ = [
    "ConsoleKeys",
    "HeldLines",
    "HeldStreams",
    "HostedPrompt",
    "PressAgain",
    "PromptGuard",
    "TerminalError",
    "WaitingPrompt",
    "get_ident",
    "gives_signals",
    "in_main_thread",
    "own_interrupts",
    "readable",
    "socket_pair",
    "termios",
    "without_overwritten",
]

#: The first is for Windows, the other one imports asyncio.
_MODULE_OF = {"ConsoleKeys": "prompts.console_keys", "HostedPrompt": "prompts.hosted"}


def __getattr__(name: str) -> object:
    """Load the module that holds a name of this page (PEP 562)."""
    return _load(globals(), _MODULE_OF, name)
