"""Compile what awaits: inputs, scripts, and whatever else xonsh hands to its execer.

xonsh parses ``await`` and leaves it to ``compile()`` to refuse it; the tree it has made by then is compiled once more with
top-level await allowed. What does not await takes xonsh's own way and pays nothing.

What comes out has to be run by ``exec()`` and ``eval()`` in many places of xonsh, which would drop a coroutine. So it is a
*shim*: ordinary code that carries the awaiting code as a constant and calls :func:`awaitall_xonsh.run_shim` with it. Names used
here were seen unchanged in xonsh 0.14 to 0.25.

What is typed at the prompt is one coroutine, as in IPython. Any other text is cut into *pieces*: statements that await, and those
between them, which are run as if each had been typed by itself. So a script can call ``asyncio.run()``, source another script or
change the runner.
"""

from __future__ import annotations

import ast
import builtins
import threading
from typing import TYPE_CHECKING, Any

from xonsh.built_ins import XSH
from xonsh.execer import Execer
from xonsh.parsers.ast import CtxAwareTransformer, leftmostname

import awaitall  # what takes a moment to load is loaded when it is first used
from awaitall.shells.self_running import transform_source, transform_tree, with_display
from awaitall_xonsh import settings

if TYPE_CHECKING:
    from types import CodeType

__all__ = ["COMMAND", "SHIM", "AwaitExecer", "AwaitTransformer", "entered", "entered_as", "is_on"]

#: The name of a shim's code, by which its frames are told from others.
SHIM = "<await>"

#: The filename of the code that runs a line command.
COMMAND = "<command>"

_parsed = threading.local()

#: Text without either of these words has no commands that are awaited.
_WORDS = ("await", "async")


class AwaitExecer(Execer):
    """The methods of the one execer of a xonsh session that differ from xonsh's own.

    Attributes:
        active: False once the xontrib has been unloaded while the class had to stay, see :mod:`awaitall_xonsh.wiring`.
    """

    active = True

    def parse(self, input: str, *args: Any, **options: Any) -> Any:
        """Parse as xonsh does, give commands that are awaited their meaning, and remember the tree."""
        tree = super().parse(input, *args, **options)
        if self.active and isinstance(tree, ast.AST) and any(word in input for word in _WORDS):
            from awaitall_xonsh.awaited_commands.syntax import await_commands

            tree = await_commands(tree)
        if getattr(_parsed, "is_typed", False):
            tree = transform_tree(tree)
            if isinstance(tree, ast.Interactive):
                tree = with_display(tree, settings.get(settings.DISPLAY))
        _parsed.tree = tree
        return tree

    def compile(
        self,
        input: str,
        mode: str = "exec",
        glbs: Any = None,
        locs: Any = None,
        stacklevel: int = 2,
        filename: str | None = None,
        *args: Any,
        **options: Any,
    ) -> CodeType | None:
        """Compile as xonsh does; what it refuses, once more with await allowed."""
        if mode == "single" and self.active and (command := _command(input)) is not None:
            if awaitall.completeness(input.removesuffix("\n")) == "incomplete":
                raise SyntaxError("a blank line ends the block")  # by which xonsh asks for another line
            return _call(f"run_command({command!r})", COMMAND)
        if mode == "single" and self.active:  # by which xonsh compiles what is typed, and nothing else
            _parsed.entered, _parsed.is_typed = input.removesuffix("\n"), True
            source = transform_source(input)
        else:
            source = input
        _parsed.tree = None
        name = self.filename if filename is None else filename
        try:
            code: CodeType | None = super().compile(source, mode, glbs, locs, stacklevel + 1, filename, *args, **options)
            return code
        except SyntaxError:
            if _parsed.tree is None or not (self.active and is_on()):
                raise
            tree = _parsed.tree
        finally:
            _parsed.tree, _parsed.is_typed = None, False
        pieces = _pieces(tree, name, source)
        if mode == "single":
            _parsed.awaiting = pieces
        return _shim(pieces, name)

    def compile_whole(self, source: str, names: set[str]) -> awaitall.Input:
        """Compile all of a text into one piece, an expression into one that has a value; tracebacks show its lines.

        Args:
            source: In xonsh's language.
            names: Those that are bound; a line that begins with another one is a command.
        """
        entered, source = source, transform_source(source)
        try:
            tree = self._parse_whole(source, names, "eval")
        except SyntaxError:
            tree = self._parse_whole(source, names, "exec")
        filename = awaitall.Compiler.file(source)
        return awaitall.Input(
            (awaitall.Compiler.compile_tree(tree, filename, source),), isinstance(tree, ast.Expression), entered
        )

    def parse_whole(self, source: str, names: set[str]) -> tuple[ast.Module, str]:
        """Return the tree of a text in xonsh's language and its filename; see :meth:`compile_whole`."""
        source = transform_source(source)
        tree = self._parse_whole(source, names, "exec")
        assert isinstance(tree, ast.Module)
        return tree, awaitall.Compiler.file(source)

    def _parse_whole(self, source: str, names: set[str], mode: str) -> Any:
        text = source if mode == "eval" else f"{source}\n"
        return transform_tree(self.parse(text, names | set(dir(builtins)), mode=mode))


