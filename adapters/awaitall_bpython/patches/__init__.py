"""All that is patched in a live bpython: what, why, and which names of bpython each patch takes.

bpython has no hooks for any of this. So methods of the one live instance are wrapped, never those of its classes. Where one of
the names is missing, the patch is left out: await still works, and one line tells what does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from awaitall_bpython.patches.completion import complete_by_session
from awaitall_bpython.patches.exit import end_session_at_exit
from awaitall_bpython.patches.help import help_with_commands, show_tasks_by_key
from awaitall_bpython.patches.output import hold_back_output
from awaitall_bpython.patches.prompt import run_background_tasks
from awaitall_bpython.patches.sigint import interrupt_before_repaint, interrupt_during_repaint, interrupt_running_code
from awaitall_bpython.patches.status import show_status
from awaitall_bpython.patches.undo import close_session_before_replay, keep_modules_on_reload

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PATCHES", "Patch"]


@dataclass(frozen=True, slots=True)
class Patch:
    """One thing that bpython has to do differently for a session.

    Attributes:
        name: What bpython does differently.
        why: What would happen without the patch.
        needs: The names that the patch takes, as attributes of the live bpython, ``sys.stdin.repl``.
        seen_in: The versions of bpython in which these names were seen.
        apply: Wraps the methods of the live bpython; called once, if it has all of the names.
    """

    name: str
    why: str
    needs: tuple[str, ...]
    seen_in: str
    apply: Callable[[Any], None]


#: The patches in the order in which they are applied. Some wrap the method that an earlier one has wrapped, or take what it made.
PATCHES = (
    Patch(
        name="Ctrl-C while code runs",
        why="A KeyboardInterrupt would strike the event loop: the input stays a task of it, and is not cleaned up.",
        needs=(
            "coderunner.sigint_handler",
            "coderunner.main_context",
            "stdin.has_focus",
            "input_generator.sigint_handler",
        ),
        seen_in="0.23 to 0.26",
        apply=interrupt_running_code,
    ),
    Patch(
        name="Ctrl-C during a repaint",
        why="It would come out of the print that has caused the repaint, and end whichever task has printed.",
        needs=("coderunner.request_from_main_context",),
        seen_in="0.23 to 0.26",
        apply=interrupt_during_repaint,
    ),
    Patch(
        name="Ctrl-C before a repaint",
        why="It would be taken for a Ctrl-C at the prompt, and the code that waits for the repaint would go on.",
        needs=(
            "keyboard_interrupt",
            "coderunner.code_is_waiting",
            "coderunner.sigint_happened_in_main_context",
        ),
        seen_in="0.23 to 0.26",
        apply=interrupt_before_repaint,
    ),
    Patch(
        name="Output of tasks and threads",
        why="A tab or a carriage return in it would end bpython, and a print in a thread would fail (bpython#784).",
        needs=(
            "coderunner.main_context",
            "coderunner.code_context",
            "coderunner.load_code",
            "current_stdouterr_line",
            "input_generator.threadsafe_event_trigger",
            "process_event_and_paint",
            "stdout.on_write",
            "stdout.write",
            "stderr.on_write",
            "stderr.write",
        ),
        seen_in="0.23 to 0.26",
        apply=hold_back_output,
    ),
    Patch(
        name="Background tasks at the prompt",
        why="They would be paused while bpython waits for a key.",
        needs=(
            "_awaitall_output.tasks_run",
            "input_generator._wait_for_read_ready_or_timeout",
            "input_generator.sigint_handler",
            "input_generator.in_stream",
            "input_generator.wakeup_read_fd",
            "input_generator.readers",
            "input_generator.sigints",
            "coderunner.code_is_waiting",
        ),
        seen_in="0.23 to 0.26",
        apply=run_background_tasks,
    ),
    Patch(
        name="Status bar",
        why="Nobody would see which runner is in use, and that tasks are running.",
        needs=(
            "paint",
            "status_bar.permanent_stack",
            "input_generator.sigints",
            "input_generator._wait_for_read_ready_or_timeout",
            "input_generator.threadsafe_event_trigger",
        ),
        seen_in="0.23 to 0.26",
        apply=show_status,
    ),
    Patch(
        name="Help",
        why="It would tell nothing of await, and there would be no source of a line command.",
        needs=("version_help_text", "show_source", "pager", "current_line", "status_bar.message"),
        seen_in="0.23 to 0.26",
        apply=help_with_commands,
    ),
    Patch(
        name="The key that shows the background tasks",
        why="They could be seen and cancelled by line commands alone, not while a line is half typed.",
        needs=(
            "config",
            "process_key_event",
            "schedule_refresh",
            "status_bar.file_prompt",
            "status_bar.has_focus",
            "status_bar.message",
            "stdin.has_focus",
        ),
        seen_in="0.23 to 0.26",
        apply=show_tasks_by_key,
    ),
    Patch(
        name="Completion of line commands, and behind an await",
        why="Tab would take line commands for names of Python, and know nothing of what is awaited.",
        needs=("completers", "interp"),
        seen_in="0.23 to 0.26",
        apply=complete_by_session,
    ),
    Patch(
        name="Undo",
        why="The background tasks of the first run would go on beside those of the second.",
        needs=("reevaluate", "status_bar.message"),
        seen_in="0.23 to 0.26",
        apply=close_session_before_replay,
    ),
    Patch(
        name="Reload",
        why="It would forget this adapter and the libraries that it runs, which would be imported a second time.",
        needs=("clear_modules_and_reevaluate", "original_modules"),
        seen_in="0.23 to 0.26",
        apply=keep_modules_on_reload,
    ),
    Patch(
        name="Exit",
        why="Tasks would be cleaned up at the end of the Python process, when no thread can be started any more.",
        needs=("process_event_and_paint", "_awaitall_output.end"),
        seen_in="0.23 to 0.26",
        apply=end_session_at_exit,
    ),
)
