"""Turn what the user entered into code, all of it before any of it runs."""

from __future__ import annotations
import __future__

import ast
import codeop
import re
import warnings
from itertools import groupby
from types import CodeType
from typing import Any

from awaitall import hooks, linecache_entries
from awaitall.detect import CO_COROUTINE, awaits, command_continues, compile_awaitable, is_async, mode_of, settle
from awaitall.shown import Display, assigned_name, changes_prompt, with_display

__all__ = ["FUTURES", "CommandCompiler", "Compiler", "Display", "Input", "add_line", "parse"]

#: The compiler flags of all ``from __future__`` imports.
FUTURES = 0
for _name in __future__.all_feature_names:
    FUTURES |= getattr(__future__, _name).compiler_flag

#: The names that ``code.InteractiveConsole`` and the like give to all inputs; each input gets one of its own in their place.
_ANONYMOUS = frozenset({None, "<input>", "<console>", "<stdin>"})

#: Of ``codeop``: the end of the text does not end a block.
_DONT_IMPLY_DEDENT = 0x200

#: A single expression, the most frequent input, is compiled in half the time if nobody asks for its tree. So that is tried
#: first, unless the text looks like more; a backslash may stand for a warning, which a second attempt would give again.
_MORE_THAN_AN_EXPRESSION = re.compile(r"[=;\\\n]")

#: One statement on one line that has no value to show; it takes no tree, either, which is half the time of an assignment.
_SHOWS_NOTHING = re.compile(r"(?:[^\W\d]\w*[ \t]*=(?!=)|(?:import|from|del|assert)\b)[^;\\\r\n]*\Z")


class Input:
    """One input, compiled: the pieces run one after the other; the last one may have a value to show.

    Attributes:
        pieces: Code objects, in order. All of them compiled, so nothing of the input has run when a SyntaxError is raised.
        has_value: Whether the last piece is an expression whose value the shell should show.
        is_async: Whether running it takes an event loop.
        source: The text that the user entered, or None where the input was no text.
    """

    __slots__ = ("has_value", "is_async", "pieces", "source")

    def __init__(self, pieces: tuple[CodeType, ...], has_value: bool = False, source: str | None = None) -> None:
        self.pieces = pieces
        self.has_value = has_value
        self.is_async = False
        for code in pieces:
            if code.co_flags & CO_COROUTINE:
                self.is_async = True
        self.source = source

    def execute(self, globals: dict[str, Any], locals: Any = None) -> Any:
        """Run an input that does not await; return the value of the last piece."""
        value = None
        for code in self.pieces:
            value = eval(code, globals, locals)
        return value

    async def aexecute(self, globals: dict[str, Any], locals: Any = None) -> Any:
        """Run any input, in the task that awaits this; return the value of the last piece.

        To be used for one piece, too: since 3.12 the coroutine of top-level code is no whole one by itself, as it lets a
        StopIteration out (PEP 479) and cannot always be closed (Python/codegen.c, seen in 3.12 to 3.15).
        """
        value = None
        for code in self.pieces:
            value = eval(code, globals, locals)
            if code.co_flags & CO_COROUTINE:
                value = await value
        return value


