"""The toolkits whose windows live beside the tasks: Tk by tkinter, and Qt by PyQt or PySide."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
from abc import ABC, abstractmethod
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from awaitall.errors import UsageError
from awaitall.hook_place import address_of_others, emptied
from awaitall.system import TerminalError, termios

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["TOOLKITS", "Toolkit"]

#: How many events of Tk are handled before tasks have their turn again.
MANY = 100

#: More windows than there are.
MANY_WINDOWS = 2**31 - 1

#: ``QEvent.Type.DeferredDelete``, by which ``deleteLater()`` works.
DEFERRED_DELETE = 52


class Toolkit(ABC):
    """A toolkit, on the main thread.

    Args:
        modules: Those by one of which a program uses it, the one that is preferred first.

    Attributes:
        name: As ``%gui`` has it.
        wanted: Whether the user has asked for it, so that its windows live from the moment when they are made.
    """

    name: ClassVar[str]

    def __init__(self, modules: tuple[str, ...]) -> None:
        self.wanted = False
        self._modules = modules

    def begin(self) -> None:
        """Import the toolkit, and prepare for its windows.

        Raises:
            UsageError: it is not installed, or there is no display.
        """
        if not self.lives():
            self.prepare()
        self.wanted = True

    @abstractmethod
    def prepare(self) -> None:
        """Import the toolkit, and find out whether there can be windows; raises as :meth:`begin`."""

    @abstractmethod
    def lives(self) -> bool:
        """Report whether there may be windows of it."""

    @abstractmethod
    def handle(self) -> bool:
        """Handle the events that there are, without waiting; report whether there have been some."""


class Tk(Toolkit):
    """Tk. All its windows on a thread have one queue of events, by whichever interpreter of Tcl they are handled."""

    name = "tk"

    #: An interpreter of our own, kept for good: if one ended on another thread, so would the process.
    _interpreter: ClassVar[Any] = None

    #: The address of the function that tkinter has for ``PyOS_InputHook``.
    _hook: ClassVar[int | None] = None

    def prepare(self) -> None:
        try:
            import tkinter
        except ImportError as exc:
            raise UsageError(f"%gui tk takes tkinter, and this Python has none ({exc}).") from None
        try:
            tkinter.Tk().destroy()
        except tkinter.TclError as exc:
            raise UsageError(f"%gui tk takes a display: {exc}.") from None

    def lives(self) -> bool:
        # The default root is private (Lib/tkinter/__init__.py, 3.11 to 3.15). The hook is what tells of interpreters without it;
        # tkinter takes it if it is free, and leaves it empty when any interpreter has ended (Modules/_tkinter.c).
        return self.wanted or _default_root() is not None or self._has_hook()

    def _has_hook(self) -> bool:
        taken = address_of_others()
        return taken is not None and self._interpreter_of_ours() is not None and taken == Tk._hook

    def handle(self) -> bool:
        from _tkinter import DONT_WAIT

        interpreter = self._interpreter_of_ours()
        number = 0
        while number < MANY and interpreter.dooneevent(DONT_WAIT):
            number += 1
        # Raises what a callback has raised, SystemExit for one, and runs nothing, for want of windows (Modules/_tkinter.c).
        interpreter.mainloop(MANY_WINDOWS)
        return number > 0

    def _interpreter_of_ours(self) -> Any:
        if Tk._interpreter is None:
            from tkinter import Tcl

            with emptied() as place:
                Tk._interpreter = Tcl(baseName="awaitall", className="Awaitall")  # names without files of start-up code
                Tk._hook = place.value
        return Tk._interpreter


def _default_root() -> Any:
    return getattr(sys.modules.get("tkinter"), "_default_root", None)


class Qt(Toolkit):
    """Qt, by whichever of its four bindings the program has imported."""

    name = "qt"

    #: The application that :meth:`prepare` has made, kept for good: there is one in a process.
    _application: ClassVar[Any] = None

    #: Whether it handles events right now.
    _handles: ClassVar[bool] = False

    def prepare(self) -> None:
        binding = self._binding()
        # Qt does not raise where there is no display, or a library is missing, but ends the process.
        script = f"from {binding}.QtWidgets import QApplication; QApplication([])"
        tried = subprocess.run([sys.executable, "-c", script], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if tried.returncode:
            said = next((line for line in tried.stderr.splitlines() if line.strip()), f"status {tried.returncode}")
            raise UsageError(f"%gui qt cannot open a window by {binding}: {said.strip()}")
        Qt._application = import_module(f"{binding}.QtWidgets").QApplication([sys.argv[0] if sys.argv else ""])

    def _binding(self) -> str:
        """Return the binding to use: one that is imported, else the one that $QT_API names, else one that is installed."""
        names = [module.partition(".")[0] for module in self._modules]
        wanted = os.environ.get("QT_API", "").lower()
        names.sort(key=lambda name: (f"{name}.QtCore" not in sys.modules, name.lower() != wanted))
        for name in names:
            try:
                import_module(f"{name}.QtWidgets")
            except ImportError:
                continue
            return name
        raise UsageError(f"%gui qt takes one of {', '.join(names)}, and none can be imported: pip install PySide6")

    def lives(self) -> bool:
        return self._core() is not None

    def _core(self) -> Any:
        """Return the module in which there is an application of this thread, if there is one."""
        for module in self._modules:
            core = sys.modules.get(module)
            application = getattr(core, "QCoreApplication", None)
            instance = None if application is None else application.instance()
            if instance is not None and core is not None and instance.thread() == core.QThread.currentThread():
                return core
        return None

    def handle(self) -> bool:
        core = self._core()
        Qt._handles = True
        try:
            with _surviving_errors():
                busy = core.QEventLoop().processEvents()
                core.QCoreApplication.sendPostedEvents(None, DEFERRED_DELETE)
        finally:
            Qt._handles = False
        return bool(busy)

    @staticmethod
    @atexit.register
    def _restore_terminal() -> None:
        """Restore the line editing of the terminal, if a callback ends the process: PyQt and PySide do so for SystemExit."""
        if Qt._handles and termios is not None:
            with suppress(TerminalError):
                mode = termios.tcgetattr(0)
                mode[0] |= termios.ICRNL
                mode[1] |= termios.OPOST
                mode[3] |= termios.ICANON | termios.ECHO | termios.ISIG | termios.IEXTEN
                termios.tcsetattr(0, termios.TCSANOW, mode)


@contextmanager
def _surviving_errors() -> Iterator[None]:
    """Install a hook that shows an error in a callback: PyQt ends the process for one that only Python's own hook would show."""
    if sys.excepthook is not sys.__excepthook__:
        yield
        return
    sys.excepthook = hook = lambda *error: sys.__excepthook__(*error)
    try:
        yield
    finally:
        if sys.excepthook is hook:
            sys.excepthook = sys.__excepthook__


TOOLKITS: dict[str, type[Toolkit]] = {toolkit.name: toolkit for toolkit in (Tk, Qt)}
