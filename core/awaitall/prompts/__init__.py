"""The parts of which a prompt is made that waits for the user while background tasks go on, whatever reads the keyboard.

:func:`awaitall.shells.tasks_during_input` and :func:`awaitall.shells.read_in_thread` are complete prompts. The names here are
for other kinds, as those made with prompt_toolkit and with curtsies.
"""

from __future__ import annotations

from awaitall.interrupts import PromptGuard
from awaitall.polling import readable
from awaitall.prompts.held import OVERWRITTEN, HeldLines, HeldStreams
from awaitall.prompts.keyboard_prompt import WaitingPrompt
from awaitall.prompts.press_again import PressAgain
from awaitall.threads import get_ident, in_main_thread

__all__ = [
    "OVERWRITTEN",
    "HeldLines",
    "HeldStreams",
    "PressAgain",
    "PromptGuard",
    "WaitingPrompt",
    "get_ident",
    "in_main_thread",
    "readable",
]