class Compiler:
    """Compile inputs one after the other; ``from __future__`` imports stay in force from input to input, as in a shell.

    What the plugins have for the source and the tree of an input is applied here, see :mod:`awaitall.hookspecs`.

    Args:
        display: Which values are shown, in IPython's words (``ast_node_interactivity``): ``"last_expr"`` (the last statement,
            if it is an expression), ``"last_expr_or_assign"``, ``"last"``, ``"all"`` or ``"none"``. For ``"last"`` and ``"all"``
            the running code itself calls ``sys.displayhook``; for the others the value is the result of the input.
        autoawait: Whether await is allowed at the top level; without it an await is the SyntaxError that plain Python gives.
    """

    def __init__(self, display: Display = "last_expr", *, autoawait: bool = True) -> None:
        self.display: Display = display
        self.autoawait = autoawait
        self.flags = 0
        self._last = Input(())  # of the lines that have been compiled last

    def compile(self, source: str | ast.Module | ast.Interactive | ast.Expression | CodeType | Input) -> Input:
        """Compile one input; text is filed so that tracebacks show its lines.

        Code objects are taken as they are: whoever compiled them has decided what they show. For those that
        :meth:`compile_lines` has made last the text is known.

        Raises:
            SyntaxError: with the offending line and its caret. ValueError, RecursionError and MemoryError as ``compile()``.
        """
        if isinstance(source, str):
            return self._compile_text(source)
        if isinstance(source, Input):
            return source
        if isinstance(source, CodeType):
            return self._last if (source,) == self._last.pieces else Input((source,))
        return self._compile_tree(source, "<input>")

    def _compile_text(self, entered: str) -> Input:
        filename = linecache_entries.next_filename()
        source = hooks.transform_source(entered) if hooks.callers else entered
        takes_a_tree = not self.display.startswith("last_expr") or (hooks.callers and hooks.changes_trees())
        if not takes_a_tree and self.display == "last_expr" and _SHOWS_NOTHING.match(source):
            return self._compile_statement(source, filename, entered)
        if not takes_a_tree and not _MORE_THAN_AN_EXPRESSION.search(source):
            try:
                code = self._compile_part(source, filename, "eval")
            except SyntaxError:
                pass  # a statement after all, or an error, which the whole text tells best
            else:
                linecache_entries.register_source(filename, source)
                return Input((code,), has_value=True, source=entered)
        tree = parse(source, filename, self.flags)
        hide = _ends_in_semicolon(source, tree)
        linecache_entries.register_source(filename, source)
        try:
            compiled = self._compile_tree(hooks.transform_tree(tree), filename, hide=hide)
        except SyntaxError as exc:
            add_line(exc, source)
            raise
        compiled.source = entered
        return compiled

    def _compile_statement(self, source: str, filename: str, entered: str) -> Input:
        linecache_entries.register_source(filename, source)
        try:
            return Input((self._compile_part(source, filename, "exec"),), source=entered)
        except SyntaxError as exc:
            add_line(exc, source)
            raise

    def parse(self, entered: str) -> tuple[ast.Module, str]:
        """Return the tree of an input as plugins have changed it, and the filename under which tracebacks find its lines.

        Raises:
            As :meth:`compile`.
        """
        source = hooks.transform_source(entered) if hooks.callers else entered
        filename = self.file(source)
        return hooks.transform_tree(parse(source, filename, self.flags)), filename

    def _compile_tree(self, tree: ast.Module | ast.Interactive | ast.Expression, filename: str, *, hide: bool = False) -> Input:
        parts = _split(tree, "none" if hide and self.display.startswith("last_expr") else self.display)
        before = self.flags
        try:
            pieces = [self._compile_part(part, filename, mode_of(part)) for part in parts]
        except BaseException:
            self.flags = before
            raise
        return Input(tuple(pieces), has_value=bool(parts) and isinstance(parts[-1], ast.Expression))

    def _compile_part(self, part: Any, filename: str, mode: str) -> CodeType:
        if self.autoawait:
            code = compile_awaitable(part, filename, mode, self.flags)
        else:
            code = compile(part, filename, mode, self.flags, dont_inherit=True)
        self.flags |= code.co_flags & FUTURES
        return code

    def add_futures(self, flags: int) -> None:
        """Enable the ``from __future__`` imports that a shell has compiled before; other compiler flags are ignored."""
        self.flags |= flags & FUTURES

    def compile_lines(self, entered: str, filename: str | None = None, mode: str = "single") -> Input | None:
        """Compile what has been typed line by line so far, as ``codeop`` does; values are shown by ``sys.displayhook``.

        Each expression that is a statement shows its value, as at the ``python`` prompt, unless :attr:`display` is
        ``"last_expr_or_assign"``, by which what is assigned last is shown, too, or ``"none"``.

        Args:
            entered: The lines, joined by newlines. A block is complete once a blank line follows it.
            filename: Where omitted, or if it is one that all inputs of a console share, the text is filed under one of its own.
            mode: Of ``compile()``.

        Returns:
            None while more lines are expected.

        Raises:
            SyntaxError, ValueError, OverflowError: no line that may follow can make it valid. Text too deeply nested for the
                compiler is a SyntaxError too, as shells built on ``code.InteractiveInterpreter`` expect no other errors.
        """
        source = hooks.transform_source(entered) if hooks.callers else entered
        name = linecache_entries.next_filename() if filename in _ANONYMOUS else filename
        assert name is not None
        try:
            if (code := self._compile_complete(source, name, mode)) is None:
                return None
        except SyntaxError as exc:
            add_line(exc, source)
            raise
        except (RecursionError, MemoryError):
            raise SyntaxError("too deeply nested to compile") from None
        if name is not filename:
            linecache_entries.register_source(name, source)
        self.flags |= code.co_flags & FUTURES
        self._last = Input((code,), source=entered)
        return self._last

    def compile_statements(self, entered: str) -> Input:
        """Compile an input of any number of statements; the value of the last one is shown by ``sys.displayhook``.

        Raises:
            As :meth:`compile`.
        """
        display, self.display = self.display, "last"
        try:
            return self.compile(entered)
        finally:
            self.display = display

    def _compile_complete(self, source: str, filename: str, mode: str) -> CodeType | None:
        """Compile at once what is complete, as most lines are; ``codeop`` compiles twice, and is asked about all the rest."""
        flags = self.flags | (ast.PyCF_ALLOW_TOP_LEVEL_AWAIT if self.autoawait else 0)
        with warnings.catch_warnings(record=True) as caught:  # those of a text that is not complete come once more
            try:
                code: CodeType | None = compile(source, filename, mode, flags | _DONT_IMPLY_DEDENT, dont_inherit=True)
            except SyntaxError:
                code = None
        if code is None:
            command = codeop.CommandCompiler()
            command.compiler.flags |= flags
            if (code := command(source, filename, mode)) is None:
                return None
        else:
            for warning in caught:
                warnings.showwarning(warning.message, warning.category, warning.filename, warning.lineno)
        is_shown = mode == "single" and changes_prompt(self.display)
        if is_shown or (hooks.callers and hooks.changes_trees()):
            tree = hooks.transform_tree(parse(source, filename, self.flags))
            part = with_display(ast.Interactive(tree.body), self.display) if mode == "single" else tree
            return self._compile_part(part, filename, mode)
        return settle(code, source, mode, flags) if code.co_flags & CO_COROUTINE else code

    @staticmethod
    def file(source: str) -> str:
        """Return a filename that no other input of this process has; tracebacks show the lines of the text for it."""
        filename = linecache_entries.next_filename()
        linecache_entries.register_source(filename, source)
        return filename

    @staticmethod
    def compile_tree(tree: ast.AST, filename: str, source: str, flags: int = 0) -> CodeType:
        """Compile a tree in one piece with await allowed, for a shell that parses by itself.

        Args:
            tree: A module, interactive or expression tree.
            filename: For tracebacks.
            source: The text that the tree was made of; an error gets the line of it that its caret points into.
            flags: Code flags of which those of ``__future__`` imports are put in force.
        """
        try:
            return compile_awaitable(tree, filename, mode_of(tree), flags & FUTURES)
        except SyntaxError as exc:
            add_line(exc, source)
            raise exc.with_traceback(None) from None

    @staticmethod
    def compile_apart(tree: ast.Module | ast.Interactive | ast.Expression, filename: str, source: str) -> tuple[CodeType, ...]:
        """Compile a tree as :meth:`compile_tree`; what awaits is cut into statements that do, and those between them.

        Returns:
            The pieces, in order. One that does not await has no coroutine around it, so it can call ``asyncio.run()``.
        """
        # An error of this compile is about something else than await: it is the one to show.
        whole = Compiler.compile_tree(tree, filename, source)
        if isinstance(tree, ast.Expression) or not awaits(whole):
            return (whole,)
        parts = [list(statements) for _, statements in groupby(tree.body, _awaits_at_top)]
        if len(parts) == 1:
            return (whole,)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the first compile has given them
            return tuple(Compiler.compile_tree(_like(tree, part), filename, source, whole.co_flags) for part in parts)


