"""Compile inputs that await.

xonsh parses ``await`` and leaves it to ``compile()`` to refuse it; the tree it has made by then is compiled once more with
top-level await allowed. Inputs that do not await take xonsh's own way and pay nothing.

What comes out has to be run by ``exec()`` and ``eval()`` in many places of xonsh, which would drop a coroutine. So it is a
*shim*: ordinary code that carries the awaiting code as a constant and calls :func:`awaitall_xonsh.run_shim` with it. Names used
here were seen unchanged in xonsh 0.14 to 0.25.
"""

from __future__ import annotations

import ast
import sys
import threading
from typing import TYPE_CHECKING, Any

from xonsh.built_ins import XSH
from xonsh.execer import Execer
from xonsh.parsers.ast import CtxAwareTransformer

from awaitall.detect import command_line, compile_awaitable

if TYPE_CHECKING:
    from types import CodeType

__all__ = ["SHIM", "AwaitExecer", "AwaitTransformer"]

#: The name of a shim's code, by which its frames are told from others.
SHIM = "<await>"

_parsed = threading.local()


class AwaitExecer(Execer):
    """The methods of the one execer of a xonsh session that differ from xonsh's own.

    Attributes:
        active: False once the xontrib has been unloaded while the class had to stay, see :mod:`awaitall_xonsh.wiring`.
    """

    active = True

    def parse(self, *args: Any, **options: Any) -> Any:
        """Parse as xonsh does, and remember the tree."""
        _parsed.tree = tree = super().parse(*args, **options)
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
        """Compile as xonsh does; what it refuses at the prompt, once more with await allowed."""
        if mode == "single" and self.active and (command := _command(input)):
            return _call(f"run_command({command!r})", "<command>")
        _parsed.tree = None
        name = self.filename if filename is None else filename
        try:
            code: CodeType | None = super().compile(input, mode, glbs, locs, stacklevel + 1, filename, *args, **options)
            return code
        except SyntaxError:
            if mode != "single" or _parsed.tree is None or not (self.active and _is_on()):
                raise
            tree = _parsed.tree
        finally:
            _parsed.tree = None
        return _shim(_compile_tree(tree, name, input), name)


class AwaitTransformer(CtxAwareTransformer):
    """Decides whether a line is Python or a command: what awaits is Python, though it may name what does not exist.

    xonsh asks this of whole statements, and of each operand of ``and``, ``or`` and ``not`` by itself; so ``await f() && ls`` has
    a command in it. Where the user has a command of the name ``await``, xonsh decides as ever.
    """

    active = True

    def is_in_scope(self, node: ast.AST) -> bool:
        """Tell whether Python knows all names below a node; those that do not stand in it make it a command."""
        return super().is_in_scope(node) or (
            self.active and _is_on() and any(map(_awaits, ast.walk(node))) and not _is_command("await")
        )


def _compile_tree(tree: ast.AST, filename: str, source: str) -> CodeType:
    """Compile with await allowed. An error is about something else then: it is the one to show, with its line as xonsh does."""
    try:
        return compile_awaitable(tree, filename, "single")
    except SyntaxError as exc:
        from awaitall.compiling import add_line

        add_line(exc, source)
        raise exc.with_traceback(None) from None


def _shim(code: CodeType, filename: str) -> CodeType:
    call = _call("run_shim('CODES', globals(), locals())", filename)
    return call.replace(co_consts=tuple((code,) if const == "CODES" else const for const in call.co_consts))


def _call(call: str, filename: str) -> CodeType:
    return compile(f"__import__('awaitall_xonsh').{call}", filename, "exec").replace(co_name=SHIM)


def _command(source: str) -> str | None:
    """Give the line command in ``%name arguments``, without its percent sign; ``%1`` is a job of the shell's."""
    line = command_line(source)
    return line if line and line.split()[0].isidentifier() else None


def _awaits(node: ast.AST) -> bool:
    return isinstance(node, ast.Await) or (isinstance(node, ast.comprehension) and bool(node.is_async))


def _is_on() -> bool:
    """Tell whether the user has not switched await off; only a session that has begun knows of that."""
    running = sys.modules.get("awaitall_xonsh.running")
    return running is None or running.prompt().session.autoawait


def _is_command(name: str) -> bool:
    return name in XSH.aliases or XSH.commands_cache.locate_binary(name) is not None