class AwaitTransformer(CtxAwareTransformer):
    """Decides whether a line is Python or a command: what awaits is Python, though it may name what does not exist.

    xonsh asks this of whole statements, and of each operand of ``and``, ``or`` and ``not`` by itself; so ``await f() && ls`` has
    a command in it. Where the user has a command of the name ``await``, xonsh decides as ever.
    """

    active = True

    def is_in_scope(self, node: ast.AST) -> bool:
        """Report whether Python knows all names below a node; those that do not stand in it make it a command."""
        return super().is_in_scope(node) or (
            self.active
            and any(map(_awaits, ast.walk(node)))
            and is_on()
            and not (_is_command("await") or self._may_be_command(node))
        )

    def _may_be_command(self, node: ast.AST) -> bool:
        """Report whether a product of an unknown name may be a command: ``echo @(await f())`` is one to the xontrib coconut."""
        name = leftmostname(node) if any(isinstance(part, ast.MatMult) for part in ast.walk(node)) else None
        return name is not None and not any(name in names for names in self.contexts)


def _pieces(tree: ast.Module | ast.Interactive | ast.Expression, filename: str, source: str) -> tuple[CodeType, ...]:
    if isinstance(tree, ast.Interactive) and _is_prompt():
        return (awaitall.Compiler.compile_tree(tree, filename, source),)
    return awaitall.Compiler.compile_apart(tree, filename, source)


def _is_prompt() -> bool:
    return bool(XSH.env.get("XONSH_INTERACTIVE"))


def _shim(codes: tuple[CodeType, ...], filename: str) -> CodeType:
    call = _call("run_shim('CODES', globals(), locals())", filename)
    return call.replace(co_consts=tuple(codes if const == "CODES" else const for const in call.co_consts))


def _call(call: str, filename: str) -> CodeType:
    return compile(f"__import__('awaitall_xonsh').{call}", filename, "eval").replace(co_name=SHIM)


def _command(source: str) -> str | None:
    """Return the line command in ``%name arguments``, without its percent sign; ``%1`` is a job of the shell's."""
    if "%" not in source:
        return None
    from awaitall.shells import command_line

    line = command_line(source)
    if line is None:
        return None
    name = line.partition(" ")[0].removesuffix("?")  # a question mark asks for help
    return line if name.isidentifier() or not name else None


def entered() -> str | None:
    """Return the text that has been typed last in this thread, or None."""
    return getattr(_parsed, "entered", None)


def entered_as(code: CodeType) -> str | None:
    """Return the text that has been typed last in this thread, if it awaits and this is its code; else None."""
    return entered() if any(code is piece for piece in getattr(_parsed, "awaiting", ())) else None


def _awaits(node: ast.AST) -> bool:
    return isinstance(node, ast.Await) or (isinstance(node, ast.comprehension) and bool(node.is_async))


def is_on() -> bool:
    """Report whether the user has not switched await off."""
    return bool(settings.get(settings.AUTOAWAIT))


def _is_command(name: str) -> bool:
    return name in XSH.aliases or XSH.commands_cache.locate_binary(name) is not None
