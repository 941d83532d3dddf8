"""A program, as ``python FILE``, ``-c``, ``-m`` and ``-`` run one, whose top level may await.

What awaits is cut into pieces: statements that await, and those between them, which run as if each had been typed by itself. So a
file can await, and call ``asyncio.run()`` after that, as the statements that do not await run inside no coroutine.
"""

from __future__ import annotations

import builtins
import os
import sys
from importlib.machinery import BuiltinImporter, SourceFileLoader
from importlib.util import MAGIC_NUMBER, find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from awaitall.compiling import Compiler, Input, parse
from awaitall.errors import NoProgramError, UsageError
from awaitall.linecache_entries import register_source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType

__all__ = ["CommandLine", "Program", "awaiting_startup_file", "command_line_of", "file_awaits", "program_in_file", "program_of"]


class CommandLine(NamedTuple):
    """What runs a program, and how.

    Attributes:
        program: ``["FILE", ...]``, ``["-c", "CODE", ...]``, ``["-m", "MODULE", ...]`` or ``["-", ...]``, with the arguments of
            the program; empty if there is none.
        runner: The name of a runner, if one is given.
        interactive: Whether a prompt follows.
        app: What a user calls the web application in which a shell is to start, if one is given; the program is the shell then.
    """

    program: list[str]
    runner: str | None = None
    interactive: bool = False
    app: str | None = None


#: Option -> its name in a :class:`CommandLine`, and what it takes.
_TAKES = {
    "-r": ("runner", "the name of a runner"),
    "--runner": ("runner", "the name of a runner"),
    "--app": ("app", "a web application, as shop:app"),
}


def command_line_of(arguments: Sequence[str]) -> CommandLine:
    """Take options of ours off the front of a command line: ``-i``, ``--runner NAME``, ``--app MODULE:NAME``.

    Raises:
        UsageError: there is another option, or one lacks what belongs to it.
    """
    rest, interactive = list(arguments), False
    given: dict[str, str] = {}
    while rest and rest[0].startswith("-") and rest[0] not in ("-", "-c", "-m"):
        option, _, value = rest.pop(0).partition("=")
        if option == "-i":
            interactive = True
        elif option not in _TAKES:
            raise UsageError(f"There is no option {option}; there are -i, -c, -m, --runner, and --app.")
        elif value or rest:
            given[_TAKES[option][0]] = value or rest.pop(0)
        else:
            raise UsageError(f"{option} takes {_TAKES[option][1]}.")
    if rest[:1] in (["-c"], ["-m"]) and len(rest) == 1:
        raise UsageError(f"{rest[0]} takes {'a module' if rest[0] == '-m' else 'code'} behind it.")
    return CommandLine(rest, given.get("runner"), interactive, given.get("app"))


class Program:
    """A program, compiled; it has not begun.

    Args:
        pieces: Code objects, which run one after the other.
        module: What ``__main__`` is while they run.

    Attributes:
        is_async: Whether it awaits at the top level.
    """

    def __init__(self, pieces: tuple[CodeType, ...], module: ModuleType) -> None:
        self.inputs = [Input((code,)) for code in pieces]
        self.module = module
        self.is_async = any(compiled.is_async for compiled in self.inputs)

    def run(self, run: Callable[..., object], names: dict[str, Any] | None = None, locals: Any = None) -> None:
        """Run the pieces.

        Args:
            run: Runs an input, as :meth:`awaitall.Session.run` does.
            names: The globals; those of the module where omitted.
            locals: Where names are bound, if not there.
        """
        names = vars(self.module) if names is None else names
        for compiled in self.inputs:
            run(compiled, names, locals)

    def install(self) -> dict[str, Any]:
        """Make the module of the program ``__main__``; return its names."""
        sys.modules["__main__"] = self.module
        return vars(self.module)


def program_of(arguments: Sequence[str]) -> Program:
    """Compile a program, and set ``sys.argv`` and ``sys.path`` for it, as ``python`` does.

    Args:
        arguments: As :class:`CommandLine` has them.

    Raises:
        SyntaxError: as ``python`` raises it. NoProgramError: there is no such file or module.
    """
    first, *rest = arguments
    if first == "-c":
        return _of_command(*rest)
    if first == "-m":
        return _of_module(*rest)
    sys.argv = [first, *rest]
    if first == "-":
        _put_on_path("")
        return Program(_compiled(sys.stdin.buffer.read(), "<stdin>"), _main_of_file("<stdin>"))
    return _of_path(first)