def _awaits_at_top(statement: ast.stmt) -> bool:
    return is_async(ast.Interactive([statement]))


def _like(tree: ast.Module | ast.Interactive, body: list[ast.stmt]) -> ast.Module | ast.Interactive:
    """Make a tree of a part. The first statement of a module may be its docstring; the first one of a later part is none."""
    if isinstance(tree, ast.Interactive):
        return ast.Interactive(body)
    if body[0] is not tree.body[0] and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = [ast.copy_location(ast.Pass(), body[0]), *body[1:]]
    return ast.Module(body, type_ignores=[])


def parse(source: str | bytes, filename: str, flags: int = 0) -> ast.Module:
    """Parse; once more if a finalizer that the garbage collector calls meanwhile has shown a traceback.

    In 3.11 that upsets the parser: "AST constructor recursion depth mismatch" (gh-106905; seen in 3.11.7).
    """
    flags |= ast.PyCF_ONLY_AST
    try:
        tree: ast.Module = compile(source, filename, "exec", flags, dont_inherit=True)
    except SystemError:
        tree = compile(source, filename, "exec", flags, dont_inherit=True)
    return tree


def _split(tree: ast.Module | ast.Interactive | ast.Expression, display: Display) -> list[ast.mod]:
    """Cut an input into what only runs and what is shown."""
    if isinstance(tree, ast.Expression):
        return [tree]
    body = tree.body
    if display == "last_expr_or_assign" and body and (name := assigned_name(body[-1])):
        body = [*body, ast.copy_location(ast.Expr(ast.copy_location(ast.Name(name, ast.Load()), body[-1])), body[-1])]
    count = len(body)  # of those that only run
    shown: list[ast.mod] = []
    if display in ("last_expr", "last_expr_or_assign"):
        if body and isinstance(last := body[-1], ast.Expr):
            count -= 1
            shown = [ast.Expression(last.value)]
    elif display in ("last", "all") and body:
        count = 0 if display == "all" else count - 1
        shown = [ast.Interactive(body[count:])]
    # As the first statement of a module a constant would become the user's __doc__.
    start = 1 if count and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant) else 0
    if start == count:
        return shown
    if start == 0 and count == len(tree.body) and isinstance(tree, ast.Module):
        return [tree, *shown]
    return [ast.Module(body[start:count], type_ignores=[]), *shown]


