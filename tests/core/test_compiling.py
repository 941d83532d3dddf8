"""Compiling whole inputs: display, futures, errors, warnings."""

from __future__ import annotations

import ast
import gc
import linecache
import sys
import traceback
import warnings

import pytest

from awaitall import Compiler, linecache_entries
from awaitall.compiling import CommandCompiler


def shown(source, display):
    """What an input returns, and what it hands to sys.displayhook, under a display policy."""
    values = []
    hook, sys.displayhook = sys.displayhook, values.append
    try:
        value = Compiler(display).compile(source).execute({})
    finally:
        sys.displayhook = hook
    return value, values


@pytest.mark.parametrize(
    ("display", "source", "expected"),
    [
        ("last_expr", "1\n2", (2, [])),
        ("last_expr", "1\nx = 2", (None, [])),
        ("last_expr", "2;", (None, [])),
        ("last_expr", "(2) ; # hidden", (None, [])),
        ("last_expr", "';'", (";", [])),
        ("last_expr", "'a'", ("a", [])),
        ("last_expr", "", (None, [])),
        ("last_expr", "# nothing", (None, [])),
        ("last_expr_or_assign", "x = 2", (2, [])),
        ("last_expr_or_assign", "x = 2\nx += 1", (3, [])),
        ("last_expr_or_assign", "x: int = 2", (2, [])),
        ("last_expr_or_assign", "a = b = 2", (None, [])),
        ("last_expr_or_assign", "x = 2;", (None, [])),
        ("last", "1\nfor i in range(2): i", (None, [0, 1])),
        ("all", "1\nx = 2\n3", (None, [1, 3])),
        ("none", "1\n2", (None, [])),
    ],
)
def test_the_display_policy_decides_what_is_shown(display, source, expected):
    assert shown(source, display) == expected


def test_an_input_with_a_last_expression_has_a_value():
    assert Compiler().compile("x = 1\nNone").has_value


def test_an_input_without_one_has_none():
    assert not Compiler().compile("x = 1").has_value


def test_a_leading_string_does_not_become_the_docstring_of_the_namespace():
    namespace = {}
    Compiler().compile("'a string'\nx = 1").execute(namespace)
    assert "__doc__" not in namespace


def test_a_future_import_holds_for_later_inputs():
    compiler = Compiler()
    compiler.compile("from __future__ import annotations")
    namespace = {}
    compiler.compile("def f(a: unknown): pass").execute(namespace)
    assert namespace["f"].__annotations__ == {"a": "unknown"}


def test_a_future_import_holds_for_the_last_expression_of_its_own_input():
    source = "from __future__ import annotations\n(lambda: (exec('def f(a: unknown): pass', ns := {}), ns['f'])[1])()"
    assert Compiler().compile(source).execute({}).__annotations__ == {"a": "unknown"}


def test_our_own_future_imports_do_not_leak_into_inputs():
    namespace = {}
    with pytest.raises(NameError):
        Compiler().compile("def f(a: unknown): pass\nf.__annotations__").execute(namespace)


def test_an_input_that_does_not_compile_changes_no_flags():
    compiler = Compiler()
    with pytest.raises(SyntaxError):
        compiler.compile("from __future__ import annotations\nlambda: await f()")
    assert compiler.flags == 0


def test_a_late_syntax_error_shows_its_line_and_caret():
    with pytest.raises(SyntaxError) as caught:
        Compiler().compile("x = 1\nlambda: await f()")
    assert (caught.value.lineno, caught.value.text, caught.value.offset) == (2, "lambda: await f()\n", 9)


@pytest.mark.parametrize(
    "source", ["x = 1", 'x = y = ["#"]  # a = 1', "import ast", "from ast import parse as x", "del x", "assert x == 1, x"]
)
def test_a_statement_on_one_line_is_compiled_as_with_its_tree(source):
    quick, whole = Compiler().compile(source), Compiler().compile(ast.parse(source))
    assert not quick.has_value
    assert [code.co_code for code in quick.pieces] == [code.co_code for code in whole.pieces]


@pytest.mark.parametrize("source", ["x = 1\r2", "x = 1\n2", "x = 1; 2", "x == 2 or 2", "importance = 1\n2"])
def test_what_only_begins_like_such_a_statement_has_its_value(source):
    assert Compiler().compile(source).execute({"x": 2}) in (2, True)


def test_a_statement_on_one_line_awaits():
    assert Compiler().compile("x = await f()").is_async


def test_an_error_in_a_statement_on_one_line_shows_its_caret():
    with pytest.raises(SyntaxError) as caught:
        Compiler().compile("x = lambda: await f()")
    assert (caught.value.lineno, caught.value.text, caught.value.offset) == (1, "x = lambda: await f()\n", 13)