def _of_command(source: str, *arguments: str) -> Program:
    sys.argv = ["-c", *arguments]
    _put_on_path("")
    if sys.version_info >= (3, 13):  # whose tracebacks show the lines
        register_source("<string>", source)
    return Program(_compiled(source.encode("utf-8", "surrogateescape"), "<string>"), _main())


def _of_module(name: str, *arguments: str) -> Program:
    sys.argv = ["-m", *arguments]
    _put_on_path(os.getcwd())
    spec = _found(name)
    if spec.submodule_search_locations is not None:
        try:
            spec = _found(f"{name}.__main__")
        except NoProgramError as exc:
            raise NoProgramError(f"{exc}; {name!r} is a package and cannot be directly executed", 1) from None
    program = _of_spec(spec)
    sys.argv[0] = spec.origin or name
    return program


def _found(name: str) -> ModuleSpec:
    try:
        spec = find_spec(name)
    except (ImportError, ValueError) as exc:
        raise NoProgramError(f"Error while finding module specification for {name!r} ({type(exc).__name__}: {exc})", 1) from exc
    if spec is None:
        raise NoProgramError(f"No module named {name}", 1)
    return spec


def _of_path(path: str) -> Program:
    from pkgutil import get_importer

    name = os.path.abspath(path)
    if (importer := get_importer(name)) is not None:  # a folder or a zip file
        spec = importer.find_spec("__main__")
        if spec is None:
            raise NoProgramError(f"can't find '__main__' module in {name!r}", 1)
        _put_on_path(name)
        return _of_spec(spec)
    _put_on_path(os.path.dirname(os.path.realpath(path)))
    return program_in_file(path)


def file_awaits(path: str) -> bool:
    """Report whether the program in a file awaits; not so if it cannot be compiled, which whoever runs it will tell."""
    try:
        return program_in_file(path).is_async
    except Exception:
        return False


def awaiting_startup_file() -> str:
    """Return what PYTHONSTARTUP names, if that file awaits, and "" if not; for :attr:`awaitall.ShellSpec.trouble`."""
    path = os.environ.get("PYTHONSTARTUP", "")
    return path if path and file_awaits(path) else ""


def program_in_file(path: str) -> Program:
    """Compile the program in a file, and change nothing else.

    Raises:
        SyntaxError: as ``python`` raises it. NoProgramError: the file cannot be read.
    """
    name = os.path.abspath(path)
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as exc:
        raise NoProgramError(f"can't open file {name!r}: [Errno {exc.errno}] {exc.strerror}", 2) from exc
    module = _main_of_file(name)
    if data.startswith(MAGIC_NUMBER):
        from marshal import loads

        return Program((loads(data[16:]),), module)
    return Program(_compiled(data, name), module)


def _of_spec(spec: ModuleSpec) -> Program:
    loader: Any = spec.loader
    source = loader.get_source(spec.name)
    pieces = (loader.get_code(spec.name),) if source is None else _compiled(source.encode(), spec.origin or spec.name)
    names = {"__spec__": spec, "__loader__": loader, "__package__": spec.parent, "__file__": spec.origin}
    return Program(pieces, _main(**names, **_cached(spec.cached)))


def _compiled(source: bytes, filename: str) -> tuple[CodeType, ...]:
    return Compiler.compile_apart(parse(source, filename), filename, source.decode("utf-8", "replace"))


def _main(**names: object) -> ModuleType:
    module = ModuleType("__main__")
    vars(module).update({"__builtins__": builtins, "__loader__": BuiltinImporter, **names})
    if sys.version_info < (3, 14):
        module.__annotations__ = {}
    return module


def _main_of_file(name: str) -> ModuleType:
    return _main(__file__=name, __loader__=SourceFileLoader("__main__", name), **_cached(None))


def _cached(path: str | None) -> dict[str, object]:
    return {"__cached__": path} if sys.version_info < (3, 15) else {}


def _put_on_path(folder: str) -> None:
    if not sys.flags.safe_path:
        sys.path.insert(0, folder)