def _ends_in_semicolon(source: str, tree: ast.Module) -> bool:
    if ";" not in source or not tree.body:
        return False
    last = tree.body[-1]
    line = source.encode("utf-8", "surrogatepass").splitlines()[(last.end_lineno or 1) - 1]
    return line[last.end_col_offset :].lstrip().startswith(b";")


def add_line(exc: SyntaxError, source: str) -> None:
    """Add to an error of the compiler proper, which has seen only the tree, the text that its caret points into."""
    lines = linecache_entries.split_lines(source)
    if exc.text is None and exc.lineno and exc.lineno <= len(lines):
        exc.text = lines[exc.lineno - 1]


class CommandCompiler(codeop.CommandCompiler):
    """``codeop.CommandCompiler`` with top-level await, for shells built on ``code.InteractiveInterpreter``.

    Called with the text typed so far it returns code, or None while more is expected, or raises, as ``codeop`` documents. More
    is expected of a line command, too, whose block has no end yet.

    Args:
        compiler: Compiles the lines; that of a session is its attribute ``compiler``. A fresh one where omitted.
    """

    def __init__(self, compiler: Compiler | None = None) -> None:
        super().__init__()
        self._compiler = compiler or Compiler()

    def __call__(self, source: str, filename: str | None = None, symbol: str = "single") -> CodeType | None:
        if command_continues(source):
            return None
        compiled = self._compiler.compile_lines(source, filename, symbol)
        return None if compiled is None else compiled.pieces[0]
