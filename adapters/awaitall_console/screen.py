"""How the screens of the editor of the ``python`` prompt wait for the keyboard, on any system."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["WaitingScreen"]


class WaitingScreen:
    """Comes before a console of ``_pyrepl`` among the bases of a class, and has tasks run while that waits.

    Attributes:
        known: Kind -> name of a method -> its arguments, of the classes that are built upon.
        attributes: The names of the other attributes that are built upon, with spaces between.
        keys: Such names of its queue of events.
        reader: Shows the input.
        continued: Whether the process has been stopped, and goes on.
        keyboard: A file descriptor that is readable when there is something to read, once :meth:`begin_to_wait` was called.
    """

    known: ClassVar[Mapping[Any, Mapping[str, tuple[str, ...]]]]
    attributes: ClassVar[str]
    keys: ClassVar[str]
    reader: Any
    input_hook: Callable[[], object] | None
    continued = False
    keyboard: int

    def is_ready(self, timeout: float | None) -> bool:
        """Wait for an event for some milliseconds, or None, and let no task run; report whether there is one."""
        raise NotImplementedError

    def begin_to_wait(self, *, between_hooks: bool) -> None:
        """Prepare to let tasks run; ``between_hooks`` where the hook of another library runs between two waits."""

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for an event for some milliseconds, or None, and let tasks run; report whether there is one."""
        prompt = self.reader.prompt
        ready = self.is_ready(0)
        if timeout == 0 or not prompt.waits:
            return ready or self.is_ready(timeout)
        if ready:
            prompt.check()
            return True
        hooked = self.input_hook is not None  # another library's, as that of tkinter while a window is open
        self.begin_to_wait(between_hooks=hooked)
        prompt.wait(timeout and timeout / 1000 if hooked else None)
        if self.continued:
            with self.reader.hidden():
                pass
        return self.is_ready(0)