def test_switched_off_an_await_is_a_syntax_error():
    with pytest.raises(SyntaxError, match="outside function"):
        Compiler(autoawait=False).compile("await f()")


def test_lines_of_an_input_are_filed_for_tracebacks():
    compiled = Compiler().compile("x = 1\ny = 2")
    assert linecache.getline(compiled.pieces[0].co_filename, 2) == "y = 2\n"


def test_filed_lines_survive_a_check_of_the_cache():
    filename = Compiler().compile("x = 1").pieces[0].co_filename
    linecache.checkcache()
    assert linecache.getline(filename, 1) == "x = 1\n"


def test_the_file_of_lines_is_bounded():
    for _ in range(linecache_entries.LIMIT + 10):
        linecache_entries.register_source(linecache_entries.next_filename(), "x")
    assert sum(name.startswith("<input-") for name in linecache.cache) <= linecache_entries.LIMIT


def test_every_input_has_a_filename_of_its_own():
    compiler = Compiler()
    assert compiler.compile("1").pieces[0].co_filename != compiler.compile("1").pieces[0].co_filename


@pytest.mark.parametrize("source", ["x is 1", "'\\d'", "await f('\\d')", "(1 is x async for x in y)"])
def test_a_warning_of_the_compiler_is_given_once(source):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        Compiler().compile(source)
    assert len(seen) == 1


def test_a_tree_is_compiled_like_its_text():
    assert Compiler().compile(ast.parse("1\n2")).execute({}) == 2


def test_an_expression_tree_has_a_value():
    assert Compiler().compile(ast.parse("2", mode="eval")).execute({}) == 2


def test_code_is_taken_as_it_is():
    code = compile("x = 1", "<test>", "exec")
    assert Compiler().compile(code).pieces == (code,)


def test_a_compiled_input_is_taken_as_it_is():
    compiled = Compiler().compile("1")
    assert Compiler().compile(compiled) is compiled


def test_the_command_compiler_waits_for_the_block():
    assert CommandCompiler()("async with a:") is None


def test_the_command_compiler_waits_for_the_block_of_a_line_command():
    assert CommandCompiler()("%bg async with a:") is None


def test_the_command_compiler_allows_await():
    assert CommandCompiler()("await f()") is not None


def test_the_command_compiler_keeps_generator_expressions_sync():
    import inspect

    assert not CommandCompiler()("g = (x async for x in y)").co_flags & inspect.CO_COROUTINE


def test_the_command_compiler_remembers_futures():
    compile_command = CommandCompiler()
    compile_command("from __future__ import annotations")
    namespace = {}
    exec(compile_command("def f(a: unknown): pass\n"), namespace)
    assert namespace["f"].__annotations__ == {"a": "unknown"}


def test_the_command_compiler_calls_too_deep_nesting_a_syntax_error():
    with pytest.raises(SyntaxError, match="nested"):
        CommandCompiler()("-" * 200_000 + "1")


def test_a_finalizer_that_shows_a_traceback_while_an_input_is_parsed_does_no_harm():
    class Loud:
        def __init__(self):
            self.me = self

        def __del__(self):
            ast.parse("x = 1")
            traceback.format_stack()
            shown.append(True)

    shown = []
    threshold = gc.get_threshold()
    source = "x = [" + "1, " * 3000 + "]\n"
    compiler = Compiler()
    gc.collect()
    Loud()
    gc.set_threshold(1000)
    try:
        compiler.compile(source)
    finally:
        gc.set_threshold(*threshold)
    assert shown


def shown_by_lines(source, display):
    values = []
    hook, sys.displayhook = sys.displayhook, lambda value: None if value is None else values.append(value)
    try:
        Compiler(display).compile_lines(source).execute({})
    finally:
        sys.displayhook = hook
    return values


@pytest.mark.parametrize(
    ("display", "source", "expected"),
    [
        ("last_expr", "1; 2", [1, 2]),
        ("last_expr", "x = 1", []),
        ("last_expr_or_assign", "x = 1", [1]),
        ("last_expr_or_assign", "1; x = 2", [1, 2]),
        ("last_expr_or_assign", "x: int = 1", [1]),
        ("last_expr_or_assign", "x, y = 1, 2", []),
        ("last_expr_or_assign", "for i in range(2): i\n", [0, 1]),
        ("none", "1; 2", []),
        ("none", "for i in range(2): i\n", []),
        ("none", "def f():\n    return 1\n\n", []),
    ],
)
def test_the_display_policy_decides_what_typed_lines_show(display, source, expected):
    assert shown_by_lines(source, display) == expected
