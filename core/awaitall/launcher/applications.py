"""Find a web application by what a user calls it: ``shop:app``, ``shop``, ``shop:create_app``, ``shop.py``."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
import traceback
from operator import attrgetter
from types import FrameType, ModuleType
from typing import TYPE_CHECKING, Any

from awaitall.errors import AwaitallError
from awaitall.interrupts import in_framework

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

__all__ = ["Application", "ApplicationError", "failing"]

#: The names that are tried where none is given: of an application, and of what makes one.
_NAMES = ("app", "application", "create_app", "make_app")


class ApplicationError(AwaitallError):
    """There is no application of the name that was given, or it does not start."""


class Application:
    """An application that has been found.

    Args:
        reference: A module or a file, and the name in it, with a colon between them. What is found may be the application or
            a function without arguments that makes it.

    Attributes:
        reference: What was found.
        module: The one that has it.
        app: The application, an ASGI or a WSGI one, once it is complete.

    Raises:
        ApplicationError: there is none, or it cannot be made. If it is the code of the user that has failed, its traceback has
            been printed.
    """

    def __init__(self, reference: str) -> None:
        place, _, name = reference.partition(":")
        self.module = _module(place)
        name = name.removesuffix("()") or _default_name(self.module)
        self.reference = f"{self.module.__name__}:{name}"
        try:
            found: Any = attrgetter(name)(self.module)
        except AttributeError as exc:
            raise ApplicationError(f"{self.module.__name__} has no {name!r}: {exc}") from None
        self._is_made = callable(found) and _takes(found)
        self.app = found

    def complete(self, run: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
        """Make the application, if a function makes it.

        Args:
            run: Runs a coroutine to its end, in case the function is one of those.

        Raises:
            ApplicationError: what was found is no application, or none has been made.
        """
        if self._is_made:
            try:
                made = self.app()
                self.app = run(made) if inspect.iscoroutine(made) else made
            except Exception as exc:
                raise failing(exc, f"{self.reference} has failed, so there is no application.") from exc
        if not (self.is_asgi or (callable(self.app) and _takes(self.app, "environ", "start_response"))):
            kind = type(self.app).__name__
            raise ApplicationError(f"{self.reference} is neither an ASGI nor a WSGI application, but of the type {kind!r}.")

    @property
    def is_asgi(self) -> bool:
        """Whether it is an application by ASGI 3: a coroutine function, or what takes as much and gives an awaitable."""
        call = self.app if inspect.isfunction(self.app) or inspect.ismethod(self.app) else getattr(self.app, "__call__", None)  # noqa: B004
        return inspect.iscoroutinefunction(call) or (callable(self.app) and _takes(self.app, "scope", "receive", "send"))

    def names(self) -> dict[str, Any]:
        """Return the public names of the module, those that a Flask or Quart application has for its shell, and ``app``.

        Raises:
            ApplicationError: the code of the user that gives some of them has failed.
        """
        names = {name: getattr(self.module, name) for name in _public(self.module) if hasattr(self.module, name)}
        if self._is_made or isinstance(names.get("app"), ModuleType | None):
            names["app"] = self.app
        if (of_shell := getattr(self.app, "make_shell_context", None)) is not None:
            try:
                names.update(of_shell())
            except Exception as exc:
                raise failing(exc, f"The names that {self.reference} has for its shell could not be had.") from exc
        return names


def failing(exc: BaseException, message: str) -> ApplicationError:
    """Print what the code of the user has raised, and return the error that says what comes of it."""
    tb = exc.__traceback__
    while tb is not None and _is_plumbing(tb.tb_frame):
        tb = tb.tb_next
    traceback.print_exception(exc.with_traceback(tb))
    return ApplicationError(message)


def _is_plumbing(frame: FrameType) -> bool:
    """Report whether a frame is one of those that have called the code of the user: ours, or those of an import."""
    return in_framework(frame) or frame.f_code.co_filename.startswith(("<coroutine>", "<frozen importlib", importlib.__file__))


def _module(place: str) -> ModuleType:
    folder, name = _of_file(place) if place.endswith(".py") or os.sep in place else (os.getcwd(), place)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as exc:
        if exc.name is not None and f"{name}.".startswith(f"{exc.name}."):
            raise ApplicationError(f"No module is called {exc.name!r}, in {folder} or elsewhere.") from None
        raise failing(exc, f"{place} could not be imported.") from exc
    except (ImportError, TypeError, ValueError) as exc:
        if not name or name.startswith("."):
            raise ApplicationError(f"{place!r} is no name of a module: --app shop:app, --app shop.py") from None
        raise failing(exc, f"{place} could not be imported.") from exc
    except Exception as exc:
        raise failing(exc, f"{place} could not be imported.") from exc


def _of_file(path: str) -> tuple[str, str]:
    """Return the folder to import from, and the name of the module, for a file that may be in a package."""
    if not os.path.exists(path):
        raise ApplicationError(f"There is no file {path}.")
    folder, name = os.path.split(os.path.realpath(path).removesuffix(".py").removesuffix(f"{os.sep}__init__"))
    while os.path.exists(os.path.join(folder, "__init__.py")):
        folder, package = os.path.split(folder)
        name = f"{package}.{name}"
    return folder, name


def _default_name(module: ModuleType) -> str:
    there = [name for name in _NAMES if hasattr(module, name)]
    for name in there:
        if callable(getattr(module, name)):
            return name
    if there:
        return there[0]  # whose type an error tells
    raise ApplicationError(
        f"{module.__name__} has no {', '.join(_NAMES[:-1])} or {_NAMES[-1]}; name it: --app {module.__name__}:NAME"
    )


def _takes(function: Callable[..., Any], *arguments: str) -> bool:
    try:
        inspect.signature(function).bind(*arguments)
    except (TypeError, ValueError):
        return False
    return True


def _public(module: ModuleType) -> Iterable[str]:
    return getattr(module, "__all__", None) or [name for name in vars(module) if not name.startswith("_")]
